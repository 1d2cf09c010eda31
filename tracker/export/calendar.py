"""Days as an iCalendar text (RFC 5545), for calendar programs of phones and computers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from fastapi.responses import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//process assessment//duties//ZH"
LONGEST_LINE = 75
"""Bytes of a line without its end, RFC 5545, section 3.1."""
ESCAPED = re.compile(r"[\\;,]")
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One whole day: ``uid`` is the same whenever the same thing is written again."""

    uid: str
    day: date
    summary: str
    description: str = ""


def calendar_text(name: str, days: Iterable[CalendarDay], now: datetime) -> str:
    """Return a calendar with a name; ``now`` is the UTC instant at which it was made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escape(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]
    for one in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escape(one.uid)}",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escape(one.summary)}",
            *([f"DESCRIPTION:{_escape(one.description)}"] if one.description else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def calendar_response(text: str) -> Response:
    """Return the answer with a calendar; it is personal and changes, so nobody caches it."""
    return Response(text, media_type=MEDIA_TYPE, headers={"cache-control": "private, no-store"})


def _escape(text: str) -> str:
    """Return a text value, RFC 5545, section 3.3.11; control characters are left out."""
    plain = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return ESCAPED.sub(r"\\\g<0>", plain).replace("\n", "\\n")


def _fold(line: str) -> str:
    """Return a line folded so that no part is longer than 75 bytes, nor cuts a character."""
    parts, part, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LONGEST_LINE:
            parts.append(part)
            part, size = " ", 1
        part, size = part + character, size + width
    return "\r\n".join([*parts, part])
