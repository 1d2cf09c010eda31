"""All routers of the pages, and the page that tells of a refusal."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.web.accounts import accounts as admin_accounts
from tracker.web.accounts import delegations
from tracker.web.accounts import sign_in as signing_in
from tracker.web.audit import event as audit_event
from tracker.web.audit import search as audit
from tracker.web.cycles import bulletin as bulletin_page
from tracker.web.cycles import cycles, ranking
from tracker.web.cycles import steps as cycle_steps
from tracker.web.documents import policy as policy_page
from tracker.web.documents import publishing as scheme_publishing
from tracker.web.documents import schemes
from tracker.web.home import home, lists, overview
from tracker.web.inspections import sheet, sheet_read, teams
from tracker.web.organizations import explain, file
from tracker.web.organizations import listing as organizations
from tracker.web.organizations import tree as admin_organizations
from tracker.web.page.rendering import refusal_page
from tracker.web.records import changes as record_changes
from tracker.web.records import evidence_files, reports
from tracker.web.records import form as record
from tracker.web.records import imports as importing_page
from tracker.web.records import listing as record_list
from tracker.web.records import record as record_page
from tracker.web.rectifications import orders as rectifications
from tracker.web.service import health as admin
from tracker.web.service import reference

__all__ = ["ROUTERS", "refusal_page"]

ROUTERS: tuple[APIRouter, ...] = (
    signing_in.router,
    audit.router,
    audit_event.router,
    reference.router,
    home.router,
    record.router,
    record_list.router,
    record_page.router,
    record_changes.router,
    reports.router,
    rectifications.router,
    evidence_files.router,
    organizations.router,
    file.router,
    explain.router,
    sheet.router,
    sheet_read.router,
    scheme_publishing.router,
    schemes.router,
    overview.router,
    lists.router,
    ranking.router,
    cycles.router,
    cycle_steps.router,
    bulletin_page.router,
    admin_accounts.router,
    delegations.router,
    admin_organizations.router,
    policy_page.router,
    teams.router,
    admin.router,
    importing_page.router,
)
