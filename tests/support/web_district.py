"""A small district behind its pages: people who signed in, forms filled in as by a browser."""

from __future__ import annotations

import importlib
import io
import os
import re
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from events.event import Metadata
from events.periods import instant_text
from events.streams.accounts import GrantRole
from tests.support.serving import client_of, serve
from tests.support.small_district import SmallDistrict
from tracker.accounts import credentials
from tracker.accounts.hashing import PasswordHasher
from tracker.accounts.sign_in import Authenticator
from tracker.app import App
from tracker.http.context import SESSION_COOKIE
from tracker.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
ADMINISTRATOR = Metadata("os:administrator", "cli")


class Forms(HTMLParser):
    """The forms of a page with their fields as they stand."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__(convert_charrefs=True)
        self.found: list[Form] = []
        self._select = self._area = ""
        self._first = True
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or a field of it."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get")))
        elif not self.found:
            return
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._select, self._first = given["name"], True
        elif tag == "option" and self._select:
            if self._first or "selected" in given:
                self.found[-1].fields[self._select] = [given.get("value", "")]
            self._first = False
        elif tag == "textarea":
            self._area = given["name"]
            self.found[-1].fields[self._area] = [""]

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind == "file" or "name" not in given:
            return
        if kind not in {"checkbox", "radio"} or "checked" in given:
            self.found[-1].fields.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        """The text of a text area."""
        if self._area:
            self.found[-1].fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        """A form or field ends."""
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


@dataclass
class Form:
    """One form: where it goes, and its fields, each with its values."""

    action: str
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Return the value of a field."""
        return self.fields[name][0]

    def fill(self, **typed: str | list[str] | None) -> Form:
        """The form with fields typed over; None leaves one out."""
        fields = dict(self.fields)
        for name, value in typed.items():
            fields[name] = [] if value is None else value if isinstance(value, list) else [value]
        return Form(self.action, self.method, fields)

    def type_into(self, name: str, value: str) -> Form:
        """The form with one field typed over whose name is no word."""
        return Form(self.action, self.method, self.fields | {name: [value]})


class Visitor:
    """Somebody who signed in, with a browser of their own."""

    def __init__(self, home: WebDistrict, secret: str, account: str) -> None:
        """Hold the cookie of a session."""
        self.account = account
        self.client = client_of(home.app)
        self.client.cookies.set(SESSION_COOKIE, secret)
        with home.small.read() as reader:
            session = credentials.session_of(reader, secret, instant_text(home.small.clock()))
        assert session is not None
        self.csrf = session.csrf

    def get(self, path: str, status: int = 200) -> str:
        """The text of a page."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def form(self, path: str, action: str = "") -> Form:
        """The form of a page that is sent by POST (the one with an action, where it is named)."""
        found = [
            one
            for one in Forms(self.get(path)).found
            if one.method == "post" and (one.action == action or (action and action in one.action))
        ]
        (form,) = found
        return Form(form.action or path, "post", form.fields)

    def send(self, form: Form, status: int = 303) -> Any:
        """Send a form; the answer as it comes."""
        path = urlsplit(form.action).path
        answer = self.client.post(path, data=form.fields)
        assert answer.status_code == status, answer.text
        return answer

    def again(self, answer: Any, action: str) -> Form:
        """Return the form of the newest page."""
        (form,) = [
            one
            for one in Forms(answer.text).found
            if one.method == "post" and one.action in {"", action} and "language" not in one.action
        ]
        return Form(action, "post", form.fields)

    def upload(self, code: str, body: bytes = PNG, name: str = "a.png", status: int = 201) -> Any:
        """Send one evidence file; the answer as JSON."""
        answer = self.client.post(
            f"/organizations/{code}/evidence",
            content=body,
            headers={
                "x-csrf-token": self.csrf,
                "x-file-name": quote(name),
                "accept": "application/json",
            },
        )
        assert answer.status_code == status, answer.text
        return answer.json()


class WebDistrict:
    """County ``r`` with the communities ``c`` and ``d``, one scheme, and pages before them."""

    def __init__(self, url: str, folder: Path, **settings: Any) -> None:
        """Create the district and its application, with further settings."""
        self.small = SmallDistrict(url)
        self.small.publish()
        self.small.register("r", category="county")
        self.small.register("c", "r")
        self.small.register("d", "r")
        self.folder = folder
        given = Settings(database_url=url, evidence_folder=folder, **settings)
        tools = App(given, self.small.engine, self.small.store, "test")
        quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
        self.authenticator = Authenticator(self.small.store, os.urandom, PasswordHasher(quick))
        self.app = serve(tools, self.authenticator)

    def enter(self, role: Any, organization: str | None, person: str | None = None) -> Visitor:
        """Somebody with a role over an organization signs in."""
        login = f"{role}-{organization}"
        opened = self.authenticator.open_account(login, f"名{login}", ADMINISTRATOR, person=person)
        grant = GrantRole(
            grant_id="g", role=role, organization=organization, from_on=date(2026, 1, 1)
        )
        self.authenticator.grant_role(opened.account, grant, ADMINISTRATOR)
        found = self.authenticator.use_link(opened.link, "a long password")
        return Visitor(self, found.secret, opened.account)

    def events(self, kind: str) -> list[tuple[Any, ...]]:
        """The (stream, version, event id) of all events of a type."""
        with self.small.read() as reader:
            return [
                tuple(row)
                for row in reader.rows(
                    "SELECT stream, version, event_id FROM events WHERE type = ? ORDER BY position",
                    [kind],
                )
            ]

    def dispose(self) -> None:
        """Close everything."""
        assert isinstance(self.app.app, FastAPI)
        self.app.app.state.figures.close()
        self.small.dispose()


def rows_of(workbook: bytes) -> list[tuple[Any, ...]]:
    """The rows of a workbook's first sheet; openpyxl brings no types."""
    openpyxl = importlib.import_module("openpyxl")
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).active
    return list(sheet.iter_rows(values_only=True))


def notices(text: str) -> list[str]:
    """What a page says in its notices and at its fields, without the marks."""
    kinds = r'<(p|div|span) class="(?:notice[^"]*|fault)"[^>]*>(.*?)</\1>'
    found = re.findall(kinds, text, re.DOTALL)
    return [re.sub(r"<[^>]+>", " ", one[1]).strip() for one in found]
