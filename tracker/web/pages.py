"""All routers of the pages, and the page of a refusal."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.web.accounts import accounts, calendar, delegations, people_list, sign_in
from tracker.web.accounts import suggestions as people_suggestions
from tracker.web.audit import event as audit_event
from tracker.web.audit import search as audit_search
from tracker.web.cycles import bulletin, cycles, ranking
from tracker.web.cycles import steps as cycle_steps
from tracker.web.documents import policy, schemes
from tracker.web.documents import publishing as scheme_publishing
from tracker.web.home import calls, home, overview
from tracker.web.home import lists as home_lists
from tracker.web.inspections import sheet, sheet_read, teams
from tracker.web.organizations import explain as organization_explain
from tracker.web.organizations import file as organization_file
from tracker.web.organizations import listing as organization_listing
from tracker.web.organizations import suggestions as organization_suggestions
from tracker.web.organizations import tree as organization_tree
from tracker.web.page.rendering import render_refusal_page
from tracker.web.records import changes as record_changes
from tracker.web.records import evidence_files, record
from tracker.web.records import form as record_form
from tracker.web.records import import_table as record_import_table
from tracker.web.records import imports as record_imports
from tracker.web.records import listing as record_listing
from tracker.web.records import reports as record_reports
from tracker.web.rectifications import orders as rectification_orders
from tracker.web.service import go_live, handbook, reference
from tracker.web.service import health as service_health

__all__ = ["ROUTERS", "render_refusal_page"]

ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    people_list.router,
    audit_search.router,
    audit_event.router,
    reference.router,
    home.router,
    record_form.router,
    record_listing.router,
    record.router,
    record_changes.router,
    record_reports.router,
    rectification_orders.router,
    evidence_files.router,
    organization_listing.router,
    organization_file.router,
    organization_explain.router,
    sheet.router,
    sheet_read.router,
    scheme_publishing.router,
    schemes.router,
    overview.router,
    calls.router,
    home_lists.router,
    ranking.router,
    cycles.router,
    cycle_steps.router,
    bulletin.router,
    accounts.router,
    delegations.router,
    calendar.router,
    organization_tree.router,
    organization_suggestions.router,
    people_suggestions.router,
    policy.router,
    teams.router,
    service_health.router,
    go_live.router,
    handbook.router,
    record_imports.router,
    record_import_table.router,
)
"""The order matters where paths overlap: FastAPI takes the first route that matches."""
