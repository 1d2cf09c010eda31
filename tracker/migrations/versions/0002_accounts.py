"""Accounts and uploads: how people sign in, and which evidence files are stored; not in the log."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE credentials (account text PRIMARY KEY, login text NOT NULL UNIQUE,
        name text NOT NULL, password text, totp_secret text, totp_step bigint NOT NULL)""",
    """CREATE TABLE sessions (digest {binary} PRIMARY KEY, account text NOT NULL,
        csrf text NOT NULL, created_at text NOT NULL, seen_at text NOT NULL,
        ends_at text NOT NULL)""",
    "CREATE INDEX sessions_account ON sessions (account)",
    """CREATE TABLE one_time_links (digest {binary} PRIMARY KEY, account text NOT NULL,
        ends_at text NOT NULL, used_at text)""",
    """CREATE TABLE login_failures (login text NOT NULL, address text NOT NULL,
        failed_at text NOT NULL, PRIMARY KEY (login, failed_at, address))""",
    "CREATE INDEX login_failures_address ON login_failures (address, failed_at)",
    """CREATE TABLE tokens (digest {binary} PRIMARY KEY, account text NOT NULL,
        token_id text NOT NULL)""",
    """CREATE TABLE sheet_proposals (stream text NOT NULL, period text NOT NULL,
        sheet_id text NOT NULL, payload text NOT NULL, person text NOT NULL,
        proposed_at text NOT NULL, remark text, PRIMARY KEY (stream, period, sheet_id))""",
    """CREATE TABLE evidence_files (file text PRIMARY KEY, media_type text NOT NULL,
        size bigint NOT NULL, name text NOT NULL, account text NOT NULL,
        stored_at text NOT NULL)""",
    """CREATE TABLE evidence_senders (file text NOT NULL, account text NOT NULL,
        PRIMARY KEY (file, account))""",
)


def upgrade() -> None:
    """Create the tables of accounts and evidence files."""
    binary = "bytea" if op.get_bind().dialect.name == "postgresql" else "blob"
    for statement in TABLES:
        op.execute(statement.format(binary=binary))


def downgrade() -> None:
    """Refuse: people would lose their passwords."""
    message = "accounts are never dropped"
    raise RuntimeError(message)
