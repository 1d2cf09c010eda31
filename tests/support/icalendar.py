"""A small reader of iCalendar texts, strict about what RFC 5545 asks of them."""

from __future__ import annotations

import re

LINE = re.compile(r"(?P<name>[A-Z-]+)(?P<parameters>(?:;[A-Z-]+=[^;:]+)*):(?P<value>.*)")
UNESCAPED = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


def read_calendar(text: str) -> list[dict[str, str]]:
    """Return the events of a calendar, each by property; fail where the text breaks a rule."""
    assert text.endswith("\r\n"), "every line ends with CRLF"
    raw = text.removesuffix("\r\n").split("\r\n")
    assert all("\n" not in line and "\r" not in line for line in raw), "a bare line end"
    assert all(len(line.encode()) <= 75 for line in raw), "a line of more than 75 bytes"
    lines = re.sub(r"\r\n[ \t]", "", "\r\n".join(raw)).split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    head: dict[str, str] = {}
    events: list[dict[str, str]] = []
    place = head
    for line in lines[1:-1]:
        match = LINE.fullmatch(line)
        assert match is not None, line
        name, value = match["name"], match["value"]
        if (name, value) == ("BEGIN", "VEVENT"):
            assert place is head, "an event in an event"
            place = {}
        elif (name, value) == ("END", "VEVENT"):
            assert {"UID", "DTSTAMP", "DTSTART"} <= place.keys(), place
            events.append(place)
            place = head
        else:
            assert name not in place, f"{name} twice"
            place[name] = re.sub(r"\\[nN,;\\]", lambda one: UNESCAPED[one[0]], value)
    assert place is head
    assert (head["VERSION"], bool(head["PRODID"])) == ("2.0", True)
    assert len({event["UID"] for event in events}) == len(events), "a UID twice"
    return events
