"""Readiness: which organizations nobody records for, and which have no facts yet.

Read once or twice in a district's life, before it goes live; so whole tables are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.organizations.directory import ancestors_of, streams_of
from projections.people.accounts import accounts
from projections.records.facts import streams_with_facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from events.streams.accounts import Grant
    from projections.organizations.directory import OrganizationEntry

RECORDER = "branch"
"""The role that records for its organization; a township's clerk only helps out."""


def find_without_account(
    reader: Reader, entries: Sequence[OrganizationEntry], day: str
) -> set[str]:
    """Return the organizations (streams) over which no enabled account is a branch's on a day.

    ``day`` is an ISO date.
    """
    grants = [
        grant
        for account in accounts(reader).values()
        if account.enabled
        for grant in account.grants.values()
        if grant.role == RECORDER and grant.holds(day)
    ]
    streams = streams_of(reader, sorted({grant.organization or "" for grant in grants}))
    granted: dict[str, list[Grant]] = {}
    for grant in grants:
        granted.setdefault(streams.get(grant.organization or "", ""), []).append(grant)
    above = ancestors_of(reader, [entry.stream for entry in entries])
    return {
        entry.stream
        for entry in entries
        if not any(
            grant.categories is None or entry.category in grant.categories
            for ancestor, _ in above.get(entry.stream, ())
            for grant in granted.get(ancestor, ())
        )
    }


def find_without_facts(reader: Reader, entries: Sequence[OrganizationEntry]) -> set[str]:
    """Return the organizations (streams) without any record, condition or measure."""
    return {entry.stream for entry in entries} - streams_with_facts(reader)
