"""The handbook: a page for each role and for who runs the machine, in both languages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import Response
from markdown_it import MarkdownIt
from markupsafe import Markup

from events.refusals.errors import Refused
from tracker.http.context import Context
from tracker.web.page.rendering import FOLDER, page

if TYPE_CHECKING:
    from tracker.wording.refusals import Language

router = APIRouter(include_in_schema=False)
PAGES: dict[str, tuple[str, str]] = {
    "branch": ("支部书记", "Branch secretary"),
    "township": ("乡镇（街道）专干", "Township clerk"),
    "inspector": ("检查人员", "Inspector"),
    "department": ("组织部门", "Department"),
    "auditor": ("监督审计", "Auditor"),
    "administrator": ("系统管理员", "Administrator"),
    "machine": ("安装与运维", "Running the machine"),
}
"""The pages in their order; the first six have the name of the role that they are for."""


@router.get("/help")
def show_contents(context: Context) -> Response:
    """Show the contents; the pages for the user's own roles come first."""
    with context.read() as reader:
        roles = context.roles(reader)
    return page(
        context,
        "service/handbook.html",
        own=[(name, context.t(*PAGES[name])) for name in PAGES if name in roles],
        others=[(name, context.t(*PAGES[name])) for name in PAGES if name not in roles],
        title=context.t("怎么做", "How to"),
        body=None,
    )


@router.get("/help/{topic}")
def show_page(context: Context, topic: str) -> Response:
    """Show a page of the handbook; ``Refused`` where there is none on that topic."""
    if topic not in PAGES:
        raise Refused("not_found")
    return page(
        context,
        "service/handbook.html",
        own=[],
        others=[],
        title=context.t(*PAGES[topic]),
        body=render_page(topic, context.language),
    )


def read_page(name: str, language: Language) -> str:
    """Return the Markdown of a page."""
    return (FOLDER / "templates" / "handbook" / language / f"{name}.md").read_text(encoding="utf-8")


@cache
def render_page(name: str, language: Language) -> Markup:
    """Return the HTML of a page; HTML inside its Markdown is shown as text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    return Markup(markdown.render(read_page(name, language)))  # noqa: S704 - our own page
