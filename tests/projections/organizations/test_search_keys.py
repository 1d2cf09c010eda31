from datetime import date

from events.streams.organizations import (
    OrganizationRecoded,
    OrganizationRegistered,
    OrganizationRenamed,
    stream_of,
)
from tests.support.small_district import SmallDistrict

DAY = date(2026, 2, 1)


def registered(code: str, name: str) -> OrganizationRegistered:
    """A registration under a name."""
    return OrganizationRegistered(
        code=code, name=name, category="community", parent=None, registered_on=DAY
    )


def test_the_keys_follow_code_and_name(small: SmallDistrict) -> None:
    """A new name or code replaces the old key; changes of one batch come together."""
    one, two = stream_of("c1"), stream_of("c2")
    small.tell(one, registered("c1", "东岗村"))
    assert small.rows("organization_keys") == {(one, "c1", "dgc")}
    small.tell(one, OrganizationRenamed(name="西岗村", on=DAY))
    small.tell(one, OrganizationRecoded(code="c9", on=DAY))
    assert small.rows("organization_keys") == {(one, "c9", "xgc")}
    small.tell_many(
        [
            (two, registered("c2", "南岗村")),
            (two, OrganizationRenamed(name="北岗村", on=DAY)),
            (two, OrganizationRecoded(code="c8", on=DAY)),
        ]
    )
    assert small.rows("organization_keys") == {(one, "c9", "xgc"), (two, "c8", "bgc")}
