"""account: open accounts and give out one-time links, also where nobody can sign in any more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from events.refusals.errors import Refused
from events.streams.accounts import ROLES, GrantRole
from projections.people.accounts import accounts
from tracker.access.rights import require_place
from tracker.accounts import credentials
from tracker.cli.session import organization, session

if TYPE_CHECKING:
    from tracker.accounts.sign_in import Authenticator
    from tracker.app import App

group = typer.Typer(no_args_is_help=True, help="Accounts of people who sign in.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.add_typer(group, name="account")


def _doors(tools: App) -> Authenticator:
    """The doorkeeper; only these commands pay for loading the hasher."""
    from tracker.accounts.sign_in import Authenticator  # noqa: PLC0415 - see above

    return Authenticator(tools.store, os.urandom)


@group.command("open")
def open_account(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="The name to sign in with.")],
    name: Annotated[str, typer.Option(help="How pages call the person.")],
    role: Annotated[str, typer.Option(help=", ".join(ROLES))],
    code: Annotated[
        str | None, typer.Option("--organization", help="Over this one and all under it.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="The inspector that they are.")] = None,
) -> None:
    """Open an account with a role; prints the one-time path by which its holder comes in."""
    here = session(context)
    tools = here.app()
    doors = _doors(tools)
    if code is not None:
        with tools.store.read() as reader:
            organization(reader, code)
    try:
        command = GrantRole.model_validate(
            {
                "grant_id": f"opened-{role}",
                "role": role,
                "organization": code,
                "from_on": tools.today(),
            }
        )
    except ValidationError:
        raise Refused("unknown_role", role=role, known=", ".join(ROLES)) from None
    require_place(role, code)
    opened = doors.open(login, name, tools.metadata(), person=person)
    doors.grant(opened.account, command, tools.metadata())
    answer = {"account": opened.account, "login": login, "path": f"/welcome/{opened.link}"}
    here.answer(answer, lambda console: console.print(f"/welcome/{opened.link}", soft_wrap=True))


@group.command("link")
def link(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="The name to sign in with.")],
) -> None:
    """A new one-time path of an account, to choose a password again."""
    here = session(context)
    tools = here.app()
    account = _bearer(tools, login)
    secret = _doors(tools).new_link(account, tools.metadata())
    answer = {"account": account, "login": login, "path": f"/welcome/{secret}"}
    here.answer(answer, lambda console: console.print(f"/welcome/{secret}", soft_wrap=True))


@group.command("no-code")
def stop_code(
    context: typer.Context,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="The name to sign in with.")],
) -> None:
    """Ask for no one-time code at sign-in any more, of somebody who lost what shows it."""
    from tracker.accounts.keyring import AccountSecurity  # noqa: PLC0415 - as the doorkeeper

    here = session(context)
    tools = here.app()
    account = _bearer(tools, login)
    changed = AccountSecurity(_doors(tools)).drop_code(account, tools.metadata())
    answer = {"account": account, "login": login, "changed": changed}
    said = "no code is asked for any more" if changed else "no code was asked for"
    here.answer(answer, lambda console: console.print(f"{login}: {said}"))


def _bearer(tools: App, login: str) -> str:
    with tools.store.read() as reader:
        known = credentials.by_login(reader, login)
    if known is None:
        raise Refused("unknown_login", login=login)
    return known.account


@group.command("list")
def list_accounts(context: typer.Context) -> None:
    """Every account with its roles."""
    here = session(context)
    with here.app().store.read() as reader:
        named = {one.account: one for one in credentials.all_credentials(reader)}
        found = [
            {
                "account": one.account,
                "login": named[one.account].login if one.account in named else None,
                "enabled": one.enabled,
                "person": one.person,
                "roles": [
                    {
                        "role": grant.role,
                        "organization": grant.organization,
                        "categories": grant.categories,
                        "from": grant.from_on,
                        "until": grant.until_on,
                    }
                    for grant in one.grants.values()
                ],
            }
            for one in accounts(reader).values()
        ]
    found.sort(key=lambda one: str(one["login"] or one["account"]))

    def show(console: Console) -> None:
        table = Table("login", "account", "roles", "state")
        for one in found:
            roles = one["roles"]
            assert isinstance(roles, list)
            said = ", ".join(f"{r['role']} {r['organization'] or '*'}" for r in roles)
            state = "" if one["enabled"] else "disabled"
            table.add_row(str(one["login"] or ""), str(one["account"]), said, state)
        console.print(table)

    here.answer(found, show)
