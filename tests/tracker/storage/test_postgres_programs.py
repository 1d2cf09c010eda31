"""pg_dump and pg_restore are found, are new enough, and a dump is read without a server."""

import os
from pathlib import Path

import pytest
from sqlalchemy import inspect

from events.refusals.errors import Refused
from tests.support.logs import rows
from tests.support.postgres_programs import put_on_path
from tests.support.small_district import SmallDistrict
from tracker.storage import postgres_programs as programs
from tracker.storage.contents import read_contents


def a_program(folder: Path, name: str, script: str) -> None:
    """Write a program of a shell."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_a_dump_holds_what_the_database_held(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read back it has the same events, heads and schema as the snapshot."""
    put_on_path(monkeypatch)
    small = SmallDistrict(postgres_url)
    small.register("r", category="county")
    small.register("c\\t", "r")
    dump = tmp_path / "tracker.dump"
    contents = programs.dump_database(postgres_url, dump)
    tables = inspect(small.engine).get_table_names()
    assert contents == read_contents(lambda sql: rows(small.engine, sql), tables)
    assert programs.read_dump(dump) == contents
    assert contents.events > 2
    small.dispose()
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    with pytest.raises(OSError, match="pg_restore: error"):
        programs.read_dump(dump)
    dump.write_bytes(b"no dump")
    with pytest.raises(OSError, match="input file"):
        programs.read_dump(dump)


def test_the_password_is_on_no_command_line() -> None:
    """It comes apart from the address, wherever it was written."""
    for url in ("postgresql+psycopg://u:secret@h:5433/d?sslmode=require",
                "postgresql://u@h:5433/d?sslmode=require&password=secret"):  # fmt: skip
        target = programs.connection_to(url)
        assert target.address == "postgresql://u@h:5433/d?sslmode=require"
        assert target.environment["PGPASSWORD"] == "secret"
    assert programs.connection_to("postgresql://u@h/d").environment.keys() <= {
        *os.environ,
        "LC_ALL",
    }


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to install; one that does not run is as good as none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="pg_dump, which is not on the PATH"):
        programs.find_program("pg_dump")
    missing = programs.missing_program()
    assert missing is not None
    assert "apt install postgresql-client" in str(missing)
    a_program(tmp_path, "pg_dump", "exit 1")
    with pytest.raises(Refused, match="does not run"):
        programs.find_program("pg_dump")
    a_program(tmp_path, "pg_restore", "exit 1")
    assert programs.missing_program() is None


def test_an_old_program_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions are compared by their first number; a newer program is fine."""
    monkeypatch.setenv("PATH", str(tmp_path))
    a_program(tmp_path, "pg_dump", "echo 'pg_dump (PostgreSQL) 15.9 (Debian)'")
    assert programs.find_program("pg_dump", 14) == str(tmp_path / "pg_dump")
    with pytest.raises(Refused, match="of version 15, the server of version 16"):
        programs.find_program("pg_dump", 16)


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    """Its line about the error, else its last line, else its status."""
    a_program(tmp_path, "a", "echo 'a: error: no space' >&2; echo 'a: hint: x' >&2; exit 1")
    a_program(tmp_path, "b", "exit 3")
    for name, said in (("a", "a: error: no space"), ("b", "ended with 3")):
        with pytest.raises(OSError, match=said):
            programs.run_program([str(tmp_path / name)], dict(os.environ))
