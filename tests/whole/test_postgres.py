"""The PostgreSQL of the tests is a real one, and leaves nothing behind."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError

from benchmarks.postgres import VARIABLE, Cluster, PostgresMissingError, find_binaries, running
from tracker.storage.database import open_engine

ROOT = Path(__file__).parents[2]
MIGRATIONS = {"alembic_version", "position_eras"}
"""Tables that the migrations fill themselves."""
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")

KILLED = """
from benchmarks.postgres import Cluster
cluster = Cluster()
cluster.start()
print(cluster.port, cluster._folder, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def engine(empty_postgres_url: str) -> Iterator[Engine]:
    """Connect to a fresh database."""
    engine = create_engine(empty_postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def built_at() -> datetime:
    """Return the time at which the fixtures of this file are built."""
    return datetime.now(UTC)  # noqa: TID251 - what the clock shows is what is tested


def durability(url: str) -> dict[str, str]:
    """Read the settings that make a commit durable."""
    engine = create_engine(url)
    with engine.connect() as connection:
        answers = {name: connection.scalar(text(f"SHOW {name}")) for name in DURABILITY}
    engine.dispose()
    return answers


def test_is_a_postgresql(engine: Engine) -> None:
    """The server calls itself PostgreSQL, 15 or later, as its users' servers are."""
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version()")).startswith("PostgreSQL ")
        assert int(connection.scalar(text("SHOW server_version_num"))) >= 150_000
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"


def test_locks_between_connections(engine: Engine) -> None:
    """A row locked by one connection is refused to another that does not wait."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE head (stream text PRIMARY KEY)"))
        connection.execute(text("INSERT INTO head VALUES ('组织')"))
    lock = text("SELECT stream FROM head FOR UPDATE NOWAIT")
    with engine.connect() as first, engine.connect() as second:
        assert first.scalar(lock) == "组织"
        with pytest.raises(OperationalError, match="could not obtain lock"):
            second.scalar(lock)


def test_refuses_nothing_a_server_allows(engine: Engine) -> None:
    """Roles, triggers, partitions, JSON and extensions are available."""
    with engine.begin() as connection:
        for statement in (
            "CREATE EXTENSION pg_trgm",
            "CREATE TABLE log (stream text, body jsonb) PARTITION BY HASH (stream)",
            "CREATE TABLE log_0 PARTITION OF log FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
            "CREATE ROLE writer",
            "GRANT INSERT, SELECT ON log TO writer",
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "CREATE TRIGGER kept BEFORE DELETE ON log FOR EACH ROW EXECUTE FUNCTION keep()",
            "DROP OWNED BY writer",
            "DROP ROLE writer",
        ):
            connection.execute(text(statement))


def test_copies_a_template(postgres: Cluster, empty_postgres_url: str) -> None:
    """A database made from a template starts with what the template holds."""
    template = str(make_url(empty_postgres_url).database)
    original = create_engine(empty_postgres_url)
    with original.begin() as connection:
        connection.execute(text("CREATE TABLE migrated AS SELECT 7 AS version"))
    original.dispose()
    copy = create_engine(postgres.create_database(f"{template}_copy", template))
    with copy.connect() as connection:
        assert connection.scalar(text("SELECT version FROM migrated")) == 7
        postgres.drop_database(f"{template}_copy")
        connection.invalidate()
    copy.dispose()


def test_gives_each_test_an_empty_database(empty_database_url: str) -> None:
    """A test that asks for an empty database of each kind finds it empty."""
    engine = create_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_gives_each_test_tables_without_a_row(database_url: str) -> None:
    """A test finds the tables of the tracker without a row, on each kind of database."""
    engine = open_engine(database_url)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        held = [
            name
            for name in tables
            if name not in MIGRATIONS and connection.scalar(text(f"SELECT count(*) FROM {name}"))
        ]
    engine.dispose()
    assert {"events", "heads", "texts"} <= set(tables)
    assert held == []


def test_is_durable_where_asked(postgres_url: str) -> None:
    """A durable cluster syncs every commit; the cluster of the tests need not."""
    with running(durable=True) as cluster:
        assert set(durability(cluster.url("postgres")).values()) == {"on"}
    assert set(durability(postgres_url).values()) == {"off"}


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without binaries the failure says where they were looked for."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(PostgresMissingError, match=VARIABLE):
        find_binaries()


def test_ends_with_its_owner() -> None:
    """A cluster whose owner was killed ends by itself and leaves no folder."""
    owner = subprocess.run(
        [sys.executable, "-c", KILLED], check=False, capture_output=True, text=True, cwd=ROOT
    )
    port, folder = owner.stdout.split()
    for _ in range(200):
        if not Path(folder).exists():
            break
        time.sleep(0.05)
    assert not Path(folder).exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(port))) != 0


@pytest.mark.freeze_time("2031-05-06")
def test_is_built_in_real_time(built_at: datetime) -> None:
    """Time is frozen for the test only, not for fixtures that outlive it."""
    assert datetime.now(UTC) == datetime(2031, 5, 6, tzinfo=UTC)  # noqa: TID251 - as above
    assert built_at < datetime(2031, 5, 6, tzinfo=UTC)
