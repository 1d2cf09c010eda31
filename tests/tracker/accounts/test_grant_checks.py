from collections.abc import Sequence

import pytest

from events.refusals.errors import Refused
from events.streams.accounts import GrantRole
from tests.support.small_district import SmallDistrict
from tracker.accounts.grant_checks import require_known_categories


def role(categories: Sequence[str] | None) -> GrantRole:
    """A role over some categories."""
    return GrantRole.model_validate(
        {"grant_id": "g", "role": "auditor", "categories": categories, "from_on": "2026-01-01"}
    )


def test_a_role_names_categories_that_there_are(small: SmallDistrict) -> None:
    """None and known ones are accepted; an unknown one is refused with the known ones."""
    with small.read() as reader:
        require_known_categories(reader, role(None))
        require_known_categories(reader, role(["village", "prefecture"]))
        with pytest.raises(Refused, match=r"hospital is not a category; choose one of .*village"):
            require_known_categories(reader, role(["village", "hospital"]))
