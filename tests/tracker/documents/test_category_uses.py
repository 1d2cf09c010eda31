from collections.abc import Iterator
from typing import Any

import pytest

from events.documents.policies import DistrictPolicy
from events.documents.publication import CategoryUses, FaultyDocument
from events.refusals.errors import Refused
from events.streams.accounts import GrantRole, OpenAccount
from projections.documents.in_force import categories
from tests.support.districts import CLERK, District, organization, scheme
from tracker.accounts.appending import append_to
from tracker.commands.documents import dropped_category_problems, publish_policy_document
from tracker.documents.category_uses import read_category_uses

OWN: dict[str, Any] = {"hospital": {"zh": "医院", "en": "Hospital"}, "police": {"zh": "派出所"}}
WITH_OWN: dict[str, Any] = {"categories": OWN, "sampling": {"default": {"count": 1}}}


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """A district that has hospitals and police stations besides its communities."""
    place = District(database_url, size=2, policy=WITH_OWN)
    yield place
    place.dispose()


def grant(place: District, *names: str) -> None:
    """Open an account and grant it a role over some categories."""
    with place.store.append() as log:
        append_to(log, "u-1", OpenAccount(account="u-1"), "open", CLERK)
    command = GrantRole.model_validate(
        {"grant_id": "g-1", "role": "auditor", "categories": names, "from_on": "2026-09-01"}
    )
    with place.store.append() as log:
        append_to(log, "u-1", command, "grant/g-1", CLERK)


def test_a_category_of_the_district_works_everywhere(district: District) -> None:
    """Organizations, inspectors and schemes take it; its cycle has a stratum and posts a score."""
    district.publish(scheme("hospital-test", categories=["hospital"]))
    person = {"kind": "inspector", "id": "p-9", "organization": "d", "team": "t2",
              "categories": ["hospital", "community"]}  # fmt: skip
    second = person | {"id": "p-8"}
    district.take(organization("h1", "r", "hospital"), person, second)
    cycle = district.drawn()
    assert {row["stratum"]: row["N"] for row in cycle.strata} == {"community": 2, "hospital": 1}
    assert district.inspectors("h1") == ["p-8", "p-9"]
    district.submit("h1")
    district.at("2026-10-11 00:30")
    district.close()
    (posted,) = district.of("h1", "ScorePosted")
    assert posted["scheme"] == "hospital-test"


def test_an_unknown_category_is_refused_with_the_known_ones(district: District) -> None:
    """A role, like a line, names no category that the district does not have."""
    with pytest.raises(Refused, match=r"zoo is not a category; choose one of .*hospital") as caught:
        grant(district, "hospital", "zoo")
    assert (caught.value.code, caught.value.field) == ("unknown_category", "categories")


def test_the_uses_of_a_category_are_counted(district: District) -> None:
    """Organizations count that ever had it; a policy that leaves it out is refused for all."""
    with district.read() as reader:
        assert read_category_uses(reader, OWN) == {}
        assert read_category_uses(reader, ()) == {}
    grant(district, "hospital")
    district.take(
        organization("h1", "r", "hospital"),
        organization("h2", "r", "hospital"),
        {"kind": "organization_change", "code": "h2", "on": "2026-09-01", "category": "community"},
        {"kind": "inspector", "id": "p-9", "organization": "d", "team": "t2",
         "categories": ["hospital"]},
    )  # fmt: skip
    with district.read() as reader:
        assert read_category_uses(reader, OWN) == {"hospital": CategoryUses(2, 1, 1)}
        (problem,) = dropped_category_problems(reader, DistrictPolicy())
    assert problem.place == "categories.hospital"
    with pytest.raises(FaultyDocument, match="2 organizations, 1 inspectors, 1 roles"):
        publish_policy_document(district.store, "p.yaml", {"policy": "district"}, CLERK)
    kept = {"categories": {"hospital": OWN["hospital"]}}
    publish_policy_document(district.store, "p.yaml", kept, CLERK)
    with district.read() as reader:
        assert list(categories(reader))[-1] == "hospital"
