"""Schemes listed with their state in a month, and looked up by identifier."""

from collections.abc import Iterator

import pytest

from events.refusals.errors import Refused
from tests.support.small_district import SmallDistrict
from tracker.documents.scheme_answers import find_scheme, read_schemes
from tracker.documents.sources import built_in_schemes


@pytest.fixture
def small(sqlite_url: str) -> Iterator[SmallDistrict]:
    """Create a district that published one scheme."""
    district = SmallDistrict(sqlite_url)
    district.publish()
    yield district
    district.dispose()


def test_published_schemes_and_drafts_are_listed(small: SmallDistrict) -> None:
    """A published scheme has its state in the month; shipped ones that are not are drafts."""
    with small.read() as reader:
        rows = read_schemes(reader, "2099-01")
        (own,) = [row for row in rows if row["status"] != "draft"]
        scheme = find_scheme(reader, own["scheme"])
        (before,) = [row for row in read_schemes(reader, "2000-01") if row["status"] != "draft"]
    assert own["status"] == "in_force"
    assert before["status"] == "published"
    assert scheme.version == own["version"]
    drafts = {row["scheme"] for row in rows if row["status"] == "draft"}
    assert drafts == built_in_schemes().keys() - {own["scheme"]}


def test_an_unknown_scheme_or_version_is_refused(small: SmallDistrict) -> None:
    """A draft is found by its identifier; an unknown identifier or version is refused."""
    draft = next(iter(built_in_schemes()))
    with small.read() as reader:
        assert find_scheme(reader, draft).scheme == draft
        for name, version in (("none", ""), (draft, "99")):
            with pytest.raises(Refused) as caught:
                find_scheme(reader, name, version)
            assert caught.value.code == "unknown_scheme"
