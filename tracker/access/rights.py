"""Who may do what, and over whom: one table of actions by role, one table of routes by action.

A role is granted over an organization and all under it, or the whole district, perhaps of some
categories alone (``events.streams.accounts``). A route without a row is refused and fails a test.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from projections.cycles.assignments import assigned_to
from projections.organizations.directory import ancestors_of, streams_of
from projections.organizations.scope import Scope, ScopePart
from projections.organizations.selection import only_root
from projections.people.accounts import account_of
from tracker.access.routes import ROUTES, RouteRule, RouteTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.streams.accounts import Account, Grant

__all__ = ["ACTIONS", "ROUTES", "Reach", "RouteRule", "RouteTarget", "may", "scope_of", "whole_of"]


class Reach(StrEnum):
    """Over what a role may do an action."""

    GRANTED = "granted"
    """Everything that the role was granted over."""
    ASSIGNED = "assigned"
    """Of these only the organizations whose inspection was assigned to the person."""


G, A = Reach.GRANTED, Reach.ASSIGNED
ACTIONS: dict[str, dict[str, Reach]] = {
    "see_file": {"branch": G, "township": G, "inspector": A, "department": G, "auditor": G},
    "record": {"branch": G, "township": G},
    "reply": {"branch": G, "township": G},
    "see_many": {"township": G, "department": G, "auditor": G},
    "see_ranking": {"branch": G, "township": G, "department": G, "auditor": G},
    "see_cycle": {"branch": G, "township": G, "inspector": G, "department": G, "auditor": G},
    "inspect": {"inspector": A},
    "run_cycle": {"department": G},
    "adjust": {"department": G},
    "see_documents": {
        "branch": G, "township": G, "inspector": G, "department": G, "auditor": G,
        "administrator": G,
    },
    "publish": {"department": G},
    "import": {"department": G},
    "audit": {"department": G, "auditor": G},
    "delegate": {"township": G, "department": G},
    "administer": {"administrator": G},
}  # fmt: skip
"""Each action with the roles that may do it, and their reach. Nothing else is allowed."""

LENDABLE = frozenset(ACTIONS["delegate"])
"""The kinds of role that are lent: those that may delegate, and they alone."""

OVER_ONE = frozenset({"branch", "township"})
"""The kinds of role that are over one organization and what stands under it, never the district."""

TOKEN_ACTIONS: dict[str, frozenset[str]] = {
    "read": frozenset(
        {"see_file", "see_many", "see_ranking", "see_cycle", "see_documents", "audit"}
    ),
    "record": frozenset({"record", "reply", "import"}),
    "inspect": frozenset({"inspect"}),
    "manage": frozenset({"run_cycle", "adjust", "publish", "delegate", "administer"}),
}
"""What a personal token of a scope may be used for, within its holder's roles."""


@dataclass(frozen=True, slots=True)
class RightsHolder:
    """Who asks: the account, the day, and what a token narrows it to (None: nothing)."""

    account: Account
    day: str
    token_scopes: frozenset[str] | None = None


def without_void_loans(reader: Reader, account: Account, day: str) -> Account:
    """An account without the roles that somebody lent and does not hold any more themselves.

    A loan holds as long as the lender's account is enabled and one role of their own (of the same
    kind, in force, not lent to them) is over all that was lent. Nobody lends on what was lent.
    """
    lent = {name: one for name, one in account.grants.items() if one.delegated_by is not None}
    void = {name for name, one in lent.items() if not _still(reader, one, day)}
    if not void:
        return account
    kept = {name: one for name, one in account.grants.items() if name not in void}
    return replace(account, grants=kept)


def _still(reader: Reader, loan: Grant, day: str) -> bool:
    lender = account_of(reader, loan.delegated_by or "")
    return lender is not None and lender.enabled and lends(reader, lender, loan, day) is not None


def lends(reader: Reader, lender: Account, loan: Grant, day: str) -> Grant | None:
    """The lender's own role in force on a day that is over all of a loan, or None."""
    if loan.role not in LENDABLE:
        return None
    for own in lender.grants.values():
        mine = own.role == loan.role and own.delegated_by is None and own.holds(day)
        if mine and any(_within(reader, loan, part) for part in _parts(reader, [own])):
            return own
    return None


def _within(reader: Reader, loan: Grant, part: ScopePart) -> bool:
    """Whether what was lent lies within one part of what the lender may do."""
    if part.categories is not None and not set(loan.categories or ("",)) <= part.categories:
        return False
    if part.ancestor is None:
        return True
    if loan.organization is None:
        return False
    stream = streams_of(reader, [loan.organization]).get(loan.organization)
    if stream is None:
        return False
    return part.ancestor in {above for above, _ in ancestors_of(reader, [stream])[stream]}


def require_place(role: str, organization: str | None) -> None:
    """Refuse a role of one organization that names none: it would be over the whole district."""
    if organization is None and role in OVER_ONE:
        raise Refused("place_needed", field="organization", role=role)


def may(holder: RightsHolder, action: str) -> bool:
    """Whether somebody may do an action at all, whatever it is over."""
    return bool(_grants(holder, action))


def _grants(holder: RightsHolder, action: str) -> list[Grant]:
    """The roles in force by which an account may do an action."""
    scopes = holder.token_scopes
    if not holder.account.enabled:
        return []
    if scopes is not None and not any(action in TOKEN_ACTIONS[one] for one in scopes):
        return []
    allowed = ACTIONS[action]
    return [
        one
        for one in holder.account.grants.values()
        if one.role in allowed and one.holds(holder.day)
    ]


def scope_of(reader: Reader, holder: RightsHolder, action: str) -> Scope:
    """All that somebody may do an action over."""
    allowed = ACTIONS[action]
    grants = _grants(holder, action)
    assigned = [one for one in grants if allowed[one.role] is Reach.ASSIGNED]
    return Scope(
        _parts(reader, [one for one in grants if allowed[one.role] is Reach.GRANTED]),
        _assigned(reader, holder, Scope(_parts(reader, assigned))),
    )


def granted_scope(reader: Reader, holder: RightsHolder, role: str) -> Scope:
    """All that one role in force was granted over."""
    grants = holder.account.grants.values()
    return Scope(
        _parts(reader, [one for one in grants if one.role == role and one.holds(holder.day)])
    )


def whole_of(reader: Reader, holder: RightsHolder, action: str) -> bool:
    """Whether somebody may do an action over the whole district, as documents need it."""
    return scope_of(reader, holder, action).whole


def _parts(reader: Reader, grants: Sequence[Grant]) -> tuple[ScopePart, ...]:
    """What grants are over; the only root of a district is the whole of it."""
    named = sorted({one.organization for one in grants if one.organization is not None})
    streams = streams_of(reader, named)
    root = only_root(reader)
    parts: dict[ScopePart, None] = {}
    for one in grants:
        categories = None if one.categories is None else frozenset(one.categories)
        if one.organization is None:
            parts[ScopePart(None, categories)] = None
        elif one.organization in streams:
            stream = streams[one.organization]
            parts[ScopePart(None if stream == root else stream, categories)] = None
    return tuple(parts)


def _assigned(reader: Reader, holder: RightsHolder, scope: Scope) -> frozenset[str]:
    """The organizations whose inspection was ever assigned to the person, within a scope."""
    person = holder.account.person
    if person is None or scope.nothing:
        return frozenset()
    streams = sorted({stream for stream, _, _ in assigned_to(reader, person)})
    return frozenset(scope.streams_among(reader, streams))


def not_oneself(account: str, actor: str) -> None:
    """Refuse to whoever acts what another administrator has to do to their account.

    So nobody locks themselves out, or gets around their password at a session left open.
    """
    if account == actor:
        raise Refused("own_account")
