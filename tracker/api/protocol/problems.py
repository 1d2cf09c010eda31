"""What every route may answer instead: problem details, documented once (RFC 9457)."""

from __future__ import annotations

from typing import Any

from tracker.http.answers import PROBLEM

TOLD: dict[int, str] = {
    400: "The request is not well formed, or an Idempotency-Key is missing.",
    401: "Nobody is signed in, or the token is void, has ended or never was.",
    403: "The account or the token does not allow that.",
    404: "It is not there, or not within what the account may see: the same words.",
    409: "It stands already with other content, or the state does not allow it now.",
    412: "Somebody changed it since; look at it again (If-Match).",
    413: "What was sent is too large.",
    422: "A field or parameter is at fault; each is named.",
    429: "Too many failed sign-ins.",
    503: "The database is busy, nothing was saved; try again later.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problem responses for the description of a route."""
    return {
        status: {
            "description": TOLD[status],
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
        for status in statuses
    }


READING = refusals(401, 403, 404, 422, 503)
"""What every route may answer."""
WRITING = refusals(400, 401, 403, 404, 409, 413, 422, 503)
"""What every route that appends may answer."""
