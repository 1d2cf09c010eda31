"""Problem details (RFC 9457) that routes may answer, documented once for every route."""

from __future__ import annotations

from typing import Any

from tracker.http.answers import PROBLEM

DESCRIPTIONS: dict[int, str] = {
    400: "The request is malformed, or an Idempotency-Key is missing.",
    401: "Not signed in, or the token is unknown, revoked or expired.",
    403: "The account or the token does not allow this.",
    404: "It does not exist, or the account may not see it: the answer is the same.",
    409: "It already exists with other content, or the current state does not allow it.",
    412: "It has changed since you saw it; fetch it again (If-Match).",
    413: "The request body is too large.",
    422: "Fields or parameters are at fault; each is named.",
    429: "Too many failed sign-ins, or too much uploaded today.",
    503: "Busy or not writable at present, nothing was saved; try again later.",
    507: "The server's disk is full, nothing was saved.",
}
"""Descriptions of the refused statuses."""


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return problem responses for the description of a route."""
    return {
        status: {
            "description": DESCRIPTIONS[status],
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
        for status in statuses
    }


READING = refusals(401, 403, 404, 422, 503)
"""What every route may answer."""
WRITING = refusals(400, 401, 403, 404, 409, 413, 422, 503, 507)
"""What every route that appends may answer."""
