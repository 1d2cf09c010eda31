"""A district moves between SQLite and PostgreSQL, whole, or goes on where it was stopped."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from benchmarks.postgres import Cluster
from events.log.store import Store
from events.proofs.seals import newest_root
from events.proofs.verify import verify_log
from events.refusals.errors import Refused
from projections.catalog import Projector
from projections.rebuild import compare
from tests.support.command_line import CommandLine
from tests.support.districts import District, meeting
from tests.support.logs import register_file, rows, run
from tracker.imports.importing import import_file
from tracker.storage import transfer
from tracker.storage.database import open_engine, require_database
from tracker.storage.evidence import StoredEvidence
from tracker.storage.transfer import Transfer, durable_tables

FILE = StoredEvidence("f" * 64, "image/png", 9, "签到.png", "a-1", "2026-09-01T00:00:00.000000Z")
UNLOCK = {
    "sqlite": [("DROP TRIGGER events_refuse_delete", ())],
    "postgresql": [("ALTER TABLE events DISABLE TRIGGER events_refuse_change", ())],
}


@dataclass
class Move:
    """A district with a closed month, and an empty database of the other kind."""

    district: District
    to: str

    def run(self) -> transfer.TransferResult:
        """Copy the district, or the rest of it."""
        target = open_engine(self.to)
        try:
            return Transfer(self.district.engine, target, self.district.clock).run()
        finally:
            target.dispose()

    def refused(self) -> str:
        """Return the code under which the copy is refused."""
        with pytest.raises(Refused) as caught:
            self.run()
        return caught.value.code


def closed(url: str) -> District:
    """A district with evidence, texts, a head without events, and a closed month."""
    district = District(url)
    district.meet("c01", "2026-09-01", title="支委会", note="材料齐全")
    register_file(district.store, FILE)
    district.drawn()
    district.submit(district.cycle().sample[0]["organization"])
    district.at("2026-10-11 00:30")
    district.tick()
    return district


@pytest.fixture(params=["sqlite", "postgresql"])
def move(request: pytest.FixtureRequest) -> Iterator[Move]:
    """Prepare a move from each kind of database to the other."""
    kinds = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
    district = closed(request.getfixturevalue(kinds[request.param]))
    url = request.getfixturevalue(
        "empty_postgres_url" if request.param == "sqlite" else "empty_sqlite_url"
    )
    yield Move(district, url)
    district.dispose()


def test_a_district_moves_whole(move: Move) -> None:
    """Chains, seals, texts, files and read models are equal, and recording goes on above them."""
    result = move.run()
    assert (result.changed, result.ok) == (True, True)
    assert {"events", "heads", "texts", "seal_leaves", "evidence_files"} <= result.rows.keys()
    assert (result.rows["evidence_files"], result.seals) == (1, result.rows["seal_leaves"])
    with move.district.read() as reader:
        root, scores = newest_root(reader), reader.rows("SELECT * FROM scores ORDER BY stream")
        ((newest,),) = reader.rows("SELECT max(position) FROM events")
    engine = open_engine(move.to)
    require_database(move.to, engine)
    store = Store(engine, move.district.clock, Projector())
    with store.read() as reader:
        assert newest_root(reader) == root
        assert reader.rows("SELECT * FROM scores ORDER BY stream") == scores
    line = json.dumps(meeting("c01", "later", "2026-10-02")).encode()
    import_file(store, line, "later.jsonl", actor="os:clerk", today=date(2026, 10, 11))
    with store.read() as reader:
        ((above, count),) = reader.rows(
            "SELECT min(position), count(*) FROM events WHERE position > ?", [newest]
        )
        assert (above > newest, count >= 1) == (True, True)
        assert reader.settled_position() > above
    assert verify_log(engine).faults == []
    assert compare(engine) == []
    run(engine, *UNLOCK[engine.dialect.name], ("DELETE FROM events WHERE position = ?", (above,)))
    assert verify_log(engine).faults != []
    engine.dispose()


def test_there_and_back_is_the_same(move: Move, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A second copy, into the first kind of database again, has the same rows."""
    first = move.run()
    folder = tmp_path_factory.mktemp("back")
    source, target = open_engine(move.to), open_engine(f"sqlite:///{folder}/back.db")
    second = Transfer(source, target, move.district.clock).run()
    assert (second.ok, second.rows) == (True, first.rows)
    assert verify_log(target).faults == []
    source.dispose()
    target.dispose()


def test_a_whole_copy_is_not_copied_again(move: Move) -> None:
    """The same command again changes nothing; when the source has moved on it is refused."""
    first = move.run()
    again = move.run()
    assert (again.changed, again.ok, again.rows) == (False, True, first.rows)
    move.district.meet("c02", "2026-10-02")
    assert move.refused() == "copy_target_full"


def test_what_is_not_empty_is_left_alone(move: Move) -> None:
    """A database with anything in it is refused and keeps what it has."""
    engine = open_engine(move.to)
    run(engine, ("CREATE TABLE recipes (name text)", ()))
    assert move.refused() == "copy_target_full"
    assert rows(engine, "SELECT * FROM recipes") == []
    engine.dispose()


@pytest.mark.parametrize("commits", [1, 3, 9])
def test_a_killed_copy_goes_on(move: Move, monkeypatch: pytest.MonkeyPatch, commits: int) -> None:
    """Killed after some commits it is unusable, names the command, and is finished by it."""
    monkeypatch.setattr(transfer, "CHUNK", 20)
    move.district.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            _copy_and_die(move, commits)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    engine = open_engine(move.to)
    with pytest.raises(Refused, match="unfinished copy"):
        require_database(move.to, engine)
    engine.dispose()
    result = move.run()
    assert (result.changed, result.ok) == (True, True)
    assert result.events == len(rows(move.district.engine, "SELECT 1 FROM events"))


def _copy_and_die(move: Move, commits: int) -> None:
    """Copy in a child process that kills itself after some commits to the target."""
    source, target = open_engine(move.district.url), open_engine(move.to)
    left = [commits + 1]  # the migration commits too
    commit = target.dialect.do_commit

    def counted(connection: object) -> None:
        commit(connection)  # type: ignore[arg-type]
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    target.dialect.do_commit = counted  # type: ignore[method-assign,assignment]
    Transfer(source, target, move.district.clock).run()


def test_a_source_that_moves_on_is_refused_and_caught_up(
    move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is recorded or erased during a copy is not lost: repeated, it copies the rest."""
    rebuild = vars(transfer)["rebuild"]

    def meanwhile(*arguments: object) -> object:
        move.district.meet("c02", "2026-10-02")
        run(move.district.engine, ("DELETE FROM texts WHERE field = 'note'", ()))
        return rebuild(*arguments)

    monkeypatch.setattr(transfer, "rebuild", meanwhile)
    assert move.refused() == "copy_moved_on"
    monkeypatch.undo()
    result = move.run()
    assert result.ok
    assert result.rows["events"] == len(rows(move.district.engine, "SELECT 1 FROM events"))
    assert result.rows["texts"] == len(rows(move.district.engine, "SELECT 1 FROM texts"))


def test_a_changed_copy_is_not_finished(move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is not the source's is found by its table."""
    replace = Transfer._replace_others

    def change(self: Transfer, reader: object) -> None:
        replace(self, reader)  # type: ignore[arg-type]
        run(self.target, ("UPDATE evidence_files SET size = 10", ()))

    monkeypatch.setattr(Transfer, "_replace_others", change)
    assert move.refused() == "copy_differs"


def test_every_durable_table_is_copied(move: Move) -> None:
    """No table of the migrations is left out but those of one database alone."""
    tables = durable_tables(move.district.engine)
    assert {"events", "heads", "texts", "seal_leaves", "import_spool", "credentials", "sessions",
            "tokens", "one_time_links", "sheet_proposals", "evidence_files",
            "evidence_senders"} <= tables.keys()  # fmt: skip
    assert tables.keys().isdisjoint({"leases", "position_eras", "checkpoints", "scores"})


def test_the_command_prints_the_rows_of_each_table(cli: CommandLine, postgres: Cluster) -> None:
    """Both ways by the command line; a wrong address is named by its place."""
    source, back = f"sqlite:///{cli.database}", f"sqlite:///{cli.folder}/back.db"
    target = postgres.create_database("moved_by_command")
    there = cli.ask("database", "copy", source, target)
    assert (there["changed"], there["faults"]) == (True, [])
    assert there["tables"]["events"] == there["events"] == cli.events()
    said = cli("database", "copy", target, back)
    assert (said.status, f"events: {cli.events()}" in said.out) == (0, True)
    assert "TRACKER_EVIDENCE_FOLDER" in said.out
    cli.on(back)
    assert cli.ask("audit", "verify")["ok"] is True
    for arguments, status, words in (
        ((source, source), 1, "same database"),
        ((source, "mysql://x"), 1, "TO: "),
        (("sqlite:///none.db", back), 1, "there is no database"),
        ((source, "postgresql://u:secret@127.0.0.1:1/x"), 4, "try again later"),
        ((source, back), 0, ""),
    ):
        answer = cli("database", "copy", *arguments)
        assert (answer.status, words in answer.err) == (status, True), answer.err
        assert "secret" not in answer.err
    assert not (cli.folder / "none.db").exists()
    assert json.loads(json.dumps(there))["tables"]["heads"] == there["streams"]
    postgres.drop_database("moved_by_command")
