"""The figures posted for a period, with their adjustments, next to those derived now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.log.texts import data_with_texts, texts_of
from projections.compliance.sources import LAST, events_at
from projections.scores.outcomes import posted_versions, score_rows

if TYPE_CHECKING:
    from events.log.reader import Reader
    from projections.scoring.assessment import Assessment


def posted_figures(
    reader: Reader, stream: str, period: str, until: str = ""
) -> list[dict[str, Any]]:
    """Return the figures posted for a period by an instant, each with its event's fields.

    Added are ``kind``, the ``version`` of the event, ``posted_at``, the ``adjustments`` by then
    (old, new, reason, actor, at; oldest first) and ``current``, the score that counts after them.
    """
    figures = []
    adjusted = _adjustments(reader, stream, period, until)
    for kind, version in posted_versions(reader, stream, period, until or LAST):
        (event,) = reader.stream(stream, version - 1, 1)
        adjustments = adjusted.get(kind, [])
        figures.append(
            {
                "kind": kind,
                "version": version,
                "posted_at": event.recorded_at,
                **event.data,
                "adjustments": adjustments,
                "current": adjustments[-1]["new"] if adjustments else event.data.get("score"),
            }
        )
    return figures


def _adjustments(
    reader: Reader, stream: str, period: str, until: str
) -> dict[str, list[dict[str, Any]]]:
    """Return the adjustments of a period's scores by an instant, by kind of score."""
    adjusted: dict[str, list[dict[str, Any]]] = {}
    for row in score_rows(reader, stream):
        if row.period == period and row.adjustments:
            versions = [adjustment.version for adjustment in row.adjustments]
            events = events_at(reader, stream, versions, until)
            texts = texts_of(reader, events)
            adjusted[row.kind] = [
                {
                    "old": event.data.get("old"),
                    "new": event.data["new"],
                    "reason": data_with_texts(event, texts)["reason"],
                    "actor": event.actor,
                    "at": event.recorded_at,
                }
                for event in events
            ]
    return adjusted


def compare_posted(
    figure: dict[str, Any], derived: Assessment, checked: Assessment
) -> dict[str, Any]:
    """Return a posted figure, and whether it commits to the breakdowns as derived now."""
    return figure | {
        "same": figure["digest"] == derived.digest(),
        "inspected_same": figure.get("inspected_digest") in {None, checked.digest()},
    }
