"""Where documents come from: files, and the schemes that ship with the tracker."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from events.documents.serialization import load_document
from events.refusals.errors import Refused


def read_file(path: str | Path) -> bytes:
    """The bytes of a file, or ``Refused`` naming it."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise Refused("no_file", file=str(path)) from None
    except IsADirectoryError:
        raise Refused("no_file.folder", file=str(path)) from None
    except OSError as error:
        raise Refused("unreadable_file", file=str(path), problem=error.strerror) from None


def built_in() -> dict[str, bytes]:
    """The shipped scheme documents by the identifier that their files bear."""
    folder = files("tracker") / "schemes"
    return {
        one.name.removesuffix(".yaml"): one.read_bytes()
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(".yaml")
    }


def scheme_document(source: str) -> tuple[str, dict[str, Any]]:
    """A scheme document by its file or, where no file bears that name, a built-in one's ID."""
    shipped = built_in()
    if not Path(source).exists() and source in shipped:
        return source, load_document(shipped[source], source)
    return source, load_document(read_file(source), source)
