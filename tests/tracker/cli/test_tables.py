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
