"""Accounts to try the demonstration with: one for each role, and a second inspector."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.streams.accounts import GrantRole
from projections.people.inspectors import inspectors
from tracker.accounts.sign_in import Authenticator
from tracker.demonstration.branches import ROOT

if TYPE_CHECKING:
    from datetime import date

    from events.event import Metadata
    from events.log.store import Store


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account: login, display name, role, the organization it covers, which inspector."""

    login: str
    name: str
    role: str
    organization: str | None
    person: str | None = None


VISITORS = (
    DemoAccount("branch", "演示支部书记", "branch", f"{ROOT}-001-001"),
    DemoAccount("township", "演示街道专干", "township", f"{ROOT}-001"),
    DemoAccount("inspector", "演示检查员甲", "inspector", ROOT, "p-001"),
    DemoAccount("inspector2", "演示检查员乙", "inspector", ROOT, "p-002"),
    DemoAccount("department", "演示组织部", "department", ROOT),
    DemoAccount("auditor", "演示审计", "auditor", ROOT),
    DemoAccount("admin", "演示管理员", "administrator", None),
)


def open_accounts(store: Store, today: date, metadata: Metadata) -> str:
    """Open the accounts; return the password that all of them have."""
    authenticator = Authenticator(store, os.urandom)
    password = f"demo-{os.urandom(4).hex()}"
    for account in VISITORS:
        opened = authenticator.open_account(
            account.login, account.name, metadata, person=account.person
        )
        grant = GrantRole.model_validate(
            {
                "grant_id": f"demo-{account.role}",
                "role": account.role,
                "organization": account.organization,
                "from_on": today,
            }
        )
        authenticator.grant_role(opened.account, grant, metadata)
        authenticator.use_link(opened.link, password)
    _name_inspectors(authenticator, store, metadata)
    return password


def _name_inspectors(authenticator: Authenticator, store: Store, metadata: Metadata) -> None:
    """Open accounts of all other inspectors, so that pages and papers show a name for them."""
    named = {account.person for account in VISITORS}
    with store.read() as reader:
        people = sorted(inspector.person for inspector in inspectors(reader).values())
    for person in people:
        if person not in named:
            name = f"检查员{person.removeprefix('p-')}"
            authenticator.open_account(person, name, metadata, person=person)
