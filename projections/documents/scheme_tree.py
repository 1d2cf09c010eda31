"""A scheme as a tree to read and search, and what differs between two versions of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from events.documents.schemes import has_points, weights
from events.documents.serialization import plain
from events.values import exact_text
from projections.documents.cause_words import rule_parts
from projections.documents.rule_words import rule_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.documents.schemes import Criterion, Item, Scheme, Section, Text
    from events.documents.vocabulary import Vocabulary
    from projections.documents.cause_words import RuleParts
    from projections.documents.rule_words import Language

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class Node:
    """A section, an item or a criterion; ``points`` are exact text, empty where none are stated.

    Of criteria only: ``rule`` is the rule in words, ``kind`` its name, ``parts`` the rule with its
    causes as a list.
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
    parts: RuleParts | None = None
    children: tuple[Node, ...] = ()

    @property
    def criteria(self) -> int:
        """The number of criteria in the node, a criterion itself included."""
        own = int(self.family == "criterion")
        return own + sum(child.criteria for child in self.children)

    def walk(self) -> Iterator[Node]:
        """Yield the node and everything in it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def tree(scheme: Scheme, words: Vocabulary, language: Language) -> list[Node]:
    """Return the sections of a scheme with everything in them, in one language."""
    return _SchemeReader(scheme, words.extended([scheme]), language).sections(scheme.sections)


class _SchemeReader:
    """One scheme, read in one language."""

    def __init__(self, scheme: Scheme, words: Vocabulary, language: Language) -> None:
        self._points = weights(scheme) if has_points(scheme) else {}
        self._words = words
        self._language = language

    def text(self, text: Text | None) -> str:
        if text is None:
            return ""
        return text.in_language(self._language)

    def sections(self, sections: tuple[Section, ...]) -> list[Node]:
        return [
            Node(
                "section",
                section.code,
                self.text(section.title),
                self._sum(list(_items(section))),
                children=(*self.sections(section.sections), *map(self.item, section.items)),
            )
            for section in sections
        ]

    def item(self, item: Item) -> Node:
        children = tuple(map(self.criterion, item.criteria))
        return Node("item", item.code, self.text(item.title), self._sum([item]), children=children)

    def criterion(self, criterion: Criterion) -> Node:
        points = self._points.get(criterion.code)
        return Node(
            "criterion",
            criterion.code,
            self.text(criterion.text),
            "" if points is None or criterion.optional else exact_text(points),
            rule_words(criterion, self._words, self._language),
            criterion.rule.kind,
            criterion.check,
            self.text(criterion.note),
            criterion.optional,
            rule_parts(criterion, self._words, self._language),
        )

    def _sum(self, items: list[Item]) -> str:
        if not self._points:
            return ""
        points = [self._points[criterion.code] for item in items for criterion in item.criteria]
        return exact_text(sum(points, Fraction(0)))


def _items(section: Section) -> Iterator[Item]:
    yield from section.items
    for inner in section.sections:
        yield from _items(inner)


def search_tree(nodes: list[Node], text: str) -> list[Node]:
    """Return the nodes with a text in code, title, note or rule, within the nodes above them.

    A section or item that has the text is returned whole. Case does not matter.
    """
    wanted = text.casefold()
    matching = []
    for node in nodes:
        if any(wanted in part.casefold() for part in (node.code, node.title, node.note, node.rule)):
            matching.append(node)
            continue
        inside = search_tree(list(node.children), text)
        if inside:
            matching.append(replace(node, children=tuple(inside)))
    return matching


def count_kinds(nodes: list[Node]) -> dict[str, int]:
    """Count the criteria of a tree by kind of rule."""
    return dict(Counter(node.kind for top in nodes for node in top.walk() if node.kind))


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the second version of a scheme changes.

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
    """Return all that differs from ``old`` to ``new``: the head first, then part by part."""
    before, after = (_parts(scheme, words, language) for scheme in (old, new))
    differences: list[Difference] = []
    for key in dict.fromkeys([*before, *after]):
        family, code = key
        if key not in after:
            differences.append(Difference(REMOVED, family, code, "", before[key]["title"], ""))
        elif key not in before:
            differences.append(Difference(ADDED, family, code, "", "", after[key]["title"]))
        else:
            differences += [
                Difference(CHANGED, family, code, name, before[key][name], after[key][name])
                for name in before[key]
                if before[key][name] != after[key][name]
            ]
    order = ("head", "section", "item", "criterion", "bonus", "veto")
    return sorted(differences, key=lambda difference: order.index(difference.family))


def _parts(
    scheme: Scheme, words: Vocabulary, language: Language
) -> dict[tuple[str, str], dict[str, str]]:
    """Return every part by family and code, with its fields as texts."""
    said = _SchemeReader(scheme, words, language)
    parts = {("head", ""): _head(scheme, said)}
    for top in tree(scheme, words, language):
        for node in top.walk():
            fields = {"title": node.title, "points": node.points}
            if node.family == "criterion":
                fields |= {"rule": node.rule, "check": node.check, "note": node.note}
                fields["optional"] = "yes" if node.optional else ""
                fields["section"] = top.code
            parts[(node.family, node.code)] = fields
    for bonus in scheme.bonus:
        fields = {"title": said.text(bonus.text), "points": exact_text(bonus.add)}
        parts[("bonus", bonus.code)] = fields
    for veto in scheme.vetoes:
        parts[("veto", veto.code)] = {"title": said.text(veto.text)}
    return parts


def _head(scheme: Scheme, said: _SchemeReader) -> dict[str, str]:
    policy: dict[str, Any] = plain(scheme.policy.model_dump())
    return {
        "title": said.text(scheme.title),
        "points": "" if scheme.points is None else exact_text(scheme.points),
        "categories": ", ".join(scheme.categories),
        "purpose": scheme.purpose,
        **{name: str(value) for name, value in policy.items()},
    }
