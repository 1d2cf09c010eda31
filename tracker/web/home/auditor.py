"""The home of an auditor: whether the log is sealed, draws repeat, and what was changed by hand.

And of an administrator: how the jobs stand, and where to go.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from events.streams.accounts import PREFIX as ACCOUNT
from events.streams.organizations import PREFIX
from projections.audit.overview import adjustments, administrative, newest_seal
from projections.catalog import stale_streams
from projections.cycles.cycles import all_cycles
from projections.cycles.overview import days_left, head_document, roots_in
from projections.people.accounts import count_accounts
from scheduler.draw_check import verify_draw
from tracker.accounts.credentials import names_of
from tracker.web.page.event_words import EVENT_NAMES

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from tracker.http.context import RequestContext

CLOSED = 3
"""Closed cycles whose draw is repeated on the page."""
NEWEST = 8
STALE_SHOWN = 5


def auditor_part(context: RequestContext, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """One part: verification, a search form, the newest adjustments and administrative events."""
    scope = context.scope(reader, "audit")
    seal = context.fresh.get("seal", newest_seal)
    changed = context.fresh.get(
        f"changed:{scope.key()}",
        lambda one: {
            "adjustments": adjustments(one, scope, NEWEST),
            "administrative": administrative(one, scope, NEWEST),
        },
    )
    rows = [*changed.value["adjustments"], *changed.value["administrative"]]
    named = [one["stream"].removeprefix(ACCOUNT) for one in rows]
    stale = [stream for stream, _ in stale_streams(reader)]
    if not scope.whole:
        within = scope.streams_among(reader, [one for one in stale if one.startswith(PREFIX)])
        stale = [one for one in stale if one in within]
    return [
        (
            "home/auditor.html",
            changed.value
            | {
                "seal": seal.value,
                "made_at": seal.made_at,
                "stale": stale[:STALE_SHOWN],
                "stale_count": len(stale),
                "draws": _draws(context, reader, scope),
                "names": names_of(reader, [*(one["actor"] for one in rows), *named]),
                "events": {name: context.t(zh, en) for name, (zh, en) in EVENT_NAMES.items()},
            },
        )
    ]


def _draws(context: RequestContext, reader: Reader, scope: Scope) -> list[dict[str, Any]]:
    """The newest closed cycles, each with its draw repeated in the background (None: not yet)."""
    own = dict(roots_in(reader, scope))
    closed = [one for one in all_cycles(reader) if one.state == "closed" and one.scope in own]
    newest = sorted(closed, key=lambda one: (one.period, one.scope), reverse=True)[:CLOSED]
    found = []
    for one in newest:
        head = head_document(reader, one.scope, one.period)
        check = None
        if head["seed"] is not None:
            check = context.fresh.soon(
                f"verify:{one.scope}:{one.period}",
                partial(verify_draw, scope=one.scope, period=one.period),
            )
        found.append(
            {
                "scope": one.scope,
                "period": one.period,
                "drawn": head["seed"] is not None,
                "check": check,
                "closed": head["closed"],
            }
        )
    return found


def administrator_part(context: RequestContext, reader: Reader) -> list[tuple[str, dict[str, Any]]]:
    """One part: how the monthly jobs stand, and the ways to the administration."""
    today = context.today(reader)
    waiting = []
    for one in all_cycles(reader):
        if one.state != "closed":
            head = head_document(reader, one.scope, one.period)
            waiting.append(
                {
                    "scope": one.scope,
                    "period": one.period,
                    "state": one.state,
                    "draws_on": head["draws_on"],
                    "closes_on": head["closes_on"],
                    "left": days_left(head["closes_on"], today),
                }
            )
    return [
        (
            "home/administrator.html",
            {
                "waiting": waiting,
                "stale_count": len(stale_streams(reader)),
                "accounts": count_accounts(reader),
                "seal": context.fresh.get("seal", newest_seal).value,
                "sees_cycles": context.may(reader, "see_cycle"),
            },
        )
    ]
