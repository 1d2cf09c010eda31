"""All read models, and the projector that updates them with every append."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from events.log.reader import Reader
from events.streams.districts import STREAM as DISTRICT
from projections.cycles.assignments import Assignments
from projections.cycles.cycles import Cycles
from projections.documents.marks import Marks
from projections.organizations.directory import Directory
from projections.organizations.search_keys import SearchKeys
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
    SearchKeys(),
)
PER_STREAM: tuple[Projection, ...] = CATALOG[1:]
"""Those that fold one stream at a time; the directory folds the tree as a whole."""
VERSION = sum(model.version for model in CATALOG)
"""The version of all folds together: raising any model's version makes checkpoints out of date."""
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

    On SQLite a table is stored in its primary key, without row ids: each row written touches one
    page less.
    """
    sqlite = connection.dialect.name == "sqlite"
    for statement in (
        CHECKPOINTS,
        REBUILD_RANGES,
        *(create for model in CATALOG for create in model.create),
    ):
        plain = not sqlite or not statement.startswith("CREATE TABLE")
        connection.exec_driver_sql(statement if plain else f"{statement} WITHOUT ROWID")


class Projector:
    """Writes the rows of every read model, and the checkpoints, in the append's transaction."""

    def __init__(
        self,
        report: Callable[[str, Exception], None] | None = None,
        models: Sequence[Projection] = CATALOG,
        zone: str = "",
    ) -> None:
        """``report`` is called with the stream and the error of a fold that raised.

        A rebuild passes the ``models`` that it folds in a separate database, and the ``zone``.
        """
        self._zone = zone
        self._report = report
        self._models = models

    def __call__(self, reader: Reader, events: Sequence[RecordedEvent]) -> None:
        """Write what follows from events; a fold that raises marks its streams stale."""
        stale: dict[str, str] = {}
        types = {event.type for event in events}
        for model in self._models:
            if not types.isdisjoint(model.types):
                own = [event for event in events if event.type in model.types]
                self._write(reader, model, own, stale)
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
        for statement in self._plan(reader, model, events, stale):
            if statement[1]:
                reader.write(*statement)

    def _plan(
        self,
        reader: Reader,
        model: Projection,
        events: Sequence[RecordedEvent],
        stale: dict[str, str],
    ) -> list[Statement]:
        """Return the writes of a model; a fold that raises marks its stream and returns none."""
        try:
            return model.plan(reader, events, self.zone(reader))
        except DBAPIError:  # a failing database is no bug in a fold: the append fails
            raise
        # docs/decisions/0009-read-models-in-the-transaction.md
        except Exception as error:  # noqa: BLE001 - a bug in a fold never stops recording
            if len({event.stream for event in events}) > 1:
                return self._plan_by_stream(reader, model, events, stale)
            stale[events[0].stream] = f"{model.name}: {type(error).__name__}: {error}"
            if self._report is not None:
                self._report(events[0].stream, error)
            return []

    def _plan_by_stream(
        self,
        reader: Reader,
        model: Projection,
        events: Sequence[RecordedEvent],
        stale: dict[str, str],
    ) -> list[Statement]:
        """Plan stream by stream, so that only the faulty one is marked."""
        streams: dict[str, list[RecordedEvent]] = {}
        for event in events:
            streams.setdefault(event.stream, []).append(event)
        return [
            statement
            for own in streams.values()
            for statement in self._plan(reader, model, own, stale)
        ]

    def zone(self, reader: Reader) -> str:
        """Return the district's time zone, read once; UTC before there is a district."""
        if not self._zone:
            events = reader.stream(DISTRICT)
            if not events:
                return "UTC"
            self._zone = events[0].data["zone"]
        return self._zone


def stale_streams(reader: Reader) -> list[tuple[str, str]]:
    """Return the streams whose read models need a rebuild, with what went wrong."""
    return [
        (stream, fault)
        for stream, fault in reader.rows(
            "SELECT stream, stale FROM checkpoints WHERE stale IS NOT NULL ORDER BY stream"
        )
    ]
