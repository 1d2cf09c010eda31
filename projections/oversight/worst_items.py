"""The criteria most often found below full credit in the sheets of a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from events.refusals.errors import Refused
from events.streams.scores import MONTHLY
from projections.documents.in_force import book

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from projections.scoring.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class WorstItem:
    """A criterion that was found below full credit: ``below`` times of ``judged``.

    ``text`` is in both languages, None where the version is unknown; ``streams`` are the first
    organizations that it was found at.
    """

    scheme: str
    version: int
    criterion: str
    text: dict[str, str] | None
    below: int
    judged: int
    streams: list[str]


class NewestFinding(NamedTuple):
    """The newest finding on a criterion at an organization, with the scheme that was applied."""

    stream: str
    scheme: str
    version: int
    finding: dict[str, Any]


def worst_items(
    reader: Reader, scope: Scope, period: str, most: int = 50, naming: int = 0
) -> list[WorstItem]:
    """Return the criteria most often below full credit, the first ``most``.

    The newest finding of an organization on a criterion counts. ``naming`` is how many
    organizations each criterion names.
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
    worst = sorted(below, key=lambda key: (-below[key], key))
    return [
        WorstItem(
            *key,
            text=catalogues.text(*key),
            below=below[key],
            judged=judged[key],
            streams=streams.get(key, []),
        )
        for key in worst[:most]
    ]


def found_below(
    reader: Reader, scope: Scope, period: str, scheme: str, criterion: str
) -> list[str]:
    """Return the streams of the organizations whose finding on a criterion is below full credit.

    ``scheme`` names the version too: ``ID@VERSION``.
    """
    catalogues = _Catalogues(reader)
    return sorted(
        stream
        for stream, name, version, finding in _findings(reader, scope, period)
        if (f"{name}@{version}", finding["criterion"]) == (scheme, criterion)
        and catalogues.below(name, version, finding)
    )


def _findings(reader: Reader, scope: Scope, period: str) -> Iterator[NewestFinding]:
    """Return the newest findings of the organizations of a scope, as a month's close used them."""
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
    # sorting by (stream, version) lets a later sheet overwrite the findings of an earlier one
    for stream, _, findings in sorted(rows):
        own = newest.setdefault(stream, {})
        own |= {finding["criterion"]: finding for finding in orjson.loads(findings)}
    for stream, own in newest.items():
        for finding in own.values():
            yield NewestFinding(stream, *schemes[stream], finding)


class _Catalogues:
    """The criteria of the scheme versions that sheets were judged by, each read once."""

    def __init__(self, reader: Reader) -> None:
        self.book = book(reader)
        self.known: dict[tuple[str, int], Catalogue | None] = {}

    def of(self, scheme: str, version: int) -> Catalogue | None:
        """Return the catalogue of a version, None where it is unknown."""
        if (scheme, version) not in self.known:
            try:
                catalogue = self.book.catalogue(self.book.version(scheme, version))
            except Refused:
                catalogue = None
            self.known[scheme, version] = catalogue
        return self.known[scheme, version]

    def text(self, scheme: str, version: int, code: str) -> dict[str, str] | None:
        """Return the text of a criterion in both languages."""
        catalogue = self.of(scheme, version)
        criterion = None if catalogue is None else catalogue.by_code.get(code)
        return None if criterion is None else criterion.text.in_both()

    def below(self, scheme: str, version: int, finding: dict[str, Any]) -> bool:
        """Return whether a finding gives less than full credit.

        A finding states credit, or points, or causes of a deduction.
        """
        if finding.get("credit") is not None:
            return Fraction(finding["credit"]) < 1
        if finding.get("points") is None:
            return bool(finding.get("causes"))
        catalogue = self.of(scheme, version)
        criterion = None if catalogue is None else catalogue.by_code.get(finding["criterion"])
        if catalogue is None or criterion is None:
            return False
        return Fraction(finding["points"]) < catalogue.points(criterion)
