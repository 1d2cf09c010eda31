"""Rate limiting of password and one-time-code attempts; counted before verification.

An attempt counts until it proves right: by log-in name and address together, by address, and by
log-in name alone. The last limit is high and looks far back, because anybody can reach it for
anybody else's name; the first is the one that a person meets.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from events.periods import instant_text
from events.refusals.errors import Refused
from tracker.accounts.credentials import login_key

if TYPE_CHECKING:
    from events.log.store import Append, Store

FAILURES = 5
"""Attempts at one name from one address allowed in ``FAILURE_MINUTES``."""
FAILURES_OF_ADDRESS = 30
"""Attempts from one address, at whatever names, allowed in ``FAILURE_MINUTES``."""
FAILURE_MINUTES = 15
AHEAD_MINUTES = 5
"""An attempt later than now and this was made by a clock that was ahead: it does not count."""
FAILURES_OF_LOGIN = 50
"""Attempts at one name from everywhere allowed in ``LOGIN_MINUTES``."""
LOGIN_MINUTES = 60
LOCK = 4_921_103
"""PostgreSQL's advisory lock of counting: any number that no other lock has."""
LONGEST_ADDRESS = 64
NETWORK_BITS = 64
"""The network part of an IPv6 address; its owner chooses the rest freely, so it is not counted."""


def network_of(address: str) -> str:
    """Return what attempts from an address are counted under: itself, or its IPv6 network."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST_ADDRESS]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    inner = parsed.ipv4_mapped
    return str(inner or ip_network((parsed, NETWORK_BITS), strict=False))


def count_attempt(store: Store, attempt: str, login: str, address: str) -> None:
    """Count an attempt, under a new id, before anything is compared.

    ``Refused`` where too many came before it; a refused attempt is not counted. A lock serializes
    counting, so that many parallel attempts pass no limit that attempts in turn would meet.
    """
    now, network, login = store.clock(), network_of(address), login_key(login)
    recent = instant_text(now - timedelta(minutes=FAILURE_MINUTES))
    oldest = instant_text(now - timedelta(minutes=LOGIN_MINUTES))
    ahead = instant_text(now + timedelta(minutes=AHEAD_MINUTES))
    with store.append() as log:
        if log.postgres:
            log.rows(f"SELECT pg_advisory_xact_lock({LOCK})")
        log.write(
            "DELETE FROM login_attempts WHERE tried_at <= ? OR tried_at > ?", [(oldest, ahead)]
        )
        counts = log.rows(
            "SELECT (SELECT count(*) FROM login_attempts WHERE login = ? AND address = ?"
            " AND tried_at > ?),"
            " (SELECT count(*) FROM login_attempts WHERE address = ? AND tried_at > ?),"
            " (SELECT count(*) FROM login_attempts WHERE login = ?)",
            [login, network, recent, network, recent, login],
        )
        of_both, of_address, of_login = counts[0]
        if of_both >= FAILURES or of_address >= FAILURES_OF_ADDRESS:
            raise too_many_attempts(FAILURE_MINUTES)
        if of_login >= FAILURES_OF_LOGIN:
            raise too_many_attempts(LOGIN_MINUTES)
        log.write(
            "INSERT INTO login_attempts (attempt, login, address, tried_at) VALUES (?, ?, ?, ?)",
            [(attempt, login, network, instant_text(now))],
        )


def forget_attempt(log: Append, attempt: str) -> None:
    """Stop counting an attempt: what was tried is right."""
    log.write("DELETE FROM login_attempts WHERE attempt = ?", [(attempt,)])


def too_many_attempts(minutes: int) -> Refused:
    """Return the refusal of one more attempt."""
    return Refused("signed_in_too_often", minutes=minutes)
