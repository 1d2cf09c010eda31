"""The real server as a process: the first start, signing in over HTTP, its end."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pyotp
import pytest

from events.event import Metadata
from events.refusals.errors import Refused
from events.streams.accounts import SwitchAccount, account_stream
from tests.support.command_line import TODAY, CommandLine
from tests.support.districts import instant
from tracker.accounts.second_factor import SecondFactor
from tracker.accounts.sign_in import Authenticator
from tracker.app import open_app
from tracker.cli.serving import open_listener
from tracker.settings import load_settings

LAUNCHER = (sys.executable, "-P", str(Path(__file__).parents[2] / "support" / "launcher.py"))
PASSWORD = "quite-long-enough"


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[str, int]]:
    """Run the server on a folder's database; yield what it printed first, and its port."""
    began = str(time.time())  # noqa: TID251 - what the launcher wants
    process = subprocess.Popen(
        [*LAUNCHER, instant(TODAY).isoformat(), "1", began, "serve", "--port", "0", *options],
        env=os.environ | {"TRACKER_DATABASE_URL": f"sqlite:///{folder / 'tracker.db'}"},
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said, line = "", ""
    while not line.startswith("Serving"):
        said, line = said + line, process.stderr.readline()
        assert line, said
    try:
        yield said, int(line.split()[1].rpartition(":")[2])
    finally:
        process.send_signal(signal.SIGTERM)
        end = process.communicate(timeout=60)[1]
    assert process.returncode == 0, end
    assert "Traceback" not in end


def ask(
    port: int,
    method: str,
    path: str,
    form: dict[str, str] | None = None,
    more: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], str]:
    """Send one request; return status, headers, text."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"content-type": "application/x-www-form-urlencoded"} if form is not None else {}
    connection.request(method, path, urlencode(form or {}), headers | (more or {}))
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text


def test_the_first_administrator_comes_in_once(cli: CommandLine) -> None:
    """Each start prints a new link until a password is set; earlier links are void."""
    with serving(cli.folder, "--no-scheduler") as (said, port):
        (first,) = re.findall(r"/welcome/\S+", said)
        assert ask(port, "GET", first)[0] == 200
    with serving(cli.folder) as (said, port):
        (second,) = re.findall(r"/welcome/\S+", said)
        assert ask(port, "GET", first)[0] == 404
        both = {"password": PASSWORD, "again": PASSWORD}
        status, headers, _ = ask(port, "POST", second, both)
        assert (status, headers["location"]) == (303, "/")
        assert "httponly" in headers["set-cookie"].lower()
        assert ask(port, "POST", second, both)[0] == 404
        status, headers, _ = ask(port, "POST", "/login", {"login": "admin", "password": PASSWORD})
        assert status == 303
    with serving(cli.folder, "--no-scheduler") as (said, _):
        assert "/welcome/" not in said
    opened = cli.ask("audit", "log", "--type", "AccountOpened")
    assert len(opened) == 1
    (granted,) = cli.ask("audit", "log", "--type", "RoleGranted")
    assert granted["data"]["role"] == "administrator"


def test_a_district_that_is_set_up_is_served(empty: CommandLine) -> None:
    """The first line says that no cycle opens, and how to go live."""
    empty.done("init", "--setup")
    with serving(empty.folder) as (said, _):
        assert said.startswith("being set up: no cycle opens")
        assert "tracker go-live --from MONTH" in said


def addresses(cli: CommandLine) -> set[str]:
    """The addresses under which attempts were counted."""
    with sqlite3.connect(cli.folder / "tracker.db") as database:
        return {row[0] for row in database.execute("SELECT address FROM login_attempts")}


@pytest.mark.parametrize("proxies", ["", "127.0.0.1", "192.0.2.0/24"])
def test_only_a_named_proxy_is_believed(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch, proxies: str
) -> None:
    """X-Forwarded-For counts from the proxies of the setting, and from nobody else."""
    monkeypatch.setenv("TRACKER_PROXIES", proxies)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with serving(cli.folder, "--no-scheduler") as (_, port):
        answers = [
            ask(port, "POST", "/login", {"login": "x"}, {"x-forwarded-for": f"203.0.113.{number}"})[
                0
            ]
            for number in range(7)
        ]
    believed = proxies == "127.0.0.1"
    assert answers == ([422] * 7 if believed else [422] * 5 + [429] * 2)
    assert addresses(cli) == (
        {f"203.0.113.{number}" for number in range(7)} if believed else {"127.0.0.1"}
    )


def test_an_address_that_is_taken(cli: CommandLine) -> None:
    """A port in use is refused in one line."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = str(taken.getsockname()[1])
        answer = cli("serve", "--port", port)
    assert answer.status == 1
    assert re.fullmatch(rf"tracker: cannot listen on 127.0.0.1:{port}: .*\n", answer.err)


def test_accounts_of_the_command_line(cli: CommandLine) -> None:
    """An account created by a command has a sign-in link; a new link voids the old one."""
    opened = cli.ask("account", "open", "li", "--name", "李", "--role", "branch",
                     "--organization", "99-01-001")  # fmt: skip
    linked = cli.ask("account", "link", "li")
    assert linked["account"] == opened["account"]
    with serving(cli.folder, "--no-scheduler") as (_, port):
        assert ask(port, "GET", opened["path"])[0] == 404
        status, _, text = ask(port, "GET", linked["path"])
        assert status == 200
        assert "李" in text
    (listed,) = (one for one in cli.ask("account", "list") if one["login"] == "li")
    assert listed["roles"][0]["organization"] == "99-01-001"
    assert "li" in cli("account", "list").out


def test_a_disabled_account_is_enabled_by_the_operator(cli: CommandLine) -> None:
    """The command enables it once, whatever happened to all administrators."""
    opened = cli.ask("account", "open", "li", "--name", "李", "--role", "administrator")
    assert "was enabled already" in cli("account", "enable", "li").out
    tools = open_app(load_settings(database_url=f"sqlite:///{cli.folder / 'tracker.db'}"))
    Authenticator(tools.store, os.urandom).change_account(
        opened["account"], SwitchAccount(reason="离岗"), Metadata("os:tester", "cli")
    )
    tools.engine.dispose()
    assert cli.ask("account", "enable", "li")["changed"]
    (listed,) = (one for one in cli.ask("account", "list") if one["login"] == "li")
    assert listed["enabled"]


def test_a_lost_telephone_of_the_only_administrator(cli: CommandLine) -> None:
    """The operator can disable the second factor, and the log records who did."""
    opened = cli.ask("account", "open", "li", "--name", "李", "--role", "administrator")
    assert "two-factor authentication was not enabled" in cli("account", "no-code", "li").out
    tools = open_app(load_settings(database_url=f"sqlite:///{cli.folder / 'tracker.db'}"))
    authenticator = Authenticator(tools.store, os.urandom)
    authenticator.use_link(opened["path"].rpartition("/")[2], "a long password")
    secret = pyotp.random_base32()
    by = Metadata(opened["account"], "web")
    code = pyotp.TOTP(secret).at(authenticator.now())
    SecondFactor(authenticator).enable(
        opened["account"], secret, code, "a long password", by, "192.0.2.1"
    )
    with pytest.raises(Refused, match="six digits"):
        authenticator.sign_in("li", "a long password", "", "192.0.2.1")
    done = cli.ask("account", "no-code", "li")
    assert (done["account"], done["changed"]) == (opened["account"], True)
    assert (
        authenticator.sign_in("li", "a long password", "", "192.0.2.1").account == opened["account"]
    )
    with tools.store.read() as reader:
        line = list(reader.stream(account_stream(opened["account"])))[-1]
    assert (line.type, line.channel, line.actor) == ("SecondFactorChanged", "cli", "clerk")
    tools.engine.dispose()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["account", "open", "x", "--name", "x", "--role", "king"],
         "king is not a role; choose one of branch"),
        (["account", "open", "x", "--name", "x", "--role", "branch", "--organization", "7"],
         "7 is not a registered organization"),
        (["account", "open", "x", "--name", "x", "--role", "branch"], "give its code"),
        (["account", "link", "nobody"], "there is no account nobody"),
        (["account", "no-code", "nobody"], "there is no account nobody"),
    ],
)  # fmt: skip
def test_bad_accounts(cli: CommandLine, line: list[str], said: str) -> None:
    """An unknown role, organization or login is refused, and no account is created."""
    before = cli.events()
    answer = cli(*line)
    assert answer.status == 1
    assert said in answer.err
    assert cli.events() == before


def test_answers_leave_at_once() -> None:
    """A connection sends small answers at once (no Nagle delay)."""

    async def asked() -> int:
        said: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        class Answering(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                connection = transport.get_extra_info("socket")
                said.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                transport.close()

        listening = open_listener("127.0.0.1", 0)
        server = await asyncio.get_running_loop().create_server(Answering, sock=listening)
        async with server:
            _, writer = await asyncio.open_connection(*listening.getsockname())
            answer = await said
            writer.close()
            await writer.wait_closed()
        return answer

    assert asyncio.run(asked()) != 0
