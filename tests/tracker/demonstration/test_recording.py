"""A day's records come by pages with files, or in a file."""

from datetime import date
from typing import Any

import pytest

from tests.support.web_client import OWN, Web
from tracker.demonstration import evidence
from tracker.demonstration.accounts import LOOK_AT, Staff
from tracker.demonstration.clock import BuildClock
from tracker.demonstration.dice import Dice
from tracker.demonstration.evidence import EvidenceBox
from tracker.demonstration.recording import fill_in_pages, import_lines, is_typed
from tracker.storage.evidence import read_stored_files

DAY = date(2026, 9, 18)
MEETING: dict[str, Any] = {
    "kind": "activity",
    "organization": OWN,
    "record_id": "a-1",
    "activity": "branch_committee_meeting",
    "occurred_on": "2026-09-17",
    "title": "9月支部委员会会议",
    "place": "社区会议室",
    "attendance": {"present": 5, "expected": 6},
    "evidence": ["minutes", "sign_in_sheet", "photo"],
}
ABOUT = {"organization": OWN, "record_id": "a-1"}


@pytest.fixture
def staff(web: Web) -> Staff:
    """The people of the district: one for everything."""
    return Staff(web.tools.store, 1, visitors={"department": "u-department"})


def test_lines_come_by_pages_or_in_files() -> None:
    """The organization of the examples always types records; some others from a day on."""
    lines = [MEETING | {"organization": f"c-{number}"} for number in range(100)]
    assert not any(is_typed(line, 1, on_pages=False) for line in lines)
    assert 25 < sum(is_typed(line, 1, on_pages=True) for line in lines) < 55
    assert is_typed(MEETING | {"organization": LOOK_AT}, 1, on_pages=False)
    assert not is_typed({"kind": "measure", "organization": LOOK_AT}, 1, on_pages=True)


def test_files_are_stored_before_the_record_that_names_them(web: Web) -> None:
    """Each kind has a file of its sort, registered for who sent it."""
    files = EvidenceBox(web.tools)
    pieces = files.draw_all(MEETING, "u-7", Dice(1), all_kinds=True)
    pieces.append(files.draw_repair(DAY, "u-7", Dice(1)))
    files.register()
    files.register()
    assert [piece["kind"] for piece in pieces] == [*MEETING["evidence"], "photo"]
    with web.read() as reader:
        stored = read_stored_files(reader, [piece["file"] for piece in pieces])
    kinds = [stored[piece["file"]].media_type for piece in pieces]
    assert kinds == ["application/pdf", "image/png", "image/png", "image/png"]
    assert {file.account for file in stored.values()} == {"u-7"}


def test_some_pieces_are_only_named_and_some_photographs_are_shared(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dice leave some files out, and some organizations of a township send one picture."""
    monkeypatch.setattr(evidence, "REUSED", 200)
    files = EvidenceBox(web.tools)
    drawn = [
        piece
        for number in range(50)
        for piece in files.draw_all(
            MEETING | {"organization": f"t-{number}", "evidence": ["photo"]}, "u-7", Dice(5),
            all_kinds=False,
        )
    ]  # fmt: skip
    sent = [piece["file"] for piece in drawn if "file" in piece]
    assert 15 < len(sent) < 45
    assert 1 <= len(sent) - len(set(sent)) < 15


def test_pages_record_correct_and_retract(web: Web, staff: Staff) -> None:
    """What branches type becomes the same events as on their pages, by their accounts."""
    changes = {"place": "多功能活动室", "evidence": ["minutes"]}
    lines: list[dict[str, Any]] = [
        MEETING,
        {"kind": "correction", **ABOUT, "changes": changes, "reason": "地点登记有误"},
        {"kind": "retraction", **ABOUT, "reason": "重复登记"},
    ]
    fill_in_pages(web.tools, BuildClock(DAY), staff, DAY, lines)
    with web.read() as reader:
        events = [event for event in reader.stream(f"organization-{OWN}") if event.channel == "web"]
    assert [event.type for event in events] == [
        "ActivityRecorded", "ActivityCorrected", "ActivityRetracted",
    ]  # fmt: skip
    assert {event.actor for event in events} == {"u-department"}


def test_a_file_with_a_refused_line_is_a_fault_of_the_program(web: Web, staff: Staff) -> None:
    """Lines are recorded as one import; a refusal stops the build and names it."""
    measure = {"kind": "measure", "organization": OWN, "measure": "members", "value": "7",
               "on": "2026-09-01"}  # fmt: skip
    import_lines(web.tools, staff, DAY, [measure])
    with pytest.raises(RuntimeError, match="0 of 1 lines recorded"):
        import_lines(web.tools, staff, DAY, [measure | {"organization": "nowhere"}])
