"""All routers of the pages, and the page that tells of a refusal."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.web import (
    admin,
    admin_accounts,
    admin_organizations,
    audit,
    audit_event,
    bulletin_page,
    cycle_steps,
    cycles,
    delegations,
    evidence_files,
    explain,
    file,
    home,
    lists,
    organizations,
    overview,
    policy_page,
    ranking,
    record,
    record_changes,
    record_list,
    record_page,
    rectifications,
    reference,
    reports,
    scheme_publishing,
    schemes,
    sheet,
    signing_in,
    teams,
)
from tracker.web.rendering import refusal_page

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
)
