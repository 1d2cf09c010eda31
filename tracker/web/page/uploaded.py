"""One file that came with a form: read up to a size, and let go of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile

if TYPE_CHECKING:
    from tracker.http.context import RequestContext

LONGEST_NAME = 100


def uploaded(context: RequestContext, name: str, most: int) -> tuple[str, bytes] | None:
    """The name and bytes of the file in a field, None where none was chosen.

    Of more than ``most`` bytes it reads one more, so that whoever asked sees that it is too large.
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
