"""Evidence files of records and replies: drawn, stored, and registered as uploads are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from tracker.demonstration.dice import Dice
from tracker.demonstration.papers import write_paper
from tracker.demonstration.pictures import draw_meeting, draw_signatures
from tracker.storage.evidence import StoredEvidence, describe_file, store_bytes, write_file_row

if TYPE_CHECKING:
    from tracker.app import App

Line = dict[str, Any]

SIGNED = frozenset({"sign_in_sheet", "signed_feedback"})
WITH_FILES = 600
"""How many of a thousand pieces of evidence have a file; the others are only named."""
REUSED = 15
"""How many of a thousand photographs are not the organization's own, but shared in its township."""
FEW_PEOPLE = 3
"""People in a picture of an activity that counts nobody."""
REPAIRED = "整改后现场"


class EvidenceBox:
    """Files that are drawn and stored, and registered together before any event names them."""

    def __init__(self, app: App) -> None:
        """Begin without a file."""
        self._app = app
        self._stored: list[StoredEvidence] = []

    def draw_all(self, line: Line, account: str, dice: Dice, *, all_kinds: bool) -> list[Line]:
        """Return the evidence of an activity line, with a file for some kinds or for all."""
        evidence: list[Line] = []
        for kind in line.get("evidence", ()):
            place = dice.at(line["organization"], line["record_id"], kind)
            piece = {"kind": kind}
            if all_kinds or place.chance(WITH_FILES, "file"):
                reused = kind == "photo" and not all_kinds and place.chance(REUSED, "reused")
                name, content = _draw_shared(line, dice) if reused else _draw(kind, line, place)
                piece["file"] = self._store(name, content, account)
            evidence.append(piece)
        return evidence

    def draw_repair(self, day: date, account: str, dice: Dice) -> Line:
        """Return a picture of what was put right as a piece of evidence."""
        content = draw_meeting(day, dice.between(1, 3, "people"), dice)
        file = self._store(f"{REPAIRED}{day:%m%d}.png", content, account)
        return {"kind": "photo", "file": file}

    def _store(self, name: str, content: bytes, account: str) -> str:
        """Store a file; return its SHA-256."""
        file, kind, size = store_bytes(self._app.settings.evidence_folder, [content])
        now = self._app.store.clock()
        self._stored.append(describe_file(name, file, kind, size, account, now))
        return file

    def register(self) -> None:
        """Register all files in one transaction."""
        if self._stored:
            with self._app.store.append() as log:
                for stored in self._stored:
                    write_file_row(log, stored)
            self._stored.clear()


def _draw(kind: str, line: Line, dice: Dice) -> tuple[str, bytes]:
    """Return the name and bytes of one file of a record."""
    day = date.fromisoformat(line["occurred_on"])
    people = (line.get("attendance") or {}).get("present", FEW_PEOPLE)
    title = line.get("title", "")
    if kind == "photo":
        return f"现场照片{day:%m%d}.png", draw_meeting(day, people, dice)
    if kind in SIGNED:
        return f"签到表{day:%m%d}.png", draw_signatures(day, people, dice)
    return f"记录{day:%m%d}.pdf", write_paper(title, list(_paragraphs(line, day, kind)))


def _draw_shared(line: Line, dice: Dice) -> tuple[str, bytes]:
    """Return a photograph that several organizations of a township send, as some do in life."""
    township = line["organization"].rpartition("-")[0]
    day = date.fromisoformat(line["occurred_on"]).replace(day=10)
    return "活动照片.png", draw_meeting(day, FEW_PEOPLE, dice.at("shared", township))


def _paragraphs(line: Line, day: date, kind: str) -> Iterable[str]:
    yield f"时间：{day.year}年{day.month}月{day.day}日"
    if place := line.get("place"):
        yield f"地点：{place}"
    if attendance := line.get("attendance"):
        yield f"应到{attendance['expected']}人，实到{attendance['present']}人。"
    yield f"内容：{line.get('title', '')}。与会人员逐一发言，形成一致意见，明确了责任人和完成时限。"
    yield f"单位代码：{line['organization']}    编号：{line['record_id']}/{kind}"
