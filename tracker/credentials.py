"""What stands beside the log about people who sign in: names, passwords, sessions, links, tokens.

Secrets are kept as digests alone. Rows can be deleted: the log knows people by opaque ids.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.reading import Reader


@dataclass(frozen=True, slots=True)
class Credential:
    """How one account signs in; ``password`` is an Argon2id hash, None before one was set."""

    account: str
    login: str
    name: str
    password: str | None
    totp_secret: str | None
    totp_step: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in force."""

    account: str
    csrf: str
    seen_at: str
    ends_at: str


COLUMNS = "account, login, name, password, totp_secret, totp_step"


def digest(secret: str) -> bytes:
    """The SHA-256 under which a random secret is kept and found."""
    return hashlib.sha256(secret.encode()).digest()


def by_login(reader: Reader, login: str) -> Credential | None:
    """The credential of a log-in name, or None."""
    rows = reader.rows(f"SELECT {COLUMNS} FROM credentials WHERE login = ?", [login])
    return Credential(*rows[0]) if rows else None


def by_account(reader: Reader, account: str) -> Credential | None:
    """The credential of an account, or None where it was erased."""
    rows = reader.rows(f"SELECT {COLUMNS} FROM credentials WHERE account = ?", [account])
    return Credential(*rows[0]) if rows else None


def all_credentials(reader: Reader) -> list[Credential]:
    """All credentials by log-in name."""
    rows = reader.rows(f"SELECT {COLUMNS} FROM credentials ORDER BY login")
    return [Credential(*row) for row in rows]


def names_of(reader: Reader, accounts: Iterable[str]) -> dict[str, str]:
    """The names of accounts, those that were not erased."""
    rows = reader.select_in(
        "SELECT account, name FROM credentials WHERE account", sorted(set(accounts))
    )
    return {row[0]: row[1] for row in rows}


def session_of(reader: Reader, secret: str, now: str) -> SessionRow | None:
    """The session that a cookie's secret opens, or None where it ended or never was."""
    rows = reader.rows(
        "SELECT account, csrf, seen_at, ends_at FROM sessions WHERE digest = ? AND ends_at > ?",
        [digest(secret), now],
    )
    return SessionRow(*rows[0]) if rows else None


def link_of(reader: Reader, secret: str, now: str) -> tuple[str, str | None] | None:
    """The account whose one-time link is good now, and the link's id; or None."""
    rows = reader.rows(
        "SELECT account, link_id FROM one_time_links"
        " WHERE digest = ? AND ends_at > ? AND used_at IS NULL",
        [digest(secret), now],
    )
    return (rows[0][0], rows[0][1]) if rows else None


def token_of(reader: Reader, secret: str) -> tuple[str, str] | None:
    """The account and id of a personal token, whether it is still good or not, or None."""
    rows = reader.rows("SELECT account, token_id FROM tokens WHERE digest = ?", [digest(secret)])
    return (rows[0][0], rows[0][1]) if rows else None
