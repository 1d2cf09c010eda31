"""A small district behind the real application: somebody of each role, and a clock set by hand.

The root ``99`` (a county) has the streets ``99-01`` and ``99-02``; communities stand below, and the
enterprise ``99-01-001-01`` below one of them. The built-in scheme applies from 2026-09 on. It is
made once by the real commands and copied for each test.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

import tracker.app
from events.event import Metadata
from events.log.reader import Reader
from events.periods import instant_text, parse_month
from events.streams.accounts import GrantRole
from projections.organizations.directory import find
from tests.support.command_line import CommandLine
from tests.support.districts import instant
from tests.support.serving import client_of, serve
from tests.support.web_district import Form, Forms
from tracker.accounts import credentials
from tracker.accounts.hashing import PasswordHasher
from tracker.accounts.sign_in import Authenticator
from tracker.app import App, open_app
from tracker.http.context import SESSION_COOKIE
from tracker.imports.importing import import_file
from tracker.settings import load_settings

ROOT, STREET, OTHER_STREET = "99", "99-01", "99-02"
OWN, SIBLING, CHILD, FOREIGN = "99-01-001", "99-01-002", "99-01-001-01", "99-02-001"
DEPARTMENT = "99-d"
MONTH = "2026-09"
TODAY = "2026-09-20 09:00"
INSPECTING = "2026-10-07 09:00"
PASSWORD = "a-password-of-tests"
BY = Metadata("os:tester", "cli")
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
ROLES: dict[str, tuple[str, str | None, str | None]] = {
    "branch": ("branch", OWN, None),
    "township": ("township", STREET, None),
    "inspector": ("inspector", ROOT, "p-1"),
    "inspector2": ("inspector", ROOT, "p-2"),
    "department": ("department", ROOT, None),
    "auditor": ("auditor", ROOT, None),
    "administrator": ("administrator", None, None),
}
"""Log-in names with the role, over what, and which inspector they are."""
ORGANIZATIONS: tuple[tuple[str, str, str, str | None], ...] = (
    (ROOT, "示例县委", "county", None),
    (STREET, "东风街道", "street", ROOT),
    (OTHER_STREET, "西山街道", "street", ROOT),
    (DEPARTMENT, "示例部门", "department", ROOT),
    (OWN, "红星社区", "community", STREET),
    (SIBLING, "和平社区", "community", STREET),
    (CHILD, "红星企业", "enterprise", OWN),
    (FOREIGN, "西山社区", "community", OTHER_STREET),
)


def make_world(url: str, folder: Path, *options: str) -> None:
    """Fill a fresh database by the real commands, then open the accounts.

    ``options`` are further ones of ``tracker init``.
    """
    with pytest.MonkeyPatch.context() as patch:
        tell = CommandLine(folder, patch)
        tell.on(url)
        tell.done("init", "--first-month", MONTH, *options)
        tell.done("scheme", "publish", "community-2011", "--from", MONTH)
        everybody = {"policy": "district", "sampling": {"default": {"fraction": 1}}}
        tell.done("policy", "publish", tell.file(everybody, ".yaml"))
        lines: list[dict[str, Any]] = [
            {"kind": "organization", "code": code, "name": name, "category": category,
             "registered_on": "2026-01-01"} | ({"parent": parent} if parent else {})
            for code, name, category, parent in ORGANIZATIONS
        ]  # fmt: skip
        lines += [
            {"kind": "inspector", "id": person, "organization": DEPARTMENT, "team": "社区组",
             "categories": ["community"]}
            for person in ("p-1", "p-2")
        ]  # fmt: skip
        assert tell.take(*lines).status == 0
        tools = open_app(load_settings(database_url=url))
        authenticator = Authenticator(tools.store, os.urandom, PasswordHasher(QUICK))
        for login, (role, code, person) in ROLES.items():
            admit(authenticator, login, role, code, person)
        tools.engine.dispose()


def admit(
    authenticator: Authenticator,
    login: str,
    role: str,
    code: str | None,
    person: str | None = None,
    **more: Any,
) -> str:
    """Open an account with one role and the known password; its opaque id.

    ``more`` are fields of the grant: categories, from_on, until_on, delegated_by.
    """
    opened = authenticator.open_account(login, f"测试{login}", BY, person=person)
    grant = {"grant_id": "g", "role": role, "organization": code, "from_on": "2026-01-01"}
    authenticator.grant_role(opened.account, GrantRole.model_validate(grant | more), BY)
    authenticator.use_link(opened.link, PASSWORD)
    return opened.account


class _Text(HTMLParser):
    """The visible text of a page, tag by tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str]]] = []
        self.said: list[tuple[str, dict[str, str], str]] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "href" in given:
            self.addresses.append(given["href"])
        if tag not in {"input", "meta", "link", "br", "img", "hr", "source"}:
            self.open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            if self.open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        for tag, given in self.open:
            self.said.append((tag, given, data))

    def of(self, tag: str) -> list[str]:
        """The texts of all elements of a tag, each whole."""
        found: dict[int, list[str]] = {}
        for name, given, data in self.said:
            if name == tag:
                found.setdefault(id(given), []).append(data)
        return [re.sub(r"\s+", " ", "".join(one)).strip() for one in found.values()]


class Page:
    """An answer: its status and headers, its text, and what can be found in it."""

    def __init__(self, answer: Any) -> None:
        """Hold an answer of the client."""
        self.answer = answer
        self.status: int = answer.status_code
        self.headers: Any = answer.headers
        self.text: str = answer.text

    @property
    def json(self) -> Any:
        """The answer as JSON."""
        return self.answer.json()

    @property
    def location(self) -> str:
        """Where the browser is sent."""
        assert self.status == 303, (self.status, self.text)
        found: str = self.headers["location"]
        return found

    @property
    def headings(self) -> list[str]:
        """The first headings; the home of who has several roles has several."""
        return _Text(self.text).of("h1")

    @property
    def heading(self) -> str:
        """The one first heading."""
        (found,) = self.headings
        return found

    @property
    def faults(self) -> dict[str, str]:
        """The faults by field; ``""`` is the one above the form."""
        found: dict[str, str] = {}
        parsed = _Text(self.text)
        for tag, given, data in parsed.said:
            if given.get("id", "").startswith("e-"):
                found[given["id"].removeprefix("e-")] = data.strip()
            elif tag == "div" and given.get("role") == "alert":
                found[""] = found.get("", "") + data.strip()
        return found

    @property
    def links(self) -> list[str]:
        """The addresses that the page leads to."""
        return _Text(self.text).addresses

    @property
    def rows(self) -> list[str]:
        """The text of every row of every table."""
        return _Text(self.text).of("tr")

    def form(self, action: str = "") -> Form:
        """The form sent by POST whose action holds ``action``; without it, to the page itself."""
        forms = [one for one in Forms(self.text).found if one.method == "post"]
        found = [one for one in forms if (action in one.action if action else not one.action)]
        assert len(found) == 1, [one.action for one in forms]
        return found[0]


@dataclass
class Visitor:
    """Somebody with a browser of their own; signed in where there is a session."""

    home: Web
    client: TestClient
    account: str = ""
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Page:
        """Ask for a page; header names with ``_`` for ``-``."""
        return Page(self.client.get(path, headers=self.headers | _named(headers)))

    def post(self, path: str, /, **fields: Any) -> Page:
        """Send a form with the session's token; a list is a field with several values."""
        given = {"csrf": self.csrf} if self.csrf else {}
        return Page(self.client.post(path, data=given | fields, headers=self.headers))

    def send(self, form: Form, path: str = "") -> Page:
        """Send a form as it was filled in."""
        address = urlsplit(path or form.action).path
        return Page(self.client.post(address, data=form.fields, headers=self.headers))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Page:
        """Call as a program does, with a JSON body; a signed-in browser sends its token along."""
        named = _named(headers)
        if self.csrf:
            named = {"x-csrf-token": self.csrf} | named
        return Page(self.client.request(method, path, json=body, headers=self.headers | named))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class Web:
    """The district's database, its application and clock."""

    def __init__(self, url: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
        """Serve a prepared database, with a folder for evidence."""
        self.folder, self._patch = folder, patch
        self.at(TODAY)
        patch.setenv("TRACKER_WORKERS", "1")
        settings = load_settings(database_url=url, evidence_folder=folder / "evidence")
        self.tools: App = open_app(settings)
        self.authenticator = Authenticator(self.tools.store, os.urandom, PasswordHasher(QUICK))
        self.app = serve(self.tools, self.authenticator)

    @property
    def inside(self) -> FastAPI:
        """The application within its guards."""
        assert isinstance(self.app.app, FastAPI)
        return self.app.app

    def at(self, local: str) -> None:
        """Put the clock at a local time."""
        now = instant(local)
        self._patch.setattr(tracker.app, "utc_now", lambda: now)
        self._patch.setattr(tracker.app, "database_now", lambda _reader: None)

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One snapshot of the database."""
        with self.tools.store.read() as reader:
            yield reader

    def anybody(self, *, raises: bool = True) -> Visitor:
        """Somebody who is not signed in; with ``raises`` False broken requests are answers."""
        client = client_of(self.app, raises=raises)
        return Visitor(self, client)

    def visitor(self, login: str, *, raises: bool = True) -> Visitor:
        """Somebody of ``ROLES`` (or admitted by a test) signs in, now."""
        found = self.authenticator.sign_in(login, PASSWORD, "", "test")
        visitor = self.anybody(raises=raises)
        visitor.client.cookies.set(SESSION_COOKIE, found.secret)
        with self.read() as reader:
            session = credentials.session_of(
                reader, found.secret, instant_text(self.authenticator.now())
            )
        assert session is not None
        visitor.account, visitor.csrf = found.account, session.csrf
        return visitor

    def program(self, secret: str) -> Visitor:
        """A program with a personal token."""
        found = self.anybody()
        found.headers["authorization"] = f"Bearer {secret}"
        return found

    def admit(self, login: str, role: str, code: str | None, **more: Any) -> str:
        """Open one more account with a role, whose password is known; its opaque id."""
        return admit(self.authenticator, login, role, code, **more)

    def drawn(self) -> Self:
        """Open and draw the first month with everybody in the sample; then the inspections."""
        runner, metadata = self.tools.runner(), self.tools.metadata()
        with self.read() as reader:
            root = find(reader, ROOT)
        assert root is not None
        self.at("2026-10-01 09:00")
        runner.open(root, parse_month(MONTH), metadata)
        self.at("2026-10-06 09:00")
        runner.draw(ROOT, MONTH, metadata, "31415", by_hand=True)
        self.at(INSPECTING)
        return self

    def move_root_under(self, code: str) -> None:
        """Import a new root, and a change that makes it the parent of the root from today on."""
        today = self.tools.today()
        lines = [
            {"kind": "organization", "code": code, "name": "示例市", "category": "county",
             "registered_on": today.isoformat(), "root": True},
            {"kind": "organization_change", "code": ROOT, "on": today.isoformat(), "parent": code,
             "reason": "归市管"},
        ]  # fmt: skip
        payload = "\n".join(json.dumps(line) for line in lines).encode()
        report = import_file(
            self.tools.store, payload, "lines.jsonl", actor="os:tester", today=today
        )
        assert report.refused == []
        self.inside.state.figures.clear()

    def events(self, kind: str) -> list[tuple[str, str]]:
        """The (stream, event id) of all events of a type, in their order."""
        with self.read() as reader:
            rows = reader.rows(
                "SELECT stream, event_id FROM events WHERE type = ? ORDER BY position", [kind]
            )
        return [(row[0], row[1]) for row in rows]

    def dispose(self) -> None:
        """Close everything."""
        state = self.inside.state
        state.jobs.close()
        state.verifier.close()
        state.figures.close()
        self.tools.engine.dispose()
