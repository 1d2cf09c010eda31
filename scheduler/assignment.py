"""Random inspectors for random organizations (docs/semantics.md, section 8.5).

Organizations are served in the order of their keys. Each takes people of one team that serves its
category: first whoever may not go is left out, then the load is balanced, then the seed decides.
A person's load is the number of organizations taken in this assignment.
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
    """Why an organization was left without inspectors."""

    NO_TEAM = "no_team"
    """Nobody serves its category."""
    TEAM_TOO_SMALL = "team_too_small"
    """No team has enough people who serve its category."""
    TOO_FEW_LEFT = "too_few_left"
    """A team would be large enough, but recusals and relations leave too few of it."""


@dataclass(frozen=True, slots=True)
class Inspector:
    """A person who inspects: from which organization, in which team, for which categories."""

    person: str
    organization: str
    team: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class AssignmentTarget:
    """An organization that was drawn, with its key and its place in the tree.

    ``ancestors`` are all above it (its parent may be left out of them), ``children`` those right
    below it.
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
    """An organization for which too few people were left, and why."""

    code: str
    reason: LeftOutReason


class AssignmentPlan(NamedTuple):
    """Every organization, either with its inspectors or by name among the exceptions."""

    assignments: list[InspectorAssignment]
    exceptions: list[AssignmentException]


Teams = dict[str, dict[str, list[str]]]
"""Category, then team in order of name: the people of the team who serve the category."""


def tie_key(seed: str, period: str, code: str, person: str) -> str:
    """What decides between people of equal load: HMAC-SHA256 in hex, keyed by the seed."""
    return hmac.digest(seed.encode("ascii"), f"{period}|{code}|{person}".encode(), "sha256").hex()


class TieKeys:
    """Draws the tie keys of one assignment; the same as ``tie_key``, at a third of its cost.

    The seed's 64 characters fill a block of SHA-256, so both pads of the HMAC are known at once.
    """

    def __init__(self, seed: str, period: str) -> None:
        """Pad the seed once."""
        key = seed.encode("ascii")
        assert len(key) == sha256().block_size, "a seed is 64 characters"
        self._inner = bytes(byte ^ 0x36 for byte in key) + f"{period}|".encode()
        self._outer = bytes(byte ^ 0x5C for byte in key)

    def first(self, count: int, persons: list[str], code: str) -> list[str]:
        """The ``count`` people with the lowest tie keys for the organization ``code``."""
        inner, outer = self._inner + f"{code}|".encode(), self._outer

        def lot(person: str) -> bytes:
            return sha256(outer + sha256(inner + person.encode()).digest()).digest()

        return nsmallest(count, persons, key=lot)


def assign(
    targets: Iterable[AssignmentTarget],
    inspectors: Iterable[Inspector],
    *,
    period: str,
    seed: str,
    per_organization: int,
    recusals: Collection[tuple[str, str]] = (),
) -> AssignmentPlan:
    """Give each organization ``per_organization`` people of one team, or name it as an exception.

    Nobody inspects the own organization, its parent or one of its children, and nobody what the
    person recused from (``recusals``: person and organization) or anything under it. Of the teams
    that have enough people left, the one goes whose least loaded people have the least load in
    sum; teams equal in that go by name. An organization gets all its people or, as an exception,
    none.
    """
    assert per_organization >= 1, "an inspection takes somebody"
    people = sorted(inspectors, key=lambda one: one.person)
    teams = _teams(people)
    barred_by_relation = _grouped((one.organization, one.person) for one in people)
    barred_by_recusal = _grouped((organization, person) for person, organization in recusals)
    load = {one.person: 0 for one in people}
    lots = TieKeys(seed, period)
    result = AssignmentPlan([], [])
    for target in sorted(targets, key=lambda one: (one.key, one.code)):
        related, above = _relations(target)
        barred = _union(barred_by_relation, related) | _union(barred_by_recusal, above)
        serving = teams.get(target.category, {})
        pool = _least_loaded_team(serving, barred, load, per_organization)
        if pool is None:
            result.exceptions.append(
                AssignmentException(target.code, _reason(serving, per_organization))
            )
            continue
        chosen = _least_loaded(pool, load, per_organization, target.code, lots)
        for person in chosen:
            load[person] += 1
        result.assignments.append(InspectorAssignment(target.code, tuple(sorted(chosen))))
    return result


def _teams(people: list[Inspector]) -> Teams:
    """Who can be sent where; a person who stands twice would be counted twice."""
    teams: Teams = {}
    seen: set[str] = set()
    for one in sorted(people, key=lambda one: (one.team, one.person)):
        if one.person in seen:
            raise CorruptError(f"{one.person} stands twice among the inspectors")
        seen.add(one.person)
        for category in one.categories:
            teams.setdefault(category, {}).setdefault(one.team, []).append(one.person)
    return teams


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for organization, person in pairs:
        found[organization].add(person)
    return dict(found)


def _relations(target: AssignmentTarget) -> tuple[set[str], set[str]]:
    """The organizations whose people stay away, and those whose recusals reach the target."""
    itself = {target.code} if target.parent is None else {target.code, target.parent}
    return itself | target.children, itself | target.ancestors


def _union(people_of: Mapping[str, set[str]], organizations: set[str]) -> set[str]:
    found: set[str] = set()
    for organization in organizations & people_of.keys():
        found |= people_of[organization]
    return found


def _least_loaded_team(
    serving: Mapping[str, list[str]], barred: set[str], load: Mapping[str, int], wanted: int
) -> list[str] | None:
    """The people left of the team that goes; ``None`` if no team has enough of them."""
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


def _least_loaded(
    pool: list[str], load: Mapping[str, int], wanted: int, code: str, lots: TieKeys
) -> list[str]:
    """The ``wanted`` people of least load; only where the last places are contested lots decide."""
    level = sorted([load[person] for person in pool])[wanted - 1]
    chosen = [person for person in pool if load[person] < level]
    contested = [person for person in pool if load[person] == level]
    places = wanted - len(chosen)
    if places < len(contested):
        contested = lots.first(places, contested, code)
    return chosen + contested


def _reason(serving: Mapping[str, list[str]], wanted: int) -> LeftOutReason:
    if not serving:
        return LeftOutReason.NO_TEAM
    if max(map(len, serving.values())) < wanted:
        return LeftOutReason.TEAM_TOO_SMALL
    return LeftOutReason.TOO_FEW_LEFT
