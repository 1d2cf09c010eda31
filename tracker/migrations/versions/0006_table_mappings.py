"""What people chose for the columns of a table, by the shape of its file."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of mappings."""
    op.execute(
        "CREATE TABLE table_mappings (shape text NOT NULL PRIMARY KEY, kind text NOT NULL,"
        " columns text NOT NULL)"
    )


def downgrade() -> None:
    """Drop the table; people choose the columns once more."""
    op.execute("DROP TABLE table_mappings")
