"""What publishing a policy will change, in sentences and numbers, to be confirmed beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.periods import parse_month
from events.streams.scores import MONTHLY
from projections.cycles.cycles import all_cycles
from projections.cycles.reading import scope_code
from projections.documents.in_force import book, district, policy
from projections.documents.policy_words import policy_words
from projections.organizations.directory import all_entries, roots

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy
    from events.log.reader import Reader
    from events.periods import Period
    from projections.documents.rule_words import Language

CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PolicyEffect:
    """What publishing a policy changes: sentences dropped and added, from which month, for whom.

    ``kept`` are the months that have opened and not closed: they keep the policy that they pinned.
    ``organizations`` counts those whom ``first_month`` assesses.
    """

    dropped: list[str]
    added: list[str]
    first_month: str
    kept: list[str]
    organizations: int


def foresee_policy(reader: Reader, new: DistrictPolicy, language: Language) -> PolicyEffect:
    """Return what changes when a policy is published now."""
    before = _sentences(policy(reader).policy, language)
    after = _sentences(new, language)
    month = _next_month(reader)
    return PolicyEffect(
        dropped=[sentence for sentence in before if sentence not in after],
        added=[sentence for sentence in after if sentence not in before],
        first_month=str(month),
        kept=sorted({row.period for row in all_cycles(reader) if row.state != CLOSED}),
        organizations=_count_assessed(reader, month),
    )


def _sentences(document: DistrictPolicy, language: Language) -> list[str]:
    return [sentence for _, part in policy_words(document, language) for sentence in part]


def _next_month(reader: Reader) -> Period:
    """Return the first month whose cycle can still open under another policy."""
    newest = {scope_code(root): "" for root in roots(reader)}
    for row in all_cycles(reader):
        if row.scope in newest:
            newest[row.scope] = max(newest[row.scope], row.period)
    opened = min(newest.values(), default="")
    return parse_month(opened).next() if opened else district(reader).first_month


def _count_assessed(reader: Reader, month: Period) -> int:
    """Count the organizations alive in a month whose category a monthly scheme governs."""
    schemes = book(reader)
    first, last = month.first_day.isoformat(), month.last_day.isoformat()
    return sum(
        entry.lives_between(first, last)
        and schemes.in_force(entry.category_on(last), MONTHLY, month) is not None
        for entry in all_entries(reader)
    )
