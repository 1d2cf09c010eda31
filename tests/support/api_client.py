"""A program before the API: its answers are held against the description as they come."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from events.event import Metadata
from tests.support.json_schema import faults
from tests.support.web_client import Page, Visitor, Web
from tracker.accounts.keyring import AccountSecurity
from tracker.http.description import described

BASE = "/api/v1"
ALL = ("read", "record", "inspect", "manage")
JSON = "application/json"
PROBLEM = "application/problem+json"

DESCRIPTION: dict[str, Any] = {}
"""What the first program of this process was told; every application describes the same routes."""


@dataclass
class Program:
    """A program that calls the API as somebody, by a personal token or by their session."""

    web: Web
    visitor: Visitor
    secret: str = ""
    seen: set[tuple[str, str, int]] = field(default_factory=set)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Page:
        """Call a route; what comes back must be as the description says."""
        answer = self.visitor.call(method, BASE + path, body, **headers)
        self.hold(method, path, answer)
        return answer

    def send(self, method: str, path: str, content: bytes, **headers: str) -> Page:
        """Send bytes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.visitor.csrf:
            named["x-csrf-token"] = self.visitor.csrf
        client = self.visitor.client
        headers = self.visitor.headers | named
        answer = Page(client.request(method, BASE + path, content=content, headers=headers))
        self.hold(method, path, answer)
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """The JSON of a good answer."""
        answer = self.call("GET", path, **headers)
        assert answer.status == 200, answer.text
        return answer.json

    def post(self, path: str, body: Any = None, key: str | None = None, status: int = 201,
             **headers: str) -> Any:  # fmt: skip
        """The JSON of an answer to a change, sent under a key."""
        named = headers if key is None else headers | {"idempotency_key": key}
        answer = self.call("POST", path, body, **named)
        assert answer.status == status, (answer.status, answer.text)
        return answer.json

    def hold(self, method: str, path: str, answer: Page) -> None:
        """Hold an answer against the description of its route."""
        if not DESCRIPTION:
            DESCRIPTION.update(described(self.web.inside))
        plain = BASE + path.partition("?")[0]
        for template, methods in DESCRIPTION["paths"].items():
            if method.lower() in methods and re.fullmatch(_pattern(template), plain):
                break
        else:
            return
        operation = methods[method.lower()]
        kind = answer.headers.get("content-type", "")
        if answer.status == 304:
            return
        told = operation["responses"].get(str(answer.status))
        assert told is not None, f"{method} {template} does not say that it answers {answer.status}"
        for media in (JSON, PROBLEM):
            if kind == media:
                schema = told["content"][media]["schema"]
                assert faults(DESCRIPTION, schema, answer.json) == [], f"{method} {template}"


def _pattern(template: str) -> str:
    """What paths a template of the description stands for; identities may hold a slash."""
    parts = re.split(r"\{(\w+)\}", template)
    found = ""
    for place, part in enumerate(parts):
        wide = part in {"record_id", "rectification_id", "grant_id", "sheet_id"}
        found += (".+" if wide else "[^/]+") if place % 2 else re.escape(part)
    return found


def token_of(
    web: Web, account: str, scopes: tuple[str, ...] = ALL, until: str = "2027-01-01"
) -> str:
    """The secret of a new personal token."""
    found = AccountSecurity(web.doors).issue_token(
        account, scopes, date.fromisoformat(until), Metadata(account, "web")
    )
    assert found is not None
    return found


def program(web: Web, login: str, scopes: tuple[str, ...] = ALL) -> Program:
    """A program with a token of somebody of ``ROLES``."""
    visitor = web.visitor(login)
    secret = token_of(web, visitor.account, scopes)
    return Program(web, web.program(secret), secret)


def by_session(web: Web, login: str) -> Program:
    """The script of a page of somebody who signed in."""
    return Program(web, web.visitor(login))
