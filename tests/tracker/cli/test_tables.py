"""Lists as people keep them, imported at the command line."""

from __future__ import annotations

from typing import Any

import xlsxwriter

from events.documents.vocabulary import BUILT_IN
from tests.support.command_line import FIRST, SECOND, STREET, CommandLine

HEADINGS = ["序号", "支部名称", "会议类型", "召开时间", "实到人数", "应到人数"]


def workbook(cli: CommandLine, name: str, *rows: list[Any]) -> str:
    """A workbook with a title over its headings and rows."""
    path = cli.folder / name
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("台账")
        sheet.merge_range(0, 0, 0, 5, "2026年台账")
        for number, row in enumerate([HEADINGS, *rows], 1):
            sheet.write_row(number, 0, row)
    return str(path)


def test_a_ledger_from_a_workbook(cli: CommandLine) -> None:
    """A ledger is recorded once, by code or name, and says what it was taken for."""
    file = workbook(
        cli, "台账.xlsx",
        [1, FIRST, "支部委员会会议", "2026/9/3", 7, 9],
        [2, SECOND, "党员学习", "2026年9月4日", "５", "6"],
        ["合计", "", "", "", 12, 15],
    )  # fmt: skip
    answer = cli("import", file)
    assert answer.status == 0
    assert "kind activity; 支部名称=organization, 会议类型=activity" in answer.err
    assert "columns left out: 序号; totals in rows 5 left out" in answer.err
    assert cli.ask("import", file)["unchanged"] == 2
    recorded = cli.ask("audit", "log", "--organization", SECOND, "--type", "ActivityRecorded")
    assert recorded[-1]["data"]["attendance"] == {"present": 5, "expected": 6}


def test_faults_are_named_at_rows_and_headings(cli: CommandLine) -> None:
    """Nothing is recorded with a faulty cell; with --partial the good rows are."""
    file = workbook(
        cli, "台账.xlsx",
        [1, FIRST, "支部委员会会议", "九月三日", 7, 9],
        [2, "社区", "党员学习", "2026-09-04", 5, 6],
        [3, FIRST, "党员学习", "2026-10-04", 5, 6],
        [4, SECOND, "党员学习", "2026-09-04", 5, 6],
    )  # fmt: skip
    answer = cli.ask("import", file, status=1)
    assert (answer["lines"], answer["recorded"]) == (4, 0)
    assert [(fault["line"], fault["field"]) for fault in answer["refused"]] == [
        (3, "召开时间"), (4, "支部名称"), (5, "召开时间"),
    ]  # fmt: skip
    assert answer["refused"][0]["reason"] == "九月三日 is not a day; write it as 2026-08-01"
    assert f"write the code: {FIRST}, {SECOND}" in answer["refused"][1]["reason"]
    assert cli.ask("import", file, "--partial", status=3)["recorded"] == 1


def test_a_roster_with_chinese_headings_in_gbk(cli: CommandLine) -> None:
    """A .csv as Excel saves it, parents by name, codes proposed below them."""
    file = cli.folder / "名册.csv"
    file.write_bytes("组织名称,类别,上级党组织,成立日期\n丙社区,社区,街道,2026/9/2\n".encode("gbk"))
    assert cli.ask("import", str(file))["recorded"] == 1
    answer = cli.ask("audit", "log", "--organization", f"{STREET}-003")
    assert answer[0]["data"]["name"] == "丙社区"


def test_a_wide_table_needs_a_day(cli: CommandLine) -> None:
    """Conditions in columns hold from a column's day or from --since."""
    flag, board = (BUILT_IN.conditions[word].zh for word in ("national_flag", "notice_board"))
    file = cli.folder / "现状.tsv"
    file.write_text(f"社区\t{flag}\t{board}\n{FIRST}\t√\t×\n", encoding="utf-8")
    answer = cli("import", str(file))
    assert answer.status == 1
    assert "现状.tsv states no day" in answer.err
    assert cli.ask("import", str(file), "--since", "2026-09-01")["recorded"] == 2


def test_what_is_no_list(cli: CommandLine) -> None:
    """Headings that are unknown, and none at all, are refused with what would be right."""
    file = cli.folder / "a.tsv"
    file.write_text("姓名\t颜色\n1\t2\n", encoding="utf-8")
    assert "no row of headings among the first 30" in cli("import", str(file)).err
    file.write_text("组织\t地点\n1\t2\n", encoding="utf-8")
    assert "fit no kind of list" in cli("import", str(file)).err


def test_a_changed_row_is_corrected_on_demand(cli: CommandLine) -> None:
    """Without a reason it is refused with what to do; with it the record is corrected."""
    row = [1, FIRST, "支部委员会会议", "2026/9/3", 7, 9]
    assert cli("import", workbook(cli, "a.xlsx", row)).status == 0
    changed = workbook(cli, "b.xlsx", [*row[:4], 8, 9])
    refused = cli("import", changed)
    assert refused.status == 1
    assert "line 3: field 实到人数: differs from the record" in refused.err
    done = cli.ask("import", changed, "--correct", "人数填错")
    assert (done["lines"], done["recorded"], done["refused"]) == (1, 1, [])
    assert cli.ask("import", changed)["unchanged"] == 1
    recorded = cli.ask("audit", "log", "--organization", FIRST, "--type", "ActivityCorrected")
    assert recorded[-1]["data"]["changes"] == {"attendance": {"present": 8, "expected": 9}}


def test_a_retracted_record_is_final(cli: CommandLine) -> None:
    """A retracted record is not corrected by a list."""
    row = [1, FIRST, "支部委员会会议", "2026/9/3", 7, 9]
    cli("import", workbook(cli, "a.xlsx", row))
    (event,) = cli.ask("audit", "log", "--organization", FIRST, "--type", "ActivityRecorded")[-1:]
    (cli.folder / "r.jsonl").write_text(
        f'{{"kind": "retraction", "organization": "{FIRST}", '
        f'"record_id": "{event["data"]["record_id"]}", "reason": "误报"}}\n'
    )
    assert cli("import", str(cli.folder / "r.jsonl")).status == 0
    answer = cli("import", workbook(cli, "b.xlsx", [*row[:4], 8, 9]), "--correct", "人数填错")
    assert answer.status == 1
    assert "already recorded with other content" in answer.err
