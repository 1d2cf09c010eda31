"""The accounts of the demonstration: one of each role to try it with, and those of everybody else.

All organizations have a secretary and all inspectors an account, so that pages name who acted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from events.event import Metadata
from events.streams.accounts import GrantRole
from tracker.accounts.hashing import PasswordHasher
from tracker.accounts.sign_in import Authenticator
from tracker.demonstration.branches import ROOT
from tracker.demonstration.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from events.log.store import Store
    from tracker.demonstration.branches import Branch

QUICK = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
ACTOR = "demo:department"
"""The actor of everything before there are accounts."""
LOOK_AT = f"{ROOT}-001-001"
"""The organization that the example commands and pages show."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account: login, display name, role, the organization it covers, which inspector.

    Without ``role`` it has only what is delegated to it.
    """

    login: str
    name: str
    role: str | None
    organization: str | None
    person: str | None = None


VISITORS = (
    DemoAccount("branch", "演示支部书记", "branch", LOOK_AT),
    DemoAccount("township", "演示街道专干", "township", f"{ROOT}-001"),
    DemoAccount("inspector", "演示检查员甲", "inspector", ROOT, "p-001"),
    DemoAccount("inspector2", "演示检查员乙", "inspector", ROOT, "p-002"),
    DemoAccount("department", "演示组织部", "department", ROOT),
    DemoAccount("auditor", "演示审计", "auditor", ROOT),
    DemoAccount("admin", "演示管理员", "administrator", None),
)
DEPUTY = DemoAccount("deputy", "演示街道副专干", None, None)
"""Acts for the township's officer on leave."""


@dataclass(slots=True)
class Staff:
    """The accounts of a demonstration: by login, by inspector, by organization."""

    store: Store
    seed: int
    visitors: dict[str, str] = field(default_factory=dict)
    inspectors: dict[str, str] = field(default_factory=dict)
    secretaries: dict[str, str] = field(default_factory=dict)
    password: str = field(default_factory=lambda: f"demo-{os.urandom(4).hex()}")
    """The password of the accounts that people try the demonstration with."""

    def open_all(self, branches: Iterable[Branch], people: Iterable[str], today: date) -> None:
        """Open every account; nobody knows the passwords of the others than ``VISITORS``."""
        for account in (*VISITORS, DEPUTY):
            self._open(account, today, self.password)
        for person in sorted(people):
            if person not in self.inspectors:
                name = f"检查员{person.removeprefix('p-')}"
                self._open(DemoAccount(person, name, "inspector", ROOT, person), today)
        for branch in branches:
            if branch.code not in self.secretaries:
                name = f"{branch.name}书记"
                self._open(DemoAccount(branch.code, name, "branch", branch.code), today)

    def _open(self, account: DemoAccount, today: date, password: str | None = None) -> None:
        # 32 random bytes need no slow hash, which would take half a minute for all of them.
        quick = None if password is not None else PasswordHasher(PasswordHash((QUICK,)))
        authenticator = Authenticator(self.store, os.urandom, quick or PasswordHasher())
        by = self.by(None)
        number = Dice(self.seed, "account", account.login).number("id")
        opened = authenticator.open_account(
            account.login, account.name, by, person=account.person, account=f"u-{number:016x}"
        )
        if account.role is not None:
            grant = {
                "grant_id": f"demo-{account.role}",
                "role": account.role,
                "organization": account.organization,
                "from_on": today,
            }
            authenticator.grant_role(opened.account, GrantRole.model_validate(grant), by)
        authenticator.use_link(opened.link, password or os.urandom(32).hex())
        if password is not None:
            self.visitors[account.login] = opened.account
        if account.person is not None:
            self.inspectors[account.person] = opened.account
        elif account.role == "branch" and account.organization is not None:
            self.secretaries[account.organization] = opened.account

    def by(self, account: str | None, channel: str = "web", work: str = "") -> Metadata:
        """Return the metadata of what an account does; without one, of the department's setup."""
        if account is None:
            return Metadata(ACTOR, "cli", work)
        return Metadata(account, channel, work)

    def secretary(self, code: str) -> str:
        """Return who records for an organization: its secretary, else the department."""
        return self.secretaries.get(code) or self.visitors["department"]
