"""Fields that ask for an organization or a person: what was typed, resolved in one place.

Pages, their forms without a script and the suggestions of the script all come here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from projections.documents.in_force import categories
from projections.organizations.picking import (
    PickQuery,
    clean_text,
    find_candidates,
    resolve_organization,
)
from tracker.accounts.picking import PeopleKind, PersonQuery, find_people, resolve_person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from projections.organizations.picking import OrganizationCandidate
    from projections.organizations.scope import Scope
    from tracker.accounts.picking import PersonCandidate
    from tracker.http.context import RequestContext

MOST_CANDIDATES = 10
"""Candidates that are offered; with more of them the text has to say more."""
PEOPLE_ACTIONS = {
    PeopleKind.INSPECTORS: "administer",
    PeopleKind.BORROWERS: "delegate",
    PeopleKind.ACTORS: "audit",
}
"""The action by whose scope people are picked."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line of a choice: what the field takes, how it is written, and what tells it apart."""

    value: str
    label: str
    note: str


class SeveralCandidates(Refused):
    """A text that may mean several; ``candidates`` are the first of them."""

    candidates: list[Candidate]


class SeveralOrganizations(SeveralCandidates):
    """A text that may mean several organizations."""

    def __init__(self, text: str, candidates: list[Candidate], *, more: bool) -> None:
        """``more`` is whether there are others besides the candidates."""
        super().__init__("pick_several", text=text, count=_count(candidates, more=more))
        self.candidates = candidates


class SeveralPeople(SeveralCandidates):
    """A text that may mean several people."""

    def __init__(self, text: str, candidates: list[Candidate], *, more: bool) -> None:
        """``more`` is whether there are others besides the candidates."""
        super().__init__("pick_several.person", text=text, count=_count(candidates, more=more))
        self.candidates = candidates


def _count(candidates: list[Candidate], *, more: bool) -> str:
    return f"{len(candidates)}+" if more else f"{len(candidates)}"


def label_candidate(context: RequestContext, name: str, key: str) -> str:
    """Return how a field writes what was picked: the name, with its code or id in brackets."""
    return context.t(f"{name}（{key}）", f"{name} ({key})") if name else key


def find_organization_typed(
    context: RequestContext, reader: Reader, text: str, action: str, *, closed: bool
) -> OrganizationCandidate:
    """Return the organization that a typed text means, within the scope of an action.

    Without ``closed`` closed organizations are found by their codes alone. Raises ``Refused``:
    ``pick_none``, or ``SeveralCandidates`` with those to choose from.
    """
    matches = resolve_organization(
        reader, _query(context, reader, text, action, closed=closed), MOST_CANDIDATES + 1
    )
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise Refused("pick_none", text=text)
    shown = _organization_lines(context, reader, matches[:MOST_CANDIDATES])
    raise SeveralOrganizations(text, shown, more=len(matches) > MOST_CANDIDATES)


def suggest_organizations(
    context: RequestContext, reader: Reader, text: str, action: str, *, closed: bool
) -> list[Candidate]:
    """Return the organizations to offer while somebody types, the likeliest first."""
    query = _query(context, reader, text, action, closed=closed)
    return _organization_lines(context, reader, find_candidates(reader, query, MOST_CANDIDATES))


def find_person_typed(
    context: RequestContext, reader: Reader, text: str, kind: PeopleKind
) -> PersonCandidate:
    """Return the person that a typed text means.

    Raises ``Refused``: ``pick_none.person``, or ``SeveralCandidates`` with those to choose from.
    """
    matches = resolve_person(
        reader, _person_query(context, reader, text, kind), MOST_CANDIDATES + 1
    )
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise Refused("pick_none.person", text=text)
    shown = _person_lines(context, matches[:MOST_CANDIDATES])
    raise SeveralPeople(text, shown, more=len(matches) > MOST_CANDIDATES)


def suggest_people(
    context: RequestContext, reader: Reader, text: str, kind: PeopleKind
) -> list[Candidate]:
    """Return the people to offer while somebody types, the likeliest first."""
    query = _person_query(context, reader, text, kind)
    return _person_lines(context, find_people(reader, query, MOST_CANDIDATES))


def _query(
    context: RequestContext, reader: Reader, text: str, action: str, *, closed: bool
) -> PickQuery:
    open_on = None if closed else context.today(reader).isoformat()
    scope = context.scope(reader, action)
    if action == "delegate":
        scope = _without_categories(scope)
    return PickQuery(scope, clean_text(text), open_on)


def _without_categories(scope: Scope) -> Scope:
    """Return a scope with every category: a role over villages alone names what is above them."""
    parts = tuple(replace(part, categories=None) for part in scope.parts)
    return replace(scope, parts=parts)


def _person_query(
    context: RequestContext, reader: Reader, text: str, kind: PeopleKind
) -> PersonQuery:
    scope = context.scope(reader, PEOPLE_ACTIONS[kind])
    return PersonQuery(kind, scope, clean_text(text))


def _organization_lines(
    context: RequestContext, reader: Reader, matches: Sequence[OrganizationCandidate]
) -> list[Candidate]:
    names = categories(reader)
    lines = []
    for one in matches:
        category = names.get(one.category)
        parts = [
            one.category if category is None else category.in_language(context.language),
            one.above or "",
            context.t(f"撤销于 {one.closed_on}", f"closed {one.closed_on}")
            if one.closed_on
            else "",
        ]
        label = label_candidate(context, one.name, one.code)
        lines.append(Candidate(one.code, label, " · ".join(part for part in parts if part)))
    return lines


def _person_lines(context: RequestContext, matches: Sequence[PersonCandidate]) -> list[Candidate]:
    return [
        Candidate(one.value, label_candidate(context, one.name, one.key), one.team)
        for one in matches
    ]
