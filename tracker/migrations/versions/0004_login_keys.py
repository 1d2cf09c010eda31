"""Log-in names are compared without case and width: each has a unique key for comparison."""

from __future__ import annotations

import unicodedata

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def login_key(login: str) -> str:
    """Return the key of a log-in name, as this migration writes it."""
    folded = unicodedata.normalize("NFKC", login).casefold()
    return unicodedata.normalize("NFKC", folded)


def upgrade() -> None:
    """Give every log-in name its key; where names are equal but for case all but one keep theirs.

    Such a name is found only as it is written. No new one can be opened.
    """
    op.execute("ALTER TABLE credentials ADD COLUMN login_key text")
    connection = op.get_bind()
    logins = connection.execute(text("SELECT login FROM credentials ORDER BY login")).scalars()
    taken: set[str] = set()
    for login in sorted(logins, key=lambda login: (login != login_key(login), login)):
        key = login if login_key(login) in taken else login_key(login)
        taken.add(key)
        connection.execute(
            text("UPDATE credentials SET login_key = :key WHERE login = :login"),
            {"key": key, "login": login},
        )
    op.execute("CREATE UNIQUE INDEX credentials_by_key ON credentials (login_key)")


def downgrade() -> None:
    """Refuse: people would lose their passwords."""
    message = "accounts are never dropped"
    raise RuntimeError(message)
