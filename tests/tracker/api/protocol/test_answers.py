"""ETags of request headers are compared with the current one."""

from __future__ import annotations

import pytest

from events.refusals.errors import Refused
from tracker.api.protocol.answers import etag_matches, require_current


@pytest.mark.parametrize(
    ("given", "matches"),
    [
        (None, False),
        ('"b"', False),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
    ],
)
def test_a_list_of_etags_matches_the_current_one(given: str | None, matches: bool) -> None:
    """Weak ETags, lists and ``*`` match too."""
    assert etag_matches(given, '"a"') is matches


def test_a_write_on_an_outdated_etag_is_refused() -> None:
    """Without an ETag nothing is refused."""
    require_current(None, '"a"')
    require_current('"a"', '"a"')
    with pytest.raises(Refused) as refused:
        require_current('"b"', '"a"')
    assert refused.value.code == "changed_meanwhile"
