"""What a role that is granted may name: the categories of the district."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from projections.documents.in_force import categories

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.streams.accounts import GrantRole


def require_known_categories(reader: Reader, command: GrantRole) -> None:
    """Raise ``Refused`` for a role over a category that the district does not have."""
    known = categories(reader)
    for category in command.categories or ():
        if category not in known:
            names = ", ".join(known)
            raise Refused("unknown_category", field="categories", code=category, known=names)
