"""Evidence in forms and on pages: the kinds ticked, and the files with their earlier uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.http.uploads import describe_uses, find_visible_files
from tracker.storage import evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from tracker.http.context import RequestContext

SMALL_PICTURE = 1 << 20
"""Bytes up to which a page embeds a picture; a larger one is only linked, to save bandwidth."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A piece of evidence: its kind, and the stored file if there is one.

    ``file`` is the SHA-256 of the content, ``size`` is in bytes, ``picture`` says whether a page
    embeds it, and ``used`` lists the other places that use the same file.
    """

    kind: str
    file: str | None
    name: str
    size: int
    picture: bool
    used: list[dict[str, str | None]]

    @property
    def value(self) -> str:
        """The value that a form submits for this piece: ``KIND:SHA-256``, or ``KIND`` alone."""
        return f"{self.kind}:{self.file}" if self.file is not None else self.kind


def read_attachments(
    context: RequestContext,
    reader: Reader,
    named: Sequence[dict[str, Any]],
    but: tuple[str, str] = ("", ""),
    occurred_on: str = "",
) -> list[Attachment]:
    """Return each piece of evidence (``kind``, optional ``file``) with the data of its file.

    ``but`` is the (stream, subject) that lists the evidence itself and is left out of ``used``,
    ``occurred_on`` the day that its form has: see ``flagged_uses``.
    """
    files = sorted({piece["file"] for piece in named if piece.get("file")})
    known = find_visible_files(context, reader, files)
    used = describe_uses(context, reader, sorted(known), but, occurred_on)
    attachments = []
    for piece in named:
        file = piece.get("file")
        row = known.get(file) if file else None
        picture = (
            row is not None
            and row.media_type.startswith("image/")
            and row.media_type in evidence.SHOWN_INLINE
            and row.size <= SMALL_PICTURE
        )
        attachments.append(
            Attachment(
                piece["kind"],
                file,
                row.name if row is not None else (file or "")[:12],
                row.size if row is not None else 0,
                picture,
                used.get(file, []) if file else [],
            )
        )
    return attachments


def parse_evidence_fields(kinds: Sequence[str], files: Sequence[str]) -> list[dict[str, str]]:
    """Return the evidence of a form: files (``KIND:SHA-256``), then ticked kinds without a file."""
    pieces = []
    for value in files:
        kind, _, file = value.rpartition(":")
        pieces.append({"kind": kind, "file": file})
    with_file = {piece["kind"] for piece in pieces}
    return pieces + [{"kind": kind} for kind in kinds if kind not in with_file]


def make_evidence_fields(named: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Return the ticked kinds and the files (``KIND:SHA-256``) of a form that shows evidence."""
    kinds = list(dict.fromkeys(piece["kind"] for piece in named))
    files = [f"{piece['kind']}:{piece['file']}" for piece in named if piece.get("file")]
    return kinds, files
