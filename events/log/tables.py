"""The durable tables of the log, as SQLAlchemy Core tables; the migrations create them.

``events`` only grows: the database itself refuses UPDATE and DELETE. Of the log only rows of
``heads`` change. ``texts`` holds free text and its salt, which can be deleted without breaking the
chain. Every key of the log begins with the stream, so that PostgreSQL can partition by it
(docs/decisions/0007-one-stream-per-organization.md); on SQLite ``position`` is the row id of
``events``, and (stream, version) is unique.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()

EVENTS = Table(
    "events",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("subject", Text),
    Column("actor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("occurred_on", Text),
    Column("recorded_at", Text, nullable=False),
    Column("recorded_on", Text),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

HEADS = Table(
    "heads",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("recorded_at", Text, nullable=False),
)

TEXTS = Table(
    "texts",
    METADATA,
    Column("stream", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("value", Text, nullable=False),
)

SEAL_LEAVES = Table(
    "seal_leaves",
    METADATA,
    Column("seal", Integer, primary_key=True),
    Column("leaves", LargeBinary, nullable=False),
)

IMPORT_SPOOL = Table(
    "import_spool",
    METADATA,
    Column("import_id", Text, primary_key=True),
    Column("chunk", Integer, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
)

LEASES = Table(
    "leases",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Text, nullable=False),
)

POSITION_ERAS = Table(
    "position_eras",
    METADATA,
    Column("era", Integer, primary_key=True),
    Column("first_transaction", BigInteger, nullable=False),
    Column("first_ordinal", BigInteger, nullable=False),
)
"""On PostgreSQL, since the last restore, a transaction's ordinal in positions is its id minus
``first_transaction`` plus ``first_ordinal``. On SQLite the number of events that were brought along
from another database, and their newest position (docs/decisions/0003-positions.md)."""
