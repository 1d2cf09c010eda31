"""The administration: how the service stands, where to go, and copies of the database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from events.errors import Refused
from events.periods import instant_text
from projections.verification import newest_seal
from tracker import backup
from tracker.backup import FAULTS, by_pg_dump
from tracker.condition import bytes_text, condition
from tracker.http.here import Asked
from tracker.refusals import say
from tracker.web.rendering import page, redirect

if TYPE_CHECKING:
    from tracker.http.here import Here

router = APIRouter(include_in_schema=False)
OLD_DAYS = 7
"""Days after which the newest copy is called old."""


@router.get("/admin")
def overview(here: Asked) -> Response:
    """How everything stands."""
    return _page(here, "")


def _page(here: Here, fault: str, status: int = 200) -> Response:
    settings = here.tools.settings
    with here.read() as reader:
        found = condition(reader, settings, instant_text(here.now()))
        imports = here.scope(reader, "import").whole
    seal = here.fresh.get("seal", newest_seal)
    newest = found.backups[0].backup if found.backups else None
    age = None if newest is None else here.now() - datetime.fromisoformat(newest.made_at)
    elsewhere = by_pg_dump(settings.database_url) if found.database == "postgresql" else ""
    return page(
        here,
        "admin.html",
        status,
        found=found,
        seal=seal.value,
        seal_at=seal.made_at,
        old=None if age is None else age.days if age.days >= OLD_DAYS else 0,
        fault=fault,
        imports=imports,
        elsewhere=elsewhere,
        size=bytes_text,
        faults={name: here.t(zh, en) for name, (zh, en) in FAULTS.items()},
    )


@router.post("/admin/backup")
def make(here: Asked) -> Response:
    """Copy the database with a manifest, and check the copy."""
    assert here.account is not None
    settings = here.tools.settings
    try:
        made = backup.make(
            settings.database_url, settings.backup_folder, here.account.account, here.now()
        )
    except Refused as refused:
        return _page(here, say(refused, here.language), 409)
    good = made.check is not None and made.check.ok
    return redirect(f"/admin?done={'copied' if good else 'faulty'}#backups")


@router.post("/admin/backup/check")
def check(here: Asked) -> Response:
    """Hold a copy against its manifest."""
    found = backup.check(here.tools.settings.backup_folder, here.value("name"), here.now())
    return redirect(f"/admin?done={'good' if found.ok else 'faulty'}#backups")
