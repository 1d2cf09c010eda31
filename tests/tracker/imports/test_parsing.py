import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.refusals.errors import Message, Refused
from events.streams.people import RegisterInspector
from events.streams.records import CorrectActivity, RecordActivity, ReportMeasure
from tracker.imports.fast_lines import parse_common_activity
from tracker.imports.lines import KINDS, LineFault, LineReader
from tracker.imports.parsing import LONGEST_LINE, ParsedFile, parse_file

ACTIVITY: dict[str, Any] = {
    "kind": "activity",
    "organization": "421102-003-007",
    "record_id": "a-1",
    "activity": "branch_committee_meeting",
    "occurred_on": "2026-09-12",
    "title": "九月支委会",
    "place": "会议室",
    "attendance": {"present": 7, "expected": 9},
    "money": {"due": "120.00", "paid": "120.00"},
    "evidence": ["minutes", "sign_in_sheet"],
    "note": "按时召开",
}
EXAMPLES: list[dict[str, Any]] = [
    {"kind": "organization", "code": "c", "name": "社区", "category": "community",
     "parent": "p", "registered_on": "2026-01-01"},
    {"kind": "organization_change", "code": "c", "on": "2026-06-01", "name": "新社区",
     "closed": True, "reason": "合并"},
    ACTIVITY,
    {"kind": "correction", "organization": "c", "record_id": "a-1",
     "changes": {"occurred_on": "2026-09-13", "evidence": ["photo"]}, "reason": "写错日期"},
    {"kind": "retraction", "organization": "c", "record_id": "a-1", "reason": "重复"},
    {"kind": "condition", "organization": "c", "condition": "national_flag", "state": "met",
     "on": "2026-03-01"},
    {"kind": "measure", "organization": "c", "measure": "households", "value": "2450",
     "on": "2026-01-01"},
    {"kind": "inspector", "id": "p-017", "organization": "c", "team": "townships",
     "categories": ["village", "community"]},
    {"kind": "recusal", "inspector": "p-017", "organization": "c", "reason": "亲属"},
]  # fmt: skip
LEAD = "kind,organization,record_id,activity,occurred_on"


def read(*lines: dict[str, Any] | str | bytes, historical: bool = False) -> ParsedFile:
    """Read lines as one JSONL file."""
    raw = [
        line if isinstance(line, bytes)
        else line.encode() if isinstance(line, str)
        else json.dumps(line, ensure_ascii=False).encode()
        for line in lines
    ]  # fmt: skip
    return parse_file(b"\n".join(raw), "lines.jsonl", historical=historical)


def fault(checked: ParsedFile) -> LineFault:
    """The one fault of a file without a good line."""
    assert not checked.lines
    (found,) = checked.faults
    assert "\n" not in found.reason
    return found


def test_every_kind_of_line_of_the_contract_is_read() -> None:
    """The contract's example of each kind becomes the command of that kind."""
    checked = read(*EXAMPLES)
    assert checked.faults == []
    assert [line.kind for line in checked.lines] == list(KINDS)
    assert [type(line.command) for line in checked.lines] == list(KINDS.values())
    assert [line.number for line in checked.lines] == list(range(1, 10))
    assert checked.count == 9


def test_an_activity_keeps_every_field_that_was_given() -> None:
    """An activity line's fields stand in its command: dates as dates, money in fen."""
    command = read(ACTIVITY).lines[0].command
    assert isinstance(command, RecordActivity)
    assert command.occurred_on == date(2026, 9, 12)
    assert command.attendance is not None
    assert (command.attendance.present, command.attendance.expected) == (7, 9)
    assert command.money is not None
    assert (command.money.due, command.money.paid) == (12000, 12000)
    assert [one.kind for one in command.evidence] == ["minutes", "sign_in_sheet"]
    assert (command.title, command.place, command.note) == ("九月支委会", "会议室", "按时召开")


BROKEN: list[tuple[str | bytes, str, str]] = [
    ('{"kind": "activity",', "", "is not JSON"),
    ("[1, 2]", "", "not a JSON object"),
    ('"activity"', "", "not a JSON object"),
    (b'{"kind": "activity", "title": "\xc3\x28"}', "", "not UTF-8 (byte 32 of the line)"),
    ('{"kind": "activity", "note": "a", "note": "b"}', "note", "is given twice"),
    ('{"kind": "x", "attendance": {"present": 1, "present": 1}}', "present", "is given twice"),
    ('{"kind": "x", "a": [{"b": 1, "b" :2}]}', "b", "is given twice"),
    ('{"kind" : "activity", "note": 1, "\\u006eote": 2}', "note", "is given twice"),
    ('{"kind": NaN}', "", "NaN is not a number"),
    ('{"kind": "measure", "value": Infinity}', "", "Infinity is not a number"),
    ('{"kind": "measure", "value": ' + "9" * 5000 + "}", "", "number that is too long"),
    ("[" * 100_000, "", "nested too deeply"),
    ('{"a":' * 100_000 + "1" + "}" * 100_000, "", "nested too deeply"),
    ("{}", "kind", "is missing"),
    ('{"kind": ["activity"]}', "kind", "not a kind of line"),
    ('{"kind": "aktivity"}', "kind", "aktivity is not a kind of line"),
    ('{"kind": "a\\u202e\\u0000"}', "kind", "a?? is not a kind of line"),
]


@pytest.mark.parametrize(("line", "field", "reason"), BROKEN)
def test_a_line_that_is_no_document_is_named(line: str | bytes, field: str, reason: str) -> None:
    """A line that is not one JSON object of a known kind has one reason, in one line."""
    found = fault(read(line))
    assert (found.line, found.field) == (1, field)
    assert reason in found.reason


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"colour": "red"}, "colour", "is not a field"),
    ({"occurred_on": None}, "occurred_on", "is missing"),
    ({"organization": 421102}, "organization", "must be text"),
    ({"organization": "a b"}, "organization", "not allowed"),
    ({"organization": "a" * 65}, "organization", "longer than 64"),
    ({"activity": "Meeting"}, "activity", "not allowed"),
    ({"occurred_on": "2026-9-12"}, "occurred_on", "is not a date"),
    ({"occurred_on": "2026-02-30"}, "occurred_on", "is not a date"),
    ({"occurred_on": "2026-09-12T00:00:00"}, "occurred_on", "is not a date"),
    ({"occurred_on": 1789171200}, "occurred_on", "is not a date"),
    ({"occurred_on": "0026-09-12"}, "occurred_on", "is not a date"),
    ({"record_id": ""}, "record_id", "is empty"),
    ({"record_id": "a\x1b[2J"}, "record_id", "control character"),
    ({"title": "a\u202eb"}, "title", "control character"),
    ({"note": "a\x00b"}, "note", "control character"),
    ({"title": "a" * 201}, "title", "longer than 200"),
    ({"attendance": {"present": 10, "expected": 9}}, "attendance", "10 is above expected 9"),
    ({"attendance": {"present": -1, "expected": 9}}, "attendance.present", "not be below 0"),
    ({"attendance": {"present": "7", "expected": 9}}, "attendance.present", "whole number"),
    ({"attendance": {"present": True, "expected": 9}}, "attendance.present", "whole number"),
    ({"attendance": {"present": 7.0, "expected": 9}}, "attendance.present", "whole number"),
    ({"attendance": {"present": 7}}, "attendance.expected", "is missing"),
    ({"attendance": [7, 9]}, "attendance", "must be an object"),
    ({"money": {"due": "-1.00"}}, "money.due", "not negative"),
    ({"money": {"due": "1.005"}}, "money.due", "two decimals"),
    ({"money": {"due": 1.005}}, "money.due", "two decimals"),
    ({"money": {"due": 1e30}}, "money.due", "is not an amount"),
    ({"money": {"due": True}}, "money.due", "is not an amount"),
    ({"money": {"tip": "1.00"}}, "money.tip", "is not a field"),
    ({"evidence": "minutes"}, "evidence", "must be a list"),
    ({"evidence": ["minutes", 5]}, "evidence", "list of words"),
    ({"evidence": [{"kind": "minutes"}]}, "evidence", "list of words"),
    ({"evidence": ["minutes"] * 51}, "evidence", "more than 50"),
    ({"id": 7}, "id", "must be text"),
    ({"recorded_on": "2026-09-13"}, "recorded_on", "--historical"),
]


@pytest.mark.parametrize(("changed", "field", "reason"), WRONG)
def test_a_bad_field_is_named_with_its_reason(
    changed: dict[str, Any], field: str, reason: str
) -> None:
    """A field that the contract does not allow is named with line and reason, and only it."""
    found = fault(read("", ACTIVITY | changed))
    assert (found.line, found.field) == (2, field)
    assert reason in found.reason


OTHERS: list[tuple[int, dict[str, Any], str, str]] = [
    (0, {"category": "Community!"}, "category", "not allowed"),
    (0, {"registered_on": "yesterday"}, "registered_on", "is not a date"),
    (1, {"closed": "yes"}, "closed", "true or false"),
    (1, {"closed": 1}, "closed", "true or false"),
    (3, {"reason": None}, "reason", "is missing"),
    (3, {"changes": {}}, "changes", "names no field"),
    (3, {"changes": {"record_id": "b"}}, "changes.record_id", "is not a field"),
    (3, {"changes": {"occurred_on": "soon"}}, "changes.occurred_on", "is not a date"),
    (3, {"changes": {"evidence": "photo"}}, "changes.evidence", "must be a list"),
    (3, {"changes": {"attendance": {"present": "1", "expected": 2}}},
     "changes.attendance.present", "whole number"),
    (4, {"reason": " "}, "reason", "is empty"),
    (5, {"state": "good"}, "state", "'met', 'partial' or 'unmet'"),
    (6, {"value": "-5"}, "value", "is not a number"),
    (6, {"value": "NaN"}, "value", "is not a number"),
    (7, {"categories": []}, "categories", "fewer than 1"),
    (7, {"categories": "village"}, "categories", "must be a list"),
    (7, {"id": "王"}, "id", "not allowed"),
    (8, {"reason": "x" * 501}, "reason", "longer than 500"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "changed", "field", "reason"), OTHERS)
def test_a_bad_field_of_any_kind_is_named(
    place: int, changed: dict[str, Any], field: str, reason: str
) -> None:
    """What is wrong in a line of any kind is said with its field."""
    found = fault(read(EXAMPLES[place] | changed))
    assert found.field == field
    assert reason in found.reason


def test_several_faults_of_a_line_are_one_fault_that_names_them_all() -> None:
    """A line is refused once; the other fields at fault stand behind the first."""
    found = fault(read(ACTIVITY | {"occurred_on": "x", "money": {"due": "-1"}, "colour": 1}))
    assert found.field == "occurred_on"
    assert "money.due is not an amount" in found.reason
    assert "colour is not a field" in found.reason


def test_all_bad_lines_are_named_and_the_good_ones_kept() -> None:
    """Every bad line of a file is named at once, with the numbers of the file's own lines."""
    checked = read(ACTIVITY, "", "{", ACTIVITY | {"record_id": "a-2"}, "  ", "nonsense")
    assert [line.number for line in checked.lines] == [1, 4]
    assert [one.line for one in checked.faults] == [3, 6]
    assert checked.count == 4


def test_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    """A file from an editor on Windows is read like any other."""
    payload = b"\xef\xbb\xbf" + json.dumps(ACTIVITY).encode() + b"\r\n\r\n"
    checked = parse_file(payload, "A.JSONL", historical=False)
    assert (len(checked.lines), checked.faults, checked.count) == (1, [], 1)


def test_a_very_long_line_is_refused_by_its_length() -> None:
    """A line of 30 MB is named as too long, and the line after it is read."""
    checked = read(json.dumps(ACTIVITY | {"note": "x" * 30_000_000}), ACTIVITY)
    assert [line.number for line in checked.lines] == [2]
    assert checked.faults == [LineFault(1, "", Message("line_bytes", most=LONGEST_LINE))]


def test_utf16_is_named_with_what_to_do() -> None:
    """A file saved as UTF-16 gets one line that says how to save it."""
    payload = json.dumps(ACTIVITY).encode("utf-16")
    found = fault(parse_file(payload, "a.jsonl", historical=False))
    assert "UTF-16; save it as UTF-8" in found.reason


def test_an_unknown_suffix_is_refused() -> None:
    """Only .jsonl and .csv are read."""
    with pytest.raises(Refused, match=r"ledger\.xls is neither a table .* nor \.jsonl"):
        parse_file(b"", "/some/where/ledger.xls", historical=False)


def test_numbers_are_read_exactly() -> None:
    """Money and measures given as JSON numbers keep the digits that were written."""
    activity, measure = read(
        ACTIVITY | {"money": {"due": 120.5, "paid": 120}},
        '{"kind": "measure", "organization": "c", "measure": "m", "value": 0.100000,'
        ' "on": "2026-01-01"}',
    ).lines
    assert isinstance(activity.command, RecordActivity)
    assert isinstance(measure.command, ReportMeasure)
    assert activity.command.money is not None
    assert (activity.command.money.due, activity.command.money.paid) == (12050, 12000)
    assert Decimal(measure.command.value) == Decimal("0.1")


def test_null_is_absent_but_empties_a_field_in_a_correction() -> None:
    """A null is as good as no field, but among the changes of a correction it empties one."""
    activity, correction = read(
        ACTIVITY | {"title": None, "money": None},
        EXAMPLES[3] | {"changes": {"title": None, "note": "b"}},
    ).lines
    assert isinstance(activity.command, RecordActivity)
    assert isinstance(correction.command, CorrectActivity)
    assert (activity.command.title, activity.command.money) == (None, None)
    assert correction.command.changes.model_fields_set == {"title", "note"}


def test_colons_in_text_do_not_look_like_a_key_given_twice() -> None:
    """A line whose text holds colons and quotes is read literally."""
    (line,) = read(ACTIVITY | {"note": '9:00 "a": b', "title": '":":"'}).lines
    assert isinstance(line.command, RecordActivity)
    assert line.command.note == '9:00 "a": b'


def test_identity_is_record_id_then_id_then_content() -> None:
    """Activities are known by record_id, others by id, else by content and place among equals."""
    flag = EXAMPLES[5]
    lines = read(
        ACTIVITY | {"id": "x"}, flag | {"id": "x-1"}, flag, flag, flag | {"state": "unmet"}
    ).lines
    names = [line.identity for line in lines]
    assert names[:2] == ["record/a-1", "line/x-1"]
    assert names[3] == names[2] + "/2"
    assert len(set(names)) == 5
    assert [line.derived for line in lines] == [False, False, True, True, True]


def test_identity_does_not_depend_on_how_the_line_was_written() -> None:
    """Key order, white space and nulls change nothing in a derived identity; content does."""
    flag = EXAMPLES[5]
    turned = json.dumps(dict(reversed(flag.items())) | {"id": None}, indent=None)
    (one,), (two,) = read(flag).lines, read(turned).lines
    (late,) = read(flag | {"recorded_on": "2026-03-02"}, historical=True).lines
    assert one.identity == two.identity
    assert late.identity != one.identity


def test_an_inspectors_id_is_the_person_and_not_the_lines_identity() -> None:
    """Another team for the same person is another line: the newest counts."""
    one, two = read(EXAMPLES[7], EXAMPLES[7] | {"team": "villages"}).lines
    assert isinstance(one.command, RegisterInspector)
    assert one.command.id == "p-017"
    assert one.identity != two.identity


def test_terms_of_an_inspector() -> None:
    """Purposes, leading and the last day are read; the defaults leave the identity as it was."""
    terms = {"purposes": ["annual", "monthly"], "leader": True, "until": "2026-08-31"}
    (line,) = read(EXAMPLES[7] | terms).lines
    assert isinstance(line.command, RegisterInspector)
    assert line.command.purposes == ("monthly", "annual")
    assert (line.command.leader, line.command.until) == (True, date(2026, 8, 31))
    plain, said = read(EXAMPLES[7], EXAMPLES[7] | {"leader": False, "until": None}).lines
    assert said.identity == f"{plain.identity}/2"
    for wrong, field in (
        ({"purposes": ["weekly"]}, "purposes"), ({"purposes": []}, "purposes"),
        ({"leader": "yes"}, "leader"), ({"until": "2026-8-31"}, "until"),
    ):  # fmt: skip
        assert fault(read(EXAMPLES[7] | wrong)).field == field


def test_recorded_on_is_read_in_a_historical_import() -> None:
    """With --historical a line has the date on which it was first written down."""
    lines = read(
        ACTIVITY | {"recorded_on": "2026-09-13"}, EXAMPLES[5] | {"recorded_on": "2026-03-02"},
        historical=True,
    ).lines  # fmt: skip
    assert [line.recorded_on for line in lines] == [date(2026, 9, 13), date(2026, 3, 2)]
    found = fault(read(ACTIVITY | {"recorded_on": "x"}, historical=True))
    assert (found.field, found.reason) == (
        "recorded_on", "is not a date; write it as 2026-09-12"
    )  # fmt: skip


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.text(max_size=5),
    st.sampled_from(["2026-01-01", "minutes", "1.00", "c", " a", "é", "e\u0301", "a\tb"]),
    st.lists(st.sampled_from(["minutes", "photo", "A", 1]), max_size=3),
    st.dictionaries(
        st.sampled_from(["present", "expected", "due", "paid"]),
        st.one_of(st.integers(-1, 5), st.sampled_from(["1.00", "x", True, None, 1.5])),
        max_size=2,
    ),
)  # fmt: skip


@given(st.sampled_from([*ACTIVITY, "id", "recorded_on", "other"]), VALUES)
def test_the_fast_way_agrees_with_the_exact_way(name: str, value: Any) -> None:
    """Whatever the fast reading of an activity accepts, the exact reading makes of it the same."""
    document = ACTIVITY | {name: value}
    quick = parse_common_activity(document) if document["kind"] == "activity" else None
    if quick is not None:
        exact = LineReader(historical=True)._exact_line(1, "activity", document)
        assert quick == (exact.command, exact.recorded_on)


@given(
    st.binary(max_size=80) | st.text(max_size=40).map(str.encode),
    st.sampled_from(["a.jsonl", "a.csv"]),
)
def test_no_bytes_break_the_reading(payload: bytes, name: str) -> None:
    """Any bytes at all give lines and faults, each with a printable one-line reason."""
    checked = parse_file(payload, name, historical=False)
    assert checked.count == len(checked.lines) + len(checked.faults)
    for one in checked.faults:
        assert one.reason.isprintable()
        assert one.field.isprintable()


def test_line_breaks_become_line_feeds_in_every_format() -> None:
    """CR LF in a JSON text and in a CSV cell are one LF, so the two notes are the same."""
    (line,) = read(ACTIVITY | {"note": "第一行\r\n第二行\r第三行"}).lines
    cell = f'{LEAD},note\r\nactivity,c,a-1,m,2026-01-01,"第一行\r\n第二行\r第三行"\r\n'
    (row,) = parse_file(cell.encode(), "lines.csv", historical=False).lines
    for command in (line.command, row.command):
        assert isinstance(command, RecordActivity)
        assert command.note == "第一行\n第二行\n第三行"


def test_both_ways_of_parsing_refuse_the_same_identities() -> None:
    """An invisible character that counts as printable is refused in an identity, not in a note."""
    refused = fault(read(ACTIVITY | {"record_id": "z\ufe0f-1"}))
    assert (refused.field, "invisible" in refused.reason) == ("record_id", True)
    assert read(ACTIVITY | {"note": "❤\ufe0f"}).faults == []
