"""The home pages of an auditor and of an administrator.

An auditor sees seals, repeated draws, adjustments and administrative events; an administrator sees
the state of the monthly jobs and links to the administration.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from events.streams.accounts import PREFIX as ACCOUNT
from events.streams.organizations import PREFIX
from projections.audit.overview import adjustments, administrative, newest_seal
from projections.catalog import stale_streams
from projections.cycles.cycles import all_cycles
from projections.cycles.overview import days_left, head_document
from projections.cycles.scopes import scopes_in
from projections.people.accounts import count_accounts
from scheduler.draw_check import verify_draw
from tracker.accounts.credentials import names_of
from tracker.web.page.event_words import EVENT_NAMES
from tracker.web.page.forms import FilledForm

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from tracker.http.context import RequestContext

CLOSED = 3
"""Closed cycles whose draw the page repeats."""
NEWEST = 8
"""Adjustments and administrative events on the page, each."""
STALE_SHOWN = 5
"""Stale streams that are named; the others are only counted."""


def build_auditor_part(context: RequestContext, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """Return one part: seals, draws, a search form, the newest adjustments and other events."""
    scope = context.scope(reader, "audit")
    seal = context.figures.get("seal", newest_seal)
    changed = context.figures.get(
        f"changed:{scope.key()}",
        lambda own_reader: (
            adjustments(own_reader, scope, NEWEST),
            administrative(own_reader, scope, NEWEST),
        ),
    )
    adjusted, administered = changed.value
    rows = [*adjusted, *administered]
    named = [row.stream.removeprefix(ACCOUNT) for row in rows]
    stale = [stream for stream, _ in stale_streams(reader)]
    if not scope.whole:
        within = scope.streams_among(reader, [one for one in stale if one.startswith(PREFIX)])
        stale = [one for one in stale if one in within]
    return [
        (
            "home/auditor.html",
            {
                "adjustments": adjusted,
                "administrative": administered,
                "seal": seal.value,
                "made_at": seal.made_at,
                "stale": stale[:STALE_SHOWN],
                "stale_count": len(stale),
                "draws": _check_draws(context, reader, scope),
                "names": names_of(reader, [*(row.actor for row in rows), *named]),
                "filled": FilledForm(),
                "events": {name: context.t(zh, en) for name, (zh, en) in EVENT_NAMES.items()},
            },
        )
    ]


def _check_draws(context: RequestContext, reader: Reader, scope: Scope) -> list[dict[str, Any]]:
    """Return the newest closed cycles, each with its repeated draw.

    Draws are repeated in the background, since each takes long; ``check`` is None until then.
    """
    own = dict(scopes_in(reader, scope))
    closed = [one for one in all_cycles(reader) if one.state == "closed" and one.scope in own]
    newest = sorted(closed, key=lambda cycle: (cycle.period, cycle.scope), reverse=True)[:CLOSED]
    draws = []
    for cycle in newest:
        head = head_document(reader, cycle.scope, cycle.period)
        check = None
        if head.seed is not None:
            check = context.figures.get_if_made(
                f"verify:{cycle.scope}:{cycle.period}",
                partial(verify_draw, scope=cycle.scope, period=cycle.period),
            )
        draws.append(
            {
                "scope": cycle.scope,
                "period": cycle.period,
                "drawn": head.seed is not None,
                "check": check,
                "closed": head.closed,
            }
        )
    return draws


def build_administrator_part(
    context: RequestContext, reader: Reader
) -> list[tuple[str, dict[str, Any]]]:
    """Return one part: the cycles that are not closed, figures, links to the administration."""
    today = context.today(reader)
    waiting = []
    for cycle in all_cycles(reader):
        if cycle.state != "closed":
            head = head_document(reader, cycle.scope, cycle.period)
            waiting.append(
                {
                    "scope": cycle.scope,
                    "period": cycle.period,
                    "state": cycle.state,
                    "draws_on": head.draws_on,
                    "closes_on": head.closes_on,
                    "left": days_left(head.closes_on, today),
                }
            )
    return [
        (
            "home/administrator.html",
            {
                "waiting": waiting,
                "stale_count": len(stale_streams(reader)),
                "accounts": count_accounts(reader),
                "seal": context.figures.get("seal", newest_seal).value,
                "sees_cycles": context.may(reader, "see_cycle"),
            },
        )
    ]
