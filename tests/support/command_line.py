"""The command line run in this process, on a small SQLite district whose clock is set by hand.

The root ``99`` (a county) has the street ``99-01``; under it stand the communities ``99-01-001``
and ``99-01-002``, to whom the built-in scheme applies from 2026-09 on, the first month.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import tracker.app
from tests.support.districts import instant
from tests.support.logs import register_file
from tracker.cli.main import run
from tracker.settings import load_settings
from tracker.storage import evidence

ROOT, STREET, FIRST, SECOND = "99", "99-01", "99-01-001", "99-01-002"
TODAY = "2026-09-20 09:00"
MONTH = "2026-09"
MEETING: dict[str, Any] = {
    "kind": "activity",
    "organization": FIRST,
    "record_id": "a-1",
    "activity": "branch_committee_meeting",
    "occurred_on": "2026-09-12",
    "attendance": {"present": 7, "expected": 9},
    "money": {"due": "120.00", "paid": "120.00"},
    "evidence": ["minutes", "sign_in_sheet"],
}
LINES: list[dict[str, Any]] = [
    {"kind": "organization", "code": ROOT, "name": "县委", "category": "county"},
    {"kind": "organization", "code": STREET, "name": "街道", "category": "street", "parent": ROOT},
    *(
        {"kind": "organization", "code": code, "name": "社区", "category": "community",
         "parent": STREET}
        for code in (FIRST, SECOND)
    ),
    *(
        {"kind": "inspector", "id": f"p-{number}", "organization": ROOT, "team": "communities",
         "categories": ["community"]}
        for number in (1, 2)
    ),
    MEETING,
]  # fmt: skip


@dataclass
class Answer:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@dataclass
class CommandLine:
    """Runs commands in a folder, on a separate database."""

    folder: Path
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str] | None = None
    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        """Point the settings at the folder."""
        self.patch.chdir(self.folder)
        self.on(f"sqlite:///{self.database}")
        self.patch.setenv("TRACKER_WORKERS", "1")
        self.patch.setenv("TRACKER_ACTOR", "clerk")
        self.at(TODAY)

    @property
    def database(self) -> Path:
        """The file of the district."""
        return self.folder / "tracker.db"

    def on(self, url: str) -> None:
        """Use another database."""
        self.patch.setenv("TRACKER_DATABASE_URL", url)

    def at(self, local: str) -> None:
        """Put the clock at a local time."""
        now = instant(local)
        self.patch.setattr(tracker.app, "utc_now", lambda: now)
        self.patch.setattr(tracker.app, "database_now", lambda _reader: None)

    def __call__(self, *arguments: str) -> Answer:
        """Run a command."""
        if self.capture is None:
            return Answer(run(list(arguments)), "", "")
        self.capture.readouterr()
        status = run(list(arguments))
        found = self.capture.readouterr()
        assert "Traceback" not in found.err
        return Answer(status, found.out, found.err)

    def ask(self, *arguments: str, status: int = 0) -> Any:
        """The JSON answer of a command that ends with ``status``."""
        found = self(*arguments, "--json")
        assert found.status == status, found.err
        return found.document

    def done(self, *arguments: str) -> None:
        """Run a command that must succeed."""
        found = self(*arguments)
        assert found.status == 0, found.err

    def events(self) -> int:
        """How many events the log holds."""
        with closing(sqlite3.connect(self.database)) as connection:
            found: int = connection.execute("SELECT count(*) FROM events").fetchone()[0]
        return found

    def file(self, content: Any, suffix: str = ".jsonl") -> str:
        """A new file: bytes and text as they are, documents as JSON, lists of them as lines."""
        path = self.folder / f"given-{next(self.numbers)}{suffix}"
        if isinstance(content, list):
            content = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in content)
        elif isinstance(content, Mapping):
            content = json.dumps(content, ensure_ascii=False)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def take(self, *lines: Mapping[str, Any], options: tuple[str, ...] = ()) -> Answer:
        """Import lines."""
        return self("import", self.file([dict(one) for one in lines]), *options)

    def change(self, statement: str) -> None:
        """Change the database behind the program's back."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement)

    def store_evidence(self, content: bytes) -> str:
        """Store and register an evidence file as an upload does; its SHA-256."""
        tools = tracker.app.open_app(load_settings())
        folder = tools.settings.evidence_folder
        file, kind, size = evidence.store_bytes(folder, [content])
        row = evidence.describe_file("a.png", file, kind, size, "u-1", tracker.app.utc_now())
        register_file(tools.store, row)
        tools.engine.dispose()
        return file

    def drawn(self) -> None:
        """Open and draw the first month with everybody in the sample; noon of the draw."""
        everybody = {"policy": "district", "sampling": {"default": {"fraction": 1}}}
        self.done("policy", "publish", self.file(everybody, ".yaml"))
        self.at("2026-10-01 00:30")
        self.done("spot-check", "open", MONTH)
        self.at("2026-10-06 12:00")
        self.done("spot-check", "draw", MONTH, "--randomness", "31415")

    def sheet(self, **more: Any) -> dict[str, Any]:
        """A sheet of both inspectors in which nothing was found, unless ``more`` says what."""
        return {
            "period": MONTH,
            "organization": FIRST,
            "inspectors": ["p-1", "p-2"],
            "sheet_id": "s-1",
            "findings": [],
        } | more


def make_district(folder: Path) -> None:
    """Make the district in a folder's database by the real commands."""
    with pytest.MonkeyPatch.context() as patch:
        tracker_ = CommandLine(folder, patch)
        tracker_.done("init", "--first-month", MONTH)
        tracker_.done("scheme", "publish", "community-2011", "--from", MONTH)
        lines = [
            one | {"registered_on": "2026-01-01"} if one["kind"] == "organization" else one
            for one in LINES
        ]
        assert tracker_.take(*lines).status == 0
