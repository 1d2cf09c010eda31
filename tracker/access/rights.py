"""Authorization: which role may do which action, and over which organizations.

A role is granted over an organization and its descendants, or the whole district, optionally for
some categories only (``events.streams.accounts``). A route without a row in ``ROUTES`` is refused,
and a test fails.
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

__all__ = [
    "ACTIONS",
    "ROUTES",
    "Reach",
    "RouteRule",
    "RouteTarget",
    "covers_district",
    "is_allowed",
    "scope_of",
]


class Reach(StrEnum):
    """For which of the organizations in its grants a role may do an action."""

    GRANTED = "granted"
    """For all of them."""
    ASSIGNED = "assigned"
    """Only for those whose inspection was assigned to the person."""


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
    "go_live": {"department": G, "administrator": G},
    "see_documents": {
        "branch": G, "township": G, "inspector": G, "department": G, "auditor": G,
        "administrator": G,
    },
    "publish": {"department": G},
    "import": {"department": G},
    "audit": {"department": G, "auditor": G},
    "delegate": {"township": G, "department": G},
    "open_accounts": {"township": G, "administrator": G},
    "administer": {"administrator": G},
}  # fmt: skip
"""Each action with the roles that may do it, and their reach. Nothing else is allowed."""

DELEGABLE = frozenset(ACTIONS["delegate"])
"""The roles that can be delegated: exactly those that may delegate."""

NEEDS_ORGANIZATION = frozenset({"branch", "township"})
"""The roles that need an organization: they are never over the whole district."""

TOKEN_ACTIONS: dict[str, frozenset[str]] = {
    "read": frozenset(
        {"see_file", "see_many", "see_ranking", "see_cycle", "see_documents", "audit"}
    ),
    "record": frozenset({"record", "reply", "import"}),
    "inspect": frozenset({"inspect"}),
    "manage": frozenset(
        {"run_cycle", "adjust", "publish", "go_live", "delegate", "open_accounts", "administer"}
    ),
}
"""What a personal token of a scope may be used for, within its holder's roles."""


FOR_MERGED = frozenset({"see_file", "record", "reply"})
"""What somebody may also do for closed organizations that were merged into one of theirs."""


@dataclass(frozen=True, slots=True)
class RightsHolder:
    """An account on a day, with the scopes of the token used (None: no token)."""

    account: Account
    day: str
    token_scopes: frozenset[str] | None = None


def without_void_delegations(reader: Reader, account: Account, day: str) -> Account:
    """Return an account without the delegated roles that their lender no longer holds.

    A delegation is valid while the lender's account is enabled and one of their own roles (the same
    role, in force, not itself delegated) covers all that was delegated.
    """
    void = {
        grant_id
        for grant_id, grant in account.grants.items()
        if grant.delegated_by is not None and not _is_delegation_valid(reader, grant, day)
    }
    if not void:
        return account
    kept = {name: grant for name, grant in account.grants.items() if name not in void}
    return replace(account, grants=kept)


def _is_delegation_valid(reader: Reader, delegated: Grant, day: str) -> bool:
    lender = account_of(reader, delegated.delegated_by or "")
    return (
        lender is not None
        and lender.enabled
        and delegating_grant(reader, lender, delegated, day) is not None
    )


def delegating_grant(reader: Reader, lender: Account, delegated: Grant, day: str) -> Grant | None:
    """Return the lender's own role in force on a day that covers a delegated role, or None."""
    if delegated.role not in DELEGABLE:
        return None
    for own in lender.grants.values():
        usable = own.role == delegated.role and own.delegated_by is None and own.holds(day)
        if usable and any(_within(reader, delegated, part) for part in _parts(reader, [own])):
            return own
    return None


def _within(reader: Reader, delegated: Grant, part: ScopePart) -> bool:
    """Return whether a delegated role is within one part of what the lender may do."""
    if part.categories is not None and not set(delegated.categories or ("",)) <= part.categories:
        return False
    if part.ancestor is None:
        return True
    if delegated.organization is None:
        return False
    stream = streams_of(reader, [delegated.organization]).get(delegated.organization)
    if stream is None:
        return False
    return part.ancestor in {above for above, _ in ancestors_of(reader, [stream])[stream]}


def require_organization(role: str, organization: str | None) -> None:
    """Refuse a role that needs an organization and names none."""
    if organization is None and role in NEEDS_ORGANIZATION:
        raise Refused("place_needed", field="organization", role=role)


def is_allowed(holder: RightsHolder, action: str) -> bool:
    """Return whether a role in force permits an action, whatever its scope."""
    return bool(_grants(holder, action))


def _grants(holder: RightsHolder, action: str) -> list[Grant]:
    """Return the roles in force by which an account may do an action."""
    scopes = holder.token_scopes
    if not holder.account.enabled:
        return []
    if scopes is not None and not any(action in TOKEN_ACTIONS[name] for name in scopes):
        return []
    allowed = ACTIONS[action]
    return [
        grant
        for grant in holder.account.grants.values()
        if grant.role in allowed and grant.holds(holder.day)
    ]


def scope_of(reader: Reader, holder: RightsHolder, action: str) -> Scope:
    """Return the scope for which somebody may do an action."""
    allowed = ACTIONS[action]
    grants = _grants(holder, action)
    granted = [grant for grant in grants if allowed[grant.role] is Reach.GRANTED]
    assigned = [grant for grant in grants if allowed[grant.role] is Reach.ASSIGNED]
    return Scope(
        _parts(reader, granted, merged=action in FOR_MERGED),
        _assigned(reader, holder, Scope(_parts(reader, assigned))),
    )


def granted_scope(
    reader: Reader, holder: RightsHolder, role: str, *, merged: bool = False
) -> Scope:
    """Return the scope of one role: what its grants in force cover.

    With ``merged`` also closed organizations that were merged into one of these.
    """
    grants = holder.account.grants.values()
    in_force = [grant for grant in grants if grant.role == role and grant.holds(holder.day)]
    return Scope(_parts(reader, in_force, merged=merged))


def covers_district(reader: Reader, holder: RightsHolder, action: str) -> bool:
    """Return whether somebody may do an action over the whole district, as documents need it."""
    return scope_of(reader, holder, action).whole


def _parts(
    reader: Reader, grants: Sequence[Grant], *, merged: bool = False
) -> tuple[ScopePart, ...]:
    """Return the parts of the scope that grants cover, with what was merged into them if asked.

    A grant over the district's only root covers the whole district.
    """
    named = sorted({grant.organization for grant in grants if grant.organization is not None})
    streams = streams_of(reader, named)
    root = only_root(reader)
    parts: dict[ScopePart, None] = {}
    for grant in grants:
        categories = None if grant.categories is None else frozenset(grant.categories)
        if grant.organization is None:
            parts[ScopePart(None, categories)] = None
        elif grant.organization in streams:
            stream = streams[grant.organization]
            part = ScopePart(stream, categories, merged)
            parts[ScopePart(None, categories) if stream == root else part] = None
    return tuple(parts)


def _assigned(reader: Reader, holder: RightsHolder, scope: Scope) -> frozenset[str]:
    """Return the organizations in a scope whose inspection was ever assigned to the person."""
    person = holder.account.person
    if person is None or scope.nothing:
        return frozenset()
    streams = sorted({stream for stream, _, _ in assigned_to(reader, person)})
    return frozenset(scope.streams_among(reader, streams))


def refuse_own_account(account: str, actor: str) -> None:
    """Refuse to do to one's own account what only another administrator may do to it.

    So nobody locks themselves out, and an open session cannot bypass the password.
    """
    if account == actor:
        raise Refused("own_account")
