from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from events.documents.policies import DistrictPolicy, stored_policy
from events.documents.vocabulary import CATEGORIES
from events.event import Event
from events.periods import parse_month
from events.refusals.errors import Kind, Refused
from events.streams.findings import InspectionMissed, InspectionNotHeld
from events.streams.organizations import stream_of
from projections.cycles.bulletin import (
    BulletinStratum,
    CategoryScores,
    UninspectedOrganization,
    bulletin,
    bulletin_text,
)
from projections.cycles.bulletin_lists import AdjustedScore, UncountedFindings
from projections.cycles.overview import ExcludedOrganization
from tests.support.small_district import SmallDistrict, adjusted, assigned, cycle, posted, sheet

MARCH = parse_month("2026-03")


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A closed March: a was inspected, b missed, c not held, v has no score."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", None, "county")
    for code in "abc":
        small.register(code, "r")
    small.register("v", "r", "village")
    head: dict[str, Any] = {"scope": "r", "period": "2026-03", "inspectors": ("p-1", "p-2")}
    for code in "abc":
        small.tell(stream_of(code), assigned("2026-03"))
    small.tell(stream_of("a"), sheet("2026-03", "s-1"), posted("2026-03", "75.00", historical=3))
    small.tell(stream_of("b"), InspectionMissed(**head), posted("2026-03", "80.01"))
    small.tell(stream_of("c"), InspectionNotHeld(**head), posted("2026-03", None, historical=1))
    small.tell(stream_of("v"), posted("2026-03", None))
    small.tell_many(cycle("2026-03"))
    yield small
    small.dispose()


def test_says_how_it_was_drawn_and_what_came_out(district: SmallDistrict) -> None:
    """The bulletin has rates, randomness, seed, exclusions, missed inspections and scores."""
    with district.read() as reader:
        document = bulletin(reader, "r", MARCH)
    assert (document.randomness, document.seed, document.drawn_by_system) == (
        "1234",
        "a" * 64,
        False,
    )
    assert document.strata == [
        BulletinStratum("community", N=3, n=2, rate="66.67"),
        BulletinStratum("village", N=0, n=0, rate=None),
    ]
    assert document.exclusions == [ExcludedOrganization("a", "组织a", "draw", "closed")]
    people = ["p-1", "p-2"]
    assert document.inspected == 1
    assert document.missed == [UninspectedOrganization("b", "组织b", people)]
    assert document.not_held == [UninspectedOrganization("c", "组织c", people)]
    assert document.categories == [
        CategoryScores(
            "community",
            posted=3,
            inspected=2,
            scored=2,
            mean="77.51",
            min="75.00",
            max="80.01",
            mean_posted="77.51",
        ),
        CategoryScores("village", posted=1, inspected=0, scored=0, mean=None, min=None, max=None),
    ]
    assert document.historical == 4


def test_reads_as_a_chinese_page(district: SmallDistrict) -> None:
    """The text says the same in Chinese, one statement a line."""
    with district.read() as reader:
        page = bulletin_text(bulletin(reader, "r", MARCH), CATEGORIES)
    for line in (
        "组织r2026年3月考核情况通报",
        "随机数（公开来源）：1234",
        f"抽样校验值：{'a' * 64}",
        "  社区：共3个，抽取2个，比例66.67%",
        "  村：共0个，抽取0个",
        "  a 组织a：抽查，已撤销",
        "三、实地检查（完成1个）",
        "  未完成：b 组织b（检查人员：p-1、p-2）",
        "  未进行：c 组织c（检查人员：p-1、p-2）",
        "  社区：公布3个，检查2个，平均77.51，最低75.00，最高80.01",
        "  村：公布1个，检查0个，无得分",
        "历史补录的记录另计：4条。",
    ):
        assert line in page.splitlines()
    assert "混合列出" not in page


def test_names_what_changed_since_and_what_counted_nothing(district: SmallDistrict) -> None:
    """An adjusted score is marked with what was published; a finding without effect is named."""
    district.tell(stream_of("b"), adjusted("2026-03", "80.01", "90.01"))
    district.register("e", "r")
    not_counted = posted("2026-04", "70.00", not_counted=("h", "m"))
    district.tell(stream_of("e"), assigned("2026-04"), sheet("2026-04", "s-2"), not_counted)
    district.tell_many(cycle("2026-04"))
    with district.read() as reader:
        march, april = (bulletin(reader, "r", parse_month(m)) for m in ("2026-03", "2026-04"))
    (change,) = march.adjusted
    assert change == AdjustedScore("b", "组织b", "80.01", "90.01", change.adjusted_at)
    community = march.categories[0]
    assert (community.mean, community.adjusted, community.mean_posted) == ("82.51", 1, "77.51")
    lines = bulletin_text(march, CATEGORIES).splitlines()
    assert "  更正：b 组织b，公布80.01，现为90.01" in lines
    assert any("（更正1个，公布时平均77.51）" in line for line in lines)
    assert (march.not_counted, april.adjusted) == ([], [])
    assert april.not_counted == [UncountedFindings("e", "组织e", ["h", "m"])]
    assert (
        "  检查结论不计入（截止时不适用）：e 组织e，h、m"
        in bulletin_text(april, CATEGORIES).splitlines()
    )


def test_a_month_without_a_draw_says_so(district: SmallDistrict) -> None:
    """A cycle that was closed without a draw has a bulletin that says nobody was inspected."""
    district.tell_many(cycle("2026-04", drawn=False))
    with district.read() as reader:
        document = bulletin(reader, "r", parse_month("2026-04"))
    assert document.uninspected
    page = bulletin_text(document, CATEGORIES).splitlines()
    assert "本月未抽查即截止。" in page
    assert page.count("  无") == 3


def test_says_when_self_reported_figures_are_mixed_in(district: SmallDistrict) -> None:
    """The text says that unchecked months count, and that the system drew the value."""
    events: list[tuple[str, Event]] = []
    for stream, event in cycle("2026-05"):
        changes: dict[str, object] = {}
        if event.TYPE == "CycleOpened":
            changes = {"policy": stored_policy(DistrictPolicy(unchecked_month="derived"))}
        elif event.TYPE == "SampleDrawn":
            changes = {"drawn_by_system": True}
        events.append((stream, event.model_copy(update=changes)))
    district.tell_many(events)
    with district.read() as reader:
        page = bulletin_text(bulletin(reader, "r", parse_month("2026-05")), CATEGORIES)
    assert "混合列出" in page
    assert "随机数（由系统产生）：1234" in page


def test_prints_unknown_words_unchanged(district: SmallDistrict) -> None:
    """A stratum or reason without a translation is printed as it is stored."""
    with district.read() as reader:
        document = bulletin(reader, "r", MARCH)
    document = replace(
        document,
        strata=[replace(document.strata[0], stratum="guild")],
        exclusions=[replace(document.exclusions[0], stage="later", reason="other")],
    )
    page = bulletin_text(document, CATEGORIES).splitlines()
    assert "  guild：共3个，抽取2个，比例66.67%" in page
    assert "  a 组织a：later，other" in page


@pytest.mark.parametrize("month", ["2026-06", "2026-07"])
def test_refuses_a_month_that_is_not_closed(district: SmallDistrict, month: str) -> None:
    """There is no bulletin before the closing."""
    district.tell_many(cycle("2026-06", closed=False))
    with district.read() as reader, pytest.raises(Refused, match="not closed") as refused:
        bulletin(reader, "r", parse_month(month))
    assert refused.value.kind is Kind.NOT_NOW


def test_refuses_an_unknown_scope(district: SmallDistrict) -> None:
    """An unknown code is not found."""
    with district.read() as reader, pytest.raises(Refused) as refused:
        bulletin(reader, "zz", MARCH)
    assert (refused.value.kind, refused.value.field) == (Kind.NOT_FOUND, "scope")


def test_has_the_dates_of_the_cycle(district: SmallDistrict) -> None:
    """Opening and closing date are those of the cycle."""
    with district.read() as reader:
        document = bulletin(reader, "r", MARCH)
    assert document.opened_on == date(2026, 4, 1).isoformat()
    assert document.closing_on == date(2026, 4, 10).isoformat()
