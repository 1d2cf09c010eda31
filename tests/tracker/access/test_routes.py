"""Every route × every role × own, parent, sibling, child and foreign organization, really asked.

``tests/support/access_matrix.py`` has what is expected, one line a route.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from starlette.routing import Mount

from events.streams.accounts import GrantRole, RevokeRole, SwitchAccount
from events.streams.organizations import stream_of
from tests.support.access_matrix import EVERY, EXAMPLES, FILE, LETTERS, TABLE, Row
from tests.support.access_world import PART, WHOLE, World, denied, furnished, signed_in
from tests.support.templates import SqliteTemplate
from tests.support.web_client import (
    BY,
    CHILD,
    DEPARTMENT,
    FOREIGN,
    MONTH,
    OTHER_STREET,
    OWN,
    ROOT,
    SIBLING,
    STREET,
    Web,
)
from tracker.access.rights import ROUTES
from tracker.accounts.personal_tokens import PersonalTokens
from tracker.web.home.lists import LISTS

PLACES = {
    "own": STREET,
    "parent": ROOT,
    "sibling": OTHER_STREET,
    "child": OWN,
    "grandchild": CHILD,
    "foreign": FOREIGN,
}
"""Organizations as they stand to somebody who was granted a role over the street."""
REACHED = {"own", "child", "grandchild"}


@pytest.fixture(scope="module")
def world(
    prepared_world: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The month is drawn, so that the inspector has assignments in both streets."""
    folder = tmp_path_factory.mktemp("access")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        web = Web(prepared_world.copy(folder), folder, patch)
        yield furnished(web)
        web.dispose()


def allowed_over(row: Row, letter: str, place: str) -> bool:
    """Whether a role over the street may do something over an organization."""
    if letter not in row.who or place not in REACHED:
        return False
    return letter != "I" or place == "child"


def routes_of(routes: Iterable[Any]) -> Iterator[str]:
    """Every route of an application, those of its routers too; static files are not held."""
    for route in routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner.routes)
            continue
        for method in route.methods - {"HEAD"}:
            yield f"{method} {route.path}"


def test_every_route_has_a_row(web: Web) -> None:
    """A route without a row in the table of these tests, or in that of the product, fails here."""
    served = set(routes_of(web.inside.routes))
    assert served - TABLE.keys() == set()
    assert TABLE.keys() - served == set()
    assert set(ROUTES) == served


@pytest.mark.parametrize("route", [one for one, row in TABLE.items() if row.kind == "over"])
def test_over_an_organization(world: World, route: str) -> None:
    """Own and below are open to the roles of the row, and nothing else is."""
    row = TABLE[route]
    wrong: list[tuple[object, ...]] = []
    for letter, role in LETTERS.items():
        for place, code in PLACES.items():
            found = world.ask(world.visitor(PART + role), route, code)
            if denied(found) == allowed_over(row, letter, place):
                wrong.append((role, place, found.status))
            if place not in REACHED and letter in row.who:
                assert (found.status, "西山" in found.text) == (404, False)
        far = world.ask(world.visitor(WHOLE + role), route, FOREIGN)
        if denied(far) == (letter in row.who):
            wrong.append((role, "foreign, for the whole district", far.status))
    assert wrong == []


@pytest.mark.parametrize(
    "route", [one for one, row in TABLE.items() if row.kind in {"many", "root", "whole"}]
)
def test_over_many(world: World, route: str) -> None:
    """The roles of the row; where the whole district is asked for, a part of it does not do."""
    row = TABLE[route]
    wrong: list[tuple[object, ...]] = []
    for letter, role in LETTERS.items():
        for kind in (PART, WHOLE):
            found = world.ask(world.visitor(kind + role), route)
            if denied(found) == (letter in row.who and (kind == WHOLE or row.kind == "many")):
                wrong.append((kind + role, found.status))
            if row.foreign:
                reaches = kind == WHOLE and letter in row.who
                far = world.ask(world.visitor(kind + role), route, path=row.foreign)
                if denied(far) == reaches:
                    wrong.append((kind + role, "foreign", far.status))
    assert wrong == []


@pytest.mark.parametrize("route", list(TABLE))
def test_without_a_role_or_a_session(world: World, route: str) -> None:
    """Nobody comes in without signing in; who has no role sees the own account alone."""
    row = TABLE[route]
    stranger = world.web.anybody()
    found = world.ask(stranger, route)
    if row.kind == "public":
        assert not denied(found), found.text
    else:
        assert found.status == 401
        assert found.headers["www-authenticate"] == "Bearer"
        if not route.partition(" ")[2].startswith("/api/"):
            method, _, path = route.partition(" ")
            page = stranger.get(path) if method == "GET" else stranger.post(path)
            assert page.location.startswith("/login?next=")
    alone = world.known.get("nobody") or signed_in(world, "nobody")
    world.known["nobody"] = alone if world.lives(alone) else signed_in(world, "nobody")
    found = world.ask(world.known["nobody"], route)
    assert denied(found) == (row.kind not in {"public", "own"}), found.text


READ = [one for one, row in TABLE.items() if row.kind == "many" and one.startswith("GET ")]
PROBES = ("", "?format=csv", f"?organization={FOREIGN}", f"?under={OTHER_STREET}",
          f"?q={FOREIGN}", f"?scope={OTHER_STREET}", f"?stream={stream_of(FOREIGN)}")  # fmt: skip


@pytest.mark.parametrize("route", READ)
def test_no_answer_tells_of_a_foreign_organization(world: World, route: str) -> None:
    """Neither page nor file nor hint names what was not granted, however it is asked for.

    An answer may say again what was asked; documents tell of no organization and are asked once.
    """
    path = re.sub(r"{(\w+)(?::path)?}", lambda one: EXAMPLES[one[1]], route.partition(" ")[2])
    path = path.replace(FILE, world.files[FILE])
    paths = [f"/lists/{name}" for name in LISTS] if "{name}" in route else [path]
    documents = TABLE[route].who == EVERY
    for letter in "B" if documents else TABLE[route].who:
        visitor = world.visitor(PART + LETTERS[letter])
        for probe in PROBES[:1] if documents else PROBES:
            for one in paths:
                found = visitor.get(one + probe)
                assert found.status < 500, found.text
                told = "西山" in found.text or (not probe and FOREIGN in found.text)
                assert not told, (letter, one + probe)


def test_a_list_holds_what_was_granted(world: World) -> None:
    """Each role over the street sees its two communities and the enterprise, and nobody else."""
    expected = {
        "branch": {STREET, OWN, SIBLING, CHILD},
        "township": {STREET, OWN, SIBLING, CHILD},
        "inspector": {OWN, SIBLING},
        "department": {STREET, OWN, SIBLING, CHILD},
        "auditor": {STREET, OWN, SIBLING, CHILD},
    }
    for role, codes in expected.items():
        found = world.visitor(PART + role).get("/api/v1/organizations")
        assert {one["code"] for one in found.json["items"]} == codes, role
        text = world.visitor(PART + role).get("/organizations?format=csv").text
        named = {code for code in (*PLACES.values(), SIBLING, DEPARTMENT) if f"{code}," in text}
        assert named == codes, role


def test_a_role_of_some_categories(world: World) -> None:
    """Of the street's organizations only those of the categories that were granted."""
    world.web.admit("narrow", "township", STREET, categories=["enterprise"])
    narrow = world.visitor("narrow")
    reached = [
        code
        for code in (STREET, OWN, SIBLING, CHILD, FOREIGN)
        if not denied(world.ask(narrow, "GET /organizations/{code}", code))
    ]
    assert reached == [CHILD]
    found = narrow.get("/api/v1/organizations").json["items"]
    assert [one["code"] for one in found] == [CHILD]
    assert "红星社区" not in narrow.get("/overview").text


def test_a_role_is_good_on_its_days_alone(world: World) -> None:
    """What was lent and has ended, or has not begun, opens nothing; its last day still does."""
    lender = world.visitor(PART + "township").account
    days: dict[str, dict[str, str]] = {
        "ended": {"until_on": "2026-10-06", "delegated_by": lender},
        "last-day": {"until_on": "2026-10-07", "delegated_by": lender},
        "begins-tomorrow": {"from_on": "2026-10-08"},
    }
    open_to = set()
    for login, more in days.items():
        world.web.admit(login, "township", STREET, **more)
        for route in (
            "GET /organizations/{code}",
            "GET /overview",
            "POST /organizations/{code}/report",
        ):
            if not denied(world.ask(world.visitor(login), route)):
                open_to.add(login)
    assert open_to == {"last-day"}


def test_a_loan_ends_with_the_role_it_was_lent_of(world: World) -> None:
    """A delegated role is never larger or longer than the lender's own role."""
    lender = world.web.admit("lender", "township", STREET)
    loan = {"until_on": "2026-12-31", "delegated_by": lender}
    world.web.admit("borrower", "township", STREET, **loan)
    world.web.admit("greedy", "township", ROOT, **loan)
    world.web.admit("grasping", "department", STREET, **loan)
    route = "GET /organizations/{code}"
    assert not denied(world.ask(world.visitor("borrower"), route))
    assert denied(world.ask(world.visitor("greedy"), route))
    assert denied(world.ask(world.visitor("grasping"), route))
    world.web.authenticator.change_account(lender, RevokeRole(grant_id="g", reason="换岗"), BY)
    assert denied(world.ask(world.visitor("borrower"), route))


def test_a_disabled_account_is_out_at_once(world: World) -> None:
    """Its session is void, and it does not come in again until it is enabled."""
    account = world.web.admit("leaves", "township", STREET)
    visitor = world.visitor("leaves")
    assert visitor.get("/").status == 200
    world.web.authenticator.change_account(account, SwitchAccount(reason="调离"), BY)
    assert visitor.get("/").location == "/login?next=/"
    assert visitor.post("/organizations/99-01-001/report").status == 303


@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        ("read", {"GET /api/v1/organizations/{code}", "GET /api/v1/organizations",
                  "GET /api/v1/ranking", "GET /api/v1/audit", "GET /api/v1/schemes"}),
        ("record", {"POST /api/v1/organizations/{code}/conditions", "POST /api/v1/imports",
                    "POST /api/v1/lines"}),
        ("inspect", {"GET /api/v1/assignments"}),
        ("manage", {"POST /api/v1/organizations/{code}/adjustments",
                    "POST /api/v1/cycles/{period}/opening", "POST /api/v1/policy",
                    "GET /api/v1/accounts"}),
    ],
)  # fmt: skip
def test_a_token_opens_its_scope_alone(world: World, scope: str, opened: set[str]) -> None:
    """Within what its holder may do, who here has every role over the whole district."""
    login = f"all-{scope}"
    account = world.web.admit(login, "township", None, person="p-1")
    for number, role in enumerate(("inspector", "department", "auditor", "administrator")):
        grant(world, account, role, number)
    tokens = PersonalTokens(world.web.authenticator)
    secret = tokens.issue(account, (scope,), date(2026, 12, 31), BY, token_id="t")
    assert secret is not None
    program = world.web.program(secret)
    every = {one for each in SCOPES for one in each}
    found = {one for one in every if not denied(world.ask(program, one))}
    assert found == opened
    assert program.get("/api/v1/me").status == 200
    tokens.revoke(account, "t", BY)
    again = program.get("/api/v1/me")
    assert (again.status, again.json["type"].rpartition(":")[2]) == (401, "bad_token")


SCOPES: list[set[str]] = [
    mark.args[1][number][1]
    for mark in test_a_token_opens_its_scope_alone.pytestmark  # type: ignore[attr-defined]
    for number in range(len(mark.args[1]))
]


def grant(world: World, account: str, role: str, number: int) -> None:
    """One more role over the whole district."""
    command = GrantRole.model_validate(
        {"grant_id": f"g-{number}", "role": role, "from_on": "2026-01-01"}
    )
    world.web.authenticator.grant_role(account, command, BY)


def test_a_token_narrows_and_never_widens(world: World) -> None:
    """A branch's token for everything opens no more than the branch may do."""
    account = world.web.admit("wide", "branch", OWN)
    scopes = ("read", "record", "inspect", "manage")
    secret = PersonalTokens(world.web.authenticator).issue(account, scopes, date(2026, 12, 31), BY)
    assert secret is not None
    program = world.web.program(secret)
    assert not denied(world.ask(program, "GET /api/v1/organizations/{code}", OWN))
    for route, code in (
        ("GET /api/v1/organizations/{code}", SIBLING),
        ("GET /api/v1/accounts", OWN),
        ("POST /api/v1/policy", OWN),
        ("POST /api/v1/organizations/{code}/conditions", FOREIGN),
    ):
        assert denied(world.ask(program, route, code)), route


def test_the_own_account_is_nobody_elses(world: World) -> None:
    """A token of somebody else is not revoked by its id, however one asks."""
    account = world.web.admit("holder", "branch", OWN)
    secret = PersonalTokens(world.web.authenticator).issue(
        account, ("read",), date(2026, 12, 31), BY, token_id="t-h"
    )
    assert secret is not None
    other = world.visitor("branch")
    other.post("/account/tokens/t-h/revoke")
    other.call("DELETE", "/api/v1/tokens/t-h")
    assert world.web.program(secret).get("/api/v1/me").status == 200


def test_a_month_is_that_of_the_drawn_world(world: World) -> None:
    """The examples of the table name what is there, so that what is allowed is really shown."""
    for route in ("GET /organizations/{code}/sheet/{period}", "GET /organizations/{code}"):
        assert world.ask(world.visitor(PART + "inspector"), route).status == 200
    branch = world.visitor(PART + "branch")
    assert world.ask(branch, "GET /organizations/{code}/records/{record_id:path}").status == 200
    assert world.ask(branch, "GET /evidence/{file}").status == 200
    assert world.ask(branch, "GET /cycles/{period}").status == 200
    assert EXAMPLES["period"] == MONTH
