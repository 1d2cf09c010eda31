"""Every refusal is said in Chinese and in English, in one sentence and without names of fields."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from events.errors import Kind, Refused
from tracker.refusals import STATUS, chinese, say

ROOT = Path(__file__).parent.parent
FLOORS = ("events", "projections", "scheduler", "tracker")
CODE = re.compile(r"[a-z][a-z_]+")


class Raised(NamedTuple):
    """One place where a refusal is made: its code, what it is filled with, its English text."""

    place: str
    code: str
    params: frozenset[str]
    english: str


class Wrapper(NamedTuple):
    """A function that makes a refusal of the code it is handed."""

    position: int
    params: frozenset[str]


def _named(call: ast.Call) -> frozenset[str]:
    return frozenset(one.arg for one in call.keywords if one.arg is not None) - {"kind"}


def _codes(node: ast.expr) -> list[str]:
    """The codes that an expression can be: one, or one of two."""
    if isinstance(node, ast.IfExp):
        return [*_codes(node.body), *_codes(node.orelse)]
    plain = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return [node.value] if plain and CODE.fullmatch(node.value) else []  # type: ignore[attr-defined]


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            yield name, node


def _english(call: ast.Call) -> str:
    texts = [one.value for one in call.args[1:2] if isinstance(one, ast.Constant)]
    return str(texts[0]) if texts else ""


def _wrappers(tree: ast.AST) -> dict[str, Wrapper]:
    """The functions of a room that hand a code on to ``Refused``."""
    found = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        arguments = [one.arg for one in node.args.args]
        for name, call in _calls(node):
            first = call.args[0]
            if name == "Refused" and isinstance(first, ast.Name) and first.id in arguments:
                found[node.name] = Wrapper(arguments.index(first.id), _named(call))
    return found


def raised() -> Iterator[Raised]:
    """Every place where a refusal is made."""
    for path in sorted(one for floor in FLOORS for one in (ROOT / floor).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        wrappers = _wrappers(tree)
        for name, call in _calls(tree):
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            if name in {"Refused", "__init__"} and len(call.args) > 1:
                for code in _codes(call.args[0]):
                    yield Raised(place, code, _named(call), _english(call))
            elif name in wrappers and len(call.args) > wrappers[name].position:
                wrapper = wrappers[name]
                for code in _codes(call.args[wrapper.position]):
                    yield Raised(place, code, wrapper.params | _named(call), "")


RAISED = list(raised())


def wanted(template: str) -> set[str]:
    """The parameters that a sentence is filled with."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_the_source_is_walked() -> None:
    """Direct refusals, those by a function of the room and those of classes are all found."""
    found = {one.code for one in RAISED}
    assert {"not_signed_in", "sheet_no_reason", "organization_exists", "code_needed"} <= found
    assert {"wrong_expected_version", "bad_document"} <= found
    assert len(found) > 120


def test_every_refusal_has_a_chinese_sentence() -> None:
    """A code that is raised anywhere has its sentence in ``tracker/texts/refusals.yaml``."""
    missing = {one.code: one.place for one in RAISED if one.code not in chinese()}
    assert missing == {}


def test_every_chinese_sentence_can_be_filled() -> None:
    """Wherever a code is raised, all that its Chinese sentence names is given."""
    unfilled = {
        f"{one.place} {one.code}": sorted(wanted(chinese()[one.code]) - one.params)
        for one in RAISED
        if one.code in chinese() and not wanted(chinese()[one.code]) <= one.params
    }
    assert unfilled == {}


def test_every_english_sentence_can_be_filled() -> None:
    """So is the English one."""
    unfilled = {
        one.place: sorted(wanted(one.english) - one.params)
        for one in RAISED
        if not wanted(one.english) <= one.params
    }
    assert unfilled == {}


def test_no_chinese_sentence_waits_for_nothing() -> None:
    """A sentence whose code nobody raises any more is taken out."""
    assert set(chinese()) - {one.code for one in RAISED} == set()


@pytest.mark.parametrize("code", sorted(chinese()))
def test_a_chinese_sentence_is_one_sentence(code: str) -> None:
    """It is Chinese, has no line break, no final stop, and no English name of a field."""
    text = chinese()[code]
    assert re.search("[\u4e00-\u9fff]", text)
    assert "\n" not in text
    assert text == text.strip()
    assert text[-1] not in "。.！!，,；;"
    assert "field" not in text.replace("{field}", "")


def test_a_refusal_is_said_in_the_language_asked_for() -> None:
    """In English without the name of the field, which the page shows by its place."""
    refused = Refused(
        "login_taken", "field {field}: {login} is taken; choose another", field="login", login="li"
    )
    assert say(refused, "zh") == "登录名 li 已被使用，请换一个"
    assert say(refused, "en") == "li is taken; choose another"
    assert str(refused) == "field login: li is taken; choose another"


def test_words_in_a_chinese_sentence_are_chinese() -> None:
    """Categories and states that fill it are said by their names; unknown ones as they are."""
    text = "the cycle of {period} is {state}"
    refused = Refused("cycle_state", text, period="2026-09", state="closed")
    assert say(refused, "zh") == "2026-09 目前的状态是“已截止”，不能进行这一步"
    other = Refused("unknown_category", "field {field}: {code}", field="category", code="moon")
    assert "moon" in say(other, "zh")


def test_english_stands_where_chinese_is_missing() -> None:
    """A code without a sentence, or one that cannot be filled, is said in English."""
    assert say(Refused("never_heard_of", "no"), "zh") == "no"
    assert say(Refused("login_taken", "taken"), "zh") == "taken"


def test_every_kind_of_refusal_has_its_status() -> None:
    """A new kind without an HTTP status fails here."""
    assert set(STATUS) == set(Kind)
