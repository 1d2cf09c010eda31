"""The API described: one OpenAPI document out of its routes, for programs and for the page."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field


class FieldFault(BaseModel):
    """What is wrong with one field."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(description="The field, dotted where it stands inside another.")
    message: str = Field(description="One sentence in the language asked for.")


class ProblemDetails(BaseModel):
    """Why a request was refused (RFC 9457); ``title`` is in the language of Accept-Language."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="A stable name: urn:organization-tracker:problem:CODE.")
    title: str = Field(description="One sentence for a person.")
    status: int = Field(description="The HTTP status, once more.")
    reference: str = Field(description="The number to ask an administrator about.")
    errors: list[FieldFault] | None = Field(
        default=None, description="Each fault at its field, where fields are at fault."
    )


ABOUT = """\
Everything that the pages do, for programs: the same queries, the same commands, the same access.

**Signing in.** A personal token as `Authorization: Bearer …` (issued by its holder under *account*
or `POST /api/v1/tokens`), or the cookie of a session with its `X-CSRF-Token` on every change.

**Answers.** JSON; dates are local dates of the district, instants are UTC; points, credits and
scores are decimal texts, never floating numbers. A refusal is a problem (RFC 9457) with a stable
`type`, a sentence in the language of `Accept-Language`, and a `reference` to ask about.

**Lists** come in pages: `next` is what to give as `after`; bare lists name the next page in the
header `Link`. With `format=csv` or `format=xlsx` the whole list comes as a file, with the same
filter.

**Changes.** Send an `Idempotency-Key`: it becomes the identity of the event, for ever. The same
request again answers the same (with `Idempotency-Replayed: true`); other content under the same key
is refused with 409. Where an `ETag` was seen, `If-Match` refuses a change on what is out of date.
"""
TAGS: tuple[tuple[str, str], ...] = (
    ("self", "Who asks, and the words that everything is written in."),
    ("organizations", "Organizations, their tree, files and duties."),
    ("figures", "Derived compliance, explanations, rankings."),
    ("records", "Activities, corrections, retractions, self-reports."),
    ("evidence", "Evidence files by their SHA-256."),
    ("rectifications", "Rectification orders and replies."),
    ("cycles", "The monthly process: opening, draw, sheets, closing, bulletin."),
    ("documents", "Schemes and the district policy."),
    ("audit", "The log, and one event with its proof."),
    ("accounts", "Accounts, roles and personal tokens."),
    ("imports", "Many lines at once, files of lines."),
)
SECURITY: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal token; its scopes are read, record, inspect and manage.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tracker_session",
        "description": "The cookie of who signed in; changes need X-CSRF-Token too.",
    },
}


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application, made once."""
    found: dict[str, Any] | None = getattr(app.state, "openapi", None)
    if found is None:
        found = app.state.openapi = _document(app)
    return found


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="Organization tracker",
        version="1",
        summary="过程化考核接口",
        description=ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS],
    )
    parts = document["components"]
    for shape in (FieldFault, ProblemDetails):
        parts["schemas"][shape.__name__] = shape.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        parts["schemas"][shape.__name__].pop("$defs", None)
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    parts["securitySchemes"] = SECURITY
    document["security"] = [{name: []} for name in SECURITY]
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["operationId"] = operation["operationId"].partition("_api_v1")[0]
            for parameter in operation.get("parameters", []):
                parameter.setdefault("description", PATHS.get(parameter["name"], ""))
    return document


PATHS = {
    "code": "The code of an organization; codes that it bore stand for it too.",
    "record_id": "The identity of a record within its organization.",
    "rectification_id": "The identity of an order within its organization.",
    "file": "The SHA-256 of a file.",
    "period": "A month such as 2026-09.",
    "scheme": "The identifier of a scheme.",
    "account": "The identifier of an account.",
    "grant_id": "The identity of a granted role.",
    "sheet_id": "The identity of a sheet.",
    "person": "The id of an inspector.",
    "token_id": "The identity of a personal token.",
    "stream": "The name of a stream.",
    "version": "The version of an event in its stream.",
    "name": "The name of a built-in document.",
}
