"""Tests of a file uploaded with a form."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.datastructures import UploadFile

from tracker.web.page.uploaded import LONGEST_NAME, read_uploaded_file


def read(field: Any) -> tuple[str, bytes] | None:
    """Read the field ``file`` of a form, at most four bytes."""
    context = SimpleNamespace(form={"file": field})
    return read_uploaded_file(context, "file", 4)  # type: ignore[arg-type]


def test_a_file_is_read_up_to_its_limit_and_closed() -> None:
    """One byte more than the limit shows that a file is too large; its name is shortened."""
    content = io.BytesIO(b"123456")
    assert read(UploadFile(content, filename="n" * 200)) == ("n" * LONGEST_NAME, b"12345")
    assert content.closed


@pytest.mark.parametrize("field", [None, "text", UploadFile(io.BytesIO(), filename="")])
def test_no_file_was_chosen(field: Any) -> None:
    """A missing field, a text and an empty choice are no file."""
    assert read(field) is None


def test_a_request_without_a_form_has_no_file() -> None:
    """A request whose body is no form has no file."""
    context = SimpleNamespace(form=None)
    assert read_uploaded_file(context, "file", 4) is None  # type: ignore[arg-type]
