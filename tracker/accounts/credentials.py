"""Sign-in data stored outside the log: names, password hashes, sessions, links, tokens.

Secrets are stored only as digests. Rows can be deleted: the log knows people by opaque ids.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import astuple, dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from events.periods import instant_text, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.log.reader import Reader
    from events.log.store import Append


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
    created_at: str


class OneTimeLink(NamedTuple):
    """Whose one-time link it is, and its id in the log (None for links from before ids)."""

    account: str
    link_id: str | None


class TokenRow(NamedTuple):
    """Whose personal token it is, and its id in the log."""

    account: str
    token_id: str


LONGEST_LOGIN = 128
"""Characters of a log-in name that are looked at."""
LINK_HOURS = 24
"""How long a one-time link is valid."""
AHEAD_MINUTES = 5
"""A session or link of later than now and this was made by a clock that was ahead: it is void."""
COLUMNS = ", ".join(one.name for one in fields(Credential))
SESSION_COLUMNS = ", ".join(one.name for one in fields(SessionRow))


def digest(secret: str) -> bytes:
    """Return the SHA-256 under which a random secret is stored and looked up.

    A fast hash is enough for 256 random bits; only passwords need a slow one.
    """
    return hashlib.sha256(secret.encode()).digest()


def login_key(login: str) -> str:
    """Return what a log-in name is compared by: without case and width (NFKC and casefold)."""
    folded = unicodedata.normalize("NFKC", login[:LONGEST_LOGIN]).casefold()
    return unicodedata.normalize("NFKC", folded)


def by_login(reader: Reader, login: str) -> Credential | None:
    """Return the credential of a log-in name in whatever case and width, or None.

    Names that were equal before they were compared so are found as they are written.
    """
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM credentials WHERE login = ? OR login_key = ?",
        [login, login_key(login)],
    )
    known = [Credential(*row) for row in rows]
    known.sort(key=lambda credential: credential.login != login)
    return known[0] if known else None


def by_account(reader: Reader, account: str) -> Credential | None:
    """Return the credential of an account, or None where it was erased."""
    rows = reader.rows(f"SELECT {COLUMNS} FROM credentials WHERE account = ?", [account])
    return Credential(*rows[0]) if rows else None


def all_credentials(reader: Reader) -> list[Credential]:
    """Return all credentials in the order of log-in names."""
    rows = reader.rows(f"SELECT {COLUMNS} FROM credentials ORDER BY login")
    return [Credential(*row) for row in rows]


def names_of(reader: Reader, accounts: Iterable[str]) -> dict[str, str]:
    """Return the names of accounts that were not erased."""
    rows = reader.select_in(
        "SELECT account, name FROM credentials WHERE account", sorted(set(accounts))
    )
    return dict(rows)


class LoginName(NamedTuple):
    """An account with its log-in name and the name of its holder."""

    account: str
    login: str
    name: str


def login_names(reader: Reader) -> list[LoginName]:
    """Return the names of all accounts that were not erased, in the order of log-in names."""
    rows = reader.rows("SELECT account, login, name FROM credentials ORDER BY login")
    return [LoginName._make(row) for row in rows]


def accounts_named(reader: Reader, text: str) -> list[str]:
    """Return the accounts whose name or log-in name equals a text."""
    rows = reader.rows(
        "SELECT account FROM credentials WHERE name = ? OR login = ? OR login_key = ?",
        [text, text, login_key(text)],
    )
    return [account for (account,) in rows]


def add_credential(log: Append, credential: Credential) -> None:
    """Store how a new account signs in; a credential that exists is left as it is."""
    marks = ", ".join("?" * (len(fields(Credential)) + 1))
    log.write(
        f"INSERT INTO credentials ({COLUMNS}, login_key) VALUES ({marks}) ON CONFLICT DO NOTHING",
        [(*astuple(credential), login_key(credential.login))],
    )


def set_password(log: Append, account: str, hashed: str) -> None:
    """Store the Argon2id hash of an account's password."""
    log.write("UPDATE credentials SET password = ? WHERE account = ?", [(hashed, account)])


def set_second_factor(log: Append, account: str, secret: str | None, step: int) -> None:
    """Store an account's TOTP secret (None: no second factor) and the last step that was used."""
    log.write(
        "UPDATE credentials SET totp_secret = ?, totp_step = ? WHERE account = ?",
        [(secret, step, account)],
    )


def set_totp_step(log: Append, account: str, step: int) -> None:
    """Store the last TOTP step that an account used: no code is accepted twice."""
    log.write("UPDATE credentials SET totp_step = ? WHERE account = ?", [(step, account)])


def _latest(now: str, hours: int = 0) -> str:
    """Return an instant (ISO text) some hours and the tolerance of clocks after another."""
    return instant_text(parse_instant(now) + timedelta(hours=hours, minutes=AHEAD_MINUTES))


def session_of(reader: Reader, secret: str, now: str) -> SessionRow | None:
    """Return the session that a cookie's secret opens, or None where it ended or never was."""
    rows = reader.rows(
        f"SELECT {SESSION_COLUMNS} FROM sessions WHERE digest = ? AND ends_at > ?"
        " AND created_at <= ? AND seen_at <= ?",
        [digest(secret), now, *[_latest(now)] * 2],
    )
    return SessionRow(*rows[0]) if rows else None


def link_of(reader: Reader, secret: str, now: str) -> OneTimeLink | None:
    """Return the one-time link of a secret; None where it is unknown, used or expired."""
    rows = reader.rows(
        f"SELECT {', '.join(OneTimeLink._fields)} FROM one_time_links"
        " WHERE digest = ? AND ends_at > ? AND used_at IS NULL"
        # Links from before the column were all valid for LINK_HOURS.
        " AND (issued_at <= ? OR (issued_at IS NULL AND ends_at <= ?))",
        [digest(secret), now, _latest(now), _latest(now, LINK_HOURS)],
    )
    return next(map(OneTimeLink._make, rows), None)


def replace_links(
    log: Append, secret: str, link: OneTimeLink, issued_at: str, ends_at: str
) -> None:
    """Store a new one-time link under the digest of its secret; the account's others are void."""
    void_links(log, link.account)
    log.write(
        "INSERT INTO one_time_links (digest, account, ends_at, link_id, issued_at)"
        " VALUES (?, ?, ?, ?, ?)",
        [(digest(secret), link.account, ends_at, link.link_id, issued_at)],
    )


def void_links(log: Append, account: str) -> None:
    """Delete the one-time links of an account."""
    log.write("DELETE FROM one_time_links WHERE account = ?", [(account,)])


def token_of(reader: Reader, secret: str) -> TokenRow | None:
    """Return the personal token of a secret, whether it is still in force or not, or None."""
    rows = reader.rows("SELECT account, token_id FROM tokens WHERE digest = ?", [digest(secret)])
    return next(map(TokenRow._make, rows), None)


def add_token(log: Append, secret: str, token: TokenRow) -> None:
    """Store a personal token under the digest of its secret."""
    log.write(
        "INSERT INTO tokens (digest, account, token_id) VALUES (?, ?, ?)",
        [(digest(secret), token.account, token.token_id)],
    )


def delete_token(log: Append, token: TokenRow) -> None:
    """Delete one personal token of an account."""
    log.write("DELETE FROM tokens WHERE account = ? AND token_id = ?", [tuple(token)])


def void_tokens(log: Append, account: str) -> None:
    """Delete the personal tokens of an account."""
    log.write("DELETE FROM tokens WHERE account = ?", [(account,)])


def add_session(log: Append, secret: str, session: SessionRow) -> None:
    """Store a session that begins now (its ``seen_at``); sessions that have ended are deleted."""
    log.write("DELETE FROM sessions WHERE ends_at <= ?", [(session.seen_at,)])
    log.write(
        "INSERT INTO sessions (digest, account, csrf, created_at, seen_at, ends_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(digest(secret), session.account, session.csrf, session.created_at, session.seen_at,
          session.ends_at)],
    )  # fmt: skip


def extend_session(log: Append, secret: str, seen_at: str, ends_at: str) -> None:
    """Store that a session was used, and when it ends now."""
    log.write(
        "UPDATE sessions SET seen_at = ?, ends_at = ? WHERE digest = ?",
        [(seen_at, ends_at, digest(secret))],
    )


def end_session(log: Append, secret: str) -> None:
    """Delete the session of a cookie's secret."""
    log.write("DELETE FROM sessions WHERE digest = ?", [(digest(secret),)])


def end_sessions(log: Append, account: str) -> None:
    """Delete every session of an account."""
    log.write("DELETE FROM sessions WHERE account = ?", [(account,)])
