"""(h) The main pages and API calls over loopback: median, 95th and 99th percentile, page weight.

The district is filled, closed and drawn anew by the real steps; the server is a process of its own
with a clock in the inspections of the second month; another process asks, several people at once.
"""

from __future__ import annotations

import gzip
import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from math import ceil
from statistics import median
from time import perf_counter, time
from typing import Any
from urllib.parse import urlencode

import orjson

import tracker.app
from benchmarks.closing import SCOPE, child
from benchmarks.district import Bench, code_of, street_of
from benchmarks.measure import Sizes, Table, shown
from benchmarks.places import Place, durability, told
from events.event import Metadata
from events.periods import parse_month
from events.streams.accounts import GrantRole
from projections.organizations.directory import roots
from scheduler.runner import Runner
from tracker.accounts.sign_in import Authenticator
from tracker.cli.serving import serve_on
from tracker.logs import configure
from tracker.settings import load_settings

PERIOD = "2026-10"
LAST = "2026-09"
OPENS = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
DRAWS = datetime(2026, 11, 6, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 8, 2, 0, tzinfo=UTC)
BY = Metadata("scheduler", "scheduler", "benchmark")
PASSWORD = "benchmark-only"
PEOPLE = 4
"""How many ask at once."""
MOST_MILLISECONDS = 300
LARGEST_PAGE = 150 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """One page or call: its name, who asks, the path, what is sent (None: GET)."""

    name: str
    who: str
    path: str
    sent: dict[str, str] | None = None


def prepare(url: str) -> dict[str, str]:
    """Open and draw the second month, and an account of each role; what the requests need."""
    bench = Bench(url, OPENS)
    runner = Runner(bench.store, os.urandom)
    with bench.store.read() as reader:
        (root,) = roots(reader)
    runner.open(root, parse_month(PERIOD), BY)
    bench.now = DRAWS
    runner.draw(SCOPE, PERIOD, BY, None, by_hand=False)
    with bench.store.read() as reader:
        stream, person = reader.rows(
            "SELECT stream, person FROM assignments WHERE period = ? ORDER BY stream LIMIT 1",
            [PERIOD],
        )[0]
    doors = Authenticator(bench.store, os.urandom)
    for login, role, code in (
        ("branch", "branch", code_of(7)),
        ("township", "township", street_of(7)),
        ("inspector", "inspector", SCOPE),
        ("department", "department", SCOPE),
        ("auditor", "auditor", SCOPE),
    ):
        opened = doors.open(login, login, BY, person=person if role == "inspector" else None)
        grant = GrantRole.model_validate(
            {"grant_id": "g", "role": role, "organization": code, "from_on": date(2026, 1, 1)}
        )
        doors.grant(opened.account, grant, BY)
        doors.use_link(opened.link, PASSWORD)
    durable = told("tracker", durability(bench.engine))
    bench.dispose()
    return {"drawn": stream.removeprefix("organization-"), "durability": durable}


def requests(known: dict[str, str]) -> list[Asked]:
    """The main pages and calls of every role."""
    own, drawn = code_of(7), known["drawn"]
    return [
        Asked("home of a branch", "branch", "/"),
        Asked("the form to record", "branch", f"/organizations/{own}/record"),
        Asked("an electronic file", "branch", f"/organizations/{own}"),
        Asked("home of a township", "township", "/"),
        Asked("home of an inspector", "inspector", "/"),
        Asked("a sheet", "inspector", f"/organizations/{drawn}/sheet/{PERIOD}"),
        Asked("home of the department", "department", "/"),
        Asked("search of organizations", "department", f"/organizations?q={own[3:]}"),
        Asked("a cycle", "department", f"/cycles/{PERIOD}"),
        Asked("ranking", "department", f"/ranking?period={LAST}&category=community"),
        Asked("audit search", "auditor", f"/audit?organization={own}"),
        Asked("API: compliance of one", "department",
              f"/api/v1/compliance?period={LAST}&organization={own}"),
        Asked("API: electronic file", "department", f"/api/v1/organizations/{own}/file"),
        Asked("API: ranking", "department", f"/api/v1/ranking?period={LAST}&category=community"),
        Asked("recording an activity", "branch", f"/organizations/{own}/record",
              {"activity": "branch_committee_meeting", "occurred_on": "2026-11-05",
               "present": "7", "expected": "9", "evidence": "minutes", "anyway": "1"}),
    ]  # fmt: skip


@contextmanager
def served(url: str) -> Iterator[int]:
    """The server as a process of its own; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.web", "serve", url],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    drain: threading.Thread | None = None
    try:
        line = ""
        while not line.startswith("Serving"):
            line = process.stderr.readline()
            assert line, "the server did not start"
        drain = threading.Thread(target=process.stderr.read, daemon=True)
        drain.start()
        yield int(line.split()[1].rpartition(":")[2])
    finally:
        process.terminate()
        process.wait(30)
        if drain is not None:
            drain.join()
        process.stderr.close()


def serve(url: str) -> None:
    """Serve the district with the clock in the inspections of the second month."""
    began = time()
    tracker.app.utc_now = lambda: NOW + timedelta(seconds=time() - began)
    settings = load_settings(database_url=url, actor="benchmark")
    configure(settings)
    tools = tracker.app.open_app(settings)
    serve_on(tools, "127.0.0.1", 0, scheduled=False)


class Person:
    """One signed-in browser with a connection of its own."""

    def __init__(self, port: int, login: str) -> None:
        """Sign in."""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookie = ""
        status, headers, _ = self.send("POST", "/login", {"login": login, "password": PASSWORD})
        assert status == HTTPStatus.SEE_OTHER, status
        self.cookie = headers["set-cookie"].partition(";")[0]
        page = plain(*self.send("GET", "/account")[1:])
        self.csrf = page.decode().partition('data-csrf="')[2].partition('"')[0]

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        """One request: status, headers, body as it went over the line."""
        headers = {"accept-encoding": "gzip", "cookie": self.cookie}
        body = None
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urlencode(form)
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # it had stood idle too long
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def ask(self, one: Asked, number: str) -> tuple[float, int]:
        """One page or call: its milliseconds, and the bytes of the page itself."""
        form = None
        if one.sent is not None:
            form = one.sent | {"csrf": self.csrf, "record_id": f"load-{os.getpid()}-{number}"}
        begun = perf_counter()
        status, headers, body = self.send("POST" if form else "GET", one.path, form)
        took = 1000 * (perf_counter() - begun)
        assert status in {HTTPStatus.OK, HTTPStatus.SEE_OTHER}, (one.name, status)
        return took, len(plain(headers, body))


def plain(headers: http.client.HTTPMessage, body: bytes) -> bytes:
    """A body as it was before it was compressed for the line."""
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


def load(port: int, asked: Sequence[Asked], rounds: int) -> list[dict[str, Any]]:
    """Several people at once ask everything in turn; the milliseconds of each."""
    people = [{who: Person(port, who) for who in {a.who for a in asked}} for _ in range(PEOPLE)]
    first = [people[0][one.who].ask(one, f"first-{place}")[0] for place, one in enumerate(asked)]
    found: dict[str, list[tuple[float, int]]] = {one.name: [] for one in asked}
    guard = threading.Lock()

    def work(number: int) -> None:
        for turn in range(rounds):
            for place in range(len(asked)):
                one = asked[(place + number * 4) % len(asked)]
                got = people[number][one.who].ask(one, f"{number}-{turn}")
                with guard:
                    found[one.name].append(got)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [
        {"name": one.name, "times": sorted(t for t, _ in found[one.name]), "first": first[place],
         "bytes": max(size for _, size in found[one.name])}
        for place, one in enumerate(asked)
    ]  # fmt: skip


def percentile(times: Sequence[float], share: float) -> float:
    """The smallest time that at least so large a share is not above."""
    return times[ceil(len(times) * share) - 1]


def run(place: Place, sizes: Sizes) -> Table:
    """Each district in turn; every figure from the same run."""
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    for count in sizes.served:
        url = place.fresh()
        child("fill", url, str(count))
        child("close", url, "2")
        known = prepare(url)
        with served(url) as port:
            asker = [sys.executable, "-m", "benchmarks.web", "load", str(port), str(sizes.turns)]
            done = subprocess.run(
                asker, input=orjson.dumps(known), stdout=subprocess.PIPE, check=True
            )
        place.drop(url)
        rows += [_row(count, one) for one in orjson.loads(done.stdout)]
        notes = [known["durability"]]
    notes.append(
        f"{PEOPLE} people at once without pause, each figure from {PEOPLE * sizes.turns} requests;"
        f" asked for: 95 % within {MOST_MILLISECONDS} ms, pages below {LARGEST_PAGE // 1024} KiB;"
        " first: the one request of each after the server started, in this order; figures over many"
        " organizations are made then and anew each minute behind the reader's back"
    )
    heads = ("organizations", "page or call", "p50 ms", "p95 ms", "p99 ms", "first ms", "KiB")
    return Table("h", f"Pages and calls, {place.kind}", heads, rows, notes)


def _row(count: int, one: dict[str, Any]) -> tuple[str, ...]:
    times = one["times"]
    figures = (median(times), percentile(times, 0.95), percentile(times, 0.99), one["first"])
    return (f"{count:,}", one["name"], *map(shown, figures), shown(one["bytes"] / 1024))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        given: dict[str, str] = orjson.loads(sys.stdin.buffer.read())
        answer = load(int(sys.argv[2]), requests(given), int(sys.argv[3]))
        sys.stdout.buffer.write(orjson.dumps(answer))
