"""Importing a file by upload: checked dry first, all bad lines in one table, then recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response

from events.errors import Refused
from tracker.http.here import Asked
from tracker.importing import DEFAULT_REASON, check_file, import_file
from tracker.refusals import say
from tracker.web.forms import Filled
from tracker.web.rendering import page
from tracker.web.uploaded import uploaded

if TYPE_CHECKING:
    from tracker.http.here import Here
    from tracker.importing import Report

router = APIRouter(include_in_schema=False)
LARGEST_BYTES = 50_000_000
MOST_SHOWN = 500
"""Bad lines in the table; how many more there are is said."""
SUFFIXES = (".jsonl", ".csv")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a file; ``dry`` where nothing was to be recorded."""

    name: str
    report: Report
    dry: bool


@router.get("/import")
def begin(here: Asked) -> Response:
    """The form."""
    return _page(here, Filled(), None)


def _page(here: Here, filled: Filled, answer: Answer | None, status: int = 200) -> Response:
    return page(
        here,
        "import.html",
        status,
        filled=filled,
        answer=answer,
        most=MOST_SHOWN,
        default_reason=DEFAULT_REASON,
        megabytes=LARGEST_BYTES // 1_000_000,
    )


@router.post("/import")
def take(here: Asked) -> Response:
    """Check the file, or record it; with a bad line nothing is recorded, unless that is wanted."""
    filled = Filled(here.typed())
    sent = uploaded(here, "file", LARGEST_BYTES)
    if sent is None:
        filled.errors["file"] = here.t("请选择文件", "choose a file")
        return _page(here, filled, None, 422)
    name, payload = sent
    if not name.lower().endswith(SUFFIXES):
        filled.errors["file"] = here.t("只接收 .jsonl 和 .csv", "only .jsonl and .csv are taken")
        return _page(here, filled, None, 422)
    if len(payload) > LARGEST_BYTES:
        filled.errors["file"] = here.t(
            f"文件超过 {LARGEST_BYTES // 1_000_000} MB，请在服务器上用 tracker import 导入",
            f"larger than {LARGEST_BYTES // 1_000_000} MB: use tracker import on the server",
        )
        return _page(here, filled, None, 422)
    dry = here.value("do") != "record"
    try:
        report = _run(here, name, payload, dry=dry)
    except Refused as refused:
        filled.errors["file"] = say(refused, here.language)
        return _page(here, filled, None, 422)
    if report.recorded:
        here.fresh.clear()
    status = 422 if report.refused and not dry and not here.value("partial") else 200
    return _page(here, filled, Answer(name, report, dry), status)


def _run(here: Here, name: str, payload: bytes, *, dry: bool) -> Report:
    assert here.account is not None
    historical = here.value("historical") == "1"
    reason = here.value("reason") or None
    with here.read() as reader:
        today = here.today(reader)
    store, who = here.tools.store, here.account.account
    if dry:
        return check_file(store, payload, name, actor=who, today=today, historical=historical)
    return import_file(
        store,
        payload,
        name,
        actor=who,
        today=today,
        historical=historical,
        reason=reason,
        partial=here.value("partial") == "1",
    )
