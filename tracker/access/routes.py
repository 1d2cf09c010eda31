"""Every route with its action and its target; a route without a row is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RouteTarget(StrEnum):
    """Where a route's action takes place: the user's scope for the action must cover it."""

    NONE = "none"
    """No named target: the handler filters its answer by the user's scope."""
    ORGANIZATION = "organization"
    """The organization whose code the path gives as ``code``."""
    ROOT = "root"
    """A whole scope of cycles: the root named by ``scope``, or the only one."""
    WHOLE = "whole"
    """The whole district."""


@dataclass(frozen=True, slots=True)
class RouteRule:
    """What a route requires. ``action`` None: no sign-in; empty: any signed-in user."""

    action: str | None
    target: RouteTarget = RouteTarget.NONE


PUBLIC = RouteRule(None)
SELF = RouteRule("")


def _over(action: str, target: RouteTarget = RouteTarget.NONE) -> RouteRule:
    return RouteRule(action, target)


FILE = _over("see_file", RouteTarget.ORGANIZATION)
RECORD = _over("record", RouteTarget.ORGANIZATION)
DOCUMENTS = _over("see_documents")
PUBLISH = _over("publish", RouteTarget.WHOLE)
ADMIN = _over("administer", RouteTarget.WHOLE)
IMPORT = _over("import", RouteTarget.WHOLE)
GO_LIVE = _over("go_live", RouteTarget.WHOLE)

ROUTES: dict[str, RouteRule] = {
    # sign-in
    "GET /login": PUBLIC,
    "POST /login": PUBLIC,
    "POST /logout": SELF,
    "GET /welcome": PUBLIC,
    "POST /welcome": PUBLIC,
    "GET /welcome/{token}": PUBLIC,
    "POST /welcome/{token}": PUBLIC,
    "POST /language": PUBLIC,
    "GET /health": PUBLIC,
    "GET /help": PUBLIC,
    "GET /help/{topic}": PUBLIC,
    "GET /": SELF,
    "GET /account": SELF,
    "POST /account/password": SELF,
    "POST /account/second-factor": SELF,
    "POST /account/tokens": SELF,
    "GET /account/calendar": SELF,
    "POST /account/calendar": SELF,
    "POST /account/calendar/revoke": SELF,
    "GET /calendar/{token}": PUBLIC,
    "POST /account/tokens/{token_id}/revoke": SELF,
    # organizations
    "GET /organizations": _over("see_file"),
    "GET /pick/organizations": SELF,
    "GET /pick/people": SELF,
    "GET /organizations/{code}": FILE,
    "GET /organizations/{code}/explain/{period}": FILE,
    "POST /organizations/{code}/adjust": _over("adjust", RouteTarget.ORGANIZATION),
    # inspections
    "GET /sw.js": PUBLIC,
    "GET /organizations/{code}/sheet/{period}": _over("inspect", RouteTarget.ORGANIZATION),
    "POST /organizations/{code}/sheet/{period}": _over("inspect", RouteTarget.ORGANIZATION),
    "POST /organizations/{code}/sheet/{period}/sign": _over("inspect", RouteTarget.ORGANIZATION),
    "GET /organizations/{code}/sheets/{period}": FILE,
    # records
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
    # figures of many organizations
    "GET /overview": _over("see_many"),
    "GET /calls": _over("see_many"),
    "GET /lists/{name}": _over("see_many"),
    "GET /ranking": _over("see_ranking"),
    "GET /cycles": _over("see_cycle"),
    "GET /cycles/{period}": _over("see_cycle"),
    "GET /cycles/{period}/bulletin": _over("see_cycle"),
    "POST /cycles/{period}/open": _over("run_cycle", RouteTarget.ROOT),
    "POST /cycles/{period}/draw": _over("run_cycle", RouteTarget.ROOT),
    "POST /cycles/{period}/close": _over("run_cycle", RouteTarget.ROOT),
    # rectifications
    "GET /rectifications": _over("see_file"),
    "GET /organizations/{code}/rectifications/{rectification_id:path}": FILE,
    "POST /organizations/{code}/rectifications/{rectification_id:path}": _over(
        "reply", RouteTarget.ORGANIZATION
    ),
    # documents
    "GET /schemes": DOCUMENTS,
    "GET /schemes/check": _over("publish"),
    "POST /schemes/check": _over("publish"),
    "POST /schemes/effect": _over("publish"),
    "POST /schemes/publish": PUBLISH,
    "GET /schemes/{scheme}": DOCUMENTS,
    "GET /schemes/{scheme}/compare": DOCUMENTS,
    "POST /schemes/{scheme}/close": PUBLISH,
    "GET /policy": DOCUMENTS,
    "GET /policy/publish": PUBLISH,
    "POST /policy": PUBLISH,
    # the log
    "GET /audit": _over("audit"),
    "GET /audit/verify": _over("audit", RouteTarget.WHOLE),
    "POST /audit/verify": _over("audit", RouteTarget.WHOLE),
    "GET /audit/{stream}/{version}": _over("audit"),
    # administration
    "GET /account/delegations": _over("delegate"),
    "POST /account/delegations": _over("delegate"),
    "POST /account/delegations/end": _over("delegate"),
    "GET /import": IMPORT,
    "POST /import": IMPORT,
    "GET /import/table": IMPORT,
    "POST /import/table": IMPORT,
    "POST /import/finish": IMPORT,
    "GET /import/template/{kind}": IMPORT,
    "GET /admin": ADMIN,
    "POST /admin/backup": ADMIN,
    "POST /admin/backup/check": ADMIN,
    "POST /admin/clock": ADMIN,
    "GET /admin/go-live": GO_LIVE,
    "POST /admin/go-live": GO_LIVE,
    "GET /accounts/list": _over("open_accounts"),
    "POST /accounts/list": _over("open_accounts"),
    "GET /accounts/waiting": _over("open_accounts"),
    "POST /accounts/slips": _over("open_accounts"),
    "GET /admin/accounts": ADMIN,
    "GET /admin/open-account": ADMIN,
    "POST /admin/open-account": ADMIN,
    "GET /admin/accounts/{account}": ADMIN,
    "POST /admin/accounts/{account}/grant": ADMIN,
    "POST /admin/accounts/{account}/revoke": ADMIN,
    "POST /admin/accounts/{account}/switch": ADMIN,
    "POST /admin/accounts/{account}/link": ADMIN,
    "POST /admin/accounts/{account}/factor-off": ADMIN,
    "GET /admin/organizations": ADMIN,
    "GET /admin/organizations/{code}": ADMIN,
    "GET /admin/organizations/{code}/children": ADMIN,
    "POST /admin/organizations/{code}/change": ADMIN,
    "GET /admin/teams": ADMIN,
    "GET /admin/teams/{person}": ADMIN,
    "POST /admin/teams/{person}/recuse": ADMIN,
    "GET /admin/register-inspector": ADMIN,
    "POST /admin/register-inspector": ADMIN,
    "GET /admin/register-organization": ADMIN,
    "POST /admin/register-organization": ADMIN,
    # API
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
        "reply", RouteTarget.ORGANIZATION
    ),
    "GET /api/v1/organizations/{code}/explanation": FILE,
    "GET /api/v1/ranking": _over("see_ranking"),
    "GET /api/v1/cycles": _over("see_cycle"),
    "GET /api/v1/cycles/{period}": _over("see_cycle"),
    "GET /api/v1/cycles/{period}/bulletin": _over("see_cycle"),
    "GET /api/v1/cycles/{period}/draw-check": _over("see_cycle"),
    "POST /api/v1/cycles/{period}/opening": _over("run_cycle", RouteTarget.ROOT),
    "POST /api/v1/cycles/{period}/drawing": _over("run_cycle", RouteTarget.ROOT),
    "POST /api/v1/cycles/{period}/closing": _over("run_cycle", RouteTarget.ROOT),
    "GET /api/v1/going-live": GO_LIVE,
    "POST /api/v1/going-live": GO_LIVE,
    "GET /api/v1/assignments": _over("inspect"),
    "POST /api/v1/organizations/{code}/sheets": _over("inspect", RouteTarget.ORGANIZATION),
    "GET /api/v1/organizations/{code}/sheets/{period}": _over("inspect", RouteTarget.ORGANIZATION),
    "POST /api/v1/organizations/{code}/sheets/{period}/{sheet_id:path}/signature": _over(
        "inspect", RouteTarget.ORGANIZATION
    ),
    "POST /api/v1/organizations/{code}/sheets/{period}/{sheet_id:path}/return": _over(
        "inspect", RouteTarget.ORGANIZATION
    ),
    "POST /api/v1/loans": _over("delegate"),
    "POST /api/v1/loans/{account}/{grant_id:path}/ending": _over("delegate"),
    "POST /api/v1/organizations/{code}/adjustments": _over("adjust", RouteTarget.ORGANIZATION),
    "GET /api/v1/schemes": _over("see_documents"),
    "GET /api/v1/schemes/{scheme}": _over("see_documents"),
    "POST /api/v1/schemes/check": _over("see_documents"),
    "POST /api/v1/schemes": _over("publish", RouteTarget.WHOLE),
    "POST /api/v1/schemes/{scheme}/closing": _over("publish", RouteTarget.WHOLE),
    "GET /api/v1/policy": _over("see_documents"),
    "POST /api/v1/policy/check": _over("see_documents"),
    "POST /api/v1/policy": _over("publish", RouteTarget.WHOLE),
    "GET /api/v1/audit": _over("audit"),
    "GET /api/v1/audit/{stream}/{version}": _over("audit"),
    "GET /api/v1/audit/verification": _over("audit", RouteTarget.WHOLE),
    "POST /api/v1/audit/verification": _over("audit", RouteTarget.WHOLE),
    "POST /api/v1/organizations": ADMIN,
    "POST /api/v1/organizations/{code}/changes": ADMIN,
    "GET /api/v1/inspectors": ADMIN,
    "POST /api/v1/inspectors": ADMIN,
    "POST /api/v1/inspectors/{person}/recusals": ADMIN,
    "GET /api/v1/accounts": _over("administer", RouteTarget.WHOLE),
    "POST /api/v1/accounts": _over("administer", RouteTarget.WHOLE),
    "GET /api/v1/accounts/{account}": _over("administer", RouteTarget.WHOLE),
    "POST /api/v1/accounts/{account}/link": _over("administer", RouteTarget.WHOLE),
    "POST /api/v1/accounts/{account}/grants": _over("administer", RouteTarget.WHOLE),
    "POST /api/v1/accounts/{account}/grants/{grant_id:path}/revocation": _over(
        "administer", RouteTarget.WHOLE
    ),
    "POST /api/v1/accounts/{account}/disabling": _over("administer", RouteTarget.WHOLE),
    "POST /api/v1/accounts/{account}/enabling": _over("administer", RouteTarget.WHOLE),
    "GET /api/v1/tokens": SELF,
    "POST /api/v1/tokens": SELF,
    "DELETE /api/v1/tokens/{token_id}": SELF,
    "POST /api/v1/lines": _over("record"),
    "POST /api/v1/imports": _over("import", RouteTarget.WHOLE),
}
