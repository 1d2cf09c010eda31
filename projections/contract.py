"""The contract of a read model.

A read model plans its writes in memory; they are then executed in the append's transaction. If
planning raises, the event is kept and its stream is marked stale
(docs/decisions/0009-read-models-in-the-transaction.md): a bug in a read model never stops
recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.event import RecordedEvent
    from events.log.reader import Reader

Statement = tuple[str, list[tuple[Any, ...]]]
"""One SQL statement with ``?`` marks, and the rows of values to execute it with."""


class Projection(Protocol):
    """One read model: its name, the version of its fold, its tables, the event types it folds."""

    @property
    def name(self) -> str:
        """The read model's stable name."""

    @property
    def version(self) -> int:
        """Increased whenever the fold changes; a rebuild then folds all streams again."""

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables it owns; each has a column ``stream``."""

    @property
    def create(self) -> tuple[str, ...]:
        """The statements that create its tables where they are missing."""

    @property
    def types(self) -> frozenset[str]:
        """The event types that it folds."""

    def plan(self, reader: Reader, events: Sequence[RecordedEvent], zone: str) -> list[Statement]:
        """Return the writes that follow from events, which are in order within each stream.

        ``zone`` is the name of the district's time zone.
        """
