import pytest

from tracker.imports.csv_rows import COLUMNS
from tracker.imports.lines import KINDS
from tracker.imports.parsing import parse_file

ACTIVITY = (
    '{"kind": "activity", "organization": "c", "record_id": "a", "activity": "party_lesson",'
    ' "occurred_on": "2026-09-12"'
)

STATE = '{"kind": "condition", "organization": "c", "on": "2026-01-01"'
CORRECTION = '{"kind": "correction", "organization": "c", "record_id": "a", "reason": "r"'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[]", "这一行不是 JSON 对象"),
        ('{"kind": 1', "这一行不是有效的 JSON"),
        ('{"a": NaN}', "这一行不是有效的 JSON"),
        ('{"a": ' + "9" * 40 + "}", "过长的数字"),
        ("[" * 100_000, "嵌套太深"),
        ('{"kind": "activity", "kind": "activity"}', "重复给出"),
        ("{}", "缺少"),
        ('{"kind": 1}', "that 不是已知的行类型，可用：organization"),
        ('{"kind": "moon"}', "moon 不是已知的行类型"),
        ('{"kind": "retraction"}', "缺少；record_id 缺少；reason 缺少"),
        (ACTIVITY + ', "colour": "red"}', "这类行没有这个字段"),
        (ACTIVITY + ', "title": 5}', "应为文字"),
        (ACTIVITY + ', "title": ""}', "是空的"),
        (ACTIVITY + ', "title": "a\\tb"}', "制表符或换行"),
        (ACTIVITY + ', "note": "a\\u0001b"}', "控制字符"),
        (ACTIVITY + f', "title": "{"长" * 201}"' + "}", "太长，最多 200 个字符"),
        (ACTIVITY + ', "title": "\\ud800"}', "控制字符"),
        (ACTIVITY.replace('"c"', '"c d"') + "}", "不允许的字符"),
        (ACTIVITY.replace("2026-09-12", "2026-9-1") + "}", "应写成 2026-09-12"),
        (ACTIVITY + ', "attendance": {"present": 3, "expected": 2}}', "到会 3 人，多于应到 2 人"),
        (ACTIVITY + ', "attendance": {"present": -1, "expected": 2}}', "不能小于 0"),
        (ACTIVITY + ', "attendance": {"present": 1, "expected": 9999999}}', "不能大于 1000000"),
        (ACTIVITY + ', "attendance": {"present": "1", "expected": 2}}', "应为整数"),
        (ACTIVITY + ', "attendance": []}', "应为对象"),
        (ACTIVITY + ', "money": {"due": "1.234"}}', "应写成 120.00"),
        (ACTIVITY + ', "evidence": "minutes"}', "应为列表"),
        (ACTIVITY + ', "evidence": [5]}', "例如 minutes"),
        (ACTIVITY + ', "evidence": [' + ", ".join(['"photo"'] * 51) + "]}", "最多 50 项"),
        (ACTIVITY + ', "recorded_on": "2026-09-12"}', "只有历史补录"),
        (STATE + ', "condition": "flag", "state": "red"}', "只能是"),
        (STATE.replace("condition", "measure") + ', "measure": "members", "value": "many"}',
         "不是有效数字"),
        (CORRECTION + ', "changes": {}}', "没有任何改动"),
        (CORRECTION + ', "changes": {"activity": null}}', "活动和日期不能清空"),
        ('{"kind": "organization_change", "code": "c", "on": "2026-01-01", "closed": 1}',
         "true 或 false"),
        ('{"kind": "inspector", "id": "p", "organization": "c", "team": "t", "categories": []}',
         "至少 1 项"),
    ],
)  # fmt: skip
def test_every_fault_of_a_line_is_said_in_chinese(line: str, said: str) -> None:
    """What the reader of lines finds wrong has its Chinese sentence, with the figures in it."""
    (fault,) = parse_file(line.encode("utf-8", "surrogatepass"), "a.jsonl", historical=False).faults
    assert said in fault.say("zh"), fault.reason
    assert fault.say("en") == fault.reason


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"code,name\nc,n", "第一行应为列名"),
        (b"kind,moon\nactivity,1", "没有哪类行有这一列"),
        (b"kind,code,code\nactivity,1,1", "重复给出"),
        (b"kind\nactivity,1", "单元格比列名多"),
        (b'kind\n"activity', "不是有效的 CSV"),
        (b"kind\n\xff\xff", "请另存为“CSV UTF-8”"),
        ("kind\n活动".encode("utf-16"), "UTF-16"),
        (b"kind\n" + b"a" * 1_000_001, "超过 1000000 个字符"),
    ],
)
def test_every_fault_of_a_table_is_said_in_chinese(payload: bytes, said: str) -> None:
    """Its header, its cells and its encoding."""
    (fault,) = parse_file(payload, "a.csv", historical=False).faults
    assert said in fault.say("zh"), fault.reason


@pytest.mark.parametrize(
    ("line", "said"),
    [(b"\xff\xfe", "UTF-16"), (b"{\xff}", "第 2 字节"), (b"a" * 1_000_001, "超过")],
)
def test_bytes_that_are_no_text_are_said_in_chinese(line: bytes, said: str) -> None:
    """Of a whole file and of one line."""
    (fault,) = parse_file(line, "a.jsonl", historical=False).faults
    assert said in fault.say("zh"), fault.reason


def test_what_else_is_wrong_is_named_behind() -> None:
    """Each fault at its field, in either language."""
    (fault,) = parse_file(b'{"kind": "retraction"}', "a.jsonl", historical=False).faults
    assert [one.field for one in fault.faults] == ["organization", "record_id", "reason"]
    assert fault.reason == "is missing; record_id is missing; reason is missing"


def test_the_kinds_and_columns_are_known() -> None:
    """What the sentences speak of exists."""
    assert "activity" in KINDS
    assert "kind" in COLUMNS
