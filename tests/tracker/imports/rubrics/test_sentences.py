"""Sentences of rubrics: what each form proposes, and what is left to a person."""

from decimal import Decimal

import pytest

from tracker.imports.rubrics.sentences import Form, propose_rules


@pytest.mark.parametrize(
    ("sentence", "per", "count"),
    [
        ("每月1次", "month", 1),
        ("每季度至少1次", "quarter", 1),
        ("每半年一次", "half_year", 1),
        ("每年不少于4次", "year", 4),
        ("支委会全年不少于6次", "year", 6),
        ("全年党课4次", "year", 4),
        ("支部每年2篇", "year", 2),
    ],
)
def test_frequencies(sentence: str, per: str, count: int) -> None:
    """So many times a period, with or without "at least"."""
    [proposal] = propose_rules(sentence)
    assert (proposal.form, proposal.per, proposal.count) == (Form.FREQUENCY, per, count)


@pytest.mark.parametrize(
    ("sentence", "cause", "take", "each"),
    [
        ("无计划扣2分", "无计划", "2", False),
        ("每少1次扣1分", "每少1次", "1", True),
        ("每缺1项扣0.5分，扣完为止", "每缺1项", "0.5", True),
        ("少一次扣两分", "少一次", "2", True),
    ],
)
def test_deductions(sentence: str, cause: str, take: str, each: bool) -> None:
    """Points off for a cause, once or for every case."""
    [proposal] = propose_rules(sentence)
    assert (proposal.form, proposal.cause) == (Form.DEDUCTION, cause)
    assert (proposal.take, proposal.each) == (Decimal(take), each)


def test_ranges_all_points_and_additions() -> None:
    """A range, all points, and points of the total, from the same sentence, in its order."""
    sentence = "走过场酌情扣0.5至2分；未召开不得分；获市级表彰加1分；弄虚作假扣总分3分"
    shown, whole, added, taken = propose_rules(sentence)
    assert shown.between == (Decimal("0.5"), Decimal(2))
    assert (whole.whole, whole.cause) == (True, "未召开")
    assert (added.form, added.take) == (Form.ADDITION, Decimal(1))
    assert (taken.form, taken.take) == (Form.ADDITION, Decimal(-3))
    for proposal in (shown, whole, added, taken):
        assert sentence[proposal.start : proposal.end] == proposal.words


def test_grades_and_thresholds() -> None:
    """Points by grade, a share and an amount."""
    [grades] = propose_rules("好2分、一般1分、差0分")
    assert grades.grades == (("好", Decimal(2)), ("一般", Decimal(1)), ("差", Decimal(0)))
    [share] = propose_rules("女党员应占30%以上")
    assert (share.form, share.at_least, share.unit) == (Form.THRESHOLD, Decimal(30), "%")
    [amount] = propose_rules("工作经费不低于5000元")
    assert (amount.cause, amount.at_least, amount.unit) == ("工作经费", Decimal(5000), "元")


@pytest.mark.parametrize(
    "sentence",
    ["作用发挥好", "扣完为止", "酌情扣2至1分", "每月1.5次", ""],
)
def test_sentences_left_to_a_person(sentence: str) -> None:
    """No number, no sense in the number, or only what every deduction does: nothing is guessed."""
    assert propose_rules(sentence) == []


def test_points_that_a_person_must_state() -> None:
    """A deduction at discretion without numbers is shown as lacking its points."""
    [proposal] = propose_rules("不团结、无成效酌情扣分")
    assert (proposal.cause, proposal.lacks_points) == ("不团结、无成效", True)
    assert not propose_rules("走过场酌情扣1至2分")[0].lacks_points


def test_long_cells_are_read_in_time() -> None:
    """The longest cell that a workbook may have."""
    assert propose_rules("党" * 32_767) == []
