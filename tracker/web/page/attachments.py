"""Evidence in forms and on pages: kinds that were ticked, files with what they are and were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.http.uploads import seen_files, uses_told
from tracker.storage import evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from tracker.http.context import RequestContext

SMALL_PICTURE = 1 << 20
"""Bytes up to which a picture is shown where it is named; larger ones wait for a click."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A piece of evidence: its kind, and the stored file where there is one.

    ``used`` are the other places where the same file was used.
    """

    kind: str
    file: str | None
    name: str
    size: int
    picture: bool
    used: list[dict[str, str | None]]

    @property
    def value(self) -> str:
        """What a form sends for it."""
        return f"{self.kind}:{self.file}" if self.file is not None else self.kind


def attached(
    context: RequestContext,
    reader: Reader,
    named: Sequence[dict[str, Any]],
    but: tuple[str, str] = ("", ""),
) -> list[Attachment]:
    """Evidence as it is named (``kind``, perhaps ``file``) with what is known of its files.

    ``but`` is the (stream, subject) that names it itself.
    """
    files = sorted({one["file"] for one in named if one.get("file")})
    known = seen_files(context, reader, files)
    used = uses_told(context, reader, sorted(known), but)
    found = []
    for one in named:
        file = one.get("file")
        row = known.get(file) if file else None
        picture = (
            row is not None
            and row.media_type.startswith("image/")
            and row.media_type in evidence.SHOWN
            and row.size <= SMALL_PICTURE
        )
        found.append(
            Attachment(
                one["kind"],
                file,
                row.name if row is not None else (file or "")[:12],
                row.size if row is not None else 0,
                picture,
                used.get(file, []) if file else [],
            )
        )
    return found


def evidence_given(kinds: Sequence[str], files: Sequence[str]) -> list[dict[str, str]]:
    """Kinds that were ticked, files as ``KIND:SHA-256``; a kind with a file is not named twice."""
    found = []
    for one in files:
        kind, _, file = one.rpartition(":")
        found.append({"kind": kind, "file": file})
    with_file = {one["kind"] for one in found}
    return found + [{"kind": kind} for kind in kinds if kind not in with_file]


def file_fields(named: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """The ticks and the files of a form that shows evidence as it is named."""
    kinds = list(dict.fromkeys(one["kind"] for one in named))
    files = [f"{one['kind']}:{one['file']}" for one in named if one.get("file")]
    return kinds, files
