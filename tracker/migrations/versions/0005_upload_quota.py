"""Bytes that every account uploaded today, which the quota limits."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of the quota."""
    op.execute(
        "CREATE TABLE uploads_by_day (account text NOT NULL, day text NOT NULL,"
        " bytes bigint NOT NULL, PRIMARY KEY (account, day))"
    )


def downgrade() -> None:
    """Drop the table; the count of today is lost."""
    op.execute("DROP TABLE uploads_by_day")
