"""Attempts at passwords and codes, counted before they are tried, so that guessing waits.

Counted is what was tried and not known to be right: by log-in name and address together, by
address, and by log-in name alone. The last limit is wide and looks far back, because anybody can
reach it for anybody; the first is the one that a person meets.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from events.periods import instant_text
from events.refusals.errors import Refused

if TYPE_CHECKING:
    from events.log.store import Append, Store

FAILURES = 5
"""So many of one name from one address in ``FAILURE_MINUTES``."""
FAILURES_OF_ADDRESS = 30
FAILURE_MINUTES = 15
FAILURES_OF_LOGIN = 50
"""So many of one name from everywhere in ``LOGIN_MINUTES``."""
LOGIN_MINUTES = 60
LOCK = 4_921_103
LONGEST_ADDRESS = 64
NETWORK_BITS = 64
"""Of an IPv6 address these say who it is; the rest is chosen by whoever asks."""


def network_of(address: str) -> str:
    """What attempts of one address are counted under: itself, of IPv6 its network."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST_ADDRESS]
    if not isinstance(found, IPv6Address):
        return str(found)
    inner = found.ipv4_mapped
    return str(inner or ip_network((found, NETWORK_BITS), strict=False))


def begin(store: Store, attempt: str, login: str, address: str) -> None:
    """Count an attempt, under an id of its own, before anything is compared.

    ``Refused`` where too many came before it; such a one is not counted. Counting is done by one
    at a time, so that of many at once no more are tried than of many in turn.
    """
    now, network = store.clock(), network_of(address)
    recent = instant_text(now - timedelta(minutes=FAILURE_MINUTES))
    oldest = instant_text(now - timedelta(minutes=LOGIN_MINUTES))
    with store.append() as log:
        if log.postgres:
            log.rows(f"SELECT pg_advisory_xact_lock({LOCK})")
        log.write("DELETE FROM login_attempts WHERE tried_at <= ?", [(oldest,)])
        counts = log.rows(
            "SELECT (SELECT count(*) FROM login_attempts WHERE login = ? AND address = ?"
            " AND tried_at > ?),"
            " (SELECT count(*) FROM login_attempts WHERE address = ? AND tried_at > ?),"
            " (SELECT count(*) FROM login_attempts WHERE login = ?)",
            [login, network, recent, network, recent, login],
        )
        of_both, of_address, of_login = counts[0]
        if of_both >= FAILURES or of_address >= FAILURES_OF_ADDRESS:
            raise too_often(FAILURE_MINUTES)
        if of_login >= FAILURES_OF_LOGIN:
            raise too_often(LOGIN_MINUTES)
        log.write(
            "INSERT INTO login_attempts (attempt, login, address, tried_at) VALUES (?, ?, ?, ?)",
            [(attempt, login, network, instant_text(now))],
        )


def forgive(log: Append, attempt: str) -> None:
    """Count an attempt no more: what was tried is right."""
    log.write("DELETE FROM login_attempts WHERE attempt = ?", [(attempt,)])


def too_often(minutes: int) -> Refused:
    """The refusal of one more attempt."""
    return Refused("signed_in_too_often", minutes=minutes)
