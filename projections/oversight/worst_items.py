"""The criteria most often found below full credit in the sheets of a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import orjson

from events.refusals.errors import Refused
from events.streams.scores import MONTHLY
from projections.documents.in_force import book

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from projections.scoring.catalogue import Catalogue

Found = tuple[str, str, int, dict[str, Any]]
"""A stream, its scheme and version, and one finding of its newest sheet that has the criterion."""


def worst_items(
    reader: Reader, scope: Scope, period: str, most: int = 50, naming: int = 0
) -> list[dict[str, Any]]:
    """The criteria most often below full credit, the first ``most``: texts, ``below``, ``judged``.

    The newest finding of an organization on a criterion counts; ``judged`` are all findings.
    ``streams`` are the organizations it was found at, the first ``naming`` of them.
    """
    catalogues = _Catalogues(reader)
    judged: Counter[tuple[str, int, str]] = Counter()
    below: Counter[tuple[str, int, str]] = Counter()
    streams: dict[tuple[str, int, str], list[str]] = {}
    for stream, scheme, version, finding in _findings(reader, scope, period):
        key = (scheme, version, finding["criterion"])
        judged[key] += 1
        if catalogues.below(scheme, version, finding):
            below[key] += 1
            if below[key] <= naming:
                streams.setdefault(key, []).append(stream)
    worst = sorted(below.items(), key=lambda one: (-one[1], one[0]))
    return [
        {
            "scheme": key[0],
            "version": key[1],
            "criterion": key[2],
            "text": catalogues.text(*key),
            "below": count,
            "judged": judged[key],
            "streams": streams.get(key, []),
        }
        for key, count in worst[:most]
    ]


def found_below(
    reader: Reader, scope: Scope, period: str, scheme: str, criterion: str
) -> list[str]:
    """The organizations (their streams) whose finding on one criterion is below full credit.

    ``scheme`` names the version too: ``ID@VERSION``.
    """
    catalogues = _Catalogues(reader)
    return sorted(
        stream
        for stream, name, version, finding in _findings(reader, scope, period)
        if (f"{name}@{version}", finding["criterion"]) == (scheme, criterion)
        and catalogues.below(name, version, finding)
    )


def _findings(reader: Reader, scope: Scope, period: str) -> Iterator[Found]:
    """The newest findings of every organization of a scope that a month's close posted."""
    condition, values = scope.condition()
    schemes = {
        stream: (name, version)
        for stream, name, version in reader.rows(
            "SELECT s.stream, s.scheme, s.scheme_version FROM scores s"
            " JOIN organizations o ON o.stream = s.stream"
            f" WHERE {condition} AND s.period = ? AND s.kind = ? AND s.inspected IS NOT NULL",
            [*values, period, MONTHLY],
        )
    }
    rows = reader.select_in(
        "SELECT stream, version, findings FROM sheet_facts WHERE period = ? AND kind = ?"
        " AND stream",
        sorted(schemes),
        given=[period, MONTHLY],
    )
    newest: dict[str, dict[str, dict[str, Any]]] = {}
    for stream, _, findings in sorted(rows, key=lambda row: (row[0], row[1])):
        own = newest.setdefault(stream, {})
        own |= {one["criterion"]: one for one in orjson.loads(findings)}
    for stream, own in newest.items():
        for finding in own.values():
            yield (stream, *schemes[stream], finding)


class _Catalogues:
    """The criteria of the schemes that sheets went by."""

    def __init__(self, reader: Reader) -> None:
        self.book = book(reader)
        self.known: dict[tuple[str, int], Catalogue | None] = {}

    def of(self, scheme: str, version: int) -> Catalogue | None:
        """A version, read once; None where it is not there any more."""
        if (scheme, version) not in self.known:
            try:
                found = self.book.catalogue(self.book.version(scheme, version))
            except Refused:
                found = None
            self.known[scheme, version] = found
        return self.known[scheme, version]

    def text(self, scheme: str, version: int, code: str) -> dict[str, str] | None:
        """The words of a criterion in both languages."""
        catalogue = self.of(scheme, version)
        found = None if catalogue is None else catalogue.by_code.get(code)
        return None if found is None else found.text.model_dump()

    def below(self, scheme: str, version: int, finding: dict[str, Any]) -> bool:
        """Whether a finding leaves less than full credit."""
        if finding.get("credit") is not None:
            return Fraction(finding["credit"]) < 1
        if finding.get("points") is None:
            return bool(finding.get("causes"))
        catalogue = self.of(scheme, version)
        criterion = None if catalogue is None else catalogue.by_code.get(finding["criterion"])
        if catalogue is None or criterion is None:
            return False
        return Fraction(finding["points"]) < catalogue.points(criterion)
