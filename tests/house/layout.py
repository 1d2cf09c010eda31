"""The layout as the code has it: modules, wings, the imports between them, the contracts.

``python -m tests.house.layout`` writes the picture and the tables of ``docs/architecture.md`` from
the import contracts of ``pyproject.toml`` and from the maps of the packages.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LAYERS = ("events", "projections", "scheduler", "tracker")
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- made by: python -m tests.house.layout -->", "<!-- end -->"
MAP_ROW = re.compile(r"^\| ``([a-z_]+)`` \| (.+) \|$", re.MULTILINE)


def modules(top: str) -> dict[str, Path]:
    """Return every module of a package by dotted name; a package is its ``__init__``."""
    paths = {}
    for path in sorted((ROOT / top.replace(".", "/")).rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        paths[name.removesuffix(".__init__")] = path
    return paths


@cache
def imports() -> dict[str, frozenset[str]]:
    """Return the product's modules that each module of the product imports."""
    names = {name: path for layer in LAYERS for name, path in modules(layer).items()}
    return {name: frozenset(_imported(path, names.keys())) for name, path in names.items()}


def _imported(path: Path, names: Any) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                target = full if full in names else node.module
                if target in names:
                    yield target
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)


def packages() -> list[str]:
    """Return every package of the product that contains modules or wings, by dotted name."""
    return [
        name
        for layer in LAYERS
        for name, path in modules(layer).items()
        if path.name == "__init__.py" and "migrations" not in name
    ]


def map_of(package: str) -> dict[str, str]:
    """Return the map in a package's docstring: the phrase of each module and wing."""
    text = (ROOT / package.replace(".", "/") / "__init__.py").read_text(encoding="utf-8")
    return dict(MAP_ROW.findall(text))


def parts(package: str) -> set[str]:
    """Return the modules and wings directly inside a package."""
    folder = ROOT / package.replace(".", "/")
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    wings = {path.name for path in folder.iterdir() if any(path.glob("*.py"))}
    return files | (wings - {"__pycache__"})


def arrows(package: str) -> set[tuple[str, str]]:
    """Return the imports between the modules and wings of a package: who imports whom."""
    start = f"{package}."
    pairs = set()
    for name, targets in imports().items():
        if not name.startswith(start):
            continue
        part = name[len(start) :].split(".")[0]
        for target in targets:
            if target.startswith(start):
                other = target[len(start) :].split(".")[0]
                if other != part:
                    pairs.add((part, other))
    return pairs


def contracts() -> list[dict[str, Any]]:
    """Return the layer contracts of import-linter, in their order in ``pyproject.toml``."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed: list[dict[str, Any]] = document["tool"]["importlinter"]["contracts"]
    return [contract for contract in listed if contract["type"] == "layers"]


def _row(layer: str) -> str:
    return " | ".join(part.strip(" ()") for part in layer.split("|"))


def picture() -> str:
    """Return the layers and wings from top to bottom, with the phrases of each package's map."""
    lines = []
    for contract in contracts():
        (container,) = contract.get("containers", [""])
        title = f"`{container}`" if container else "The four layers"
        lines += [f"### {title}", "", "```text"]
        rows = [_row(layer) for layer in contract["layers"]]
        for place, row in enumerate(rows):
            lines += [*(["   │"] if place else []), f"{row}"]
        lines += ["```", ""]
        if container:
            counts = len(parts(container)), len(arrows(container))
            sizes = "{} modules and wings, {} imports between them.".format(*counts)
            lines += [sizes, "", "| part | what it does |", "| --- | --- |"]
            lines += [f"| `{part}` | {phrase} |" for part, phrase in map_of(container).items()]
            lines += [""]
    return "\n".join(lines)


def written(text: str) -> str:
    """Return the document with its generated part written again."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{picture()}\n{END}{tail}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
