"""A scheme as a tree to read and search, and what differs between two versions of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.schemes import has_points, weights
from events.documents.serialization import plain
from events.values import exact_text
from projections.documents.rule_words import rule_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.documents.schemes import Criterion, Item, Scheme, Section, Text
    from events.documents.vocabulary import Vocabulary
    from projections.documents.rule_words import Language

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class Node:
    """A section, an item or a criterion; ``points`` are exact text, empty where none are stated.

    ``rule`` is the rule in words and ``kind`` its name (criteria alone); ``criteria`` is how many
    stand in it.
    """

    family: str
    code: str
    title: str
    points: str = ""
    rule: str = ""
    kind: str = ""
    check: str = ""
    note: str = ""
    optional: bool = False
    children: tuple[Node, ...] = ()

    @property
    def criteria(self) -> int:
        """How many criteria stand in it, itself counted where it is one."""
        own = int(self.family == "criterion")
        return own + sum(one.criteria for one in self.children)

    def walk(self) -> Iterator[Node]:
        """Itself and everything in it, in document order."""
        yield self
        for one in self.children:
            yield from one.walk()


def tree(scheme: Scheme, words: Vocabulary, language: Language) -> list[Node]:
    """The sections of a scheme with all that stands in them, in one language."""
    return _Reading(scheme, words.extended([scheme]), language).sections(scheme.sections)


class _Reading:
    """One scheme read in one language."""

    def __init__(self, scheme: Scheme, words: Vocabulary, language: Language) -> None:
        self._points = weights(scheme) if has_points(scheme) else {}
        self._words = words
        self._language = language

    def text(self, found: Text | None) -> str:
        if found is None:
            return ""
        return found.zh if self._language == "zh" else found.en

    def sections(self, found: tuple[Section, ...]) -> list[Node]:
        return [
            Node(
                "section",
                one.code,
                self.text(one.title),
                self._sum(list(_items(one))),
                children=(*self.sections(one.sections), *map(self.item, one.items)),
            )
            for one in found
        ]

    def item(self, one: Item) -> Node:
        children = tuple(map(self.criterion, one.criteria))
        return Node("item", one.code, self.text(one.title), self._sum([one]), children=children)

    def criterion(self, one: Criterion) -> Node:
        points = self._points.get(one.code)
        return Node(
            "criterion",
            one.code,
            self.text(one.text),
            "" if points is None or one.optional else exact_text(points),
            rule_words(one, self._words, self._language),
            one.rule.kind,
            one.check,
            self.text(one.note),
            one.optional,
        )

    def _sum(self, items: list[Item]) -> str:
        if not self._points:
            return ""
        points = [self._points[one.code] for item in items for one in item.criteria]
        return exact_text(sum(points, Fraction(0)))


def _items(section: Section) -> Iterator[Item]:
    yield from section.items
    for one in section.sections:
        yield from _items(one)


def search_tree(nodes: list[Node], text: str) -> list[Node]:
    """What of a tree has a text in its code, title, note or rule, with what stands above it.

    A section or item that has it is shown whole. Capital letters do not matter.
    """
    wanted = text.casefold()
    found = []
    for one in nodes:
        if any(wanted in part.casefold() for part in (one.code, one.title, one.note, one.rule)):
            found.append(one)
            continue
        inside = search_tree(list(one.children), text)
        if inside:
            found.append(replace(one, children=tuple(inside)))
    return found


def count_kinds(nodes: list[Node]) -> dict[str, int]:
    """How many criteria of each kind of rule stand in a tree."""
    return dict(Counter(one.kind for node in nodes for one in node.walk() if one.kind))


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is another in the second version.

    ``family`` is head, section, item, criterion, bonus or veto; ``field`` is empty where all of it
    was added or removed. ``before`` and ``after`` are texts, empty where there is nothing.
    """

    state: str
    family: str
    code: str
    field: str
    before: str
    after: str


def compare(old: Scheme, new: Scheme, words: Vocabulary, language: Language) -> list[Difference]:
    """All that differs from ``old`` to ``new``: the head first, then part by part by code."""
    before, after = (_parts(one, words, language) for one in (old, new))
    found: list[Difference] = []
    for key in dict.fromkeys([*before, *after]):
        family, code = key
        if key not in after:
            found.append(Difference(REMOVED, family, code, "", before[key]["title"], ""))
        elif key not in before:
            found.append(Difference(ADDED, family, code, "", "", after[key]["title"]))
        else:
            found += [
                Difference(CHANGED, family, code, name, before[key][name], after[key][name])
                for name in before[key]
                if before[key][name] != after[key][name]
            ]
    order = ("head", "section", "item", "criterion", "bonus", "veto")
    return sorted(found, key=lambda one: order.index(one.family))


def _parts(
    scheme: Scheme, words: Vocabulary, language: Language
) -> dict[tuple[str, str], dict[str, str]]:
    """Every part by family and code, with its fields as texts."""
    said = _Reading(scheme, words, language)
    found = {("head", ""): _head(scheme, said)}
    parents = {node.code: top for top in tree(scheme, words, language) for node in top.walk()}
    for top in tree(scheme, words, language):
        for node in top.walk():
            fields = {"title": node.title, "points": node.points}
            if node.family == "criterion":
                fields |= {"rule": node.rule, "check": node.check, "note": node.note}
                fields["optional"] = "yes" if node.optional else ""
                fields["section"] = parents[node.code].code
            found[(node.family, node.code)] = fields
    for bonus in scheme.bonus:
        fields = {"title": said.text(bonus.text), "points": exact_text(bonus.add)}
        found[("bonus", bonus.code)] = fields
    for veto in scheme.vetoes:
        found[("veto", veto.code)] = {"title": said.text(veto.text)}
    return found


def _head(scheme: Scheme, said: _Reading) -> dict[str, str]:
    policy: dict[str, Any] = plain(scheme.policy.model_dump())
    return {
        "title": said.text(scheme.title),
        "points": "" if scheme.points is None else exact_text(scheme.points),
        "categories": ", ".join(scheme.categories),
        "purpose": scheme.purpose,
        **{name: str(value) for name, value in policy.items()},
    }
