"""The language of the repository: plain English in prose, names that say what a thing is.

``python -m tests.house.test_words [AREA ...]`` prints every place that fails, one a line.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = next(path for path in Path(__file__).parents if (path / "pyproject.toml").exists())
LAYERS = ("events", "projections", "scheduler", "tracker")
AREAS = (*LAYERS, "tests", "benchmarks", "docs")
PAPERS = ("*.md", "Makefile", "pyproject.toml", "docs/**/*.md", "tests/**/*.md")

# prose
BANNED = (
    *("anew", "beside", "bears", "told", "stands", "whoever"),
    *("held against", "at hand", "of its own", "let go"),
)
"""The words that `docs/style.md` replaces by plain ones; whole words, in any case."""
WORDS = "|".join(word.replace(" ", r"\s+") for word in BANNED)
PATTERN = re.compile(rf"(?<![A-Za-z_])(?:{WORDS})(?![A-Za-z_])", re.IGNORECASE)
UNCHECKED = frozenset({"test_words.py"})
"""This file: it spells the words out."""
LITERAL: tuple[tuple[str, str, str], ...] = (
    ("docs/catalogue.md", "Basketball stands, table-tennis tables", "literal: sports equipment"),
    ("community-2011.yaml", "Basketball stands, table-tennis tables", "literal: the same"),
    ("community-2011.yaml", "The board stands near the premises", "literal: a notice board"),
    ("community-2011.yaml", "form bears the organization's opinion", "literal: a filled-in form"),
)
"""Literal senses: how the path ends, words of the sentence, why the word is right there."""
WINDOW = 120
"""How many characters on each side of a word are searched for the words of an exemption."""

# names
VAGUE_NAMES = frozenset({"one", "found"})
MOST_VAGUE = 20
"""Uses of ``one`` and ``found`` allowed in 1,000 lines of a layer."""
VAGUE_CLASSES = frozenset(
    {
        *("Absent", "Asked", "By", "Circumstances", "Fresh", "Given", "Here", "Known", "Laid"),
        *("Lacking", "Made", "On", "Read", "Terms", "Told", "Underway", "Wanted", "Whole"),
        *("Anywhere", "Everything", "Nothing", "Something", "Cut", "Drawn", "Held", "Kept"),
    }
)
ENDINGS = ("ed", "ing", "en")
NOUNS = frozenset({"Burden", "Finding", "Keyring", "Listing", "Posting", "Sampling", "Setting"})
"""Names of one word that end like a participle and are nouns."""
REFUSALS = frozenset({"Refused"})
"""The word for an expected refusal is kept."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One word or name against docs/style.md, with its place."""

    path: str
    line: int
    word: str

    def __str__(self) -> str:
        """Return the fault in the form of a compiler message, which editors can follow."""
        return f"{self.path}:{self.line}: {self.word}"


@cache
def files_of(area: str) -> tuple[Path, ...]:
    """Return the files of an area, in order."""
    if area == "docs":
        paths = {path for pattern in PAPERS for path in ROOT.glob(pattern)}
    else:
        kinds = (".py", ".html", ".yaml", ".js", ".css", ".mako")
        paths = {path for path in (ROOT / area).rglob("*") if path.suffix in kinds}
    return tuple(path for path in sorted(paths) if not {"__pycache__", ".venv"} & set(path.parts))


def prose_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the pieces of prose of a file, each with its first line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from python_prose(text)
    elif path.suffix == ".html":
        yield 1, template_prose(text)
    elif path.suffix in {".js", ".css"}:
        yield 1, keep(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]* [^\"\n]*\"|`[^`]* [^`]*`", text)
    elif path.suffix == ".toml" or path.name == "Makefile":
        yield 1, keep(r"#[^\n]*", text)
    elif path.suffix == ".md":
        yield 1, blank(r"^```.*?^```|^> [^\n]*", text)
    else:
        yield 1, text


def python_prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield all comments as one piece, because phrases span lines, then strings with a space."""
    lines = [""] * (text.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0]] = token.string.lstrip("#")
    yield 0, "\n".join(lines)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def template_prose(text: str) -> str:
    """Return a template without names and classes; of expressions only strings with a space."""
    text = blank(r"\b(?:class|id|name|for|href|action|src|type|data-[a-z-]+)=\"[^\"{]*\"", text)
    text = blank(r"\bdata-[a-z-]+(?==)", text)

    def strings(match: re.Match[str]) -> str:
        return keep(r"\"[^\"]* [^\"]*\"|'[^']* [^']*'", match[0])

    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", strings, text, flags=re.DOTALL)


def blank(pattern: str, text: str) -> str:
    """Return the text with every match replaced by spaces; lines keep their numbers."""
    return re.sub(
        pattern,
        lambda match: re.sub(r"[^\n]", " ", match[0]),
        text,
        flags=re.DOTALL | re.MULTILINE,
    )


def keep(pattern: str, text: str) -> str:
    """Return the text with everything but the matches replaced by spaces."""
    pieces: list[str] = []
    end = 0
    for match in re.finditer(pattern, text, re.DOTALL):
        pieces += [re.sub(r"[^\n]", " ", text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*pieces, re.sub(r"[^\n]", " ", text[end:])])


def banned_in(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield banned words outside backticks: line from 0, the word, the words around it."""
    text = blank(r"``[^`]+``|`[^`\n]+`", text)
    for match in PATTERN.finditer(text):
        around = text[max(0, match.start() - WINDOW) : match.end() + WINDOW]
        word = " ".join(match[0].lower().split())
        yield text.count("\n", 0, match.start()), word, " ".join(around.split())


@cache
def words_of(area: str) -> tuple[tuple[Fault, str], ...]:
    """Return every banned word of an area with the words around it."""
    return tuple(
        (Fault(path.relative_to(ROOT).as_posix(), first + line, word), around)
        for path in files_of(area)
        if path.name not in UNCHECKED
        for first, prose in prose_of(path)
        for line, word, around in banned_in(prose)
    )


def allows(exemption: tuple[str, str, str], fault: Fault, around: str) -> bool:
    """Return whether an exemption is about this place."""
    path, words, _ = exemption
    return fault.path.endswith(path) and words in around


def banned_words(area: str) -> list[Fault]:
    """Return the banned words of an area, except in their literal sense."""
    return [
        fault
        for fault, around in words_of(area)
        if not any(allows(exemption, fault, around) for exemption in LITERAL)
    ]


def vague_names(area: str) -> tuple[list[Fault], int]:
    """Return uses of vague names outside one-line comprehensions, and the lines of the area."""
    faults: list[Fault] = []
    lines = 0
    for path in files_of(area):
        if path.suffix != ".py":
            continue
        text = path.read_text(encoding="utf-8")
        lines += text.count("\n")
        tree = ast.parse(text)
        allowed = set(loop_names(tree))
        faults += [
            Fault(path.relative_to(ROOT).as_posix(), line, name)
            for node in ast.walk(tree)
            if id(node) not in allowed
            for line, name in names_at(node)
            if name in VAGUE_NAMES
        ]
    return faults, lines


def loop_names(tree: ast.AST) -> Iterator[int]:
    """Yield the ids of nodes that are the loop variable of a one-line comprehension."""
    kinds = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    for node in ast.walk(tree):
        if isinstance(node, kinds) and node.lineno == node.end_lineno:
            targets = {
                name.id
                for loop in node.generators
                for name in ast.walk(loop.target)
                if isinstance(name, ast.Name)
            }
            for name in ast.walk(node):
                if isinstance(name, ast.Name) and name.id in targets:
                    yield id(name)


def names_at(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the names in one node, each with its line."""
    match node:
        case ast.Name(id=name, lineno=line) | ast.Attribute(attr=name, lineno=line):
            yield line, name
        case ast.arg(arg=name, lineno=line) | ast.FunctionDef(name=name, lineno=line):
            yield line, name
        case ast.keyword(arg=str(name), lineno=line):
            yield line, name
        case _:
            return


@cache
def classes() -> tuple[tuple[Fault, frozenset[str]], ...]:
    """Return every class of the product at its place, with the names of its bases."""
    return tuple(
        (
            Fault(path.relative_to(ROOT).as_posix(), node.lineno, node.name),
            frozenset(base.id for base in node.bases if isinstance(base, ast.Name)),
        )
        for area in LAYERS
        for path in files_of(area)
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )


@cache
def events() -> frozenset[str]:
    """Return the names of the event classes, which are facts in the past tense."""
    known = frozenset({"Event"})
    while True:
        more = known | {place.word for place, bases in classes() if bases & known}
        if more == known:
            return known
        known = more


def vague_classes(area: str) -> list[Fault]:
    """Return classes named by only a participle, an adverb or a pronoun, without events."""
    return [
        place
        for place, bases in classes()
        if place.path.startswith(f"{area}/")
        if not bases & events() and is_vague(place.word.lstrip("_"))
    ]


def is_vague(name: str) -> bool:
    """Return whether a class's name is one word that is not a noun."""
    alone = re.fullmatch(r"[A-Z][a-z]+", name) is not None
    participle = alone and name.endswith(ENDINGS) and name not in NOUNS | REFUSALS
    return participle or name in VAGUE_CLASSES


def listed(faults: list[Fault]) -> str:
    """Return the faults, one a line."""
    return "\n".join(str(fault) for fault in faults)


@pytest.mark.parametrize("area", AREAS)
def test_no_banned_word(area: str) -> None:
    """Prose, comments, messages and pages use no word that docs/style.md replaces."""
    faults = banned_words(area)
    assert not faults, f"{len(faults)} banned words\n{listed(faults)}"


@pytest.mark.parametrize("area", LAYERS)
def test_names_say_what_they_hold(area: str) -> None:
    """In each layer fewer than 20 names in 1,000 lines are `one` or `found`."""
    faults, lines = vague_names(area)
    rate = 1000 * len(faults) / lines
    assert rate < MOST_VAGUE, f"{rate:.1f} in 1,000 lines\n{listed(faults)}"


@pytest.mark.parametrize("area", LAYERS)
def test_classes_are_nouns(area: str) -> None:
    """Only events are named by a participle, an adverb or a pronoun alone."""
    faults = vague_classes(area)
    assert not faults, f"{len(faults)} classes\n{listed(faults)}"


@pytest.mark.parametrize("exemption", LITERAL, ids=lambda exemption: exemption[0])
def test_every_exemption_is_used(exemption: tuple[str, str, str]) -> None:
    """Every exemption matches a sentence."""
    assert any(allows(exemption, *place) for area in AREAS for place in words_of(area))


def test_quotations_are_not_counted() -> None:
    """A banned word counts in comments and messages, but not in backticks."""
    text = '# it stands `anew`\nsay("held  against it", "stands")\n'
    words = [word for _, prose in python_prose(text) for _, word, _ in banned_in(prose)]
    assert words == ["stands", "held against"]


def test_a_loop_variable_on_one_line_is_not_counted() -> None:
    """The loop variable of a comprehension on one line may be vague, nothing else may."""
    tree = ast.parse("found = [one.id for one in rows]\nfor one in found:\n    pass\n")
    allowed = set(loop_names(tree))
    names = [
        name for node in ast.walk(tree) if id(node) not in allowed for _, name in names_at(node)
    ]
    assert sorted(name for name in names if name in VAGUE_NAMES) == ["found", "found", "one"]


@pytest.mark.parametrize(
    ("name", "vague"),
    [("Here", True), ("Laid", True), ("Counted", True), ("LockedInspection", False)],
)
def test_a_participle_alone_is_no_name(name: str, vague: bool) -> None:
    """A participle needs the noun that it describes."""
    assert is_vague(name) is vague


def main(areas: list[str]) -> None:
    """Print what fails in the areas, or in all of them."""
    for area in areas or AREAS:
        faults = banned_words(area)
        if area in LAYERS:
            vague, lines = vague_names(area)
            sys.stderr.write(f"{area}: one, found {1000 * len(vague) / lines:.1f} in 1,000 lines\n")
            faults += vague + vague_classes(area)
        sys.stdout.writelines(f"{fault}\n" for fault in faults)


if __name__ == "__main__":
    main(sys.argv[1:])
