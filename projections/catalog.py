"""The tuple of all read models, and the projector that writes them with every append."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from events.log.reader import Reader
from events.streams.districts import STREAM as DISTRICT
from projections.cycles.assignments import Assignments
from projections.cycles.cycles import Cycles
from projections.documents.marks import Marks
from projections.organizations.directory import Directory
from projections.people.accounts import Accounts
from projections.people.inspectors import People
from projections.records.evidence import EvidenceUses
from projections.records.facts import Facts
from projections.rectifications.ledger import RectificationLedger
from projections.scores.outcomes import FileOutcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from events.event import RecordedEvent
    from projections.contract import Projection, Statement

CATALOG: tuple[Projection, ...] = (
    Directory(),
    Facts(),
    FileOutcomes(),
    Cycles(),
    People(),
    Marks(),
    Accounts(),
    Assignments(),
    EvidenceUses(),
    RectificationLedger(),
)
PER_STREAM: tuple[Projection, ...] = CATALOG[1:]
"""Those that fold one stream at a time; the directory folds the tree as a whole."""
VERSION = sum(one.version for one in CATALOG)
CHECKPOINTS = """CREATE TABLE IF NOT EXISTS checkpoints (stream text PRIMARY KEY,
    version integer NOT NULL, fold integer NOT NULL, stale text)"""
REBUILD_RANGES = (
    """CREATE TABLE IF NOT EXISTS rebuild_ranges (after text PRIMARY KEY, until text)"""
)
UPSERT_CHECKPOINT = (
    "INSERT INTO checkpoints (stream, version, fold, stale) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (stream) DO UPDATE SET version = excluded.version, fold = excluded.fold,"
    " stale = COALESCE(checkpoints.stale, excluded.stale)"
)


def create_read_models(connection: Connection) -> None:
    """Create the read models' tables where they are missing.

    On SQLite a table is its own key, without a row number beside: a page less for each row written.
    """
    sqlite = connection.dialect.name == "sqlite"
    for statement in (
        CHECKPOINTS,
        REBUILD_RANGES,
        *(one for model in CATALOG for one in model.create),
    ):
        plain = not sqlite or not statement.startswith("CREATE TABLE")
        connection.exec_driver_sql(statement if plain else f"{statement} WITHOUT ROWID")


class Projector:
    """Writes every read model's rows, and the checkpoints, in the append's own transaction."""

    def __init__(
        self,
        report: Callable[[str, Exception], None] | None = None,
        models: Sequence[Projection] = CATALOG,
        zone: str = "",
    ) -> None:
        """``report`` hears of a fold that raised: the stream and the error.

        A rebuild folds some ``models`` alone, elsewhere, and hands in the ``zone``.
        """
        self._zone = zone
        self._report = report
        self._models = models

    def __call__(self, reader: Reader, events: Sequence[RecordedEvent]) -> None:
        """Plan and write; a plan that raises marks its streams stale and keeps the events."""
        stale: dict[str, str] = {}
        types = {event.type for event in events}
        for model in self._models:
            if not types.isdisjoint(model.types):
                heard = [event for event in events if event.type in model.types]
                self._write(reader, model, heard, stale)
        versions: dict[str, int] = {}
        for event in events:
            versions[event.stream] = event.version
        reader.write(
            UPSERT_CHECKPOINT,
            [(stream, version, VERSION, stale.get(stream)) for stream, version in versions.items()],
        )

    def _write(
        self,
        reader: Reader,
        model: Projection,
        events: Sequence[RecordedEvent],
        stale: dict[str, str],
    ) -> None:
        for statement in self._planned(reader, model, events, stale):
            if statement[1]:
                reader.write(*statement)

    def _planned(
        self,
        reader: Reader,
        model: Projection,
        events: Sequence[RecordedEvent],
        stale: dict[str, str],
    ) -> list[Statement]:
        try:
            return model.plan(reader, events, self.zone(reader))
        except DBAPIError:
            raise
        # docs/decisions/0009-read-models-in-the-transaction.md
        except Exception as error:  # noqa: BLE001 - a bug in a fold never stops recording
            if len({event.stream for event in events}) > 1:
                return self._one_by_one(reader, model, events, stale)
            stale[events[0].stream] = f"{model.name}: {type(error).__name__}: {error}"
            if self._report is not None:
                self._report(events[0].stream, error)
            return []

    def _one_by_one(
        self,
        reader: Reader,
        model: Projection,
        events: Sequence[RecordedEvent],
        stale: dict[str, str],
    ) -> list[Statement]:
        """Plan stream by stream, so that only the one at fault is marked."""
        streams: dict[str, list[RecordedEvent]] = {}
        for event in events:
            streams.setdefault(event.stream, []).append(event)
        return [
            statement
            for heard in streams.values()
            for statement in self._planned(reader, model, heard, stale)
        ]

    def zone(self, reader: Reader) -> str:
        """The district's zone, read once; UTC before there is a district."""
        if not self._zone:
            events = reader.stream(DISTRICT)
            if not events:
                return "UTC"
            self._zone = events[0].data["zone"]
        return self._zone


def stale_streams(reader: Reader) -> list[tuple[str, str]]:
    """The streams whose read models wait for a rebuild, with what went wrong."""
    return [
        (stream, fault)
        for stream, fault in reader.rows(
            "SELECT stream, stale FROM checkpoints WHERE stale IS NOT NULL ORDER BY stream"
        )
    ]
