"""pg_dump and pg_restore: a PostgreSQL database to one file and back, and what such a file holds.

Both belong to the client programs of PostgreSQL and are looked for on the ``PATH``. A password is
handed over in the environment, never on a command line, where other users could read it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, make_url

from events.refusals.errors import Message, Refused
from tracker.storage.contents import DatabaseContents, read_contents, root_of
from tracker.storage.database import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection as SqlConnection

    from tracker.storage.contents import Rows

    _Row = dict[str, bytes]

PG_DUMP, PG_RESTORE = "pg_dump", "pg_restore"
DUMP_SUFFIX = ".dump"
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
TABLE_DATA = re.compile(r"^\d+; \d+ \d+ TABLE DATA \S+ (\S+) ", re.MULTILINE)
"""A line of a dump's list: the rows of one table."""
EVENTS = re.compile(r"events(?:_\d+)?")
"""The table of events and its partitions."""
READ_FIRST = ("heads", "evidence_files", "evidence_uses", "alembic_version")
"""The tables that are read before the events, which are compared with the heads."""
COPY = re.compile(rb'COPY (?:"?\w+"?\.)?"?(\w+)"? \((.*)\) FROM stdin;\n')
ESCAPE = re.compile(rb"\\(.)")
CONTROLS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
END_OF_ROWS = b"\\.\n"


class Connection(NamedTuple):
    """How a program reaches a database: its address without the password, and the environment."""

    address: str
    environment: dict[str, str]


def connection_to(url: str) -> Connection:
    """Return the address of a PostgreSQL database for its programs; the password comes apart."""
    parsed = make_url(url)
    query = dict(parsed.query)
    password = parsed.password or query.pop("password", None)
    plain = URL.create(
        "postgresql",
        parsed.username,
        host=parsed.host,
        port=parsed.port,
        database=parsed.database,
        query=query,
    )
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    return Connection(plain.render_as_string(hide_password=False), environment)


def find_program(name: str, server: int = 0) -> str:
    """Return the path of pg_dump or pg_restore; ``server`` is the server's major version.

    ``Refused`` says what to install where it is missing or older than the server.
    """
    path = shutil.which(name)
    if path is None:
        raise Refused("pg_program_missing", program=name)
    said = subprocess.run([path, "--version"], check=False, capture_output=True, text=True)  # noqa: S603 - found on the PATH
    version = VERSION.search(said.stdout)
    if version is None:
        raise Refused("pg_program_missing", program=path)
    if int(version[1]) < server:
        raise Refused("pg_program_old", program=path, version=version[1], server=server)
    return path


def missing_program() -> Message | None:
    """Return the sentence for a program that is not on the PATH; None where both are."""
    for name in (PG_DUMP, PG_RESTORE):
        if shutil.which(name) is None:
            return Message("pg_program_missing", program=name)
    return None


def dump_database(url: str, part: Path) -> DatabaseContents:
    """Write one snapshot of a database to a file and return what it holds.

    Others can read and write meanwhile. ``OSError`` with what pg_dump said where it fails.
    """
    engine = open_engine(url)
    try:
        with engine.connect().execution_options(read_only_transaction=True) as opened:
            server = int((opened.dialect.server_version_info or (0,))[0])
            program = find_program(PG_DUMP, server)
            # Both read the snapshot of this transaction, so the manifest describes the dump.
            snapshot = opened.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            contents = read_contents(rows_of(opened), inspect(opened).get_table_names())
            target = connection_to(url)
            run_program(
                [program, "--format=custom", "--no-owner", f"--snapshot={snapshot}",
                 f"--file={part}", f"--dbname={target.address}"],
                target.environment,
            )  # fmt: skip
    finally:
        engine.dispose()
    return contents


def rows_of(opened: SqlConnection) -> Rows:
    """Return what runs statements on a connection of SQLAlchemy."""
    return lambda sql: [tuple(row) for row in opened.execute(text(sql))]


def run_program(command: list[str], environment: dict[str, str]) -> None:
    """Run a program; ``OSError`` with the last line that it said where it fails."""
    done = subprocess.run(command, check=False, capture_output=True, env=environment)  # noqa: S603 - no shell
    if done.returncode:
        raise OSError(last_line(done.stderr) or f"{command[0]} ended with {done.returncode}")


def last_line(said: bytes) -> str:
    """Return the last line of what a program said that names an error, without its own name."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    errors = [line for line in lines if "error" in line.lower()] or lines
    return errors[-1].strip() if errors else ""


def read_dump(dump: Path) -> DatabaseContents:
    """Return what a dump holds, read without a server.

    ``Refused`` without pg_restore, ``OSError`` where the file is no whole dump.
    """
    program = find_program(PG_RESTORE)
    listed = subprocess.run([program, "--list", str(dump)], check=False, capture_output=True)  # noqa: S603 - no shell
    if listed.returncode:
        raise OSError(last_line(listed.stderr))
    entries = {
        match[1]: line
        for line in listed.stdout.decode("utf-8", "replace").splitlines()
        if (match := TABLE_DATA.match(line)) is not None
    }
    # pg_restore writes the tables in the order of this list.
    wanted = [entries[table] for table in READ_FIRST if table in entries]
    wanted += [line for table, line in entries.items() if EVENTS.fullmatch(table)]
    reading = _DumpReader()
    with _rows_of(program, dump, "\n".join(wanted)) as rows:
        for table, row in rows:
            reading.take(table, row)
    return reading.contents()


@contextmanager
def _rows_of(program: str, dump: Path, entries: str) -> Iterator[Iterator[tuple[str, _Row]]]:
    """Run pg_restore and yield (table, row) of these entries of its list, in their order."""
    command = [program, "--data-only", "--use-list=/dev/stdin", "--file=-", str(dump)]
    with subprocess.Popen(  # noqa: S603 - no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdin.write(entries.encode())
        running.stdin.close()
        yield _parse_rows(running.stdout)
        said = running.stderr.read()
    if running.returncode:
        raise OSError(last_line(said) or f"{program} ended with {running.returncode}")


def _parse_rows(lines: Iterable[bytes]) -> Iterator[tuple[str, _Row]]:
    """Yield the rows of COPY statements, each as escaped fields by column."""
    table, columns = "", None
    for line in lines:
        if columns is None:
            match = COPY.fullmatch(line)
            if match is not None:
                table = match[1].decode()
                columns = [name.strip().strip(b'"').decode() for name in match[2].split(b",")]
        elif line == END_OF_ROWS:
            columns = None
        else:
            values = line.removesuffix(b"\n").split(b"\t")
            yield table, dict(zip(columns, values, strict=True))


def _value(field: bytes) -> bytes:
    """Return a field of COPY's text format without its escapes."""
    return ESCAPE.sub(lambda match: CONTROLS.get(match[1], match[1]), field)


def _digest(field: bytes) -> bytes:
    r"""Return the bytes of a ``bytea`` field, which is written as ``\\x`` and digits."""
    return bytes.fromhex(_value(field)[2:].decode())


class _DumpReader:
    """Counts the rows of a dump; heads come before events."""

    def __init__(self) -> None:
        self._heads: dict[str, tuple[int, bytes]] = {}
        self._matched: set[str] = set()
        self._files: set[str] = set()
        self._schema = ""
        self._events = 0

    def take(self, table: str, row: _Row) -> None:
        """Take the next row."""
        match table:
            case "heads":
                stream, version = _value(row["stream"]).decode(), int(row["version"])
                if version:
                    self._heads[stream] = (version, _digest(row["hash"]))
            case "evidence_files" | "evidence_uses":
                self._files.add(_value(row["file"]).decode())
            case "alembic_version":
                self._schema = _value(row["version_num"]).decode()
            case _:
                self._events += 1
                stream = _value(row["stream"]).decode()
                if self._heads.get(stream) == (int(row["version"]), _digest(row["hash"])):
                    self._matched.add(stream)

    def contents(self) -> DatabaseContents:
        """Return what was counted."""
        heads = [(stream, version, hash_) for stream, (version, hash_) in self._heads.items()]
        return DatabaseContents(
            self._events, len(heads), root_of(heads), tuple(sorted(self._files)), self._schema,
            len(heads) - len(self._matched),
        )  # fmt: skip
