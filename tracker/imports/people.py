"""Accounts opened from a list of people: checked as a whole, then opened in one transaction.

Roles are granted and inspectors registered by the handlers that do it one by one. Every account
gets a one-time code, returned only here; names and phones go to the table of people.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from events.periods import instant_text
from events.refusals.errors import Message, Refused
from events.streams.accounts import GrantRole, OpenAccount, account_stream
from events.streams.people import RegisterInspector
from projections.documents.in_force import vocabulary
from projections.organizations.directory import all_entries
from tracker.accounts import credentials
from tracker.accounts.appending import add_account, append_to, check_login
from tracker.accounts.codes import make_code
from tracker.accounts.people import PersonDetails, store_people
from tracker.commands.organizations import organize
from tracker.imports.lines import LineFault
from tracker.imports.tables.people import FIELDS, PeopleTable, PersonRow, read_people

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from events.event import Metadata
    from events.log.reader import Reader
    from projections.organizations.scope import Scope
    from tracker.accounts.sign_in import Authenticator
    from tracker.imports.tables.cells import Sheet

MOST_PEOPLE = 2000
"""People in one list: one transaction opens them all."""
LONGEST_PINYIN = 40


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """An account with its new one-time code; ``organization`` is a code, or empty."""

    account: str
    login: str
    name: str
    role: str
    organization: str
    code: str


def read_people_sheets(
    reader: Reader, sheets: list[Sheet], name: str, scope: Scope | None
) -> PeopleTable:
    """Return the people of a file's sheets; ``Refused`` where no sheet is a list of people.

    Only organizations in ``scope`` are known (None: all), so that no fault names another.
    """
    entries = all_entries(reader)
    if scope is not None:
        reached = scope.streams_among(reader, [entry.stream for entry in entries])
        entries = [entry for entry in entries if entry.stream in reached]
    named = [(entry.code, entry.name) for entry in entries]
    return read_people(sheets, name, vocabulary(reader), named)


def check_people(reader: Reader, table: PeopleTable, scope: Scope | None) -> PeopleTable:
    """Return the list with log-in names proposed, and the faults that only the district shows.

    ``scope`` None is an administrator, who opens every role; else only branches are opened.
    """
    taken = {credentials.login_key(row.login) for row in credentials.all_credentials(reader)}
    given = {credentials.login_key(person.login) for person in table.rows if person.login}
    checked = PeopleTable([], list(table.faults))
    if len(table.rows) > MOST_PEOPLE:
        raise Refused("people_too_many", most=MOST_PEOPLE, field="file")
    for person in table.rows:
        login = person.login or _propose_login(person.name, taken | given)
        if person.login:
            checked.faults += _login_faults(person, taken)
        taken.add(credentials.login_key(login))
        if scope is not None and person.role not in {"branch", ""}:
            fault = LineFault(person.row, FIELDS["role"][0], Message("people_beyond"))
            checked.faults.append(fault)
        checked.rows.append(replace(person, login=login))
    checked.faults.sort(key=lambda fault: fault.line)
    return checked


def _login_faults(person: PersonRow, taken: set[str]) -> list[LineFault]:
    try:
        check_login(person.login)
    except Refused as refused:
        return [LineFault(person.row, FIELDS["login"][0], refused.message)]
    if credentials.login_key(person.login) not in taken:
        return []
    message = Message("login_taken", login=person.login)
    return [LineFault(person.row, FIELDS["login"][0], message)]


def _propose_login(name: str, taken: set[str]) -> str:
    """Return the pinyin of a name, with the first number that makes it unique."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - large; few requests need it

    spelled = "".join(lazy_pinyin(name)).lower()
    plain = "".join(char for char in spelled if char.isascii() and char.isalnum())
    login = base = plain[:LONGEST_PINYIN] or "user"
    number = 1
    while login in taken:
        number += 1
        login = f"{base}{number}"
    return login


def account_of_row(list_id: str, person: PersonRow) -> str:
    """Return the id of a row's account: the same list sent again opens nothing twice."""
    digest = hashlib.sha256(f"{list_id}\n{person.login}".encode()).hexdigest()
    return f"u-{digest[:12]}"


def open_people(
    authenticator: Authenticator,
    people: Iterable[PersonRow],
    list_id: str,
    metadata: Metadata,
    *,
    today: date,
    hours: int,
) -> list[OpenedAccount]:
    """Open the accounts of a checked list, all or none, with codes that are valid for ``hours``.

    ``Refused`` where a log-in name was taken meanwhile, or an inspector cannot be registered.
    """
    rows = {account_of_row(list_id, person): person for person in people}
    inspectors = {account: f"p-{account[2:]}" for account, person in rows.items()
                  if person.role == "inspector"}  # fmt: skip
    for account, person in inspectors.items():
        row = rows[account]
        command = RegisterInspector(
            id=person, organization=row.organization, team=row.team, categories=row.categories
        )
        organize(authenticator.store, command, metadata, f"list-{account}")
    with authenticator.store.append() as log:
        log.lock(sorted(map(account_stream, rows)))
        opened = []
        now = instant_text(authenticator.now())
        for account, row in rows.items():
            opening = OpenAccount(account=account, person=inspectors.get(account))
            add_account(log, opening, row.login, row.name, metadata)
            grant = _grant(row, today)
            append_to(log, account, grant, f"grant/{grant.grant_id}", metadata)
            code = make_code(authenticator.entropy)
            authenticator.issue_link(log, account, metadata, code, hours)
            opened.append(
                OpenedAccount(account, row.login, row.name, row.role, row.organization, code)
            )
        store_people(
            log,
            (
                PersonDetails(inspectors.get(account, account), row.name, row.phone or None,
                              None, metadata.actor, now)
                for account, row in rows.items()
            ),
        )  # fmt: skip
    return opened


def _grant(row: PersonRow, today: date) -> GrantRole:
    """Return the role of a row; an inspector's organization is where they belong, not the scope."""
    organization = None if row.role == "inspector" else row.organization or None
    return GrantRole.model_validate(
        {"grant_id": "listed", "role": row.role, "organization": organization, "from_on": today}
    )
