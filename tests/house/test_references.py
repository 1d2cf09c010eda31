"""Every reference to the specification, the contracts and the decisions leads somewhere."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = next(
    folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists()
)
PACKAGES = ("events", "projections", "scheduler", "tracker", "tests", "benchmarks")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("tests/**/*.md")])
SEMANTICS = ROOT / "docs" / "semantics.md"
CONTRACTS = ROOT / "docs" / "contracts.md"
PATH = re.compile(r"\bdocs/[\w./-]+?\.md\b")
NUMBER = r"\d+(?:\.\d+)?"
SECTION = re.compile(rf"\b[Ss]ections? ({NUMBER}(?:(?:, and |, | and | to ){NUMBER})*)")
OTHER_SECTION = re.compile(rf"RFC \d{{4}},? section {NUMBER}")
QUOTED = re.compile(r'docs/contracts\.md, "([^"]+)"')
BARE = (
    re.compile(r"\b[Dd]ecisions? \d"),
    re.compile(r"(?<![/\w])[Ss]emantics,? (?:sections? )?\d"),
    re.compile(r'(?<![/\w])[Cc]ontracts, "'),
    re.compile(r"\b(?:SEMANTICS|CONTRACTS|HOUSE)\b"),
)
"""References that name no path."""
BARE_NUMBER = re.compile(r"\(\d{1,2}\)(?=\.(?:\s|$))")
BARE_RECORD = re.compile(r"\bADR \d{4}\b")


def name_of(path: Path) -> str:
    """Return a file's path inside the repository."""
    return path.relative_to(ROOT).as_posix()


def prose_of(path: Path) -> str:
    """Return the docstrings and comments of a module, one statement a line."""
    source = path.read_text(encoding="utf-8")
    texts = [
        " ".join(node.value.value.split())
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    if "#" in source:
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        texts += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return OTHER_SECTION.sub("", "\n".join(texts))


def headings_of(path: Path) -> list[str]:
    """Return the headings of a document without their marks."""
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


def section_numbers() -> set[str]:
    """Return the numbers of the specification's sections."""
    numbers = {head.split()[0] for head in headings_of(SEMANTICS)}
    return {number for number in numbers if re.fullmatch(NUMBER, number)}


PROSE = {name_of(path): prose_of(path) for path in MODULES}
TEXTS = {name_of(path): path.read_text(encoding="utf-8") for path in PAPERS}


@pytest.mark.parametrize("name", sorted(PROSE | TEXTS))
def test_every_path_exists(name: str) -> None:
    """Every document that a file names by its path exists."""
    named = set(PATH.findall((PROSE | TEXTS)[name]))
    assert sorted(path for path in named if not (ROOT / path).is_file()) == []


@pytest.mark.parametrize("name", sorted(PROSE))
def test_every_section_exists(name: str) -> None:
    """Every section that a module names by its number is a heading of the document it names."""
    numbers = {
        number for match in SECTION.finditer(PROSE[name]) for number in re.findall(NUMBER, match[1])
    }
    if numbers:
        assert "docs/semantics.md" in PROSE[name], "says a section and names no document"
    assert sorted(numbers - section_numbers()) == []
    assert set(QUOTED.findall(PROSE[name])) <= set(headings_of(CONTRACTS))


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_paper_that_says_a_section_names_its_document(name: str) -> None:
    """A document that names a section by its number is the specification or names it."""
    text = OTHER_SECTION.sub("", TEXTS[name])
    if name != "docs/semantics.md" and SECTION.search(text):
        assert "semantics.md" in text


@pytest.mark.parametrize("name", sorted(PROSE | TEXTS))
def test_no_reference_is_bare(name: str) -> None:
    """No reference leaves out the path of what it refers to."""
    text = (PROSE | TEXTS)[name]
    places = [bare[0] for pattern in BARE for bare in pattern.finditer(text)]
    if name in PROSE:
        places += BARE_RECORD.findall(text)
        if "docs/semantics.md" in text:
            places += BARE_NUMBER.findall(text)
    assert places == []
