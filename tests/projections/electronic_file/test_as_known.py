from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from events.periods import instant_text
from events.streams.findings import InspectionMissed
from events.streams.organizations import (
    OrganizationClosed,
    OrganizationMoved,
    OrganizationRecategorized,
    OrganizationRecoded,
    OrganizationRenamed,
    stream_of,
)
from events.streams.rectifications import RectificationOrdered, RectificationReplied
from projections.electronic_file.as_known import (
    KnownHead,
    ParentName,
    SelfReportGap,
    head_known,
    hundredths,
    inspections_known,
    orders_known,
    self_report_gap,
)
from projections.electronic_file.file import FileScore
from tests.support.small_district import SmallDistrict, assigned, sheet

A = stream_of("a")
JUNE = date(2026, 6, 1)


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """Two counties, and the community ``a`` below the first."""
    small = SmallDistrict(database_url)
    small.publish()
    small.register("r", category="county")
    small.register("s", category="county")
    small.register("a", "r")
    yield small
    small.dispose()


def at(month: int, day: int = 5) -> datetime:
    """An instant of the year."""
    return datetime(2026, month, day, 2, 0, tzinfo=UTC)


def order(number: int, due: str) -> RectificationOrdered:
    """An order to put something right."""
    return RectificationOrdered(
        period="2026-03",
        criterion="m",
        rectification_id=f"s-1/{number}",
        problem="缺会议记录",
        due=date.fromisoformat(due),
    )


def reply(number: int) -> RectificationReplied:
    """A reply to an order."""
    return RectificationReplied(
        rectification_id=f"s-1/{number}",
        reply_id=f"r-{number}",
        measures="已补齐",
        done_on=date(2026, 4, 20),
    )


def test_head_now_and_as_it_was_known(district: SmallDistrict) -> None:
    """A head as known then has the name, place, code, version and history of that day."""
    district.record("a", "m-1", "2026-01-04", recorded_on="2026-01-04")
    district.now = at(2)
    before = instant_text(district.now)
    district.now = at(3)
    on = date(2026, 3, 1)
    district.tell(
        A,
        OrganizationRenamed(on=on, reason="x", name="新名"),
        OrganizationMoved(on=on, reason="x", parent="s"),
        OrganizationRecategorized(on=on, reason="x", category="village"),
        OrganizationRecoded(on=on, reason="x", code="b"),
        OrganizationClosed(on=date(2026, 3, 2), reason="x"),
    )
    after = instant_text(at(4))
    entry = district.entry("b")
    with district.read() as reader:
        then = head_known(reader, entry, before)
        later = head_known(reader, entry, after)
        now = head_known(reader, entry)
        stored = {
            version: bytes(digest).hex()
            for version, digest in reader.rows(
                "SELECT version, hash FROM events WHERE stream = ?", [A]
            )
        }
    assert then == KnownHead(
        codes=["a"], version=2, hash=stored[2], historical=1, code="a", name="组织a",
        category="community", parent=ParentName("r", "组织r"), registered_on="2026-01-01",
        closed_on=None,
    )  # fmt: skip
    assert later == now
    assert now == KnownHead(
        codes=["a", "b"], version=7, hash=stored[7], historical=1, code="b", name="新名",
        category="village", parent=ParentName("s", "组织s"), registered_on="2026-01-01",
        closed_on="2026-03-02",
    )  # fmt: skip


def test_head_before_anything_was_known(district: SmallDistrict) -> None:
    """Before its registration was recorded an organization has no head; a root has no parent."""
    with district.read() as reader:
        assert head_known(reader, district.entry("a"), instant_text(at(1, 1))) is None
        for until in ("", instant_text(at(2))):
            root = head_known(reader, district.entry("r"), until)
            assert root is not None
            assert root.parent is None


def test_inspections_with_their_states(district: SmallDistrict) -> None:
    """Each inspection has the state of its newest event by then, and what its sheets hold."""
    district.now = at(4)
    district.tell(A, assigned("2026-03"))
    between = instant_text(at(4, 6))
    district.now = at(4, 7)
    district.tell(A, sheet("2026-03", "s-1", "m-1"), sheet("2026-03", "s-2"))
    district.now = at(5)
    district.tell(A, assigned("2026-04"))
    district.now = at(5, 11)
    district.tell(A, InspectionMissed(scope="r", period="2026-04", inspectors=("p-1", "p-2")))
    with district.read() as reader:
        then = inspections_known(reader, A, between)
        now = inspections_known(reader, A)
    (only,) = then
    assert (only.state, only.sheets, only.done_at) == ("open", 0, None)
    assert only.inspectors == ["p-1", "p-2"]
    assert [(row.period, row.state, row.sheets, row.findings, row.disallowed) for row in now] == [
        ("2026-04", "missed", 0, 0, 0),
        ("2026-03", "scored", 2, 2, 1),
    ]
    missed, scored = now
    assert missed.done_at is not None
    assert scored.done_at is not None
    assert missed.done_at > scored.done_at > scored.assigned_at


def test_orders_as_they_stood(district: SmallDistrict) -> None:
    """An order ordered later is not known; one answered later was open or overdue then."""
    district.now = at(4, 10)
    district.tell(A, order(1, "2026-04-25"), order(2, "2026-05-25"))
    district.now = at(4, 20)
    district.tell(A, reply(1))
    answered = instant_text(at(4, 21))
    district.now = at(5, 30)
    district.tell(A, reply(2), order(3, "2026-06-25"))

    def states(day: date, until: str) -> dict[str, str]:
        with district.read() as reader:
            orders = orders_known(reader, A, day, until)
        return {row.rectification_id: row.state for row in orders}

    assert states(date(2026, 4, 12), instant_text(at(4, 12))) == {"s-1/1": "open", "s-1/2": "open"}
    assert states(date(2026, 4, 26), instant_text(at(4, 12)))["s-1/1"] == "overdue"
    assert states(date(2026, 4, 21), answered) == {"s-1/1": "replied", "s-1/2": "open"}
    assert states(JUNE, "") == {"s-1/1": "replied", "s-1/2": "replied", "s-1/3": "open"}
    with district.read() as reader:
        orders = orders_known(reader, A, JUNE, answered)
    assert [row.replied_at is None for row in orders] == [False, True]


def test_gap_over_inspected_months() -> None:
    """The gap is derived minus inspected over the months that have both, rounded half up once."""

    def month(period: str, derived: str | None, inspected: str | None) -> FileScore:
        return FileScore(
            period, "monthly", derived, inspected, score=None, current=None, scheme="s",
            scheme_version=1, historical=0, adjustments=[], posted_at="",
        )  # fmt: skip

    assert self_report_gap([]) is None
    assert (
        self_report_gap([month("2026-01", "90.00", None), month("2026-02", None, "80.00")]) is None
    )
    up = self_report_gap([month("2026-01", "100.00", "98.99"), month("2026-02", "92.80", "93.62")])
    assert up == SelfReportGap(months=2, mean="0.10", largest="1.01", period="2026-01")
    down = self_report_gap([month("2026-01", "90.00", "90.25"), month("2026-02", "90.00", "90.00")])
    assert down == SelfReportGap(months=2, mean="-0.12", largest="0.00", period="2026-02")


@pytest.mark.parametrize(("number", "text"), [(-105, "-1.05"), (0, "0.00"), (7, "0.07")])
def test_hundredths(number: int, text: str) -> None:
    """Hundredths are shown with two decimals and their sign."""
    assert hundredths(number) == text
