"""A client that sends half a request, or too many clients, keep nobody else out."""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
import uvicorn

from tracker.cli.serving import open_listener
from tracker.http import connections
from tracker.http.connections import MOST_CONNECTIONS, TimedProtocol, connection_limit

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n"
SHORT = 0.2


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with the length of the body; ``/early`` without reading it, ``/large`` with 20 MB."""
    received, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        received += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"x" * (20 << 20) if scope["path"] == "/large" else f"{received} bytes".encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a server with short limits."""
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "READ_SECONDS", "REST_SECONDS"):
        monkeypatch.setattr(connections, name, SHORT)
    listener = open_listener("127.0.0.1", 0)
    config = uvicorn.Config(
        echo, http=TimedProtocol, ws="none", lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
        listener.close()


def connect(port: int) -> socket.socket:
    """Open a connection that gives up after a while."""
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def rest(client: socket.socket) -> bytes:
    """Everything until the server closes; empty where it was reset."""
    parts = []
    try:
        while part := client.recv(1 << 16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", GET[:-2], POST, POST + b"12345", POST + b"1234567890" + b"GET /"]
)
def test_half_a_request_is_given_up(port: int, sent: bytes) -> None:
    """Nothing, half a head, half a body and half a second request end after their time."""
    with closing(connect(port)) as client:
        client.sendall(sent)
        answer = rest(client)
    assert (b"10 bytes" in answer) == (b"1234567890" in sent)
    assert (b"408 Request Timeout" in answer) == (sent != b"")
    assert ("没有按时传完".encode() in answer) == (sent != b"")


def test_a_head_byte_by_byte_gains_no_time(port: int) -> None:
    """A head that drips is cut off as one that stops."""
    began = time.monotonic()
    with closing(connect(port)) as client:
        client.sendall(GET[:-2])
        with suppress(OSError):
            while time.monotonic() - began < 20 * SHORT:
                client.sendall(b"x: y\r\n")
                time.sleep(SHORT / 10)
    assert time.monotonic() - began < 20 * SHORT


def test_a_slow_body_that_comes_is_taken(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that keeps up the slowest speed takes longer than the limit of silence."""
    monkeypatch.setattr(connections, "SLOWEST", 10)
    with closing(connect(port)) as client:
        client.sendall(POST)
        for _ in range(10):
            client.sendall(b"x")
            time.sleep(SHORT / 5)
        assert b"10 bytes" in rest(client)


def test_a_body_that_nobody_reads_is_cut_off(port: int) -> None:
    """An answer before the whole body leaves; the rest is not waited for."""
    with closing(connect(port)) as client:
        client.sendall(POST.replace(b"/ ", b"/early ", 1) + b"123")
        assert b"0 bytes" in rest(client)


def test_an_answer_that_nobody_reads_is_cut_off(port: int) -> None:
    """A client that does not read loses the answer; one that reads gets it whole."""
    with closing(connect(port)) as client:
        client.sendall(GET.replace(b"/ ", b"/large ", 1))
        time.sleep(4 * SHORT)
        assert len(rest(client)) < 20 << 20
    with closing(connect(port)) as client:
        client.sendall(GET.replace(b"/ ", b"/large ", 1))
        assert len(rest(client)) > 20 << 20


def test_too_many_keep_nobody_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the places full of half-sent requests the next one is served; the oldest gives way."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 60.0)
    monkeypatch.setattr(connections, "connection_limit", lambda: 20)
    clients = [connect(port) for _ in range(60)]
    try:
        for client in clients[-20:]:
            client.sendall(b"GET / HT")
        for _ in range(5):
            with closing(connect(port)) as one:
                one.sendall(GET[:-2] + b"connection: close\r\n\r\n")
                assert b"0 bytes" in rest(one)
        assert rest(clients[0]) == b""
    finally:
        for client in clients:
            client.close()


def test_the_limit_leaves_handles_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the handles of the process, and never more than the most."""
    for handles, limit in ((64, 32), (4, 8), (1 << 20, MOST_CONNECTIONS), (-1, MOST_CONNECTIONS)):
        monkeypatch.setattr(resource, "getrlimit", lambda _kind, soft=handles: (soft, soft))
        assert connection_limit() == limit
