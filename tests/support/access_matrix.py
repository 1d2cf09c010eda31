"""Who may use which route, written by hand; ``tests/tracker/access/test_routes.py`` compares.

**A new route needs a row here**; without one ``test_every_route_has_a_row`` fails. One line a
route, with the letters of the roles that may use it (``B``ranch, ``T``ownship, ``I``nspector,
``D``epartment, ``A``uditor, ad``M``inistrator), by what the issue says and not by what
``tracker/access/rights.py`` happens to do:

- ``public()``: anybody, not signed in too;
- ``own()``: anybody who is signed in, whatever the role, over nothing but the own account;
- ``over("BT")``: an organization, the path's ``code``: the one that was granted and all under it
  (inspectors: of these only the ones assigned to them), never its parent, a sibling, a foreign one;
- ``many("TDA")``: an answer that is filtered, row by row, by what was granted; ``foreign=`` is a
  path of the same route that names something of a foreign organization, refused to everybody whose
  grant does not reach it;
- ``root("D")``: the cycles of a whole root;
- ``whole("DM")``: the whole district: a role granted over a part of it does not do.

A path is filled by ``EXAMPLES``; give a new parameter an example of something that is there.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.support.web_client import FOREIGN, MONTH, OWN

LETTERS = {
    "B": "branch",
    "T": "township",
    "I": "inspector",
    "D": "department",
    "A": "auditor",
    "M": "administrator",
}
RECORD, FILE, FOREIGN_FILE = "a-1", "{own-file}", "{foreign-file}"
FOREIGN_COMPLIANCE = f"/api/v1/compliance?period={MONTH}&organization={FOREIGN}"
EXAMPLES: dict[str, str] = {
    "period": MONTH,
    "record_id": RECORD,
    "rectification_id": "x-1",
    "sheet_id": "s-1",
    "file": FILE,
    "scheme": "community-2011",
    "name": "late",
    "topic": "branch",
    "stream": f"organization-{OWN}",
    "version": "1",
    "token": "never-was",
    "token_id": "never-was",
    "account": "u-victim",
    "grant_id": "never-was",
    "person": "p-1",
}
"""The value of each path parameter; the tests put the files' digests in."""


class Row(NamedTuple):
    """Who may use a route: the kind of its reach, the letters of the roles."""

    kind: str
    who: str = ""
    foreign: str = ""


def public() -> Row:
    """Anybody."""
    return Row("public")


def own() -> Row:
    """Anybody who is signed in, over the own account."""
    return Row("own")


def over(who: str) -> Row:
    """An organization that was granted, or one under it."""
    return Row("over", who)


def many(who: str, foreign: str = "") -> Row:
    """Rows of what was granted."""
    return Row("many", who, foreign)


def root(who: str) -> Row:
    """The cycles of a root."""
    return Row("root", who)


def whole(who: str) -> Row:
    """The whole district."""
    return Row("whole", who)


EVERY = "BTIDAM"
TABLE: dict[str, Row] = {
    # signing in, one's own account
    "GET /login": public(),
    "POST /login": public(),
    "POST /logout": own(),
    "POST /language": public(),
    "GET /welcome": public(),
    "POST /welcome": public(),
    "GET /welcome/{token}": public(),
    "POST /welcome/{token}": public(),
    "GET /health": public(),
    "GET /help": public(),
    "GET /help/{topic}": public(),
    "GET /sw.js": public(),
    "GET /": own(),
    "GET /account": own(),
    "POST /account/password": own(),
    "POST /account/second-factor": own(),
    "POST /account/tokens": own(),
    "GET /account/calendar": own(),
    "POST /account/calendar": own(),
    "POST /account/calendar/revoke": own(),
    "GET /calendar/{token}": public(),
    "POST /account/tokens/{token_id}/revoke": own(),
    "GET /account/delegations": many("TD"),
    "POST /account/delegations": many("TD"),
    "POST /account/delegations/end": many("TD"),
    # one organization
    "GET /organizations": many("BTIDA"),
    "GET /pick/organizations": own(),
    "GET /pick/people": own(),
    "GET /organizations/{code}": over("BTIDA"),
    "GET /organizations/{code}/explain/{period}": over("BTIDA"),
    "POST /organizations/{code}/adjust": over("D"),
    "GET /organizations/{code}/record": over("BT"),
    "GET /organizations/{code}/record/parts": over("BT"),
    "POST /organizations/{code}/record": over("BT"),
    "GET /organizations/{code}/records": over("BTIDA"),
    "GET /organizations/{code}/records/{record_id:path}": over("BTIDA"),
    "GET /organizations/{code}/correct/{record_id:path}": over("BT"),
    "POST /organizations/{code}/correct/{record_id:path}": over("BT"),
    "POST /organizations/{code}/retract/{record_id:path}": over("BT"),
    "GET /organizations/{code}/report": over("BT"),
    "POST /organizations/{code}/report": over("BT"),
    "POST /organizations/{code}/evidence": over("BT"),
    "GET /evidence/{file}": many("BTIDA", f"/evidence/{FOREIGN_FILE}"),
    "GET /rectifications": many("BTIDA"),
    "GET /organizations/{code}/rectifications/{rectification_id:path}": over("BTIDA"),
    "POST /organizations/{code}/rectifications/{rectification_id:path}": over("BT"),
    # inspecting
    "GET /organizations/{code}/sheet/{period}": over("I"),
    "POST /organizations/{code}/sheet/{period}": over("I"),
    "POST /organizations/{code}/sheet/{period}/sign": over("I"),
    "GET /organizations/{code}/sheets/{period}": over("BTIDA"),
    # many organizations, cycles
    "GET /calls": many("TDA"),
    "GET /overview": many("TDA"),
    "GET /lists/{name}": many("TDA"),
    "GET /ranking": many("BTDA"),
    "GET /cycles": many("BTIDA"),
    "GET /cycles/{period}": many("BTIDA"),
    "GET /cycles/{period}/bulletin": many("BTIDA"),
    "POST /cycles/{period}/open": root("D"),
    "POST /cycles/{period}/draw": root("D"),
    "POST /cycles/{period}/close": root("D"),
    # documents
    "GET /schemes": many(EVERY),
    "GET /schemes/{scheme}": many(EVERY),
    "GET /schemes/{scheme}/compare": many(EVERY),
    "GET /schemes/check": many("D"),
    "POST /schemes/check": many("D"),
    "POST /schemes/effect": many("D"),
    "POST /schemes/publish": whole("D"),
    "POST /schemes/{scheme}/close": whole("D"),
    "GET /policy": many(EVERY),
    "GET /policy/publish": whole("D"),
    "POST /policy": whole("D"),
    # the log
    "GET /audit": many("DA"),
    "GET /audit/{stream}/{version}": many("DA", f"/audit/organization-{FOREIGN}/1"),
    "GET /audit/verify": whole("DA"),
    "POST /audit/verify": whole("DA"),
    # administration, files taken in
    "GET /import": whole("D"),
    "POST /import": whole("D"),
    "GET /import/table": whole("D"),
    "POST /import/table": whole("D"),
    "POST /import/finish": whole("D"),
    "GET /import/template/{kind}": whole("D"),
    "GET /admin": whole("M"),
    "POST /admin/backup": whole("M"),
    "POST /admin/backup/check": whole("M"),
    "POST /admin/clock": whole("M"),
    "GET /admin/go-live": whole("DM"),
    "POST /admin/go-live": whole("DM"),
    "GET /admin/accounts": whole("M"),
    "GET /accounts/list": many("TM"),
    "POST /accounts/list": many("TM"),
    "GET /accounts/waiting": many("TM"),
    "POST /accounts/slips": many("TM"),
    "GET /admin/open-account": whole("M"),
    "POST /admin/open-account": whole("M"),
    "GET /admin/accounts/{account}": whole("M"),
    "POST /admin/accounts/{account}/grant": whole("M"),
    "POST /admin/accounts/{account}/revoke": whole("M"),
    "POST /admin/accounts/{account}/switch": whole("M"),
    "POST /admin/accounts/{account}/link": whole("M"),
    "POST /admin/accounts/{account}/factor-off": whole("M"),
    "GET /admin/organizations": whole("M"),
    "GET /admin/organizations/{code}": whole("M"),
    "GET /admin/organizations/{code}/children": whole("M"),
    "POST /admin/organizations/{code}/change": whole("M"),
    "GET /admin/register-organization": whole("M"),
    "POST /admin/register-organization": whole("M"),
    "GET /admin/teams": whole("M"),
    "GET /admin/register-inspector": whole("M"),
    "POST /admin/register-inspector": whole("M"),
    "GET /admin/teams/{person}": whole("M"),
    "POST /admin/teams/{person}/recuse": whole("M"),
    # programs
    "GET /api/v1/openapi.json": own(),
    "GET /api/v1/docs": own(),
    "GET /api/v1/me": own(),
    "GET /api/v1/vocabulary": own(),
    "GET /api/v1/categories": own(),
    "GET /api/v1/tokens": own(),
    "POST /api/v1/tokens": own(),
    "DELETE /api/v1/tokens/{token_id}": own(),
    "GET /api/v1/organizations": many("BTIDA"),
    "GET /api/v1/organizations/{code}": over("BTIDA"),
    "GET /api/v1/organizations/{code}/tree": over("BTIDA"),
    "GET /api/v1/organizations/{code}/file": over("BTIDA"),
    "GET /api/v1/organizations/{code}/todo": over("BTIDA"),
    "GET /api/v1/organizations/{code}/explanation": over("BTIDA"),
    "GET /api/v1/organizations/{code}/records": over("BTIDA"),
    "GET /api/v1/organizations/{code}/records/{record_id:path}": over("BTIDA"),
    "POST /api/v1/organizations/{code}/records": over("BT"),
    "POST /api/v1/organizations/{code}/records/{record_id:path}/corrections": over("BT"),
    "POST /api/v1/organizations/{code}/records/{record_id:path}/retraction": over("BT"),
    "POST /api/v1/organizations/{code}/conditions": over("BT"),
    "POST /api/v1/organizations/{code}/measures": over("BT"),
    "POST /api/v1/organizations/{code}/evidence": over("BT"),
    "GET /api/v1/evidence/{file}": many("BTIDA", f"/api/v1/evidence/{FOREIGN_FILE}"),
    "GET /api/v1/compliance": many("BTIDA", FOREIGN_COMPLIANCE),
    "GET /api/v1/ranking": many("BTDA"),
    "GET /api/v1/rectifications": many("BTIDA"),
    "GET /api/v1/organizations/{code}/rectifications/{rectification_id:path}": over("BTIDA"),
    "POST /api/v1/organizations/{code}/rectifications/{rectification_id:path}/replies": over("BT"),
    "GET /api/v1/cycles": many("BTIDA"),
    "GET /api/v1/cycles/{period}": many("BTIDA"),
    "GET /api/v1/cycles/{period}/bulletin": many("BTIDA"),
    "GET /api/v1/cycles/{period}/draw-check": many("BTIDA"),
    "POST /api/v1/cycles/{period}/opening": root("D"),
    "POST /api/v1/cycles/{period}/drawing": root("D"),
    "POST /api/v1/cycles/{period}/closing": root("D"),
    "GET /api/v1/going-live": whole("DM"),
    "POST /api/v1/going-live": whole("DM"),
    "GET /api/v1/assignments": many("I"),
    "GET /api/v1/organizations/{code}/sheets/{period}": over("I"),
    "POST /api/v1/organizations/{code}/sheets": over("I"),
    "POST /api/v1/organizations/{code}/sheets/{period}/{sheet_id:path}/signature": over("I"),
    "POST /api/v1/organizations/{code}/sheets/{period}/{sheet_id:path}/return": over("I"),
    "POST /api/v1/organizations/{code}/adjustments": over("D"),
    "GET /api/v1/schemes": many(EVERY),
    "GET /api/v1/schemes/{scheme}": many(EVERY),
    "POST /api/v1/schemes/check": many(EVERY),
    "POST /api/v1/schemes": whole("D"),
    "POST /api/v1/schemes/{scheme}/closing": whole("D"),
    "GET /api/v1/policy": many(EVERY),
    "POST /api/v1/policy/check": many(EVERY),
    "POST /api/v1/policy": whole("D"),
    "GET /api/v1/audit": many("DA"),
    "GET /api/v1/audit/{stream}/{version}": many("DA", f"/api/v1/audit/organization-{FOREIGN}/1"),
    "GET /api/v1/audit/verification": whole("DA"),
    "POST /api/v1/audit/verification": whole("DA"),
    "POST /api/v1/organizations": whole("M"),
    "POST /api/v1/organizations/{code}/changes": whole("M"),
    "GET /api/v1/inspectors": whole("M"),
    "POST /api/v1/inspectors": whole("M"),
    "POST /api/v1/inspectors/{person}/recusals": whole("M"),
    "GET /api/v1/accounts": whole("M"),
    "POST /api/v1/accounts": whole("M"),
    "GET /api/v1/accounts/{account}": whole("M"),
    "POST /api/v1/accounts/{account}/link": whole("M"),
    "POST /api/v1/accounts/{account}/grants": whole("M"),
    "POST /api/v1/accounts/{account}/grants/{grant_id:path}/revocation": whole("M"),
    "POST /api/v1/accounts/{account}/disabling": whole("M"),
    "POST /api/v1/accounts/{account}/enabling": whole("M"),
    "POST /api/v1/loans": many("TD"),
    "POST /api/v1/loans/{account}/{grant_id:path}/ending": many("TD"),
    "POST /api/v1/lines": many("BT"),
    "POST /api/v1/imports": whole("D"),
}  # fmt: skip
