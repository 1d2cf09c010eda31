"""What many tests ask for: databases of both kinds, and time that stands still only in a test."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import browser
from tests.command_line import CommandLine, copied, prepared
from tests.doors import Door
from tests.postgres import Cluster, running
from tests.web_client import Web, make_world
from tests.web_client import copied as copied_world

NUMBERS = count(1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Freezes time after every fixture that outlives the test: what they build must not freeze."""
    for item in items:
        if isinstance(item, pytest.Function) and "freezer" in item.fixturenames:
            definitions = item._fixtureinfo.name2fixturedefs
            names = [name for name in item.fixturenames if name != "freezer"]
            lasting = [
                name
                for name in names
                if name in definitions and definitions[name][-1].scope != "function"
            ]
            passing = [name for name in names if name not in lasting]
            item.fixturenames[:] = [*lasting, "freezer", *passing]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One real PostgreSQL a session; under xdist, one a worker."""
    with running() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """A fresh empty database on PostgreSQL, dropped after the test."""
    name = f"test_{next(NUMBERS)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database on SQLite whose file does not exist yet."""
    return f"sqlite:///{tmp_path / 'tracker.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind in turn."""
    kinds = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
    url: str = request.getfixturevalue(kinds[request.param])
    return url


@pytest.fixture(scope="session")
def prepared_district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small district that the command line is tried on, made once; never written to."""
    return prepared(tmp_path_factory.mktemp("district"))


@pytest.fixture
def cli(
    prepared_district: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> CommandLine:
    """The command line on a copy of the small district."""
    return copied(prepared_district, tmp_path, monkeypatch, capfd)


@pytest.fixture(scope="session")
def prepared_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The district behind the pages on SQLite, made once; never written to."""
    folder = tmp_path_factory.mktemp("world")
    make_world(f"sqlite:///{folder / 'tracker.db'}", folder)
    return folder / "tracker.db"


@pytest.fixture
def web(prepared_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The pages of a copy of the district, on SQLite."""
    found = Web(copied_world(prepared_world, tmp_path), tmp_path, monkeypatch)
    yield found
    found.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def web_on(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Web]:
    """The pages of the district on each kind of database in turn."""
    monkeypatch = request.getfixturevalue("monkeypatch")
    if request.param == "sqlite":
        url = copied_world(request.getfixturevalue("prepared_world"), tmp_path)
    else:
        url = request.getfixturevalue("postgres_url")
        make_world(url, tmp_path)
    found = Web(url, tmp_path, monkeypatch)
    yield found
    found.dispose()


@pytest.fixture
def door(database_url: str) -> Iterator[Door]:
    """The doors on each kind of database."""
    found = Door(database_url)
    yield found
    found.small.dispose()


@pytest.fixture
def lone(sqlite_url: str) -> Iterator[Door]:
    """The doors on SQLite, for what is no matter of the database."""
    found = Door(sqlite_url)
    yield found
    found.small.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module."""
    with browser() as found:
        yield found
