"""The API is described: every route, every parameter, every refusal, for programs and people."""

from __future__ import annotations

import re

from fastapi.routing import APIRoute

from tests.support.api_client import BASE, by_session, program
from tests.support.json_schema import KNOWN
from tests.support.web_client import Web
from tracker.access.routes import ROUTES
from tracker.api.programs import ROUTERS


def routes() -> dict[str, APIRoute]:
    """Every route of the API by method and path."""
    return {
        f"{method} {route.path}": route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.path.startswith(BASE)
        for method in route.methods or ()
    }


def test_every_route_is_described(web: Web) -> None:
    """The document holds every route but itself, and no page."""
    document = program(web, "auditor").get("/openapi.json")
    described = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    wanted = {re.sub(r":path", "", name) for name in routes()} - {f"GET {BASE}/openapi.json"}
    assert described == wanted
    assert document["openapi"].startswith("3.1")


def test_every_route_says_enough(web: Web) -> None:
    """Each has a sentence, a tag, described parameters, its refusals and a typed answer."""
    document = program(web, "auditor").get("/openapi.json")
    tags = {tag["name"] for tag in document["tags"]}
    names = []
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            where = f"{method} {path}"
            names.append(one["operationId"])
            assert one["description"].endswith((".", "key.")), where
            assert set(one["tags"]) <= tags, where
            for given in one.get("parameters", []):
                assert given["description"], (where, given["name"])
            for status in ("401", "403", "422", "503"):
                problem = one["responses"][status]["content"]["application/problem+json"]
                assert problem["schema"]["$ref"].endswith("/ProblemDetails"), where
            good = [status for status in one["responses"] if status.startswith("2")]
            assert len(good) == 1, where
            if method == "post":
                assert "409" in one["responses"] or path.endswith("/check"), where
    assert len(names) == len(set(names))
    assert set(document["components"]["securitySchemes"]) == {"bearer", "session"}


def test_schemas_use_what_tests_look_at(web: Web) -> None:
    """The shapes of answers use no keyword that the validator of the tests does not know."""
    document = program(web, "auditor").get("/openapi.json")
    for name, schema in document["components"]["schemas"].items():
        for field in schema.get("properties", {}).values():
            unknown = set(field) - KNOWN - {"exclusiveMinimum", "exclusiveMaximum"}
            assert not unknown, (name, unknown)


def test_every_route_has_a_row() -> None:
    """No route of the API is without its row in the table of access."""
    assert routes().keys() <= ROUTES.keys()


def test_the_reference_is_a_page(web: Web) -> None:
    """The reference shows every route without a script or a request to elsewhere."""
    page = by_session(web, "auditor").visitor.get(f"{BASE}/docs")
    assert page.status == 200
    assert page.heading == "接口说明"
    for path in {name.partition(" ")[2] for name in routes()} - {f"{BASE}/openapi.json"}:
        assert path.replace(":path", "") in page.text
    assert "http://" not in page.text.replace("http://testserver", "")
    assert len(page.text.encode()) < 150_000
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_unknown_path_is_a_problem(web: Web) -> None:
    """What is not there, or not done this way, is a problem too."""
    one = program(web, "auditor")
    told = one.call("GET", "/nothing", accept_language="en")
    assert (told.status, told.json["title"]) == (404, "there is no such page")
    assert one.call("DELETE", "/me").status == 405
