"""Secret links of personal calendars: made, replaced and revoked by their account.

A calendar program has no session; who knows the link reads the duties of its account and nothing
else. Only the digest of the secret is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.accounts.credentials import digest

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.log.store import Append


def replace_calendar_link(log: Append, account: str, secret: str, now: str) -> None:
    """Store the link of an account under the digest of its secret; the one before is void."""
    revoke_calendar_link(log, account)
    log.write(
        "INSERT INTO calendar_links (account, digest, made_at) VALUES (?, ?, ?)",
        [(account, digest(secret), now)],
    )


def revoke_calendar_link(log: Append, account: str) -> None:
    """Make the link of an account void."""
    log.write("DELETE FROM calendar_links WHERE account = ?", [(account,)])


def made_at(reader: Reader, account: str) -> str | None:
    """Return the instant at which the link of an account was made, None where there is none."""
    rows = reader.rows("SELECT made_at FROM calendar_links WHERE account = ?", [account])
    return rows[0][0] if rows else None


def account_of_link(reader: Reader, secret: str) -> str | None:
    """Return the account of a link's secret, None where it is unknown or void."""
    rows = reader.rows("SELECT account FROM calendar_links WHERE digest = ?", [digest(secret)])
    return rows[0][0] if rows else None
