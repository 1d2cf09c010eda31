"""A client of the API that validates each answer against the OpenAPI document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from events.event import Metadata
from tests.support.json_schema import faults
from tests.support.web_client import Page, Visitor, Web
from tracker.accounts.personal_tokens import PersonalTokens
from tracker.http.description import openapi_document

BASE = "/api/v1"
ALL = ("read", "record", "inspect", "manage")
JSON = "application/json"
PROBLEM = "application/problem+json"

DESCRIPTION: dict[str, Any] = {}
"""The OpenAPI document of the first application; those of others are the same."""


@dataclass
class Program:
    """A client that calls the API as a user, by a personal token or a session."""

    web: Web
    visitor: Visitor
    secret: str = ""
    seen: set[tuple[str, str, int]] = field(default_factory=set)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Page:
        """Call a route; its answer must match the OpenAPI document."""
        answer = self.visitor.call(method, BASE + path, body, **headers)
        self.validate(method, path, answer)
        return answer

    def send(self, method: str, path: str, content: bytes, **headers: str) -> Page:
        """Send bytes; the answer must match the OpenAPI document."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.visitor.csrf:
            named["x-csrf-token"] = self.visitor.csrf
        client = self.visitor.client
        headers = self.visitor.headers | named
        answer = Page(client.request(method, BASE + path, content=content, headers=headers))
        self.validate(method, path, answer)
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """Return the JSON of a 200 answer."""
        answer = self.call("GET", path, **headers)
        assert answer.status == 200, answer.text
        return answer.json

    def post(self, path: str, body: Any = None, key: str | None = None, status: int = 201,
             **headers: str) -> Any:  # fmt: skip
        """Send a change under an idempotency key; return the JSON of its answer."""
        named = headers if key is None else headers | {"idempotency_key": key}
        answer = self.call("POST", path, body, **named)
        assert answer.status == status, (answer.status, answer.text)
        return answer.json

    def validate(self, method: str, path: str, answer: Page) -> None:
        """Validate an answer against the description of its route."""
        if not DESCRIPTION:
            DESCRIPTION.update(openapi_document(self.web.inside))
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
        documented = operation["responses"].get(str(answer.status))
        assert documented is not None, (
            f"{method} {template} does not say that it answers {answer.status}"
        )
        for media in (JSON, PROBLEM):
            if kind == media:
                schema = documented["content"][media]["schema"]
                assert faults(DESCRIPTION, schema, answer.json) == [], f"{method} {template}"


def _pattern(template: str) -> str:
    """Return a pattern of the paths that a template describes; identities may have a slash."""
    parts = re.split(r"\{(\w+)\}", template)
    pattern = ""
    for place, part in enumerate(parts):
        wide = part in {"record_id", "rectification_id", "grant_id", "sheet_id"}
        pattern += (".+" if wide else "[^/]+") if place % 2 else re.escape(part)
    return pattern


def token_of(
    web: Web, account: str, scopes: tuple[str, ...] = ALL, until: str = "2027-01-01"
) -> str:
    """Issue a personal token and return its secret."""
    secret = PersonalTokens(web.authenticator).issue(
        account, scopes, date.fromisoformat(until), Metadata(account, "web")
    )
    assert secret is not None
    return secret


def program(web: Web, login: str, scopes: tuple[str, ...] = ALL) -> Program:
    """Return a client with a token of a user of ``ROLES``."""
    visitor = web.visitor(login)
    secret = token_of(web, visitor.account, scopes)
    return Program(web, web.program(secret), secret)


def by_session(web: Web, login: str) -> Program:
    """Return a client with the session of a user, as a page's script has it."""
    return Program(web, web.visitor(login))
