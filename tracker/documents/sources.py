"""Sources of documents: files, and the schemes that ship with the tracker."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from events.documents.serialization import load_document
from events.refusals.errors import Refused


def read_file(path: str | Path) -> bytes:
    """Return the bytes of a file; ``Refused`` where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise Refused("no_file", file=str(path)) from None
    except IsADirectoryError:
        raise Refused("no_file.folder", file=str(path)) from None
    except OSError as error:
        raise Refused("unreadable_file", file=str(path), problem=error.strerror) from None


def built_in_schemes() -> dict[str, bytes]:
    """Return the shipped scheme documents by identifier, which is the name of the file."""
    folder = files("tracker") / "schemes"
    return {
        file.name.removesuffix(".yaml"): file.read_bytes()
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".yaml")
    }


def load_scheme_document(source: str) -> tuple[str, dict[str, Any]]:
    """Return the name and document of a scheme: a file's, or a built-in one by its identifier.

    An existing file has priority. ``Refused`` where it cannot be read.
    """
    shipped = built_in_schemes()
    if not Path(source).exists() and source in shipped:
        return source, load_document(shipped[source], source)
    return source, load_document(read_file(source), source)
