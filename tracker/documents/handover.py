"""Categories that change hands: which scheme governs them before and after a publication.

Publishing or closing a scheme can take a category from another scheme, or leave it without one,
and nothing published is ever edited: so it is said in advance and confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.periods import parse_month
from events.refusals.errors import Refused
from projections.documents.in_force import book_of_steps, categories, publication_steps
from projections.scoring.scheme_book import SchemeEnd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.documents.schemes import Scheme
    from events.log.reader import Reader


@dataclass(frozen=True, slots=True)
class Handover:
    """A category that one scheme governs until a month and another, or none, from it on."""

    category: str
    before: str
    after: str | None
    month: str

    def __str__(self) -> str:
        """Such as ``village: village-2011 -> branch-basics from 2027-01``."""
        return f"{self.category}: {self.before} -> {self.after or 'no scheme'} from {self.month}"


class HandoverNotConfirmed(Refused):
    """A publication or closing under which categories change hands, without a confirmation."""

    def __init__(self, handovers: list[Handover]) -> None:
        """Keep the handovers; the message names each."""
        said = "; ".join(map(str, handovers))
        super().__init__("categories_change_hands", field="confirm", handovers=said)
        self.handovers = handovers


def require_confirmation(handovers: list[Handover], *, confirmed: bool | str) -> None:
    """Raise ``HandoverNotConfirmed`` unless there is nothing to confirm, or it was.

    A text confirms exactly the handovers that ``confirmation_of`` names by it, so that a form
    confirms what it showed.
    """
    if handovers and confirmed is not True and confirmed != confirmation_of(handovers):
        raise HandoverNotConfirmed(handovers)


def confirmation_of(handovers: list[Handover]) -> str:
    """Return the text that confirms exactly these handovers."""
    return "; ".join(map(str, handovers))


def handovers_by_publishing(reader: Reader, scheme: Scheme) -> list[Handover]:
    """Return the categories that change hands when a version is published."""
    steps = publication_steps(reader)
    return _compare(categories(reader), steps, scheme, scheme, scheme.effective_from)


def handovers_by_closing(reader: Reader, name: str, month: str) -> list[Handover]:
    """Return the categories that change hands when a scheme is closed from a month on."""
    steps = publication_steps(reader)
    published = (step for step in steps if not isinstance(step, SchemeEnd))
    scheme = next((version for version in published if version.scheme == name), None)
    return _compare(categories(reader), steps, SchemeEnd(name, month), scheme, month)


def _compare(
    known_categories: Iterable[str],
    steps: list[Scheme | SchemeEnd],
    step: Scheme | SchemeEnd,
    scheme: Scheme | None,
    month: str | None,
) -> list[Handover]:
    """Return each category's first change by one more step; one without a scheme gains freely."""
    if scheme is None or month is None:
        return []
    before, after = book_of_steps(steps), book_of_steps([*steps, step])
    versions = [known for known in [*steps, step] if not isinstance(known, SchemeEnd)]
    later = {version.effective_from for version in versions if version.effective_from is not None}
    handovers = []
    for category in known_categories:
        for first in sorted({month, *(start for start in later if start > month)}):
            period = parse_month(first)
            old = before.in_force(category, scheme.purpose, period)
            new = after.in_force(category, scheme.purpose, period)
            if old is not None and (new is None or new.scheme != old.scheme):
                name = None if new is None else new.scheme
                handovers.append(Handover(category, old.scheme, name, first))
                break
    return handovers
