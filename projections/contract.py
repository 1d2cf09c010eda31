"""The contract of a read model.

A read model plans the rows that follow from events, in memory, and only then are they written, in
the append's own transaction. If planning raises, the event is kept and its streams are marked stale
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
"""One SQL statement with ``?`` marks, and the rows of values it is run with."""


class Projection(Protocol):
    """One read model: its name, the version of its fold, its tables, and what it listens to."""

    @property
    def name(self) -> str:
        """The read model's stable name."""

    @property
    def version(self) -> int:
        """Raised whenever the fold changes; the catalog then refolds."""

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
        """The writes that follow from events, in stream order within each stream."""
