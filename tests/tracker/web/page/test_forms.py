"""Tests of forms as typed, with their faults."""

from types import SimpleNamespace

import pytest
from pydantic import BaseModel, Field

from events.refusals.errors import Refused
from tracker.web.page.forms import FilledForm, drop_empty, find_form_field, read_form


class Meeting(BaseModel):
    """A form with two fields."""

    title: str = Field(min_length=1, max_length=5)
    present: int


def test_a_form_is_read_with_every_fault_at_its_field() -> None:
    """All faults are reported at once, in the language, and the input stays as typed."""
    filled = FilledForm({"title": "太长的题目了", "present": "x"})
    context = SimpleNamespace(language="zh")
    assert read_form(context, Meeting, filled.values, filled) is None  # type: ignore[arg-type]
    assert filled.errors == {"title": "太长，最多 5 个字", "present": "请填整数"}
    assert (filled["title"], filled["nothing"]) == ("太长的题目了", "")
    assert (filled.ok, filled.error("title"), filled.error("other")) == (
        False, "太长，最多 5 个字", ""
    )  # fmt: skip
    good = FilledForm()
    meeting = read_form(context, Meeting, {"title": "会", "present": "5"}, good)  # type: ignore[arg-type]
    assert (meeting, good.ok) == (Meeting(title="会", present=5), True)


def test_a_refusal_is_shown_at_its_field() -> None:
    """A refusal without a field is shown above the form, one of a correction at the field."""
    filled = FilledForm()
    filled.refuse(Refused("no_end", field="changes.until_on"), "zh")
    filled.refuse(Refused("sign_in_failed"), "en")
    assert filled.errors == {
        "until_on": "委托必须有最后一天",
        "": "the name or the password is wrong",
    }


def test_only_what_was_typed_is_present() -> None:
    """Empty fields are dropped; zero is a value."""
    assert drop_empty({"a": "", "b": None, "c": [], "d": (), "e": 0, "f": "x"}) == {
        "e": 0,
        "f": "x",
    }


@pytest.mark.parametrize(
    ("field", "shown_at"),
    [("title", "title"), ("changes.title", "title"), ("attendance.present", "present"),
     ("changes.money.paid", "paid"), ("money", "money")],
)  # fmt: skip
def test_a_part_of_a_field_has_its_own_input(field: str, shown_at: str) -> None:
    """Attendance and money are split into two inputs each; a correction has the same inputs."""
    assert find_form_field(field) == shown_at
