"""The home page, composed of one part for each role of the account."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from tracker.http.context import Context
from tracker.web.home.auditor import build_administrator_part, build_auditor_part
from tracker.web.home.branch import build_branch_part
from tracker.web.home.department import build_department_part
from tracker.web.home.inspector import build_inspector_part
from tracker.web.home.start import is_bare, list_start_steps
from tracker.web.home.township import build_township_part
from tracker.web.page.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/")
def show_home(context: Context) -> Response:
    """Show the parts of all roles that the account has, in the order of ``PARTS``."""
    with context.read() as reader:
        roles = context.roles(reader)
        parts = [
            part for role, make in PARTS.items() if role in roles for part in make(context, reader)
        ]
        steps = list_start_steps(context, reader) if roles & STARTING else []
        if is_bare(reader) and steps:
            # The figures of an empty district are zeros: the steps are shown instead.
            parts = [part for part in parts if part[0] == "home/administrator.html"]
        if steps:
            parts.insert(0, ("home/start.html", {"steps": steps}))
    return page(context, "home/home.html", parts=parts, roles=roles)


STARTING = {"administrator", "department"}
"""The roles that set a district up."""
PARTS = {
    "branch": build_branch_part,
    "inspector": build_inspector_part,
    "township": build_township_part,
    "department": build_department_part,
    "auditor": build_auditor_part,
    "administrator": build_administrator_part,
}
