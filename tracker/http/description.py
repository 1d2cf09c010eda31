"""The OpenAPI document of the API, made from its routes: for programs and the reference page."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field


class FieldFault(BaseModel):
    """One fault of a field."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(description="The field, dotted where it is nested.")
    message: str = Field(description="One sentence in the language of Accept-Language.")


class ProblemDetails(BaseModel):
    """Why a request was refused (RFC 9457); ``title`` is in the language of Accept-Language."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="A stable name: urn:organization-tracker:problem:CODE.")
    title: str = Field(description="One sentence for a person.")
    status: int = Field(description="The HTTP status, repeated.")
    reference: str = Field(description="The correlation id to quote to an administrator.")
    errors: list[FieldFault] | None = Field(
        default=None, description="One entry for each field at fault."
    )


ABOUT = """\
Everything the pages do, for programs: the same queries, the same commands, the same permissions.

**Authentication.** A personal token as `Authorization: Bearer …` (issued by its holder on the
account page or by `POST /api/v1/tokens`), or a session cookie with `X-CSRF-Token` on every change.

**Responses** are JSON. Dates are local dates of the district, instants are UTC; points, credits and
scores are decimal strings, never floating-point numbers. A refused request answers problem details
(RFC 9457) with a stable `type`, a sentence in the language of `Accept-Language`, and a `reference`
to quote to an administrator.

**Lists** are paged: pass `next` as `after`; bare lists name the next page in the `Link` header.
With `format=csv` or `format=xlsx` the list is one file, with the same filter, and instants by the
district's clock, which the file names. Where a file lacks rows (above 10 000, but for the log as
CSV), its first and last line and the header `X-Rows-Left-Out` say so.

**Changes.** Send an `Idempotency-Key`: it becomes the identity of the event, permanently. Repeating
the request returns the same answer (with `Idempotency-Replayed: true`); other content under the
same key is refused with 409. Send the `ETag` you saw as `If-Match` to refuse a change on outdated
data.
"""
TAGS: tuple[tuple[str, str], ...] = (
    ("self", "The current user, and the vocabulary."),
    ("organizations", "Organizations, their tree, files and duties."),
    ("figures", "Derived compliance, explanations, rankings."),
    ("records", "Activities, corrections, retractions, self-reports."),
    ("evidence", "Evidence files by SHA-256."),
    ("rectifications", "Rectification orders and replies."),
    ("cycles", "The monthly process: opening, draw, sheets, closing, bulletin."),
    ("documents", "Schemes and the district policy."),
    ("audit", "The event log, and one event with its proof."),
    ("accounts", "Accounts, roles and personal tokens."),
    ("imports", "Batches of lines and import files."),
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
        "description": "The session cookie; changes also need X-CSRF-Token.",
    },
}


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application, made once."""
    document: dict[str, Any] | None = getattr(app.state, "openapi", None)
    if document is None:
        document = app.state.openapi = _make_document(app)
    return document


def _make_document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="Organization tracker",
        version="1",
        summary="过程化考核接口",
        description=ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS],
    )
    components = document["components"]
    schemas = components["schemas"]
    for shape in (FieldFault, ProblemDetails):
        schema = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        schemas[shape.__name__] = schema
    # The framework describes its own 422 body, which ``ProblemDetails`` replaces.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = SECURITY
    document["security"] = [{name: []} for name in SECURITY]
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["operationId"] = operation["operationId"].partition("_api_v1")[0]
            for parameter in operation.get("parameters", []):
                parameter.setdefault("description", PATH_PARAMETERS.get(parameter["name"], ""))
    return document


PATH_PARAMETERS = {
    "code": "The code of an organization, current or former.",
    "record_id": "The id of a record within its organization.",
    "rectification_id": "The id of an order within its organization.",
    "file": "The SHA-256 of a file.",
    "period": "A month such as 2026-09.",
    "scheme": "The identifier of a scheme.",
    "account": "The identifier of an account.",
    "grant_id": "The id of a granted role.",
    "sheet_id": "The id of a sheet.",
    "person": "The id of an inspector.",
    "token_id": "The id of a personal token.",
    "stream": "The name of a stream.",
    "version": "The version of an event in its stream.",
    "name": "The name of a built-in document.",
}
"""Descriptions of the parameters in paths, which routes take undescribed."""
