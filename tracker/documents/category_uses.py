"""What uses a district's own categories: a policy cannot leave out one that is in use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from events.documents.publication import CategoryUses
from projections.organizations.selection import count_ever_in_categories
from projections.people.accounts import accounts
from projections.people.inspectors import inspectors

if TYPE_CHECKING:
    from collections.abc import Collection

    from events.log.reader import Reader


def read_category_uses(reader: Reader, names: Collection[str]) -> dict[str, CategoryUses]:
    """Return the uses of some categories, now or ever; those without any are left out.

    Schemes are not counted: the decision about a policy knows all of them.
    """
    if not names:
        return {}
    organizations = count_ever_in_categories(reader)
    people = Counter(
        category for person in inspectors(reader).values() for category in person.categories
    )
    roles = Counter(
        category
        for account in accounts(reader).values()
        for grant in account.grants.values()
        for category in grant.categories or ()
    )
    uses = {name: CategoryUses(organizations[name], people[name], roles[name]) for name in names}
    return {name: use for name, use in uses.items() if any(use)}
