"""Grades and additions on a sheet: offered, sent, read, printed and counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.districts import graded_scheme
from tests.support.sheet_world import Inspector, SheetWorld, found, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRAISED = {"item": "1.2", "addition": "a1", "count": 2, "reason": "县级表彰"}
BLAMED = {"item": "1.2", "addition": "a2", "count": 1, "points": "-0.5", "reason": "县级通报"}
FAIR = found("j", grade="fair")


@pytest.fixture
def graded(sqlite_url: str, tmp_path: Path) -> Iterator[SheetWorld]:
    """Open the pages of a drawn district whose scheme has grades and additions."""
    world = SheetWorld(sqlite_url, tmp_path, document=graded_scheme())
    yield world
    world.dispose()


@pytest.fixture
def inspector(graded: SheetWorld) -> Inspector:
    """Sign in one of the inspectors of c01."""
    return graded.enter(graded.people()[0])


def test_the_sheet_offers_grades_and_additions(inspector: Inspector) -> None:
    """A graded judgement gives its grades to the script, an item its additions as fields."""
    grades = json.loads(inspector.criterion("j")["data-grades"])
    assert [(grade["code"], grade["text"]) for grade in grades] == [
        ("good", "好"),
        ("fair", "一般"),
    ]
    page = inspector.open()
    assert 'data-addition="1.2/a1"' in page
    said = words(page)
    assert "受表彰 每次 +0.4 分" in said
    assert "被通报 每次 -1 至 -0.2 分" in said
    assert "最多 1 分" in said
    assert inspector.sheet()["added"] == "[]"


def test_a_sheet_is_sent_with_them_and_read_again(graded: SheetWorld, inspector: Inspector) -> None:
    """The event has the grade with its credit and the additions; page and paper show them."""
    before = words(inspector.papers())
    inspector.send(findings=[FAIR], additions=[PRAISED, BLAMED])
    (sheet,) = graded.sheets()
    assert sheet["findings"][0]["grade"] == "fair"
    assert sheet["findings"][0]["credit"] == "0.5"
    assert [line["addition"] for line in sheet["additions"]] == ["a1", "a2"]
    kept = json.loads(inspector.sheet()["added"])
    assert [line["reason"] for line in kept] == ["县级表彰", "县级通报"]
    paper = inspector.papers()
    assert "一般（0.5 分）" in paper
    assert "受表彰 每次 +0.4 分 × 2 — 县级表彰" in paper
    assert "被通报 每次 -0.5 分 × 1 — 县级通报" in paper
    assert "受表彰" not in before


def test_the_posted_figure_has_the_additions(graded: SheetWorld, inspector: Inspector) -> None:
    """At the close 100 x (2 x 0.4 - 0.5) / 8 = 3.75 is added to the inspected figure."""
    inspector.send(findings=[FAIR])
    inspector.send(sheet_id="s-2", known=["s-1"], additions=[PRAISED, BLAMED])
    graded.at("2026-10-11 00:30", inspector)
    graded.district.close()
    posted = graded.district.posted()["c01"]
    # of 8 points m 2, d 2 and j 0.5 are had: 56.25
    assert posted["inspected"] == "60.00"
    assert posted["score"] == "60.00"


@pytest.mark.parametrize(
    ("part", "line", "name", "code"),
    [
        ("additions", PRAISED | {"addition": "a9"}, "1.2/a9", "sheet_unknown_addition"),
        ("additions", BLAMED | {"points": "3"}, "1.2/a2", "sheet_addition_between"),
        ("findings", found("j", credit="1"), "j", "sheet_grade"),
    ],
)
def test_a_fault_is_named_at_its_place(
    inspector: Inspector, part: str, line: dict[str, Any], name: str, code: str
) -> None:
    """What the scheme does not offer is refused with the name that the page marks."""
    sent: dict[str, Any] = {part: [line]}
    answer = inspector.send(422, **sent)
    assert [(one["name"], one["code"]) for one in answer["errors"]] == [(name, code)]


def test_a_missing_reason_is_named_at_its_addition(inspector: Inspector) -> None:
    """A line that the model refuses is named by item and addition."""
    bare = {key: PRAISED[key] for key in ("item", "addition", "count")}
    answer = inspector.send(422, additions=[bare])
    assert [(one["field"], one["name"]) for one in answer["errors"]] == [("additions", "1.2/a1")]


def test_english_says_the_same(graded: SheetWorld, inspector: Inspector) -> None:
    """In English grades, additions and limits are in English."""
    inspector.client.cookies.set("tracker_language", "en")
    said = words(inspector.open())
    assert "Praised +0.4 points each" in said
    assert "1 points at most" in said
    assert graded.sheets() == []


def test_the_explanation_shows_every_addition(graded: SheetWorld, inspector: Inspector) -> None:
    """Why the score is what it is: the formula with the additions, and each of them."""
    inspector.send(findings=[FAIR], additions=[PRAISED, BLAMED])
    month = "2026-09"
    said = words(inspector.get(f"/organizations/c01/explain/{month}"))
    assert "+ 100 × 0.3 ÷ 8" in said
    assert "受表彰 0.4 × 2 = 0.8 分" in said
    assert "被通报 -0.5 × 1 = -0.5 分" in said
    assert len(graded.sheets()) == 1
