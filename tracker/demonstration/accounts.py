"""Accounts to try the demonstration with: one a role, and a second inspector beside the first."""

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
    """One account: its log-in name, how pages call it, its role, over what, which inspector."""

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
    """Open the accounts; answers the password that all of them have."""
    doors = Authenticator(store, os.urandom)
    password = f"demo-{os.urandom(4).hex()}"
    for one in VISITORS:
        opened = doors.open(one.login, one.name, metadata, person=one.person)
        grant = GrantRole.model_validate(
            {
                "grant_id": f"demo-{one.role}",
                "role": one.role,
                "organization": one.organization,
                "from_on": today,
            }
        )
        doors.grant(opened.account, grant, metadata)
        doors.use_link(opened.link, password)
    _name_inspectors(doors, store, metadata)
    return password


def _name_inspectors(doors: Authenticator, store: Store, metadata: Metadata) -> None:
    """Accounts of all other inspectors, so that pages and papers call them by a name."""
    known = {one.person for one in VISITORS}
    with store.read() as reader:
        people = sorted(one.person for one in inspectors(reader).values())
    for person in people:
        if person not in known:
            doors.open(person, f"检查员{person.removeprefix('p-')}", metadata, person=person)
