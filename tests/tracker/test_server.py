"""The served application under a crowd of strangers: a signed-in page is answered all the while."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass

import pytest
import uvicorn
from pwdlib import PasswordHash

from tests.support.web_client import OWN, QUICK, Visitor, Web
from tracker.accounts.hashing import AT_ONCE
from tracker.cli.serving import open_listener
from tracker.http import connections
from tracker.http.context import SESSION_COOKIE
from tracker.server import PROTOCOL

MOST = 40
"""The limit of connections of these tests."""
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
COMBINING = ("\u0301\u0316" * 15_000).encode()
WORDS = {
    401: "令牌",
    404: "链接",
    413: "太大",
    422: "用户名或密码不正确",
    429: "分钟后",
    503: "请几秒钟后再试",
}
"""What each refusal says."""


class CountingHash:
    """Hashes quickly, and knows how many did so at once."""

    def __init__(self, inside: PasswordHash) -> None:
        """Begin with nobody."""
        self.inside, self.guard = inside, threading.Lock()
        self.running = self.most = 0

    def hash(self, password: str) -> str:
        """Hash a password."""
        return self.inside.hash(password)

    def verify(self, password: str, hashed: str) -> bool:
        """Verify a password, and count."""
        with self.guard:
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            return self.inside.verify(password, hashed)
        finally:
            with self.guard:
                self.running -= 1


@dataclass(frozen=True)
class Door:
    """A server on a port, and what is counted behind it."""

    port: int
    server: uvicorn.Server
    hashes: CountingHash

    @property
    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self.server.server_state.connections)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Send a request on a new connection; return status and text, 0 where it was cut off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()


@pytest.fixture
def door(web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """The district behind the real protocol, with few connections."""
    monkeypatch.setattr(connections, "connection_limit", lambda: MOST)
    hashes = CountingHash(QUICK)
    web.authenticator.hasher.inside = hashes  # type: ignore[assignment]
    listener = open_listener("127.0.0.1", 0)
    config = uvicorn.Config(
        web.app, http=PROTOCOL, ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Door(listener.getsockname()[1], server, hashes)
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
        listener.close()


def attack(door: Door, number: int) -> tuple[int, str]:
    """Send one of the requests that wear a door down."""
    match number % 4:
        case 0:
            return door.send("POST", "/login", b"login=guess&password=guess-guess", FORM)
        case 1:
            body = b"password=ten-long-words&again=ten-long-words"
            return door.send("POST", f"/welcome/{'x' * 43}", body, FORM)
        case 2:
            headers = JSON | {"authorization": "Bearer x"}
            return door.send("POST", "/api/v1/lines", b'{"lines": [' + b"[" * 2_000_000, headers)
        case _:
            body = b"password=x&login=" + COMBINING * (1 + number % 8 // 4)
            return door.send("POST", "/login", body, FORM)


def show_home(door: Door, visitor: Visitor) -> tuple[int, str]:
    """Fetch the home page of a signed-in user."""
    cookie = f"{SESSION_COOKIE}={visitor.client.cookies[SESSION_COOKIE]}"
    return door.send("GET", "/", b"", {"cookie": cookie})


def test_a_crowd_of_strangers_wears_nothing_down(web: Web, door: Door) -> None:
    """A page is answered, refusals say what to do, connections and hashes stay within limits."""
    secretary = web.visitor("branch")
    with ExitStack() as held, ThreadPoolExecutor(16) as pool:
        for number in range(2 * MOST):
            client = socket.create_connection(("127.0.0.1", door.port), timeout=60)
            held.enter_context(closing(client))
            with suppress(OSError):
                client.sendall((b"", b"GET / HT", b"POST /login HTTP/1.1\r\n")[number % 3])
        attacks = [pool.submit(attack, door, number) for number in range(64)]
        pages = [show_home(door, secretary) for _ in range(5)]
        assert door.connections <= MOST + 1
        answers = [one.result() for one in attacks]
        pages.append(show_home(door, secretary))
    assert [status for status, _ in pages] == [200] * 6
    assert all(OWN in text or "首页" in text for _, text in pages)
    told = [(status, text) for status, text in answers if status]
    assert {status for status, _ in told} <= WORDS.keys()
    assert {401, 404, 413, 422} <= {status for status, _ in told}
    assert [text for status, text in told if WORDS[status] not in text] == []
    assert 1 <= door.hashes.most <= AT_ONCE


def test_a_length_given_twice_is_refused(door: Door) -> None:
    """A request that a proxy could read as two is answered 400, and its connection is closed."""
    with closing(socket.create_connection(("127.0.0.1", door.port), timeout=60)) as client:
        client.sendall(
            b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n"
            b"transfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nhost: x\r\n\r\n"
        )
        parts = []
        while part := client.recv(1 << 16):
            parts.append(part)
    answer = b"".join(parts)
    assert answer.startswith(b"HTTP/1.1 400")
    assert "长度写了两次" in answer.decode()
    assert b"stale" not in answer
