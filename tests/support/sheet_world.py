"""A district whose month is being inspected, with its inspectors signed in before the pages.

The communities ``c01`` and ``c02`` were drawn with everybody in the sample; ``c01`` held its
meeting of September. The scheme has a rule of each kind, with points (``tests.support.districts``).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from events.event import Metadata
from events.periods import instant_text
from events.streams.accounts import GrantRole
from tests.support.districts import SEPTEMBER, District
from tests.support.serving import client_of, serve
from tests.support.web_district import PNG, Forms
from tracker.accounts import credentials
from tracker.accounts.hashing import PasswordHasher
from tracker.accounts.sign_in import Authenticator
from tracker.app import App
from tracker.http.context import SESSION_COOKIE
from tracker.settings import Settings

BY = Metadata("os:tester", "cli")
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
PASSWORD = "a-password-of-tests"
EVERYBODY: dict[str, Any] = {"sampling": {"default": {"fraction": 1}}}
TAGS = re.compile(r"<[^>]+>")


def drawn(url: str, document: dict[str, Any] | None = None, **more: Any) -> District:
    """The district on the day of the draw; ``more`` are parts of its policy."""
    district = District(url, size=2, policy=EVERYBODY | more, document=document)
    district.at("2026-09-12 10:00")
    district.meet("c01", "2026-09-12", record_id="a-1")
    district.drawn()
    return district


@dataclass
class Inspector:
    """Somebody signed in before the pages."""

    client: TestClient
    login: str
    person: str | None
    csrf: str = ""
    code: str = "c01"

    def get(self, path: str, status: int = 200) -> str:
        """The text of a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def open(self, code: str | None = None, status: int = 200) -> str:
        """A sheet as it is opened."""
        return self.get(f"/organizations/{code or self.code}/sheet/{SEPTEMBER}", status)

    def papers(self, code: str | None = None) -> str:
        """The sheets that were handed in, as words."""
        return words(self.get(f"/organizations/{code or self.code}/sheets/{SEPTEMBER}"))

    def send(self, status: int = 200, code: str | None = None, **more: Any) -> Any:
        """Send a sheet as the page's script does; the answer as JSON."""
        sheet: dict[str, Any] = {"how": "sign", "person": self.person, "sheet_id": "s-1"}
        sheet |= {"known": [], "seen": {}}
        answer = self.client.post(
            f"/organizations/{code or self.code}/sheet/{SEPTEMBER}",
            json=sheet | more,
            headers={"x-csrf-token": self.csrf, "accept": "application/json"},
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    def upload(self) -> str:
        """Send a picture as evidence; its SHA-256."""
        answer = self.client.post(
            f"/organizations/{self.code}/evidence",
            content=PNG,
            headers={"x-csrf-token": self.csrf, "accept": "application/json"},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["file"])

    def sign(self, how: str = "sign", remark: str = "", status: int = 303, **typed: str) -> Any:
        """Press a button of the colleague's proposal on the sheet's page; the answer."""
        forms = [one for one in Forms(self.open()).found if one.action.endswith("/sign")]
        fields = {name: values[0] for name, values in forms[0].fields.items()}
        return self.press(status, **fields | {"how": how, "remark": remark} | typed)

    def press(self, status: int, **fields: str) -> Any:
        """Send the form by which proposals are signed and handed back."""
        answer = self.client.post(
            f"/organizations/{self.code}/sheet/{SEPTEMBER}/sign",
            data={"csrf": self.csrf} | fields,
        )
        assert answer.status_code == status, answer.text
        return answer

    def criterion(self, code: str) -> dict[str, str]:
        """The attributes of a criterion of the sheet."""
        found = re.search(rf'<article [^>]*data-code="{re.escape(code)}"[^>]*>', self.open())
        assert found is not None, code
        pairs = re.findall(r"""([\w-]+)=(?:"([^"]*)"|'([^']*)')""", found[0])
        return {name: unescape(double or single) for name, double, single in pairs}

    def sheet(self) -> dict[str, Any]:
        """What the page tells its script of the sheet as a whole."""
        found = re.search(r'<div id="sheet"[^>]*>', self.open())
        assert found is not None
        pairs = re.findall(r'data-([\w-]+)="([^"]*)"', found[0])
        return {name: unescape(value) for name, value in pairs}

    def own(self) -> Any:
        """What this inspector proposed, as the page gives it to its script."""
        kept = self.sheet()["own"]
        return json.loads(kept) if kept else None


class SheetWorld:
    """That district behind its application."""

    def __init__(self, url: str, folder: Path, **more: Any) -> None:
        """Draw it and put the pages before it."""
        self.district = drawn(url, **more)
        settings = Settings(database_url=url, evidence_folder=folder)
        tools = App(settings, self.district.engine, self.district.store, "test")
        self.authenticator = Authenticator(self.district.store, os.urandom, PasswordHasher(QUICK))
        self.guards = serve(tools, self.authenticator)

    def people(self, code: str = "c01") -> list[str]:
        """Who inspects an organization."""
        return self.district.inspectors(code)

    def enter(self, person: str | None, role: str = "inspector", over: str = "r") -> Inspector:
        """Somebody with an account of their own signs in; an inspector is a person of the log."""
        login = f"{role}-{person or over}"
        opened = self.authenticator.open_account(login, f"名{person or role}", BY, person=person)
        grant: dict[str, Any] = {"grant_id": "g", "role": role, "organization": over}
        self.authenticator.grant_role(
            opened.account,
            GrantRole.model_validate(grant | {"from_on": date(2026, 1, 1)}),
            BY,
        )
        self.authenticator.use_link(opened.link, PASSWORD)
        found = Inspector(client_of(self.guards), login, person)
        self.sign_in(found)
        return found

    def sign_in(self, inspector: Inspector) -> None:
        """Begin a new session: the one before has ended when days have passed."""
        secret = self.authenticator.sign_in(inspector.login, PASSWORD, "", "test").secret
        inspector.client.cookies.set(SESSION_COOKIE, secret)
        with self.district.read() as reader:
            session = credentials.session_of(reader, secret, instant_text(self.authenticator.now()))
        assert session is not None
        inspector.csrf = session.csrf

    def at(self, local: str, *inspectors: Inspector) -> None:
        """Put the clock, and have these people sign in again."""
        self.district.at(local)
        for one in inspectors:
            self.sign_in(one)

    def pair(self, code: str = "c01") -> tuple[Inspector, Inspector]:
        """The two inspectors of an organization, signed in."""
        first, second = self.people(code)
        return self.enter(first), self.enter(second)

    def sheets(self, code: str = "c01") -> list[dict[str, Any]]:
        """The data of the sheets in the log."""
        return self.district.of(code, "FindingsSubmitted")

    def dispose(self) -> None:
        """Close everything."""
        state: Any = self.guards.app
        for name in ("jobs", "verifier", "figures"):
            getattr(state.state, name).close()
        self.district.dispose()


def words(text: str) -> str:
    """The text of a page without its marks."""
    return re.sub(r"\s+", " ", unescape(TAGS.sub("", text)))


def found(criterion: str, **more: Any) -> dict[str, Any]:
    """A finding with a reason."""
    return {"criterion": criterion, "reason": "现场查看"} | more
