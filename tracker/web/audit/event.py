"""One event of the log with its proof, and the verification of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response

from events.streams.organizations import PREFIX as ORGANIZATION
from projections.audit.event_story import explain_event
from projections.audit.overview import newest_seal
from projections.audit.trail import may_see
from projections.organizations.directory import entries_of
from tracker.accounts.credentials import names_of
from tracker.http.audit_query import unknown_event
from tracker.http.context import Context
from tracker.http.verification import Verifier
from tracker.web.audit.search import actor_name, stream_place
from tracker.web.page.event_fields import EventFormatter, link_subject, name_channel
from tracker.web.page.event_words import name_event_type
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from projections.audit.event_story import EventStory
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
MOST_VERSIONS = 1 << 53
"""No stream is that long; a larger number does not fit the 64 bits of the databases."""
LONGEST_BODY = 50_000
"""Characters of the stored bytes that a page shows; frame events are longer."""


@router.get("/audit/verify")
def show_verification(context: Context) -> Response:
    """Show the result of the latest verification, or that one is running."""
    made = context.figures.get("newest seal of all", newest_seal)
    return page(context, "audit/verify.html", state=_get_verifier(context).state(), seal=made.value)


@router.post("/audit/verify")
def begin_verification(context: Context) -> Response:
    """Start a verification in the background, unless one is running."""
    _get_verifier(context).begin()
    return redirect("/audit/verify")


def _get_verifier(context: RequestContext) -> Verifier:
    verifier: Verifier = context.request.app.state.verifier
    return verifier


@router.get("/audit/{stream}/{version}")
def show_event(context: Context, stream: str, version: int) -> Response:
    """Show one event: in words, before and after, its bytes, and whether its hash matches."""
    with context.read() as reader:
        allowed = may_see(reader, context.scope(reader, "audit"), stream)
        event_story = (
            explain_event(reader, stream, version)
            if allowed and 0 < version < MOST_VERSIONS
            else None
        )
        if event_story is None:
            raise unknown_event(stream, version)
        event = event_story.event
        formatter = EventFormatter(PageWords(context.language, reader), context.language)
        names = names_of(reader, {event.actor, stream.removeprefix("account-")})
        entry = (
            entries_of(reader, [stream]).get(stream) if stream.startswith(ORGANIZATION) else None
        )
        if entry is not None:
            about, link = entry.name, link_subject(entry.code, event.type, event_story.data)
        else:
            about, link = stream_place(context, stream, event_story.data, names)
    body = event.body.decode()
    return page(
        context,
        "audit/event.html",
        story=event_story,
        name=name_event_type(event.type, context.language),
        about=about,
        link=link,
        who=actor_name(context, event.actor, names),
        channel=name_channel(event.channel, context.language),
        lines=formatter.lines(_without_long(event_story.data)),
        changes=_field_changes(formatter, event_story),
        body=body if len(body) <= LONGEST_BODY else body[:LONGEST_BODY] + "…",
    )


def _without_long(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data without whole documents and frames, which the stored bytes show."""
    return {key: one for key, one in data.items() if key not in {"document", "codes"}}


def _field_changes(
    formatter: EventFormatter, event_story: EventStory
) -> list[tuple[str, str, str, bool]]:
    """Return each field of the subject: name, before, after, whether it changed."""
    changed = set(event_story.changed)
    names = dict.fromkeys([*event_story.before, *event_story.after])
    return [
        (
            formatter.name(name),
            formatter.value(name, event_story.before.get(name)),
            formatter.value(name, event_story.after.get(name)),
            name in changed,
        )
        for name in names
        if event_story.before.get(name) is not None or event_story.after.get(name) is not None
    ]
