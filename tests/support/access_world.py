"""A drawn month behind the real application, with somebody of every kind, for tests of access."""

from __future__ import annotations

import re
from dataclasses import dataclass

from events.periods import instant_text
from tests.support.access_matrix import EXAMPLES, FILE, FOREIGN_FILE, LETTERS, RECORD
from tests.support.web_client import BY, FOREIGN, OWN, STREET, Page, Visitor, Web
from tests.support.web_district import PNG
from tracker.accounts import credentials
from tracker.http.context import SESSION_COOKIE

DENIED = {"not_signed_in", "forbidden", "no_rule", "bad_token", "unknown_organization",
          "unknown_file", "unknown_event"}  # fmt: skip
PART, WHOLE = "part-", "whole-"


@dataclass
class World:
    """A drawn month with a record and a file in two streets, and somebody of every kind."""

    web: Web
    files: dict[str, str]
    known: dict[str, Visitor]

    def visitor(self, name: str) -> Visitor:
        """Return a signed-in user; one who has signed out signs in again."""
        found = self.known.get(name)
        if found is None or not self.lives(found):
            found = self.known[name] = self.web.visitor(name)
        return found

    def lives(self, visitor: Visitor) -> bool:
        """Whether somebody's session goes on."""
        with self.web.read() as reader:
            secret = visitor.client.cookies[SESSION_COOKIE]
            now = instant_text(self.web.authenticator.now())
            return credentials.session_of(reader, secret, now) is not None

    def ask(self, visitor: Visitor, route: str, code: str = OWN, path: str = "") -> Page:
        """A real request of a route, with a form or body that holds nothing."""
        method, _, template = route.partition(" ")
        address = path or re.sub(
            r"{(\w+)(?::path)?}", lambda one: EXAMPLES.get(one[1], code), template
        )
        for name, digest in self.files.items():
            address = address.replace(name, digest)
        found = visitor.call(
            method,
            address,
            {} if method == "POST" else None,
            accept="application/json",
            idempotency_key="k-1",
        )
        assert found.status < 500, (route, code, found.text)
        return found


def denied(found: Page) -> bool:
    """Whether access was denied, as opposed to an empty form or a missing resource."""
    if found.status not in {401, 403, 404} or "json" not in found.headers["content-type"]:
        return False
    code = found.json["type"].rpartition(":")[2]
    assert code != "forged_form"
    return code in DENIED


def furnished(web: Web) -> World:
    """Records, files and accounts."""
    files = {}
    for login, code, name, tail in (
        ("branch", OWN, FILE, b"own"), ("far", FOREIGN, FOREIGN_FILE, b"far"),
    ):  # fmt: skip
        if login == "far":
            web.admit("far", "branch", FOREIGN)
        visitor = web.visitor(login)
        sent = visitor.client.post(
            f"/organizations/{code}/evidence", content=PNG + tail,
            headers={"x-csrf-token": visitor.csrf, "accept": "application/json"},
        )  # fmt: skip
        assert sent.status_code == 201, sent.text
        files[name] = sent.json()["file"]
        body = {"record_id": RECORD, "activity": "branch_committee_meeting",
                "occurred_on": "2026-09-12",
                "evidence": [{"kind": "photo", "file": files[name]}]}  # fmt: skip
        made = visitor.call("POST", f"/api/v1/organizations/{code}/records", body,
                            idempotency_key=RECORD)  # fmt: skip
        assert made.status == 201, made.text
    web.drawn()
    for role in LETTERS.values():
        person = "p-1" if role == "inspector" else None
        web.admit(PART + role, role, STREET, person=person)
        web.admit(WHOLE + role, role, None, person=person)
    web.authenticator.open_account("victim", "无关", BY, account=EXAMPLES["account"])
    web.authenticator.open_account("nobody", "无角色", BY)
    return World(web, files, {})


def signed_in(world: World, login: str) -> Visitor:
    """Somebody who was given a link and nothing else."""
    with world.web.read() as reader:
        known = credentials.by_login(reader, login)
    assert known is not None
    if known.password is None:
        link = world.web.authenticator.new_link(known.account, BY)
        world.web.authenticator.use_link(link, "a-password-of-tests")
    return world.web.visitor(login)
