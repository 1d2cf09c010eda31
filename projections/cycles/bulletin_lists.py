"""What a bulletin names besides its draw: findings that count nothing, scores adjusted since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from events.streams.scores import MONTHLY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from projections.organizations.scope import Scope


@dataclass(frozen=True, slots=True)
class UncountedFindings:
    """The criteria of an organization's sheet that count nothing: not applicable at the close."""

    organization: str
    name: str
    criteria: list[str]


@dataclass(frozen=True, slots=True)
class AdjustedScore:
    """A score that was adjusted after it was posted: as posted, as it counts now, and since when.

    ``adjusted_at`` is the instant of the newest adjustment.
    """

    organization: str
    name: str
    posted: str | None
    current: str
    adjusted_at: str


def uncounted_findings(
    reader: Reader, scope: Scope, root: str, period: str
) -> list[UncountedFindings]:
    """Return the findings of a cycle's sheets that counted nothing, by code.

    ``root`` is the scope of the cycle, ``scope`` the organizations that may be named. Source:
    docs/semantics.md, section 5.
    """
    rows: Sequence[tuple[str, str, str, int]] = _scores(
        reader, scope, root, period, "s.version", "s.inspected IS NOT NULL"
    )
    posted = reader.events_at([(stream, version) for stream, _, _, version in rows])
    return [
        UncountedFindings(code, name, list(criteria))
        for stream, code, name, version in rows
        if (criteria := posted[stream, version].data.get("not_counted"))
    ]


def adjusted_scores(reader: Reader, scope: Scope, root: str, period: str) -> list[AdjustedScore]:
    """Return the scores of a cycle that were adjusted since they were posted, by code."""
    rows = _scores(reader, scope, root, period, "s.score, s.adjustments", "s.adjustments <> '[]'")
    adjusted = []
    for _, code, name, score, adjustments in rows:
        newest = orjson.loads(adjustments)[-1]
        adjusted.append(AdjustedScore(code, name, score, newest["new"], newest["at"]))
    return adjusted


def _scores(
    reader: Reader, scope: Scope, root: str, period: str, columns: str, condition: str
) -> Sequence[Any]:
    """Return stream, code, name and some columns of the scores that a cycle posted, by code."""
    seen, values = scope.condition()
    return sorted(
        reader.rows(
            f"SELECT s.stream, o.code, o.name, {columns} FROM scores s"
            f" JOIN organizations o ON o.stream = s.stream WHERE {seen} AND {condition}"
            " AND s.scope = ? AND s.period = ? AND s.kind = ?",
            [*values, root, period, MONTHLY],
        ),
        key=lambda row: row[1].encode(),
    )
