"""kill -9, many times: a program that forks the same work and kills it.

It prepares a district once, runs an import and a whole cycle undisturbed on a copy, then on fresh
copies again and again: killed right before and right after each commit, and at random instants,
several times on one copy, so that the resumed work is killed too. After each kill the
log must verify and contain every event that was reported as committed; the next start must give the
same events. It prints one JSON document with the result.

Arguments: the URL of an empty database, how many kills at random instants, a seed.
"""

from __future__ import annotations

import gc
import json
import os
import random  # noqa: TID251 - a seed is handed in
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from events.event import Metadata, RecordedEvent
from events.log.reader import Reader
from events.log.store import ReadModelWriter as EventsProjector
from events.log.store import Store
from events.periods import parse_month
from events.proofs.verify import verify_log
from projections.catalog import Projector
from projections.organizations.directory import roots
from projections.rebuild import compare
from scheduler import closing, runner
from scheduler.runner import Runner
from tracker.commands.district import initialize_district
from tracker.commands.documents import publish_scheme
from tracker.imports import importing
from tracker.imports.importing import finish_unfinished, import_file
from tracker.inspections.sheets import parse_sheet, submit_sheet
from tracker.storage.database import migrate, open_engine

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
BY = Metadata("department", "cli", "killing")
MONTH = "2026-09"
SCOPE = "99"
COMMUNITIES = 12
LIVES = 4
"""How often one copy is killed at random instants, after the kill at a commit."""
Fate = tuple[str, float]
"""``before`` or ``after`` a commit by its number, or ``at`` so many seconds after the start."""


def small_pages() -> None:
    """Reduce the batch sizes, so that the work has many transactions."""
    vars(importing)["PAGE"] = 8
    vars(runner)["PAGE"] = 2
    closing.read_closing_pages.__defaults__ = (4,)
    closing.end_inspections.__defaults__ = (1,)


def lines(kind: str) -> bytes:
    """Return the organizations, or the records to import, as JSON lines."""
    communities = [f"99-{n:02}" for n in range(COMMUNITIES)]
    entries: list[dict[str, Any]] = []
    if kind == "organizations":
        since = {"registered_on": "2026-01-01"}
        entries.append(
            {"kind": "organization", "code": "99", "name": "县", "category": "county"} | since
        )
        entries += [
            {"kind": "organization", "code": code, "name": code, "category": "community",
             "parent": "99"} | since
            for code in communities
        ]  # fmt: skip
        entries += [
            {"kind": "inspector", "id": f"p-{n}", "organization": "99-00", "team": "组",
             "categories": ["community"]}
            for n in range(4)
        ]  # fmt: skip
    else:
        entries += [
            {"kind": "activity", "organization": code, "record_id": f"a-{n}", "title": "支委会",
             "activity": "branch_committee_meeting", "occurred_on": f"2026-09-{n + 1:02}"}
            for code in communities
            for n in range(3)
        ]  # fmt: skip
        entries.append(
            {"kind": "retraction", "organization": "99-03", "record_id": "a-1", "reason": "误录"}
        )
    return "\n".join(json.dumps(one) for one in entries).encode()


def open_store(engine: Engine, projector: EventsProjector | None = None) -> Store:
    """Open a store whose clock does not advance."""
    return Store(engine, lambda: NOW, projector or Projector())


def prepare(url: str) -> None:
    """Create a district without records and cycles."""
    engine = open_engine(url)
    migrate(engine)
    store = open_store(engine)
    initialize_district(store, "Asia/Shanghai", MONTH, BY)
    publish_scheme(store, "community-2011", "2026-01", BY)
    import_file(store, lines("organizations"), "o.jsonl", actor="department", today=TODAY)
    engine.dispose()


def work(store: Store, acknowledge: Callable[[str], None]) -> None:
    """Run an import and a whole cycle; every step may already be done."""
    finish_unfinished(store, actor="department", today=TODAY)
    import_file(store, lines("records"), "r.jsonl", actor="department", today=TODAY)
    acknowledge("imported")
    by_hand = Runner(store, lambda size: b"k" * size)
    with store.read() as reader:
        root = roots(reader)[0]
    by_hand.open(root, parse_month(MONTH), BY)
    acknowledge("opened")
    by_hand.draw(SCOPE, MONTH, BY, "公开值", by_hand=True)
    acknowledge("drawn")
    with store.read() as reader:
        drawn = reader.rows("SELECT stream, inspectors, state FROM inspections ORDER BY stream")
    stream, people, state = drawn[0]
    if state in {"open", "scored"}:
        sheet = {"period": MONTH, "organization": stream.removeprefix("organization-"),
                 "inspectors": json.loads(people), "sheet_id": "s-1", "findings":
                 [{"criterion": "2.4.1.1", "credit": "0", "reason": "无签到"}]}  # fmt: skip
        submit_sheet(store, parse_sheet(json.dumps(sheet).encode(), "s.json"), "s.json", BY)
        acknowledge("scored")
    by_hand.close(SCOPE, MONTH, BY, by_hand=True, reason=None)
    acknowledge("closed")


class Killer:
    """Counts commits with events, reports what each committed, and kills the process at one."""

    def __init__(self, engine: Engine, fate: Fate | None, tell: Callable[[str], None]) -> None:
        self.commits = 0
        self._fate = fate
        self._tell = tell
        self._projector = Projector()
        self._open: list[list[Any]] = []
        self._commit: Callable[[Any], None] = engine.dialect.do_commit
        # Every commit passes here, in any thread and from any module.
        engine.dialect.do_commit = self.commit  # type: ignore[method-assign,assignment]

    def __call__(self, reader: Reader, events: Sequence[RecordedEvent]) -> None:
        """Project, and keep the events until they are committed."""
        self._projector(reader, events)
        self._open += [[one.stream, one.version, one.hash.hex()] for one in events]

    def commit(self, connection: Any) -> None:
        """Commit, or kill the process first; report the events after the commit."""
        self.commits += bool(self._open)
        if self._open and self._fate == ("before", self.commits):
            os.kill(os.getpid(), signal.SIGKILL)
        self._commit(connection)
        reported = [json.dumps(one) for one in self._open]
        self._open.clear()
        for line in reported:
            self._tell(line)
        if reported and self._fate == ("after", self.commits):
            os.kill(os.getpid(), signal.SIGKILL)


def forked(
    job: Callable[[Callable[[str], None]], None], at: float | None = None
) -> tuple[int, str]:
    """Run a job in a fork; return its status and its output; kill it after ``at`` seconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 0
        try:
            job(lambda text: _tell(writing, text))
        except BaseException:  # noqa: BLE001 - the parent gets every failure
            os.write(writing, traceback.format_exc().encode())
            status = 1
        os._exit(status)
    os.close(writing)
    if at is not None:
        time.sleep(at)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading) as heard:
        said = heard.read()
    return os.waitpid(child, 0)[1], said


def _tell(pipe: int, text: str) -> None:
    """Write a line; a long one is written in pieces."""
    left = f"{text}\n".encode()
    while left:
        left = left[os.write(pipe, left) :]


def state_of(engine: Engine) -> dict[str, Any]:
    """Return the events of the log and whether it verifies."""
    verdict = verify_log(engine)
    with open_store(engine).read() as reader:
        rows = reader.rows("SELECT stream, event_id, type FROM events ORDER BY 1, 2")
        standing = reader.rows("SELECT stream, version, hash FROM events")
        scores = reader.rows("SELECT stream, derived, inspected, score FROM scores ORDER BY 1")
        spool = reader.rows("SELECT count(*) FROM import_spool")[0][0]
    return {
        "faults": [str(one) for one in verdict.faults],
        "unfolded": compare(engine),
        "events": [list(row) for row in rows],
        "standing": [[stream, version, bytes(found).hex()] for stream, version, found in standing],
        "scores": [list(row) for row in scores],
        "spool": spool,
    }


class Place:
    """Creates copies of the prepared database."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self._number = 0

    def copy(self) -> str:
        """Return the address of a fresh copy of the prepared database."""
        self._number += 1
        name = f"{self.url.database}_{self._number}"
        if self.url.get_backend_name() == "sqlite":
            shutil.copyfile(str(self.url.database), name)
        else:
            self._run(
                "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, str(self.url.database)
            )
        return self.url.set(database=name).render_as_string(hide_password=False)

    def remove(self, url: str) -> None:
        """Remove a copy."""
        name = str(make_url(url).database)
        if self.url.get_backend_name() == "sqlite":
            for tail in ("", "-wal", "-shm"):
                Path(name + tail).unlink(missing_ok=True)
        else:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def _run(self, statement: Any, *names: str) -> None:
        admin = self.url.set(drivername="postgresql", database="postgres").render_as_string()
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def one_round(place: Place, fates: Sequence[Fate | None]) -> dict[str, Any]:
    """Run the work on one copy under each fate in turn, then undisturbed to the end.

    ``lives`` has the output and the state after each fate; ``failed`` has what went wrong.
    """
    url = place.copy()
    outcome: dict[str, Any] = {"lives": [], "failed": [], "kills": 0}
    for fate in fates:
        status, said = forked(partial(live, url, fate), _seconds(fate))
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        outcome["kills"] += killed
        if status and not killed:
            outcome["failed"].append(said)
        life: dict[str, Any] = {"said": said[: said.rfind("\n") + 1].splitlines()}
        outcome["lives"].append(life)
        status, said = forked(partial(looked_at, url))
        if status:
            outcome["failed"].append(said)
        else:
            life["state"] = json.loads(said)
    status, said = forked(partial(again, url))
    if status:
        outcome["failed"].append(said)
    else:
        outcome["at_end"] = json.loads(said)
    place.remove(url)
    return outcome


def _seconds(fate: Fate | None) -> float | None:
    return fate[1] if fate is not None and fate[0] == "at" else None


def live(url: str, fate: Fate | None, tell: Callable[[str], None]) -> None:
    """Do the work under a fate; report the number of commits and the duration."""
    engine = open_engine(url)
    killer = Killer(engine, fate, tell)
    began = time.monotonic()
    work(open_store(engine, killer), tell)
    tell(json.dumps({"commits": killer.commits, "seconds": time.monotonic() - began}))


def looked_at(url: str, tell: Callable[[str], None]) -> None:
    """Report the state of a database that no process uses."""
    tell(json.dumps(state_of(open_engine(url))))


def again(url: str, tell: Callable[[str], None]) -> None:
    """Do the work to its end and report the state."""
    engine = open_engine(url)
    work(open_store(engine), lambda _step: None)
    tell(json.dumps(state_of(engine)))


PROOF = {
    "imported": ("import-", "ImportFinished"),
    "opened": ("cycle-", "CycleOpened"),
    "drawn": ("cycle-", "InspectionsAssigned"),
    "scored": ("organization-", "FindingsSubmitted"),
    "closed": ("cycle-", "CycleClosed"),
}
"""For each acknowledged step the event that proves it."""


def faults_of(outcome: dict[str, Any], calm: dict[str, Any]) -> list[str]:
    """Return what is wrong after one round."""
    if outcome["failed"]:
        return list(outcome["failed"])
    faults = _broken(outcome["at_end"], "at the end")
    said: list[str] = []
    for number, life in enumerate(outcome["lives"], start=1):
        state = life["state"]
        faults += _broken(state, f"after life {number}")
        said += life["said"]
        kinds = {(stream.split("-")[0] + "-", kind) for stream, _, kind in state["events"]}
        counts = sum(kind == "ImportFinished" for _, _, kind in state["events"])
        standing = {json.dumps(one) for one in state["standing"]}
        for told in said:
            if told.startswith("[") and told not in standing:
                faults.append(f"life {number}: {told} was committed and is lost")
            if told in PROOF and (PROOF[told] not in kinds or (told == "imported" and counts < 2)):
                faults.append(f"life {number}: {told} was acknowledged and is lost")
    faults += [
        f"{what} differ from those of the undisturbed run"
        for what in ("events", "scores", "spool")
        if outcome["at_end"][what] != calm["at_end"][what]
    ]
    return faults


def _broken(state: dict[str, Any], when: str) -> list[str]:
    return [f"{when}: {one}" for one in state["faults"] + state["unfolded"]]


def warm_up(place: Place) -> None:
    """Run everything once in this process, so that no fork imports or compiles anything."""
    url = place.copy()
    engine = open_engine(url)
    work(open_store(engine), lambda _step: None)
    state_of(engine)
    engine.dispose()
    place.remove(url)
    gc.collect()
    gc.freeze()


def main(url: str, at_random: int, seed: int) -> dict[str, Any]:
    """Run all rounds on one database."""
    small_pages()
    forked(lambda _tell: prepare(url))
    place = Place(url)
    warm_up(place)
    calm = one_round(place, [None])
    if calm["failed"]:
        return {"kills": 0, "faults": calm["failed"]}
    told = json.loads(calm["lives"][0]["said"][-1])
    dice = random.Random(seed)
    rounds: list[list[Fate]] = [
        [(when, number)] for number in range(1, told["commits"] + 1) for when in ("before", "after")
    ]
    for number in range(at_random):
        if number >= LIVES * len(rounds):
            rounds.append([])
        rounds[number // LIVES].append(("at", dice.uniform(0, told["seconds"] / LIVES)))
    kills, faults = 0, faults_of(calm, calm)
    for fates in rounds:
        outcome = one_round(place, fates)
        kills += outcome["kills"]
        faults += [f"{fates}: {one}" for one in faults_of(outcome, calm)]
    return {
        "kills": kills,
        "commits": told["commits"],
        "rounds": len(rounds),
        "faults": faults[:20],
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201 - its answer
