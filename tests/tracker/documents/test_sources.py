"""Documents from files, and the shipped schemes."""

from pathlib import Path

import pytest

from events.refusals.errors import Refused
from tracker.documents.sources import built_in_schemes, load_scheme_document, read_file


def test_a_shipped_scheme_is_found_by_its_identifier() -> None:
    """The identifier in the document is the name of its file."""
    for identifier in built_in_schemes():
        name, document = load_scheme_document(identifier)
        assert (name, document["scheme"]) == (identifier, identifier)


def test_an_existing_file_has_priority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with the name of a shipped scheme is read instead of it."""
    monkeypatch.chdir(tmp_path)
    identifier = next(iter(built_in_schemes()))
    Path(identifier).write_text("scheme: mine\n", encoding="utf-8")
    assert load_scheme_document(identifier) == (identifier, {"scheme": "mine"})


@pytest.mark.parametrize(("name", "match"), [("none.yaml", "none.yaml"), (".", "folder")])
def test_a_file_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, match: str
) -> None:
    """A missing file and a folder are refused by name."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match=match):
        read_file(name)
