"""One file uploaded with a form: read up to a size, then closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile

if TYPE_CHECKING:
    from tracker.http.context import RequestContext

LONGEST_NAME = 100
"""Characters of a file name that are kept."""


def read_uploaded_file(context: RequestContext, name: str, most: int) -> tuple[str, bytes] | None:
    """Return the name and bytes of the file in a field, None if no file was chosen.

    Read at most ``most`` + 1 bytes, so that the caller sees that a file is too large.
    """
    sent = context.form.get(name) if context.form is not None else None
    if not isinstance(sent, UploadFile):
        return None
    try:
        if not sent.filename:
            return None
        return sent.filename[:LONGEST_NAME], sent.file.read(most + 1)
    finally:
        sent.file.close()
