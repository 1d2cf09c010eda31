"""Random inspectors for random organizations (docs/semantics.md, section 8.5).

Organizations are assigned in the order of their keys. Each gets people of one team that serves its
category: people who may not inspect it are excluded, then the load is balanced, then the seed
decides. A person's load is the number of organizations assigned so far in this assignment.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from heapq import nsmallest
from typing import NamedTuple

from events.refusals.errors import CorruptError


class LeftOutReason(StrEnum):
    """Why an organization got no inspectors."""

    NO_TEAM = "no_team"
    """No inspector serves its category."""
    TEAM_TOO_SMALL = "team_too_small"
    """No team has enough people who serve its category."""
    TOO_FEW_LEFT = "too_few_left"
    """A team is large enough, but recusals and relations leave too few of its people."""


@dataclass(frozen=True, slots=True)
class Inspector:
    """A person who inspects, with their organization, team and categories."""

    person: str
    organization: str
    team: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class AssignmentTarget:
    """An organization that was drawn, with its key and its place in the tree.

    ``parent`` is None if it has none or its parent is the root of the scope. ``ancestors`` are all
    organizations above it, ``children`` those directly below it.
    """

    code: str
    category: str
    key: str
    parent: str | None = None
    children: frozenset[str] = frozenset()
    ancestors: frozenset[str] = frozenset()


class InspectorAssignment(NamedTuple):
    """An organization and the people who inspect it, in the order of their identifiers."""

    code: str
    persons: tuple[str, ...]


class AssignmentException(NamedTuple):
    """An organization that gets no inspectors, and why."""

    code: str
    reason: LeftOutReason


class AssignmentPlan(NamedTuple):
    """Every drawn organization, either with its inspectors or among the exceptions."""

    assignments: list[InspectorAssignment]
    exceptions: list[AssignmentException]


Teams = dict[str, dict[str, list[str]]]
"""Category, then team in order of name: the people of the team who serve the category, by name."""


def tie_key(seed: str, period: str, code: str, person: str) -> str:
    """Return the key that decides between people of equal load: HMAC-SHA256 in hex by the seed."""
    return hmac.digest(seed.encode("ascii"), f"{period}|{code}|{person}".encode(), "sha256").hex()


class TieKeys:
    """The tie keys of one assignment: equal to ``tie_key``, at a third of its cost.

    The 64 characters of the seed fill one block of SHA-256 exactly, so HMAC uses them unhashed and
    both of its pads can be prepared once (RFC 2104: inner pad 0x36, outer pad 0x5C).
    """

    def __init__(self, seed: str, period: str) -> None:
        """Pad the seed once."""
        key = seed.encode("ascii")
        assert len(key) == sha256().block_size, "a seed is 64 characters"
        self._inner = bytes(byte ^ 0x36 for byte in key) + f"{period}|".encode()
        self._outer = bytes(byte ^ 0x5C for byte in key)

    def first(self, count: int, persons: list[str], code: str) -> list[str]:
        """Return the ``count`` people with the lowest tie keys for the organization ``code``."""
        inner, outer = self._inner + f"{code}|".encode(), self._outer

        def lot(person: str) -> bytes:
            return sha256(outer + sha256(inner + person.encode()).digest()).digest()

        return nsmallest(count, persons, key=lot)


def assign_inspectors(
    targets: Iterable[AssignmentTarget],
    inspectors: Iterable[Inspector],
    *,
    period: str,
    seed: str,
    per_organization: int,
    recusals: Collection[tuple[str, str]] = (),
) -> AssignmentPlan:
    """Give each organization ``per_organization`` people of one team, or list it as an exception.

    Nobody inspects their own organization, its parent or one of its children, nor an organization
    they recused from (``recusals``: person and organization) or any of its descendants. Among the
    teams with enough people left, the team whose least loaded people have the smallest sum of
    loads is chosen; equal teams go by name. An organization gets all its people or, as an
    exception, none. Raise ``CorruptError`` when a person appears twice among the inspectors.
    """
    assert per_organization >= 1, "an inspection needs at least one inspector"
    people = sorted(inspectors, key=lambda inspector: inspector.person)
    teams = _build_teams(people)
    related_people = _group_people((person.organization, person.person) for person in people)
    recused_people = _group_people((organization, person) for person, organization in recusals)
    load = {inspector.person: 0 for inspector in people}
    tie_keys = TieKeys(seed, period)
    plan = AssignmentPlan([], [])
    for target in sorted(targets, key=lambda target: (target.key, target.code)):
        related, above = _related_organizations(target)
        barred = _unite_people(related_people, related) | _unite_people(recused_people, above)
        serving = teams.get(target.category, {})
        pool = _choose_team(serving, barred, load, per_organization)
        if pool is None:
            plan.exceptions.append(
                AssignmentException(target.code, _explain_exception(serving, per_organization))
            )
            continue
        chosen = _choose_people(pool, load, per_organization, target.code, tie_keys)
        for person in chosen:
            load[person] += 1
        plan.assignments.append(InspectorAssignment(target.code, tuple(sorted(chosen))))
    return plan


def _build_teams(people: list[Inspector]) -> Teams:
    """Return the teams by category; raise ``CorruptError`` for a person who appears twice."""
    teams: Teams = {}
    seen: set[str] = set()
    for inspector in sorted(people, key=lambda inspector: (inspector.team, inspector.person)):
        if inspector.person in seen:
            raise CorruptError(f"{inspector.person} appears twice among the inspectors")
        seen.add(inspector.person)
        for category in inspector.categories:
            teams.setdefault(category, {}).setdefault(inspector.team, []).append(inspector.person)
    return teams


def _group_people(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    people_of: dict[str, set[str]] = defaultdict(set)
    for organization, person in pairs:
        people_of[organization].add(person)
    return dict(people_of)


def _related_organizations(target: AssignmentTarget) -> tuple[set[str], set[str]]:
    """Return the organizations whose people are barred, and those whose recusals apply."""
    itself = {target.code} if target.parent is None else {target.code, target.parent}
    return itself | target.children, itself | target.ancestors


def _unite_people(people_of: Mapping[str, set[str]], organizations: set[str]) -> set[str]:
    people: set[str] = set()
    for organization in organizations & people_of.keys():
        people |= people_of[organization]
    return people


def _choose_team(
    serving: Mapping[str, list[str]], barred: set[str], load: Mapping[str, int], wanted: int
) -> list[str] | None:
    """Return the eligible people of the least loaded team; None if no team has enough."""
    best: list[str] | None = None
    best_load = 0
    for members in serving.values():
        left = members if barred.isdisjoint(members) else [p for p in members if p not in barred]
        if len(left) < wanted:
            continue
        team_load = sum(sorted([load[person] for person in left])[:wanted])
        if best is None or team_load < best_load:
            best, best_load = left, team_load
    return best


def _choose_people(
    pool: list[str], load: Mapping[str, int], wanted: int, code: str, tie_keys: TieKeys
) -> list[str]:
    """Return the ``wanted`` least loaded people; tie keys decide only the contested places."""
    level = sorted([load[person] for person in pool])[wanted - 1]
    chosen = [person for person in pool if load[person] < level]
    contested = [person for person in pool if load[person] == level]
    places = wanted - len(chosen)
    if places < len(contested):
        contested = tie_keys.first(places, contested, code)
    return chosen + contested


def _explain_exception(serving: Mapping[str, list[str]], wanted: int) -> LeftOutReason:
    if not serving:
        return LeftOutReason.NO_TEAM
    if max(map(len, serving.values())) < wanted:
        return LeftOutReason.TEAM_TOO_SMALL
    return LeftOutReason.TOO_FEW_LEFT
