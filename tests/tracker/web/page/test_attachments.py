"""Tests of evidence in forms and on pages."""

from types import SimpleNamespace
from typing import Any

import pytest

from tracker.web.page import attachments
from tracker.web.page.attachments import (
    SMALL_PICTURE,
    Attachment,
    make_evidence_fields,
    parse_evidence_fields,
    read_attachments,
)

FILE, OTHER = "a" * 64, "b" * 64


def test_a_form_gives_back_the_evidence_it_shows() -> None:
    """Files and ticks of a form become the same evidence again, and a kind is not listed twice."""
    evidence = [
        {"kind": "photo", "file": FILE},
        {"kind": "photo", "file": OTHER},
        {"kind": "minutes"},
    ]
    kinds, files = make_evidence_fields(evidence)
    assert (kinds, files) == (["photo", "minutes"], [f"photo:{FILE}", f"photo:{OTHER}"])
    assert parse_evidence_fields(kinds, files) == evidence
    assert parse_evidence_fields((), ()) == []


def read(
    monkeypatch: pytest.MonkeyPatch, named: list[dict[str, Any]], **stored: Any
) -> list[Attachment]:
    """Read evidence where only the file ``FILE`` is stored, with one earlier use."""
    row = SimpleNamespace(**{"name": "会议.png", "size": 10, "media_type": "image/png"} | stored)
    monkeypatch.setattr(attachments, "find_visible_files", lambda *_: {FILE: row})
    monkeypatch.setattr(attachments, "describe_uses", lambda *_: {FILE: [{"name": "和平社区"}]})
    return read_attachments(None, None, named)  # type: ignore[arg-type]


def test_stored_and_unknown_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored file has its name and uses, an unknown one the first digits of its hash."""
    named = [{"kind": "photo", "file": FILE}, {"kind": "photo", "file": OTHER}, {"kind": "minutes"}]
    stored, unknown, ticked = read(monkeypatch, named)
    assert stored == Attachment("photo", FILE, "会议.png", 10, True, [{"name": "和平社区"}])
    assert (unknown.name, unknown.picture, unknown.used) == ("b" * 12, False, [])
    assert (ticked.file, ticked.name) == (None, "")
    assert [one.value for one in (stored, ticked)] == [f"photo:{FILE}", "minutes"]


@pytest.mark.parametrize(
    ("stored", "embedded"),
    [({"size": SMALL_PICTURE}, True), ({"size": SMALL_PICTURE + 1}, False),
     ({"media_type": "application/pdf"}, False), ({"media_type": "image/svg+xml"}, False)],
)  # fmt: skip
def test_only_small_safe_pictures_are_embedded(
    monkeypatch: pytest.MonkeyPatch, stored: dict[str, Any], embedded: bool
) -> None:
    """Large pictures and types that could contain a script are only linked."""
    (piece,) = read(monkeypatch, [{"kind": "photo", "file": FILE}], **stored)
    assert piece.picture is embedded
