from collections.abc import Iterator

import pytest

from events.documents.policies import DistrictPolicy, PolicyPublished, stored_policy
from tests.support.small_district import SmallDistrict, cycle
from tracker.documents.policy_effect import PolicyEffect, foresee_policy


@pytest.fixture
def district(sqlite_url: str) -> Iterator[SmallDistrict]:
    """The root r with two communities and a village, which no scheme governs."""
    small = SmallDistrict(sqlite_url)
    small.publish()
    small.register("r", None, "county")
    small.register("a", "r")
    small.register("b", "r")
    small.register("v", "r", "village")
    yield small
    small.dispose()


def test_a_policy_before_the_first_month(district: SmallDistrict) -> None:
    """It applies from the district's first month; the policy in force changes nothing."""
    with district.read() as reader:
        effect = foresee_policy(reader, DistrictPolicy(), "zh")
    assert effect == PolicyEffect([], [], "2026-01", [], 2)


def test_a_policy_names_open_months_and_sentences(district: SmallDistrict) -> None:
    """Months that are open keep their policy; sentences that go and come are listed."""
    district.tell_many([*cycle("2026-02"), *cycle("2026-03", closed=False)])
    before = stored_policy(DistrictPolicy(appeal_days=20))
    district.tell("policy-district", PolicyPublished(version=1, document=before, digest="0" * 64))
    with district.read() as reader:
        effect = foresee_policy(reader, DistrictPolicy(appeal_days=10), "en")
    assert (effect.first_month, effect.kept, effect.organizations) == ("2026-04", ["2026-03"], 2)
    assert [len(effect.dropped), len(effect.added)] == [1, 1]
    assert "20 days" in effect.dropped[0]
    assert "10 days" in effect.added[0]
