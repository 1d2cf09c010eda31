"""The log: events, heads, texts, seals, imports, leases; an event can never be changed."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PARTITIONS = 8

EVENT_COLUMNS = """
    stream text NOT NULL,
    version integer NOT NULL,
    {position} NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    subject text,
    actor text NOT NULL,
    channel text NOT NULL,
    correlation text NOT NULL,
    occurred_on text,
    recorded_at text NOT NULL,
    recorded_on text,
    body {binary} NOT NULL,
    hash {binary} NOT NULL
"""

OTHERS = (
    """CREATE TABLE heads (stream text PRIMARY KEY, version integer NOT NULL,
        hash {binary} NOT NULL, recorded_at text NOT NULL) {keyed}""",
    """CREATE TABLE texts (stream text NOT NULL, version integer NOT NULL, field text NOT NULL,
        salt {binary} NOT NULL, value text NOT NULL, PRIMARY KEY (stream, version, field))
        {keyed}""",
    "CREATE TABLE seal_leaves (seal integer PRIMARY KEY, leaves {binary} NOT NULL)",
    """CREATE TABLE import_spool (import_id text NOT NULL, chunk integer NOT NULL,
        payload {binary} NOT NULL, PRIMARY KEY (import_id, chunk))""",
    "CREATE TABLE leases (name text PRIMARY KEY, holder text NOT NULL, until text NOT NULL)",
    """CREATE TABLE position_eras (era integer PRIMARY KEY, first_transaction bigint NOT NULL,
        first_ordinal bigint NOT NULL)""",
)

INDEXES = (
    "CREATE INDEX events_subject ON events (stream, subject, version) WHERE subject IS NOT NULL",
    "CREATE INDEX events_type ON events (type, position)",
    "CREATE INDEX events_actor ON events (actor, position)",
    "CREATE INDEX events_month ON events (substr(occurred_on, 1, 7), position, occurred_on)",
    "CREATE INDEX events_hour ON events (substr(recorded_at, 1, 13), position)",
)

SQLITE = (
    "CREATE TABLE events ("
    + EVENT_COLUMNS.format(position="position integer PRIMARY KEY", binary="blob")
    + ", UNIQUE (stream, version), UNIQUE (stream, event_id))",
    """CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END""",
    """CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END""",
)

POSTGRESQL = (
    "CREATE TABLE events ("
    + EVENT_COLUMNS.format(position="position bigint", binary="bytea")
    + ", PRIMARY KEY (stream, version) INCLUDE (position), UNIQUE (stream, event_id))"
    " PARTITION BY HASH (stream)",
    *(
        f"CREATE TABLE events_{part} PARTITION OF events"
        f" FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {part})"
        for part in range(PARTITIONS)
    ),
    "CREATE INDEX events_position ON events (position)",
    """CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'an event is never changed or deleted'; END $$""",
    """CREATE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE ON events
        FOR EACH ROW EXECUTE FUNCTION events_refuse()""",
    """CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()""",
    *(
        f"CREATE TRIGGER events_{part}_refuse_truncate BEFORE TRUNCATE ON events_{part}"
        " FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()"
        for part in range(PARTITIONS)
    ),
)


def upgrade() -> None:
    """Create the log."""
    postgres = op.get_bind().dialect.name == "postgresql"
    binary = "bytea" if postgres else "blob"
    for statement in POSTGRESQL if postgres else SQLITE:
        op.execute(statement)
    keyed = "" if postgres else "WITHOUT ROWID"
    for statement in (*OTHERS, *INDEXES):
        op.execute(statement.format(binary=binary, keyed=keyed))
    if postgres:
        op.execute(
            "INSERT INTO position_eras VALUES (1, pg_current_xact_id()::text::bigint - 1, 0)"
        )


def downgrade() -> None:
    """Refuse: a log is never dropped by a migration."""
    message = "the log is never dropped"
    raise RuntimeError(message)
