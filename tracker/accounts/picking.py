"""People picked by what a person types: name, part of it, pinyin initials, log-in name or id.

Names come from the table of credentials, outside the log: a person who was erased is picked by id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from events.streams.accounts import account_stream
from projections.organizations.directory import streams_of
from projections.organizations.picking import LABEL
from projections.organizations.sounds import is_initials, sounds_of, sounds_pattern
from projections.people.accounts import accounts, accounts_of_people
from projections.people.inspectors import inspectors
from tracker.accounts.credentials import login_key, login_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from events.log.reader import Reader
    from projections.organizations.scope import Scope

PAGE = 200
"""People whose roles are read at once."""


class PeopleKind(StrEnum):
    """Whom a field asks for."""

    INSPECTORS = "inspectors"
    """Registered inspectors, by their ids."""
    BORROWERS = "borrowers"
    """Accounts that can sign in, by their log-in names: to whom a role is delegated."""
    ACTORS = "actors"
    """Accounts, by their ids in the log: who did something."""


class PersonCandidate(NamedTuple):
    """One person that a text may mean.

    ``value`` is what the field takes, ``key`` the name in brackets that tells people of one name
    apart, ``team`` an inspector's. ``account`` is None for an inspector without one.
    """

    value: str
    key: str
    name: str
    team: str
    account: str | None


@dataclass(frozen=True, slots=True)
class PersonQuery:
    """Whom to pick, of those with a role over an organization of the scope.

    Inspectors have no roles: they are picked over the whole district alone.
    """

    kind: PeopleKind
    scope: Scope
    text: str


def resolve_person(reader: Reader, query: PersonQuery, limit: int) -> list[PersonCandidate]:
    """Return whom a typed text means: one person, up to ``limit`` to choose from, or none.

    A whole log-in name or id means its person, in the scope or not: who types it knows it. Other
    texts mean the people of the scope with that name, else those whose name contains it or has
    these initials.
    """
    people = _read_people(reader, query)
    texts = [query.text]
    label = LABEL.fullmatch(query.text)
    if label is not None:
        texts.append(label["code"])
    for text in texts:
        exact = [person for person in people if _is_called(person, text)]
        if exact:
            return exact[:1]
    named = _visible(reader, query, [one for one in people if one.name == query.text], limit)
    return named or _visible(reader, query, _matching(people, query.text), limit)


def find_people(reader: Reader, query: PersonQuery, limit: int) -> list[PersonCandidate]:
    """Return at most ``limit`` people of the scope that a text may mean, the likeliest first."""
    if not query.text:
        return []
    return _visible(reader, query, _matching(_read_people(reader, query), query.text), limit)


def _read_people(reader: Reader, query: PersonQuery) -> list[PersonCandidate]:
    """Return everybody of a kind, by log-in name or id."""
    rows = login_names(reader)
    if query.kind is not PeopleKind.INSPECTORS:
        actors = query.kind is PeopleKind.ACTORS
        return [
            PersonCandidate(row.account if actors else row.login, row.login, row.name, "",
                            row.account)
            for row in rows
        ]  # fmt: skip
    if not query.scope.whole:
        return []
    names = {row.account: row.name for row in rows}
    owners = accounts_of_people(reader)
    return [
        PersonCandidate(one.person, one.person, names.get(owners.get(one.person, ""), ""),
                        one.team, owners.get(one.person))
        for one in sorted(inspectors(reader).values(), key=lambda one: one.person)
    ]  # fmt: skip


def _is_called(person: PersonCandidate, text: str) -> bool:
    """Return whether a text is a person's id or log-in name, in whatever case and width."""
    return text == person.value or login_key(text) == login_key(person.key)


def _matching(people: Sequence[PersonCandidate], text: str) -> list[PersonCandidate]:
    """Return the people whom a text may mean: by name, by log-in name or id, by initials."""
    key = login_key(text)
    initials = re.compile(sounds_pattern(text)) if is_initials(text) else None

    def rank(person: PersonCandidate) -> int:
        if text in person.name:
            return 0 if person.name.startswith(text) else 1
        if login_key(person.key).startswith(key):
            return 2
        return 3 if initials is not None and initials.search(_sounds(person.name)) else 4

    ranked = [(rank(person), person) for person in people]
    return [person for place, person in sorted(ranked, key=lambda row: row[0]) if place < 4]


@lru_cache(maxsize=131_072)
def _sounds(name: str) -> str:
    return sounds_of(name)


def _visible(
    reader: Reader, query: PersonQuery, people: Sequence[PersonCandidate], limit: int
) -> list[PersonCandidate]:
    """Return the first ``limit`` people with a role over an organization of the scope.

    Borrowers must be able to sign in.
    """
    if query.kind is PeopleKind.INSPECTORS:
        return list(people[:limit])
    shown: list[PersonCandidate] = []
    for page in _pages(people):
        seen = _in_scope(reader, query, page)
        shown += [person for person in page if person.account in seen]
        if len(shown) >= limit:
            break
    return shown[:limit]


def _pages(people: Sequence[PersonCandidate]) -> Iterator[Sequence[PersonCandidate]]:
    for start in range(0, len(people), PAGE):
        yield people[start : start + PAGE]


def _in_scope(
    reader: Reader, query: PersonQuery, people: Sequence[PersonCandidate]
) -> set[str | None]:
    """Return the accounts of some people that are within the query's scope."""
    known = accounts(reader, [account_stream(one.account) for one in people if one.account])
    if query.kind is PeopleKind.BORROWERS:
        known = {stream: account for stream, account in known.items() if account.enabled}
    if query.scope.whole:
        return {account.account for account in known.values()}
    places = {
        account.account: {grant.organization for grant in account.grants.values()} - {None}
        for account in known.values()
    }
    codes = sorted({code for own in places.values() for code in own if code is not None})
    streams = streams_of(reader, codes)
    seen = query.scope.streams_among(reader, sorted(set(streams.values())))
    return {
        account
        for account, own in places.items()
        if any(streams.get(code or "") in seen for code in own)
    }
