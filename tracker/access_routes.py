"""Every route of the doors with the action that it is, and over what: no row, no entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Target(StrEnum):
    """What an action of a route is over."""

    NONE = "none"
    """Nothing of its own: the answer is filtered by the scope of whoever asks."""
    ORGANIZATION = "organization"
    """The organization that the path names as ``code``."""
    ROOT = "root"
    """A whole scope of cycles: the root that ``scope`` names, or the only one."""
    WHOLE = "whole"
    """The whole district."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route asks for. ``action`` None: nobody need be signed in; empty: anybody who is."""

    action: str | None
    target: Target = Target.NONE


PUBLIC = Rule(None)
SELF = Rule("")


def _over(action: str, target: Target = Target.NONE) -> Rule:
    return Rule(action, target)


FILE = _over("see_file", Target.ORGANIZATION)
RECORD = _over("record", Target.ORGANIZATION)

ROUTES: dict[str, Rule] = {
    # signing in
    "GET /login": PUBLIC,
    "POST /login": PUBLIC,
    "POST /logout": SELF,
    "GET /welcome/{token}": PUBLIC,
    "POST /welcome/{token}": PUBLIC,
    "POST /language": PUBLIC,
    "GET /health": PUBLIC,
    "GET /": SELF,
    "GET /account": SELF,
    "POST /account/password": SELF,
    "POST /account/second-factor": SELF,
    "POST /account/tokens": SELF,
    "POST /account/tokens/{token_id}/revoke": SELF,
    # organizations
    "GET /organizations": _over("see_file"),
    "GET /organizations/{code}": FILE,
    "GET /organizations/{code}/explain/{period}": FILE,
    "POST /organizations/{code}/adjust": _over("adjust", Target.ORGANIZATION),
    # inspecting
    "GET /sw.js": PUBLIC,
    "GET /organizations/{code}/sheet/{period}": _over("inspect", Target.ORGANIZATION),
    "POST /organizations/{code}/sheet/{period}": _over("inspect", Target.ORGANIZATION),
    "POST /organizations/{code}/sheet/{period}/sign": _over("inspect", Target.ORGANIZATION),
    "GET /organizations/{code}/sheets/{period}": FILE,
    # recording
    "GET /organizations/{code}/record": RECORD,
    "POST /organizations/{code}/record": RECORD,
    "GET /organizations/{code}/record/parts": RECORD,
    "POST /organizations/{code}/evidence": RECORD,
    "GET /organizations/{code}/records": FILE,
    "GET /organizations/{code}/records/{record_id:path}": FILE,
    "GET /organizations/{code}/correct/{record_id:path}": RECORD,
    "POST /organizations/{code}/correct/{record_id:path}": RECORD,
    "POST /organizations/{code}/retract/{record_id:path}": RECORD,
    "GET /organizations/{code}/report": RECORD,
    "POST /organizations/{code}/report": RECORD,
    "GET /evidence/{file}": _over("see_file"),
    # rectifications
    "GET /rectifications": _over("see_file"),
    "GET /organizations/{code}/rectifications/{rectification_id:path}": FILE,
    "POST /organizations/{code}/rectifications/{rectification_id:path}": _over(
        "reply", Target.ORGANIZATION
    ),
    # programs
    "GET /api/v1/openapi.json": SELF,
    "GET /api/v1/docs": SELF,
    "GET /api/v1/me": SELF,
    "GET /api/v1/vocabulary": SELF,
    "GET /api/v1/categories": SELF,
    "GET /api/v1/organizations": _over("see_file"),
    "GET /api/v1/organizations/{code}": FILE,
    "GET /api/v1/organizations/{code}/tree": FILE,
    "GET /api/v1/organizations/{code}/file": FILE,
    "GET /api/v1/organizations/{code}/todo": FILE,
    "GET /api/v1/compliance": _over("see_file"),
    "GET /api/v1/organizations/{code}/records": FILE,
    "GET /api/v1/organizations/{code}/records/{record_id:path}": FILE,
    "POST /api/v1/organizations/{code}/records": RECORD,
    "POST /api/v1/organizations/{code}/records/{record_id:path}/corrections": RECORD,
    "POST /api/v1/organizations/{code}/records/{record_id:path}/retraction": RECORD,
    "POST /api/v1/organizations/{code}/conditions": RECORD,
    "POST /api/v1/organizations/{code}/measures": RECORD,
    "POST /api/v1/organizations/{code}/evidence": RECORD,
    "GET /api/v1/evidence/{file}": _over("see_file"),
    "GET /api/v1/rectifications": _over("see_file"),
    "GET /api/v1/organizations/{code}/rectifications/{rectification_id:path}": FILE,
    "POST /api/v1/organizations/{code}/rectifications/{rectification_id:path}/replies": _over(
        "reply", Target.ORGANIZATION
    ),
}
