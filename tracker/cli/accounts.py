"""account: create accounts and one-time links, even if no administrator can sign in."""

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
from tracker.access import rights
from tracker.accounts import credentials
from tracker.cli.options import Login
from tracker.cli.session import current_session, require_organization

if TYPE_CHECKING:
    from tracker.accounts.sign_in import Authenticator
    from tracker.app import App

group = typer.Typer(no_args_is_help=True, help="Manage user accounts.")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="account")


def _authenticator(tools: App) -> Authenticator:
    """Return the authenticator; imported here so that only these commands load the hasher."""
    from tracker.accounts.sign_in import Authenticator  # noqa: PLC0415 - see above

    return Authenticator(tools.store, os.urandom, device_clock=tools.device_now)


@group.command("open")
def open_account(
    context: typer.Context,
    login: Login,
    name: Annotated[str, typer.Option(metavar="NAME", help="Display name.")],
    role: Annotated[str, typer.Option(metavar="ROLE", help=f"Role: {', '.join(ROLES)}.")],
    code: Annotated[
        str | None,
        typer.Option(
            "--organization",
            metavar="CODE",
            help="Organization that the role covers, with its descendants.",
        ),
    ] = None,
    person: Annotated[
        str | None, typer.Option(metavar="ID", help="Inspector that the user is.")
    ] = None,
) -> None:
    """Create an account, and print its one-time sign-in link."""
    session = current_session(context)
    tools = session.app()
    authenticator = _authenticator(tools)
    if code is not None:
        with tools.store.read() as reader:
            require_organization(reader, code)
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
    rights.require_organization(role, code)
    opened = authenticator.open_account(login, name, tools.metadata(), person=person)
    authenticator.grant_role(opened.account, command, tools.metadata())
    answer = {"account": opened.account, "login": login, "path": f"/welcome/{opened.link}"}
    session.answer(answer, lambda console: console.print(f"/welcome/{opened.link}", soft_wrap=True))


@group.command("link")
def create_link(context: typer.Context, login: Login) -> None:
    """Create a one-time password-reset link."""
    session = current_session(context)
    tools = session.app()
    account = _find_account(tools, login)
    secret = _authenticator(tools).new_link(account, tools.metadata())
    answer = {"account": account, "login": login, "path": f"/welcome/{secret}"}
    session.answer(answer, lambda console: console.print(f"/welcome/{secret}", soft_wrap=True))


@group.command("no-code")
def disable_two_factor(context: typer.Context, login: Login) -> None:
    """Disable two-factor authentication of a user.

    For a user who lost the authenticator; the password is still required.
    """
    from tracker.accounts.second_factor import SecondFactor  # noqa: PLC0415 - loads the hasher

    session = current_session(context)
    tools = session.app()
    account = _find_account(tools, login)
    changed = SecondFactor(_authenticator(tools)).reset(account, tools.metadata())
    answer = {"account": account, "login": login, "changed": changed}
    state = "disabled" if changed else "was not enabled"
    session.answer(
        answer, lambda console: console.print(f"{login}: two-factor authentication {state}")
    )


@group.command("enable")
def enable_account(context: typer.Context, login: Login) -> None:
    """Enable a disabled account again."""
    from events.streams.accounts import SwitchAccount  # noqa: PLC0415 - as the authenticator

    session = current_session(context)
    tools = session.app()
    account = _find_account(tools, login)
    changed = _authenticator(tools).change_account(account, SwitchAccount(), tools.metadata())
    answer = {"account": account, "login": login, "changed": changed}
    state = "enabled" if changed else "was enabled already"
    session.answer(answer, lambda console: console.print(f"{login}: {state}"))


def _find_account(tools: App, login: str) -> str:
    with tools.store.read() as reader:
        credential = credentials.by_login(reader, login)
    if credential is None:
        raise Refused("unknown_login", login=login)
    return credential.account


@group.command("list")
def list_accounts(context: typer.Context) -> None:
    """List every account with its roles."""
    session = current_session(context)
    with session.app().store.read() as reader:
        logins = {row.account: row.login for row in credentials.all_credentials(reader)}
        rows = [
            {
                "account": account.account,
                "login": logins.get(account.account),
                "enabled": account.enabled,
                "person": account.person,
                "roles": [
                    {
                        "role": grant.role,
                        "organization": grant.organization,
                        "categories": grant.categories,
                        "from": grant.from_on,
                        "until": grant.until_on,
                    }
                    for grant in account.grants.values()
                ],
            }
            for account in accounts(reader).values()
        ]
    rows.sort(key=lambda row: str(row["login"] or row["account"]))

    def show(console: Console) -> None:
        table = Table("login", "account", "roles", "state")
        for row in rows:
            roles = row["roles"]
            assert isinstance(roles, list)
            granted = ", ".join(f"{r['role']} {r['organization'] or '*'}" for r in roles)
            state = "" if row["enabled"] else "disabled"
            table.add_row(str(row["login"] or ""), str(row["account"]), granted, state)
        console.print(table)

    session.answer(rows, show)
