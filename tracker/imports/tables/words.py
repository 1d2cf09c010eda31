"""The words in a table's cells as the values of lines: organizations by name, states, categories.

Every look-up gives the value, or raises ``CellError`` with what would be right.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from events.documents.schemes import Text
from events.documents.vocabulary import Vocabulary
from events.refusals.errors import Message
from tracker.imports.tables.cells import Cell, fold_text, text_of
from tracker.imports.tables.columns import fold_heading

SEPARATORS = re.compile(r"[;；、,，/\n]+")
MOST_CANDIDATES = 5
"""Candidates that a message names."""
STATES = {
    "met": ("met", "达标", "已达标", "具备", "有", "是", "符合", "完成", "已完成", "√", "✓", "☑",
            "y", "yes", "true", "1"),
    "partial": ("partial", "部分达标", "基本达标", "部分具备", "部分完成", "半达标"),
    "unmet": ("unmet", "not met", "未达标", "不达标", "不具备", "无", "否", "不符合", "没有",
                "未完成", "×", "✗", "x", "n", "no", "false", "0"),
}  # fmt: skip
"""The states of a condition with the words that people write for them."""
MORE_CATEGORIES = {
    "prefecture": ("地级市", "地市", "自治州", "州"),
    "village": ("行政村", "建制村", "农村", "村级", "村党组织"),
    "community": ("城市社区", "居委会", "社区居委会", "社区党组织"),
    "township": ("乡", "镇", "乡镇党委"),
    "street": ("街道办", "街道办事处", "街道党工委"),
    "department": ("机关", "部门", "机关单位", "党政机关", "机关党组织"),
    "station": ("站", "所", "站所单位"),
    "school": ("中小学", "学校党组织", "高校"),
    "enterprise": ("国有企业", "国企", "非公企业", "非公有制企业", "公司", "两新企业"),
    "social_organization": ("社会团体", "协会", "民办非企业单位", "两新社会组织"),
    "county": ("县", "区", "县级", "区县", "县级市"),
}
"""Other names of the categories; a word that may mean two is in none."""


class CellError(Exception):
    """A cell cannot be read; ``message`` says what would be right."""

    def __init__(self, key: str, **params: Any) -> None:
        """``key`` is the key of the catalogue."""
        self.message = Message(key, **params)
        super().__init__(str(self.message))


class OrganizationNames:
    """Organizations by code and by name, also by the names that the table itself registers."""

    def __init__(self, organizations: Iterable[tuple[str, str]]) -> None:
        """``organizations`` are codes and names, all that the reader of the table may name."""
        self._codes: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for code, name in organizations:
            self.add(code, name)

    def add(self, code: str, name: str) -> None:
        """Know one more organization."""
        if code not in self._codes.values():
            self._by_name[fold_text(name)].append(code)
        self._codes[fold_text(code)] = code

    def codes_of(self, text: str) -> list[str]:
        """Return the code that the text is, or the codes of all organizations of that name."""
        folded = fold_text(text)
        code = self._codes.get(folded)
        return [code] if code is not None else list(self._by_name.get(folded, ()))

    def free_code(self, parent: str) -> str:
        """Return the next code under a parent that no organization has; ``1`` for a root."""
        for number in count(1):
            code = f"{parent}-{number:03}" if parent else str(number)
            if fold_text(code) not in self._codes:
                return code
        raise AssertionError

    def code_of(self, text: str) -> str:
        """Return the code of the organization meant; ``CellError`` names the candidates."""
        codes = self.codes_of(text)
        if len(codes) == 1:
            return codes[0]
        if codes:
            shown = ", ".join(codes[:MOST_CANDIDATES])
            raise CellError("cell_organization_twice", name=text, codes=shown)
        near = difflib.get_close_matches(fold_text(text), self._by_name, MOST_CANDIDATES, 0.6)
        if near:
            raise CellError("cell_organization_near", name=text, names=", ".join(near))
        raise CellError("cell_organization", name=text)


class Words:
    """The words of the vocabulary, categories included, and the states, by what people write."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """``vocabulary`` is that of the schemes in force and to come."""
        self._families = {
            "activity": _by_text(vocabulary.activities),
            "condition": _by_text(vocabulary.conditions),
            "measure": _by_text(vocabulary.measures),
            "evidence": _by_text(vocabulary.evidence),
            "category": _by_text(vocabulary.categories),
            "state": {fold_text(text): state for state, texts in STATES.items() for text in texts},
        }
        for category, texts in MORE_CATEGORIES.items():
            for text in texts:
                self._families["category"].setdefault(fold_heading(text), category)

    def word(self, family: str, cell: Cell) -> str:
        """Return the word of a family that a cell names; ``CellError`` names the nearest ones."""
        text = text_of(cell)
        known = self._families[family]
        fold = fold_text if family == "state" else fold_heading
        word = known.get(fold(text))
        if word is not None:
            return word
        near = difflib.get_close_matches(fold(text), known, MOST_CANDIDATES, 0.5)
        if family == "state":
            raise CellError("cell_state", value=text)
        if near:
            raise CellError("cell_word_near", value=text, words=", ".join(near))
        raise CellError("cell_word", value=text)

    def words(self, family: str, cell: Cell) -> list[str]:
        """Return the words of a cell with several, separated as people do, each once."""
        parts = [part for part in SEPARATORS.split(text_of(cell)) if part.strip()]
        return list(dict.fromkeys(self.word(family, part) for part in parts))


def _by_text(words: Mapping[str, Text]) -> dict[str, str]:
    """Return words by their folded texts; a text of two words means neither."""
    by_text: dict[str, str] = {}
    twice = set()
    for word, text in words.items():
        for name in {fold_heading(name) for name in (text.zh, text.en, word) if name}:
            if by_text.setdefault(name, word) != word:
                twice.add(name)
    return {name: word for name, word in by_text.items() if name not in twice}
