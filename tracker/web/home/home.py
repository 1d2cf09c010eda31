"""The first page of each role: what it has to do now."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from tracker.http.context import Context
from tracker.web.home.auditor import administrator_part, auditor_part
from tracker.web.home.branch import branch_part
from tracker.web.home.department import department_part
from tracker.web.home.inspector import inspector_part
from tracker.web.home.township import township_part
from tracker.web.page.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(context: Context) -> Response:
    """The parts of every role that the account has."""
    with context.read() as reader:
        roles = context.roles(reader)
        parts = [
            part for role, make in PARTS.items() if role in roles for part in make(context, reader)
        ]
    return page(context, "home/home.html", parts=parts, roles=roles)


PARTS = {
    "branch": branch_part,
    "inspector": inspector_part,
    "township": township_part,
    "department": department_part,
    "auditor": auditor_part,
    "administrator": administrator_part,
}
