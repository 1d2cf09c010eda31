"""(h) The main pages and API calls over loopback: median, 95th and 99th percentile, page size.

The real steps fill the district, close a month and draw the next. The server is a separate process
whose clock is set to the inspections of the second month; another process sends the requests of
several users at once.
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
from benchmarks.closing import SCOPE, run_step
from benchmarks.district import Bench, code_of, street_of
from benchmarks.measure import Sizes, Table, format_figure
from benchmarks.places import Place, check_durability, durability
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
"""The number of users at once."""
MOST_MILLISECONDS = 300
LARGEST_PAGE = 150 * 1024


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One page or call: its name, the user's login, the path, the form (None: GET)."""

    name: str
    login: str
    path: str
    form: dict[str, str] | None = None


def prepare(url: str) -> dict[str, str]:
    """Open and draw the second month, and open an account of each role.

    Return the code of a drawn organization and the durability.
    """
    bench = Bench(url, OPENS)
    runner = Runner(bench.store, os.urandom)
    with bench.store.read() as reader:
        (root,) = roots(reader)
    runner.open(root, parse_month(PERIOD), BY)
    bench.now = DRAWS
    runner.draw(SCOPE, PERIOD, BY, None, by_hand=False)
    with bench.store.read() as reader:
        ((stream, person),) = reader.rows(
            "SELECT stream, person FROM assignments WHERE period = ? ORDER BY stream LIMIT 1",
            [PERIOD],
        )
    authenticator = Authenticator(bench.store, os.urandom)
    for login, role, code in (
        ("branch", "branch", code_of(7)),
        ("township", "township", street_of(7)),
        ("inspector", "inspector", SCOPE),
        ("department", "department", SCOPE),
        ("auditor", "auditor", SCOPE),
    ):
        opened = authenticator.open_account(
            login, login, BY, person=person if role == "inspector" else None
        )
        grant = GrantRole.model_validate(
            {"grant_id": "g", "role": role, "organization": code, "from_on": date(2026, 1, 1)}
        )
        authenticator.grant_role(opened.account, grant, BY)
        authenticator.use_link(opened.link, PASSWORD)
    durable = check_durability("tracker", durability(bench.engine))
    bench.dispose()
    return {"drawn": stream.removeprefix("organization-"), "durability": durable}


def list_requests(known: dict[str, str]) -> list[PageRequest]:
    """Return the main pages and calls of every role."""
    own, drawn = code_of(7), known["drawn"]
    return [
        PageRequest("home of a branch", "branch", "/"),
        PageRequest("the form to record", "branch", f"/organizations/{own}/record"),
        PageRequest("an electronic file", "branch", f"/organizations/{own}"),
        PageRequest("home of a township", "township", "/"),
        PageRequest("home of an inspector", "inspector", "/"),
        PageRequest("a sheet", "inspector", f"/organizations/{drawn}/sheet/{PERIOD}"),
        PageRequest("home of the department", "department", "/"),
        PageRequest("search of organizations", "department", f"/organizations?q={own[3:]}"),
        PageRequest("a cycle", "department", f"/cycles/{PERIOD}"),
        PageRequest("ranking", "department", f"/ranking?period={LAST}&category=community"),
        PageRequest("audit search", "auditor", f"/audit?organization={own}"),
        PageRequest("API: compliance of one", "department",
              f"/api/v1/compliance?period={LAST}&organization={own}"),
        PageRequest("API: electronic file", "department", f"/api/v1/organizations/{own}/file"),
        PageRequest("API: ranking", "department",
              f"/api/v1/ranking?period={LAST}&category=community"),
        PageRequest("recording an activity", "branch", f"/organizations/{own}/record",
              {"activity": "branch_committee_meeting", "occurred_on": "2026-11-05",
               "present": "7", "expected": "9", "evidence": "minutes", "anyway": "1"}),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server in a separate process: its port, and the id of the process."""

    port: int
    process: int


@contextmanager
def run_server(url: str) -> Iterator[RunningServer]:
    """Run the server as a separate process until the block ends."""
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
        yield RunningServer(int(line.split()[1].rpartition(":")[2]), process.pid)
    finally:
        process.terminate()
        process.wait(30)
        if drain is not None:
            drain.join()
        process.stderr.close()


def serve(url: str) -> None:
    """Serve the district with the clock set to the inspections of the second month."""
    began = time()
    tracker.app.utc_now = lambda: NOW + timedelta(seconds=time() - began)
    settings = load_settings(database_url=url, actor="benchmark")
    configure(settings)
    tools = tracker.app.open_app(settings)
    serve_on(tools, "127.0.0.1", 0, scheduled=False)


class Person:
    """One signed-in user with a separate connection."""

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
        """Send one request; return status, headers, and the body as received."""
        headers = {"accept-encoding": "gzip", "cookie": self.cookie}
        body = None
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urlencode(form)
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # the server closed the idle one
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def measure(self, request: PageRequest, number: str) -> tuple[float, int]:
        """Send a request; return its milliseconds and the bytes of the uncompressed page."""
        form = None
        if request.form is not None:
            form = request.form | {"csrf": self.csrf, "record_id": f"load-{os.getpid()}-{number}"}
        begun = perf_counter()
        status, headers, body = self.send("POST" if form else "GET", request.path, form)
        took = 1000 * (perf_counter() - begun)
        assert status in {HTTPStatus.OK, HTTPStatus.SEE_OTHER}, (request.name, status)
        return took, len(plain(headers, body))


def plain(headers: http.client.HTTPMessage, body: bytes) -> bytes:
    """Return a body without its compression."""
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body


def load(port: int, requests: Sequence[PageRequest], rounds: int) -> list[dict[str, Any]]:
    """Send all requests in turn, several users at once; return the milliseconds of each."""
    logins = {request.login for request in requests}
    people = [{login: Person(port, login) for login in logins} for _ in range(PEOPLE)]
    first = [
        people[0][request.login].measure(request, f"first-{place}")[0]
        for place, request in enumerate(requests)
    ]
    results: dict[str, list[tuple[float, int]]] = {request.name: [] for request in requests}
    lock = threading.Lock()

    def work(number: int) -> None:
        for turn in range(rounds):
            for place in range(len(requests)):
                # Each user begins at another request, so that the mix is even at any moment.
                request = requests[(place + number * 4) % len(requests)]
                result = people[number][request.login].measure(request, f"{number}-{turn}")
                with lock:
                    results[request.name].append(result)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [
        {
            "name": request.name,
            "times": sorted(milliseconds for milliseconds, _ in results[request.name]),
            "first": first[place],
            "bytes": max(size for _, size in results[request.name]),
        }
        for place, request in enumerate(requests)
    ]


def percentile(times: Sequence[float], share: float) -> float:
    """Return the smallest of the sorted times that at least this share does not exceed."""
    return times[ceil(len(times) * share) - 1]


def run(place: Place, sizes: Sizes) -> Table:
    """Measure each size of district in turn; all figures of a size are from one run."""
    rows: list[tuple[str, ...]] = []
    notes: list[str] = []
    for count in sizes.served:
        url = place.fresh()
        run_step("fill", url, str(count))
        run_step("close", url, "2")
        known = prepare(url)
        with run_server(url) as server:
            command = [
                *(sys.executable, "-m", "benchmarks.web", "load"),
                *(str(server.port), str(sizes.turns)),
            ]
            done = subprocess.run(
                command, input=orjson.dumps(known), stdout=subprocess.PIPE, check=True
            )
        place.drop(url)
        rows += [_make_row(count, result) for result in orjson.loads(done.stdout)]
        notes = [known["durability"]]
    notes.append(
        f"{PEOPLE} people at once without pause, each figure from {PEOPLE * sizes.turns} requests;"
        f" asked for: 95 % within {MOST_MILLISECONDS} ms, pages below {LARGEST_PAGE // 1024} KiB;"
        " first: the one request of each after the server started, in this order; figures over many"
        " organizations are computed then, and refreshed each minute in the background"
    )
    heads = ("organizations", "page or call", "p50 ms", "p95 ms", "p99 ms", "first ms", "KiB")
    return Table("h", f"Pages and calls, {place.kind}", heads, rows, notes)


def _make_row(count: int, result: dict[str, Any]) -> tuple[str, ...]:
    times = result["times"]
    figures = (median(times), percentile(times, 0.95), percentile(times, 0.99), result["first"])
    size = format_figure(result["bytes"] / 1024)
    return (f"{count:,}", result["name"], *map(format_figure, figures), size)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        given: dict[str, str] = orjson.loads(sys.stdin.buffer.read())
        answer = load(int(sys.argv[2]), list_requests(given), int(sys.argv[3]))
        sys.stdout.buffer.write(orjson.dumps(answer))
