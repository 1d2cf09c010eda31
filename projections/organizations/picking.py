"""Organizations picked by what a person types: code, name, part of it, or pinyin initials.

``resolve_organization`` decides what a typed text means; ``find_candidates`` lists what it may
mean, the likeliest first. Both stay within a scope: an organization outside it is unknown.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from projections.organizations.directory import find
from projections.organizations.search import CONTAINS, LAST
from projections.organizations.sounds import is_initials, sounds_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.log.reader import Reader
    from projections.organizations.scope import Scope

LABEL = re.compile(r"(?P<name>.+?)\s*[（(]\s*(?P<code>[^（()）]+)\s*[)）]", re.DOTALL)
"""A name with its code in brackets: what a page writes into the field that was picked."""
LONGEST_TEXT = 200
"""Characters of a typed text that are looked at."""
MATCHES_SOUNDS = {False: "k.sounds GLOB ?", True: "k.sounds ~ ?"}
"""The test whether initials match a pattern, on SQLite and (True) on PostgreSQL."""


class OrganizationCandidate(NamedTuple):
    """One organization that a text may mean, as it is now; ``above`` is its parent's name."""

    stream: str
    code: str
    name: str
    category: str
    closed_on: str | None
    above: str | None


@dataclass(frozen=True, slots=True)
class PickQuery:
    """What is picked: ``open_on`` leaves out those closed before that day (ISO), None takes all."""

    scope: Scope
    text: str
    open_on: str | None = None


def clean_text(text: str) -> str:
    """Return a typed text in its usual form: NFKC for letters and digits, without outer blanks."""
    return "".join(
        unicodedata.normalize("NFKC", character) if _is_wide(character) else character
        for character in text.strip()[:LONGEST_TEXT]
    ).strip()


def _is_wide(character: str) -> bool:
    """Return whether a character is a full-width letter, digit or blank; names keep their signs."""
    plain = unicodedata.normalize("NFKC", character)
    return plain != character and (plain.isalnum() or plain.isspace())


def resolve_organization(
    reader: Reader, query: PickQuery, limit: int
) -> list[OrganizationCandidate]:
    """Return what a typed text means: one organization, up to ``limit`` to choose from, or none.

    A code, present or former, means its organization, closed or not; so does a name with its code
    in brackets, and the whole name of a single one. Any other text means the only one whose code
    begins with it, whose name contains it or whose initials do.
    """
    exact = _by_code(reader, query, query.text) or _by_name(reader, query, query.text, limit)
    label = LABEL.fullmatch(query.text)
    if not exact and label is not None:
        exact = _by_code(reader, query, label["code"])
    if exact:
        return _described(reader, exact)
    return find_candidates(reader, query, limit)


def find_candidates(reader: Reader, query: PickQuery, limit: int) -> list[OrganizationCandidate]:
    """Return at most ``limit`` organizations that a text may mean, the likeliest first.

    First the one with this code, then those with this name, those whose code begins with it, whose
    name contains it, and whose initials do; each group by code.
    """
    streams: dict[str, None] = {}
    for group in _groups(reader, query, limit):
        streams.update(dict.fromkeys(group))
        if len(streams) >= limit:
            break
    return _described(reader, list(streams)[:limit])


def _groups(reader: Reader, query: PickQuery, limit: int) -> Iterator[list[str]]:
    text = query.text
    if not text:
        return
    yield _by_code(reader, query, text)
    yield _by_name(reader, query, text, limit)
    yield _select(reader, query, "o.code >= ? AND o.code < ?", [text, text + LAST], limit)
    yield _select(reader, query, CONTAINS[reader.postgres], [text], limit)
    if is_initials(text):
        yield _by_sounds(reader, query, text, limit)


def _by_code(reader: Reader, query: PickQuery, code: str) -> list[str]:
    entry = find(reader, code)
    return [entry.stream] if entry is not None and query.scope.covers(reader, entry) else []


def _by_name(reader: Reader, query: PickQuery, name: str, limit: int) -> list[str]:
    return _select(reader, query, "o.name = ?", [name], limit)


def _by_sounds(reader: Reader, query: PickQuery, text: str, limit: int) -> list[str]:
    pattern = sounds_pattern(text)
    test = MATCHES_SOUNDS[reader.postgres]
    value = pattern if reader.postgres else f"*{pattern}*"
    condition, values = _within(query)
    rows = reader.rows(
        "SELECT k.stream FROM organization_keys k JOIN organizations o ON o.stream = k.stream"
        f" WHERE {test} AND {condition} ORDER BY k.code LIMIT ?",
        [value, *values, limit],
    )
    return [stream for (stream,) in rows]


def _select(reader: Reader, query: PickQuery, test: str, given: list[Any], limit: int) -> list[str]:
    condition, values = _within(query)
    rows = reader.rows(
        f"SELECT o.stream FROM organizations o WHERE {test} AND {condition}"
        " ORDER BY o.code LIMIT ?",
        [*given, *values, limit],
    )
    return [stream for (stream,) in rows]


def _within(query: PickQuery) -> tuple[str, list[Any]]:
    condition, values = query.scope.condition()
    if query.open_on is not None:
        condition += " AND (o.closed_on IS NULL OR o.closed_on >= ?)"
        values.append(query.open_on)
    return condition, values


def _described(reader: Reader, streams: list[str]) -> list[OrganizationCandidate]:
    rows = reader.select_in(
        "SELECT o.stream, o.code, o.name, o.category, o.closed_on, p.name FROM organizations o"
        " LEFT JOIN organizations p ON p.stream = o.parent WHERE o.stream",
        streams,
    )
    by_stream = {row[0]: OrganizationCandidate._make(row) for row in rows}
    return [by_stream[stream] for stream in streams]
