"""Every refusal and problem is in the catalogue, in Chinese and English, and can be filled."""

import ast
import importlib
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from events.refusals.catalogue import CATALOGUE, PARTS
from events.refusals.errors import Kind, Message, Refused
from tracker.wording.refusals import STATUS, say

ROOT = Path(__file__).parents[3]
LAYERS = ("events", "projections", "scheduler", "tracker")
KEY_AT = {
    "Refused": 0, "Message": 0, "BadValue": 0, "CellError": 0, "BadLine": 1, "error": 1,
    "warning": 1,
}  # fmt: skip
"""The calls that name a sentence, and which argument is its key."""
NOT_SAID = frozenset({"field", "sheet"})
"""Parameters that say where; a sentence need not repeat them."""
PASSED_ON = {
    "events/refusals/errors.py",
    "events/documents/faults.py",
    "tracker/wording/faults.py",
    "tracker/imports/lines.py",
    "tracker/imports/tables/words.py",
    "tracker/http/background_jobs.py",
    "tracker/http/json_routes.py",
    "tracker/storage/evidence_checks.py",
}
"""Modules that make a message of a key they are handed, or find by the type of a model's error."""
TABLES = (
    ("events.documents.faults", "FORM"),
    ("tracker.wording.faults", "FIELDS"),
    ("tracker.imports.lines", "_KEYS"),
    ("tracker.http.json_routes", "_WORDS"),
)
"""Keys by the type of a model's error."""


class Site(NamedTuple):
    """One place where a sentence is named: its key, what fills it, the place of the key."""

    place: str
    key: str | None
    params: frozenset[str]
    positional: int
    key_at: int


def _key_at(call: ast.Call) -> int | None:
    """Which argument of a call is a key; None for another call."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in {"error", "warning"}:
        return 1 if getattr(getattr(call.func, "value", None), "id", "") == "Problem" else None
    if name == "__init__":
        literal = call.args and isinstance(call.args[0], ast.Constant)
        return 0 if literal else None
    return KEY_AT.get(name)


def _sites() -> Iterator[Site]:
    for path in sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py")):
        module = str(path.relative_to(ROOT))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            at = _key_at(node) if isinstance(node, ast.Call) else None
            if at is None or not isinstance(node, ast.Call):
                continue
            key = node.args[at] if len(node.args) > at else None
            text = key.value if isinstance(key, ast.Constant) else None
            if text is None and module in PASSED_ON:
                continue
            params = frozenset(word.arg or "**" for word in node.keywords)
            yield Site(f"{module}:{node.lineno}", text, params, len(node.args), at)  # type: ignore[arg-type]


SITES = list(_sites())
FOUND_BY_TYPE = {
    key
    for module, name in TABLES
    for key in getattr(importlib.import_module(module), name).values()
}


def places(template: str) -> set[str]:
    """The parameters that a sentence is filled with."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_the_source_is_walked() -> None:
    """Refusals, those of classes, problems, values and lines are all found."""
    keys = {site.key for site in SITES}
    assert {"not_signed_in", "sheet_no_reason", "organization_exists", "code_needed"} <= keys
    assert {"wrong_expected_version", "bad_document", "no_day", "value_date"} <= keys
    assert {"line_twice", "text_not_utf8", "plan_nobody", "sheet_faults"} <= keys
    assert len(keys) > 250


def test_every_key_is_literal_and_in_the_catalogue() -> None:
    """No site spells a sentence: it names a key, and nothing else by position."""
    bad = [
        site.place
        for site in SITES
        if site.key not in CATALOGUE or site.positional != site.key_at + 1
    ]
    assert bad == []


def test_every_sentence_is_raised_somewhere() -> None:
    """A sentence that nobody raises any more is taken out."""
    assert set(CATALOGUE) - {site.key for site in SITES} - FOUND_BY_TYPE == set()


def test_every_site_gives_what_both_sentences_need() -> None:
    """No more and no less, but for the place at fault."""
    wrong = {
        f"{site.place} {site.key}": sorted(params ^ needed)
        for site in SITES
        if site.key in CATALOGUE
        for needed in [places(CATALOGUE[site.key].en) - NOT_SAID]
        for params in [site.params - NOT_SAID]
        if params != needed
    }
    assert wrong == {}


def test_a_key_is_in_one_part_alone() -> None:
    """No part of the catalogue hides the sentence of another."""
    assert len(CATALOGUE) == sum(len(part) for part in PARTS)


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_a_sentence_is_said_in_both_languages(key: str) -> None:
    """The Chinese one is Chinese, without a stop at the end, and needs nothing more to fill it."""
    en, zh, _ = CATALOGUE[key]
    assert re.search("[\u4e00-\u9fff]", zh) or places(zh) == places(en)
    assert places(zh) <= places(en)
    assert "\n" not in en + zh
    assert (zh, en) == (zh.strip(), en.strip())
    assert zh[-1] not in "。.！!，,；;"
    assert not en.endswith(".")
    assert not en.startswith("field ")
    assert "field" not in zh.replace("{field}", "")


def test_a_refusal_is_said_in_the_language_asked_for() -> None:
    """Without the name of the field, which the page shows by its place."""
    refused = Refused("login_taken", field="login", login="li")
    assert say(refused, "zh") == "登录名 li 已被使用，请换一个"
    assert say(refused, "en") == "the login name li is in use; choose another"
    assert str(refused) == "field login: the login name li is in use; choose another"


def test_a_message_within_a_message_is_said_in_the_same_language() -> None:
    """So is a refusal within one."""
    refused = Refused("bad_document", file="a", line=2, problem=Message("alias", name="x"))
    assert say(refused, "zh") == "第 2 行：不支持引用 *x，请照写一遍"
    assert say(refused, "en") == "a, line 2: *x: aliases are not supported; write the value again"
    sheet = Refused("sheet_refused", file="a", problem=Refused("unknown_account"))
    assert say(sheet, "zh") == "a：没有这个账号"


def test_words_in_a_chinese_sentence_are_chinese() -> None:
    """Categories and states that fill it are said by their names; unknown ones as they are."""
    refused = Refused("cycle_state", period="2026-09", state="closed", done="drawn")
    assert say(refused, "zh") == "2026-09 目前的状态是“已截止”，不能进行这一步"
    assert "moon" in say(Refused("unknown_category", field="category", code="moon", known=""), "zh")


def test_every_kind_of_refusal_has_its_status() -> None:
    """A new kind without an HTTP status fails here."""
    assert set(STATUS) == set(Kind)
