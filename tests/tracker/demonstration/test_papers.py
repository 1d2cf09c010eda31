"""Minutes are small PDF files with their text."""

import re

from tracker.demonstration.papers import LINE_SIGNS, write_paper
from tracker.storage.evidence import media_type


def lines(paper: bytes) -> list[str]:
    """The lines of text of a paper."""
    return [
        bytes.fromhex(signs.decode()).decode("utf-16-be")
        for signs in re.findall(rb"<([0-9a-f]+)> Tj", paper)
    ]


def test_a_paper_has_its_title_and_its_paragraphs() -> None:
    """Long paragraphs are broken, and the file is a PDF of about a kilobyte."""
    long = "记" * (LINE_SIGNS + 3)
    paper = write_paper("支部委员会会议记录", ["时间：2026年10月12日", long])
    assert lines(paper) == ["支部委员会会议记录", "时间：2026年10月12日", long[:-3], long[-3:]]
    assert media_type(paper[:64]) == "application/pdf"
    assert len(paper) < 2000


def test_the_table_of_a_paper_leads_to_its_objects() -> None:
    """Each place of the table is the beginning of its object, and the last number the table's."""
    paper = write_paper("记录", ["内容"])
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", paper)]
    assert [paper[place:].split(b" ")[0] for place in places] == [b"1", b"2", b"3", b"4", b"5"]
    at = int(paper.split(b"startxref\n")[1].split(b"\n")[0])
    assert paper[at:].startswith(b"xref")


def test_a_paper_is_one_page() -> None:
    """What does not fit on the page is left out."""
    assert len(lines(write_paper("记录", ["行"] * 100))) < 30
