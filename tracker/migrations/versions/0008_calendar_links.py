"""Secret links of personal calendars: one for each account, of which only the digest is stored."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of the links."""
    binary = "bytea" if op.get_bind().dialect.name == "postgresql" else "blob"
    op.execute(
        "CREATE TABLE calendar_links (account text PRIMARY KEY,"
        f" digest {binary} NOT NULL UNIQUE, made_at text NOT NULL)"
    )


def downgrade() -> None:
    """Drop the table; every link is void then."""
    op.execute("DROP TABLE calendar_links")
