import hashlib
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.refusals.catalogue import CATALOGUE
from events.refusals.errors import Kind, Refused
from tests.support.logs import register_file
from tests.support.small_district import SmallDistrict
from tracker.storage import evidence

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a..", "image/gif"),
        (b"GIF87a..", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        *(
            (b"\0\0\0\x18ftyp" + brand, "image/heic")
            for brand in (b"heix", b"hevc", b"hevx", b"mif1", b"msf1")
        ),
        (b"\0\0\0\x18ftypavif", "image/avif"),
        (b"\0\0\0\x18ftypisom", None),
        (b"BM\x36\x10\0\0\0\0\0\0\x36\0", "image/bmp"),
        (b"BM of a letter", None),
        (b"II*\0\x08\0\0\0", "image/tiff"),
        (b"MM\0*\0\0\0\x08", "image/tiff"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04....", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"<html>", None),
        (b"MZ\x90", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_type(head: bytes, found: str | None) -> None:
    """Whatever the file's name says."""
    assert evidence.media_type(head) == found


def test_a_file_lies_under_its_digest(tmp_path: Path) -> None:
    """It is complete, in folders of its first digits, and no temporary file is left."""
    file, kind, size = evidence.store_bytes(tmp_path, [PNG[:5], PNG[5:]])
    assert (file, kind, size) == (hashlib.sha256(PNG).hexdigest(), "image/png", len(PNG))
    place = tmp_path / file[:2] / file[2:4] / file
    assert evidence.path_of(tmp_path, file) == place
    assert place.read_bytes() == PNG
    assert list((tmp_path / "incoming").iterdir()) == []
    assert stat.S_ISREG(place.stat().st_mode)


def test_the_same_file_twice_is_kept_once(tmp_path: Path) -> None:
    """Under one name."""
    names = {evidence.store_bytes(tmp_path, [PNG])[0] for _ in range(2)}
    assert len(names) == 1
    assert len([one for one in tmp_path.rglob("*") if one.is_file()]) == 1


def test_too_much_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of just the limit is taken, one byte more is not."""
    monkeypatch.setattr(evidence, "LARGEST", len(PNG))
    assert evidence.store_bytes(tmp_path / "a", [PNG])
    with pytest.raises(Refused) as refused:
        evidence.store_bytes(tmp_path / "b", [PNG, b"x"])
    assert (refused.value.code, refused.value.field) == ("file_too_large", "file")
    assert [one for one in (tmp_path / "b").rglob("*") if one.is_file()] == []


@pytest.mark.parametrize(
    ("chunks", "code"),
    [
        ([], "empty_file"),
        ([b""], "empty_file"),
        ([b"hello"], "wrong_file_type"),
        ([b"<svg xmlns='x'>"], "wrong_file_type"),
    ],
)
def test_what_is_no_evidence_is_refused_and_leaves_nothing(
    tmp_path: Path, chunks: list[bytes], code: str
) -> None:
    """An empty file, a text, a drawing that could hold a script."""
    with pytest.raises(Refused) as refused:
        evidence.store_bytes(tmp_path, chunks)
    assert refused.value.code == code
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_what_broke_off_leaves_nothing(tmp_path: Path) -> None:
    """Where the sender fails in the middle."""

    def broken() -> Iterator[bytes]:
        yield PNG
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        evidence.store_bytes(tmp_path, broken())
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_the_first_who_stored_a_file_stays(small: SmallDistrict) -> None:
    """A second sender of the same bytes changes nothing."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for name, account in (("签到\n表.png", "a-1"), ("b.png", "a-2")):
        row = evidence.describe_file(name, "f" * 64, "image/png", 9, account, now)
        register_file(small.store, row)
    with small.read() as reader:
        found = evidence.read_stored_files(reader, ["f" * 64, "e" * 64])
    assert found == {
        "f" * 64: evidence.StoredEvidence(
            "f" * 64, "image/png", 9, "签到表.png", "a-1", "2026-03-01T00:00:00.000000Z"
        )
    }
    assert evidence.describe_file("\n", "f" * 64, "image/png", 9, "a-1", now).name == "f" * 12


def test_files_that_were_never_stored_are_refused(small: SmallDistrict) -> None:
    """The refusal names the file by its first digits; no files are no fault."""
    with small.read() as reader:
        evidence.require_stored(reader, [])
        with pytest.raises(Refused) as refused:
            evidence.require_stored(reader, ["d" * 64])
    assert (refused.value.code, refused.value.kind) == ("no_such_file", Kind.NOT_FOUND)
    assert refused.value.params["file"] == "d" * 12


def test_a_full_disk_leaves_no_part(tmp_path: Path) -> None:
    """The part is unlinked although closing it fails too, and the refusal names the full disk."""
    incoming = evidence.IncomingFile(tmp_path)
    incoming._file.close()
    incoming._file = Path("/dev/full").open("wb")  # noqa: SIM115 - closed by discard
    incoming.write(PNG)
    with pytest.raises(Refused) as refused:
        incoming.complete()
    incoming.discard()
    assert refused.value.code == "disk_full"
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_folder_that_is_not_usable_is_refused(tmp_path: Path) -> None:
    """A file in the folder's place is one kind of folder that cannot be written."""
    (tmp_path / "evidence").write_text("in the way")
    with pytest.raises(Refused) as refused:
        evidence.store_bytes(tmp_path / "evidence", [PNG])
    assert (refused.value.code, refused.value.kind) == ("storage_unusable", Kind.BUSY)


def test_old_parts_are_deleted_but_not_running_ones(tmp_path: Path) -> None:
    """A part whose process is gone has no lock; one that is being sent is locked."""
    running = evidence.IncomingFile(tmp_path)
    (tmp_path / "incoming" / "left").write_bytes(PNG)
    assert evidence.delete_old_parts(tmp_path) == 1
    running.write(PNG)
    assert running.complete()[1] == "image/png"
    assert evidence.delete_old_parts(tmp_path / "nowhere") == 0


def test_a_refusal_names_what_is_taken() -> None:
    """Every type of picture that is taken is named in both languages."""
    pictures = {kind for _, _, kind in evidence.SIGNS if kind.startswith("image/")}
    refusal = CATALOGUE["wrong_file_type"]
    for kind in pictures | {"image/bmp"}:
        name = kind.partition("/")[2]
        assert name in refusal.en.lower()
        assert name in refusal.zh.lower()
