"""(i) The door under attack: a signed-in page, the server's memory and handles all the while.

The server is a separate process, another process attacks it, and this one fetches a page as a user
who is signed in, on a new connection each time. Everything is on loopback, and bounded in number
and time. Clients have addresses of their own, so that the limits by address do not hide the others.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks.closing import MEGABYTE, run_step
from benchmarks.district import Bench, code_of
from benchmarks.measure import Sizes, Table, format_figure
from benchmarks.memory import PAUSE_SECONDS, peak
from benchmarks.places import Place
from benchmarks.web import BY, NOW, Person, prepare, run_server
from tracker.accounts.sign_in import Authenticator

MOST_MILLISECONDS = 1000
MOST_MEGABYTES = 400
PROBE_PAUSE = 0.02
"""Seconds between two fetches of the page."""
MOST_REQUESTS = 50
"""Requests of one attacking client."""
PATIENCE = 30.0
"""Seconds that an attacking client waits for an answer."""
BODY_BYTES = 2_000_000
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
HALVES = (b"", b"GET / HT", b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\nlogin=")
"""What a connection that keeps the server waiting has sent: nothing, half a head, half a body."""
COMBINING = ("\u0301\u0316" * 15_000).encode()
"""60 KB of combining characters in an order that normal form C must change."""
GOING = b"begun\n"


@dataclass(frozen=True, slots=True)
class Attacked:
    """What attackers are given: links that are valid, and the session of a user of low rank."""

    links: list[str]
    cookie: str
    csrf: str


@dataclass(frozen=True, slots=True)
class AttackRequest:
    """One POST of an attacker."""

    path: str
    headers: dict[str, str]
    body: bytes


def log_in(_given: Attacked, number: int) -> AttackRequest:
    """Return a sign-in under a name that nobody has: as costly as one with a wrong password."""
    form = {"login": f"guess-{number}", "password": "a-guess-of-many"}
    return AttackRequest("/login", FORM, urlencode(form).encode())


def use_link(given: Attacked, number: int) -> AttackRequest:
    """Return a post to a one-time link: every other one is valid and leads to a hash."""
    link = given.links[number % len(given.links)] if number % 2 else "x" * 43
    form = {"password": "a-password-of-many", "again": "a-password-of-many"}
    return AttackRequest(f"/welcome/{link}", FORM, urlencode(form).encode())


def send_body(_given: Attacked, number: int) -> AttackRequest:
    """Return 2 MB of JSON, or of a form, with a token or session that is none."""
    if number % 2:
        body = b'{"lines": [' + b'{"kind": "activity"},' * (BODY_BYTES // 21) + b"{}]}"
        return AttackRequest("/api/v1/lines", JSON | {"authorization": "Bearer x"}, body)
    body = b"login=" + b"x" * BODY_BYTES
    return AttackRequest("/login", FORM | {"cookie": "tracker_session=x"}, body)


def send_text(given: Attacked, number: int) -> AttackRequest:
    """Return a long text of combining characters: as a stranger, in a form, in JSON."""
    signed_in = {"cookie": given.cookie, "x-csrf-token": given.csrf}
    own = f"/organizations/{code_of(7)}"
    if number % 3 == 0:
        return AttackRequest("/login", FORM, b"password=x&login=" + COMBINING)
    if number % 3 == 1:
        body = b"activity=branch_committee_meeting&occurred_on=2026-11-05&note=" + COMBINING * 4
        return AttackRequest(f"{own}/record", FORM | signed_in, body)
    body = b'{"measure": "members", "on": "2026-11-05", "value": "' + COMBINING * 4 + b'"}'
    headers = JSON | signed_in | {"idempotency-key": "k"}
    return AttackRequest(f"/api/v1{own}/measures", headers, body)


ATTACKS: dict[str, Callable[[Attacked, int], AttackRequest]] = {
    "log-ins": log_in,
    "one-time links": use_link,
    "2 MB with a bogus token": send_body,
    "long combining texts": send_text,
}
NOTHING, HALF_SENT, EVERYTHING = "nothing else", "idle and half-sent", "all of it at once"
KINDS = (NOTHING, HALF_SENT, *ATTACKS, EVERYTHING)


class Attackers:
    """Many clients of one process that attack a port for a while."""

    def __init__(self, port: int, given: Attacked, seconds: float) -> None:
        """Attack until ``seconds`` from now are over."""
        self.port, self.given = port, given
        self.ends = perf_counter() + seconds
        self.answers: Counter[str] = Counter()
        self._numbers = count()
        self._guard = threading.Lock()

    def begin(self, kind: str, clients: int, waiting: int) -> list[threading.Thread]:
        """Start the clients of a kind of attack, and return their threads."""
        threads: list[threading.Thread] = []
        if kind in {HALF_SENT, EVERYTHING}:
            threads.append(threading.Thread(target=self._keep_waiting, args=(waiting,)))
        for name in ATTACKS:
            if kind in {name, EVERYTHING}:
                threads += [
                    threading.Thread(target=self._attack, args=(name,)) for _ in range(clients)
                ]
        for thread in threads:
            thread.start()
        return threads

    def _attack(self, name: str) -> None:
        for _ in range(MOST_REQUESTS):
            if perf_counter() > self.ends:
                return
            number = next(self._numbers)
            answer = self.send(ATTACKS[name](self.given, number), _address(number))
            with self._guard:
                self.answers[answer] += 1

    def send(self, request: AttackRequest, address: str) -> str:
        """Send a request from an address; return its status, or how it ended."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, source_address=(address, 0)
        )
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # the answer may be there already
                connection.request("POST", request.path, request.body, request.headers)
            return str(connection.getresponse().status)
        except TimeoutError:
            return "no answer"
        except (OSError, http.client.HTTPException):
            return "cut off"
        finally:
            connection.close()

    def _keep_waiting(self, number: int) -> None:
        """Hold connections open that send nothing, half a head or half a body."""
        clients: list[socket.socket] = []
        for place in range(number):
            with suppress(OSError):
                client = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
                clients.append(client)
                client.sendall(HALVES[place % len(HALVES)])
        with self._guard:
            self.answers["held"] += len(clients)
        sleep(max(0.0, self.ends - perf_counter()))
        for client in clients:
            client.close()


def _address(number: int) -> str:
    """Return one of 50,000 loopback addresses."""
    return f"127.{1 + number // 250 % 200}.{number % 250}.1"


def attack(kind: str, port: int, seconds: float, clients: int, waiting: int) -> None:
    """Attack as a separate process; write a line when it begins, and the answers at the end."""
    given = Attacked(**orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(GOING)
    sys.stdout.buffer.flush()
    attackers = Attackers(port, given, seconds)
    for thread in attackers.begin(kind, clients, waiting):
        thread.join()
    sleep(max(0.0, attackers.ends - perf_counter()))
    sys.stdout.buffer.write(orjson.dumps(attackers.answers))


class ServerWatch:
    """The most handles that a process has open, and its peak memory."""

    def __init__(self, process: int) -> None:
        """Watch a process by its id."""
        self.process = process
        self.handles = 0

    @property
    def megabytes(self) -> float:
        """Return the peak memory since the process started."""
        return peak(self.process) / MEGABYTE

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Count the open handles while the block runs."""
        self.handles, over = 0, threading.Event()

        def look() -> None:
            while not over.wait(PAUSE_SECONDS):
                handles = len(list(Path(f"/proc/{self.process}/fd").iterdir()))
                self.handles = max(self.handles, handles)

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def run(place: Place, sizes: Sizes) -> Table:
    """Measure each kind of attack in turn on one server."""
    url = place.fresh()
    organizations = sizes.served[0]
    run_step("fill", url, str(organizations))
    run_step("close", url, "2")
    known = prepare(url)
    links = _open_accounts(url, sizes.door_clients)
    rows: list[tuple[str, ...]] = []
    with run_server(url) as server:
        # Two users: the one of the page is not the one whose session an attacker uses.
        township, branch = Person(server.port, "township"), Person(server.port, "branch")
        given = Attacked(links, branch.cookie, branch.csrf)
        watch = ServerWatch(server.process)
        _warm_up(server.port, given, township)
        for kind in KINDS:
            with watch.watch():
                times, answers = _measure(kind, server.port, given, township, sizes)
            rows.append(_make_row(kind, times, answers, watch))
        for person in (township, branch):
            person.connection.close()
    place.drop(url)
    conditions = (
        f"{organizations:,} organizations; {sizes.door_clients} clients at once of each kind,"
        f" {sizes.door_waiting} idle and half-sent connections, {sizes.door_seconds:g} s each;"
        " the page is the home of a township on a new connection; memory is the peak since the"
        f" start; asked for: the worst page within {MOST_MILLISECONDS:,} ms, below"
        f" {MOST_MEGABYTES} MiB"
    )
    notes = [known["durability"], conditions]
    heads = ("attacked by", "pages", "median ms", "worst ms", "MiB", "handles", "answers")
    return Table("i", f"A signed-in page under attack, {place.kind}", heads, rows, notes)


def _open_accounts(url: str, number: int) -> list[str]:
    """Open accounts that nobody has signed in to; return the secrets of their links."""
    bench = Bench(url, NOW)
    authenticator = Authenticator(bench.store, os.urandom)
    links = [authenticator.open_account(f"new-{n}", f"new-{n}", BY).link for n in range(number)]
    bench.dispose()
    return links


def _warm_up(port: int, given: Attacked, person: Person) -> None:
    """Ask for everything once: the first time figures are computed and templates compiled."""
    attackers = Attackers(port, given, 0)
    for make in ATTACKS.values():
        for number in range(3):
            attackers.send(make(given, number), "127.0.0.1")
    person.send("GET", "/")


def _measure(
    kind: str, port: int, given: Attacked, person: Person, sizes: Sizes
) -> tuple[list[float], Mapping[str, int]]:
    """Fetch a page again and again during an attack; return its milliseconds and the answers."""
    arguments = [kind, port, sizes.door_seconds, sizes.door_clients, sizes.door_waiting]
    command = [sys.executable, "-m", "benchmarks.door", *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(orjson.dumps(asdict(given)))
        process.stdin.close()
        assert process.stdout.readline() == GOING
        times: list[float] = []
        while not times or process.poll() is None:
            begun = perf_counter()
            person.connection.close()
            status, _, _ = person.send("GET", "/")
            times.append(1000 * (perf_counter() - begun))
            assert status == http.client.OK, status
            sleep(PROBE_PAUSE)
        answers: dict[str, int] = orjson.loads(process.stdout.read())
    return times, answers


def _make_row(
    kind: str, times: list[float], answers: Mapping[str, Any], watch: ServerWatch
) -> tuple[str, ...]:
    told = ", ".join(f"{answer}: {number:,}" for answer, number in sorted(answers.items()))
    return (
        kind,
        f"{len(times):,}",
        format_figure(median(times)),
        format_figure(max(times)),
        format_figure(watch.megabytes),
        str(watch.handles),
        told or "none",
    )


if __name__ == "__main__":
    attack(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
