"""An idempotency key is the identity of what a request appends."""

from __future__ import annotations

import pytest

from events.refusals.errors import Refused
from tracker.api.protocol.identities import choose_identity


def test_the_key_or_the_body_names_the_identity() -> None:
    """Either is enough, and both may be given where they agree."""
    assert choose_identity("k") == choose_identity(None, "k") == choose_identity("k", "k") == "k"


@pytest.mark.parametrize(
    ("key", "own", "code"),
    [
        (None, None, "no_key"),
        ("", None, "bad_key"),
        ("k" * 129, None, "bad_key"),
        ("k", "o", "two_keys"),
    ],
)
def test_a_missing_bad_or_different_key_is_refused(
    key: str | None, own: str | None, code: str
) -> None:
    """Each is refused at the header's name, with its code."""
    with pytest.raises(Refused) as refused:
        choose_identity(key, own)
    assert (refused.value.code, refused.value.field) == (code, "Idempotency-Key")
