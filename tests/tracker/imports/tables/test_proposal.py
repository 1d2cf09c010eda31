"""What a table is taken for is proposed; nothing is refused before it is converted."""

from __future__ import annotations

import pytest

from events.documents.vocabulary import BUILT_IN
from events.refusals.errors import Refused
from tests.tracker.imports.tables.test_reading import LEDGER, NAMES, NOTES, sheet
from tracker.imports.tables.cells import Cell, MergedRange, make_sheet
from tracker.imports.tables.mapping import shape_of
from tracker.imports.tables.proposal import KINDS, TableChoice, options_of, propose_table
from tracker.imports.tables.reading import convert_table

ANYTHING = TableChoice()


def test_the_sheet_that_is_a_list_is_proposed() -> None:
    """With its kind, the meaning of each column, and its first rows."""
    proposal = propose_table([NOTES, LEDGER], BUILT_IN, ANYTHING)
    assert (proposal.sheet, proposal.sheets) == (LEDGER, ("说明", "台账"))
    assert proposal.meanings() == {0: "field:organization", 1: "field:activity",
                                   2: "field:occurred_on"}  # fmt: skip
    assert proposal.first_rows(3) == [["甲社区", "党员学习", "2026-09-01", "红"]]
    assert (proposal.missing, proposal.needs_day, proposal.twice) == ([], False, ())


def test_what_is_no_list_is_proposed_without_a_kind() -> None:
    """A page shows it all the same, so that a person says what it is."""
    proposal = propose_table([NOTES], BUILT_IN, ANYTHING)
    assert (proposal.recognized, proposal.mapping, proposal.header.row) == (False, None, 0)
    assert (proposal.missing, proposal.needs_day, proposal.meanings()) == ([], False, {})
    odd = propose_table([sheet("表", "组织 备注", "甲社区 无")], BUILT_IN, ANYTHING)
    assert (odd.recognized, odd.mapping) == (True, None)
    chosen = propose_table([NOTES], BUILT_IN, TableChoice(header_row=1, kind="recusal"))
    assert chosen.missing == ["检查员编号", "回避单位"]


def test_a_header_row_is_chosen_with_the_groups_above_it() -> None:
    """Columns under a merged heading are named by it where they have no other."""
    rows: list[list[Cell]] = [
        ["填报单位"], ["组织", "党费", "党费", "日期"], [None, "应缴", "实缴", None], ["甲"],
    ]  # fmt: skip
    table = make_sheet("表", rows, [MergedRange(1, 1, 1, 2)])
    proposal = propose_table([table], BUILT_IN, TableChoice(header_row=3, kind="activity"))
    assert proposal.header.headings == ("组织", "应缴", "实缴", "日期")
    for beyond in (0, 99):
        row = propose_table([LEDGER], BUILT_IN, TableChoice(header_row=beyond)).header.row
        assert row == 0


def test_a_remembered_choice_is_proposed() -> None:
    """For a file of the same shape, unless the person chooses a kind or columns now."""
    asked = []

    def recall(header: object) -> tuple[str, dict[int, str]]:
        asked.append(header)
        return "activity", {0: "field:organization", 3: "field:title", 9: "field:note"}

    proposal = propose_table([LEDGER], BUILT_IN, ANYTHING, recall)
    assert proposal.meanings() == {0: "field:organization", 3: "field:title"}
    assert proposal.missing == ["活动类型", "日期"]
    propose_table([LEDGER], BUILT_IN, TableChoice(kind="activity"), recall)
    assert len(asked) == 1
    header = proposal.header
    assert shape_of(header) == shape_of(header._replace(row=7))
    assert shape_of(header) != shape_of(header._replace(headings=("组织",)))


def test_meanings_that_two_columns_have() -> None:
    """They are named, and converting is refused with the headings."""
    choice = TableChoice(kind="activity", columns={0: "field:note", 3: "field:note", 1: "no"})
    proposal = propose_table([LEDGER], BUILT_IN, choice)
    assert proposal.twice == ("field:note",)
    with pytest.raises(Refused) as refused:
        convert_table([LEDGER], "a.xlsx", BUILT_IN, NAMES, choice)
    assert refused.value.code == "table_twice"
    with pytest.raises(Refused) as refused:
        convert_table([LEDGER], "a.xlsx", BUILT_IN, NAMES, TableChoice(sheet="其他"))
    assert refused.value.code == "table_no_sheet"


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_may_mean_every_field_of_its_kind(kind: str) -> None:
    """Each option is listed once; a wide table offers the words of the vocabulary."""
    options = options_of(kind, BUILT_IN)
    assert len(options) == len(set(options))
    assert any(option.startswith("word:") for option in options) is (kind in KINDS[-2:])
