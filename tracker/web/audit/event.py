"""One event of the log with its proof, and the verification of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response

from events.streams.organizations import PREFIX as ORGANIZATION
from projections.audit.event_story import story
from projections.audit.overview import newest_seal
from projections.audit.trail import may_see
from projections.organizations.directory import entries_of
from tracker.accounts.credentials import names_of
from tracker.http.audit_query import unknown_event
from tracker.http.context import Context
from tracker.http.verification import Verifier
from tracker.web.audit.search import place_name, who_of
from tracker.web.page.event_fields import EventFormatter, channel_name, subject_link
from tracker.web.page.event_words import event_name
from tracker.web.page.rendering import PageWords, page, redirect

if TYPE_CHECKING:
    from projections.audit.event_story import EventStory
    from tracker.http.context import RequestContext

router = APIRouter(include_in_schema=False)
LONGEST_BODY = 50_000
"""Characters of the stored bytes that a page shows; a frame of a large district has more."""


@router.get("/audit/verify")
def show_verification(context: Context) -> Response:
    """How the newest check of the whole log came out; one that runs is shown until it is done."""
    made = context.fresh.get("newest seal of all", newest_seal)
    return page(context, "audit/verify.html", state=_verifier(context).state(), seal=made.value)


@router.post("/audit/verify")
def begin_verification(context: Context) -> Response:
    """Begin a check in the background; one that is running is left to run."""
    _verifier(context).begin()
    return redirect("/audit/verify")


def _verifier(context: RequestContext) -> Verifier:
    found: Verifier = context.request.app.state.verifier
    return found


@router.get("/audit/{stream}/{version}")
def show(context: Context, stream: str, version: int) -> Response:
    """One event: in words, before and after, its bytes, and whether they are as they were."""
    with context.read() as reader:
        allowed = may_see(reader, context.scope(reader, "audit"), stream)
        found = story(reader, stream, version) if allowed and 0 < version < 1 << 53 else None
        if found is None:
            raise unknown_event(stream, version)
        event = found.event
        teller = EventFormatter(PageWords(context.language, reader), context.language)
        names = names_of(reader, {event.actor, stream.removeprefix("account-")})
        entry = (
            entries_of(reader, [stream]).get(stream) if stream.startswith(ORGANIZATION) else None
        )
        if entry is not None:
            about, link = entry.name, subject_link(entry.code, event.type, found.data)
        else:
            about, link = place_name(context, stream, found.data, names)
    body = event.body.decode()
    return page(
        context,
        "audit/event.html",
        story=found,
        name=event_name(event.type, context.language),
        about=about,
        link=link,
        who=who_of(context, event.actor, names),
        channel=channel_name(event.channel, context.language),
        lines=teller.lines(_without_long(found.data)),
        changes=_changes(teller, found),
        body=body if len(body) <= LONGEST_BODY else body[:LONGEST_BODY] + "…",
    )


def _without_long(data: dict[str, Any]) -> dict[str, Any]:
    """The data without whole documents and frames, which stand in the bytes."""
    return {key: one for key, one in data.items() if key not in {"document", "codes"}}


def _changes(teller: EventFormatter, found: EventStory) -> list[tuple[str, str, str, bool]]:
    """Each field of the subject: name, before, after, whether it changed."""
    changed = set(found.changed)
    names = dict.fromkeys([*found.before, *found.after])
    return [
        (
            teller.name(name),
            teller.value(name, found.before.get(name)),
            teller.value(name, found.after.get(name)),
            name in changed,
        )
        for name in names
        if found.before.get(name) is not None or found.after.get(name) is not None
    ]
