"""The repository keeps its rules: sizes, names, and documents that name what exists."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import events
from events.documents.scheme_checks import validate_scheme
from events.documents.serialization import load_document
from events.documents.vocabulary import BUILT_IN
from events.event import EVENT_TYPES

ROOT = Path(__file__).parents[2]
LAYERS = ("events", "projections", "scheduler", "tracker")
FILES = sorted(
    path
    for folder in (*LAYERS, "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)
FORBIDDEN = {
    "utils",
    "helpers",
    "common",
    "base",
    "misc",
    "service",
    "repository",
    "manager",
    "bus",
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes(path: Path) -> None:
    """No file is longer than 400 lines, no function than 60."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("layer", LAYERS)
def test_every_module_is_named_well(layer: str) -> None:
    """No module has one of the names that say nothing."""
    names = {path.stem for path in (ROOT / layer).rglob("*.py")}
    assert not names & FORBIDDEN


def test_every_event_is_documented() -> None:
    """``docs/events.md`` names every type of event and no other."""
    for module in pkgutil.walk_packages(events.__path__, "events."):
        importlib.import_module(module.name)
    text = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([A-Za-z]+)`", text, re.MULTILINE))
    shipped = {name for name, kind in EVENT_TYPES.items() if kind.__module__.startswith("events.")}
    assert named == shipped


def test_the_scheme_in_the_documents_is_without_fault() -> None:
    """The example of ``docs/schemes.md`` passes the checks without a warning."""
    text = (ROOT / "docs" / "schemes.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    checked = validate_scheme(load_document(example[1].encode(), "docs/schemes.md"), BUILT_IN)
    assert checked.problems == ()


def test_links_lead_somewhere() -> None:
    """Every relative link of README and the documents leads to a file that is there."""
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
