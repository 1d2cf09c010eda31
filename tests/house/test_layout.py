"""The layout holds: every package has its map, wings stay few, tests mirror modules."""

import ast
import importlib
import inspect
import re

import pytest

from tests.house.layout import DOCUMENT, LAYERS, ROOT, arrows, map_of, modules, packages, parts
from tests.house.layout import written as document_written

MOST = {
    "events": (9, 20),
    "projections": (16, 51),
    "tracker": (20, 70),
    "tracker.web": (13, 21),
}
"""The most modules and wings of a package, and imports between them; more needs an ADR."""
DATA_FOLDERS = {"schemes", "migrations", "templates", "static", "texts"}


@pytest.mark.parametrize("package", packages())
def test_every_package_has_its_map(package: str) -> None:
    """The map in a package's docstring names every module and wing of it, and no other."""
    named = map_of(package).keys()
    assert parts(package) - {"migrations"} <= named
    assert named <= parts(package) | DATA_FOLDERS


@pytest.mark.parametrize("package", packages())
def test_every_phrase_of_a_map_is_its_own(package: str) -> None:
    """Each module of a map has a phrase that is not another's and says more than a word."""
    phrases = list(map_of(package).values())
    assert len(set(phrases)) == len(phrases)
    assert [phrase for phrase in phrases if " " not in phrase and "``" not in phrase] == []
    assert "the same" not in phrases


@pytest.mark.parametrize("package", MOST)
def test_parts_and_imports_stay_few(package: str) -> None:
    """A package has at most so many modules and wings, and imports between them."""
    most_parts, most_imports = MOST[package]
    assert len(parts(package)) <= most_parts, sorted(parts(package))
    assert len(arrows(package)) <= most_imports, sorted(arrows(package))


def test_the_architecture_is_drawn_from_the_contracts() -> None:
    """``docs/architecture.md`` is what ``python -m tests.house.layout`` writes today."""
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == document_written(text)


AT_PATH = re.compile(r"`([a-z_/]+\.py):([A-Za-z_][\w.]*)`")
IN_PATH = re.compile(r"`([A-Za-z_][\w.]*)` in `([a-z_/]+\.py)`")


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_named_functions_exist(page: str) -> None:
    """Every function that the page names at or in a file is defined there."""
    text = (ROOT / page).read_text(encoding="utf-8")
    named = AT_PATH.findall(text) + [(path, name) for name, path in IN_PATH.findall(text)]
    assert len(named) >= 8
    for path, name in named:
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        target = module
        for part in name.split("."):
            target = getattr(target, part)
        assert inspect.getsourcefile(target) == str(ROOT / path), f"{path}:{name}"


def test_every_folder_of_tests_is_a_package() -> None:
    """Each folder with tests has its ``__init__.py``, so that no test hides a layer of its name."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def _covered_elsewhere() -> dict[str, str]:
    """Return the modules without a mirror, each with the test that covers it."""
    text = (ROOT / "tests" / "house" / "covered_elsewhere.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {line.split()[0]: line.split()[1] for line in lines}


def _mirrored(module: str) -> bool:
    folder, _, name = module.rpartition(".")
    place = ROOT / "tests" / folder.replace(".", "/")
    return any(
        path.stem == f"test_{name}" or path.stem.startswith(f"test_{name}_")
        for path in place.glob("test_*.py")
    )


def test_every_module_has_its_mirror() -> None:
    """Every module has its test at the same path or a line that names a covering test."""
    elsewhere = _covered_elsewhere()
    plain = {
        name
        for layer in LAYERS
        for name, path in modules(layer).items()
        if path.name != "__init__.py" and "migrations" not in name
    }
    bare = {name for name in plain if not _mirrored(name)}
    assert bare - elsewhere.keys() == set()
    assert elsewhere.keys() - bare == set(), "has its mirror, or is gone"
    assert {test for test in elsewhere.values() if not (ROOT / test).exists()} == set()


def test_every_module_says_what_it_is() -> None:
    """The docstring of a module begins with one sentence on one line."""
    for layer in LAYERS:
        for name, path in modules(layer).items():
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            assert text.split("\n")[0].endswith((".", ":", "!")), name
