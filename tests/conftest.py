"""Shared fixtures: databases of both kinds, prepared districts, and frozen time in tests."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser
from sqlalchemy.engine import make_url

from benchmarks.postgres import Cluster, running
from events.log.store import Store
from tests.browser.browser_world import Site, served
from tests.browser.browser_world import make_world as make_site
from tests.browser.chromium import browser
from tests.support.account_world import AccountWorld
from tests.support.command_line import CommandLine, make_district
from tests.support.districts import District
from tests.support.logs import Clock, migrated, opened
from tests.support.serving import STARTED
from tests.support.sheet_world import SheetWorld
from tests.support.small_district import SmallDistrict
from tests.support.templates import NUMBERS, PostgresTemplate, SqliteTemplate
from tests.support.web_client import Web, make_world
from tests.support.web_district import Visitor, WebDistrict

MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes; all temporary files of a run take less than half of it."""
URLS = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}


settings.register_profile("suite", deadline=None)  # no test is about time: machines are busy
settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Keep temporary files in memory if it has space, so that tests do not wait for a disk."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_sessionfinish() -> None:
    """Close what all clients of the session share."""
    STARTED.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Freeze time after long-lived fixtures are built, so that they use real time."""
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
    """Start one real PostgreSQL a session, or one a worker under xdist."""
    with running() as cluster:
        yield cluster


@pytest.fixture
def empty_postgres_url(postgres: Cluster) -> Iterator[str]:
    """Create a database without tables on PostgreSQL, dropped after the test."""
    url = postgres.create_database(f"test_{next(NUMBERS)}")
    yield url
    postgres.drop_database(str(make_url(url).database))


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """Return the address of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'tracker.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """Give a database without tables, of each kind in turn."""
    url: str = request.getfixturevalue(f"empty_{URLS[request.param]}")
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """Create the tables of the tracker on SQLite once."""
    return SqliteTemplate(tmp_path_factory.mktemp("migrated") / "tracker.db", migrated)


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Cluster) -> PostgresTemplate:
    """Create the tables of the tracker on PostgreSQL once."""
    return PostgresTemplate(postgres, "migrated", migrated)


@pytest.fixture
def postgres_url(migrated_postgres: PostgresTemplate) -> Iterator[str]:
    """Create a migrated database without rows on PostgreSQL, dropped after the test."""
    url = migrated_postgres.copy()
    yield url
    migrated_postgres.cluster.drop_database(str(make_url(url).database))


@pytest.fixture
def sqlite_url(migrated_sqlite: SqliteTemplate, tmp_path: Path) -> str:
    """Create a migrated database without rows on SQLite."""
    return migrated_sqlite.copy(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give a migrated database of each kind in turn."""
    url: str = request.getfixturevalue(URLS[request.param])
    return url


@pytest.fixture(scope="session")
def prepared_district(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """Create the small district of the command line's tests once."""
    folder = tmp_path_factory.mktemp("district")
    return SqliteTemplate(folder / "tracker.db", lambda _url: make_district(folder))


@pytest.fixture
def cli(
    prepared_district: SqliteTemplate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> CommandLine:
    """Run the command line on a copy of the small district."""
    prepared_district.copy(tmp_path)
    return CommandLine(tmp_path, monkeypatch, capfd)


@pytest.fixture(scope="session")
def prepared_world(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """Create the district of the pages' tests on SQLite once."""
    folder = tmp_path_factory.mktemp("world")
    return SqliteTemplate(folder / "tracker.db", lambda url: make_world(url, folder))


@pytest.fixture(scope="session")
def prepared_world_on_postgres(
    postgres: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> PostgresTemplate:
    """Create the district of the pages' tests on PostgreSQL once."""
    folder = tmp_path_factory.mktemp("world")
    return PostgresTemplate(postgres, "world", lambda url: make_world(url, folder))


@pytest.fixture(scope="session")
def prepared_site(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """Create the district that browsers visit on SQLite once."""
    folder = tmp_path_factory.mktemp("site")
    return SqliteTemplate(folder / "tracker.db", lambda url: make_site(url, folder))


@pytest.fixture
def web(
    prepared_world: SqliteTemplate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Web]:
    """Open the pages of a copy of the district on SQLite."""
    home = Web(prepared_world.copy(tmp_path), tmp_path, monkeypatch)
    yield home
    home.dispose()


@pytest.fixture
def web_on_postgres(
    prepared_world_on_postgres: PostgresTemplate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Web]:
    """Open the pages of a copy of the district on PostgreSQL."""
    url = prepared_world_on_postgres.copy()
    home = Web(url, tmp_path, monkeypatch)
    yield home
    home.dispose()
    prepared_world_on_postgres.cluster.drop_database(str(make_url(url).database))


@pytest.fixture(params=["sqlite", "postgresql"])
def web_on(request: pytest.FixtureRequest) -> Web:
    """Open the pages of the district on each kind of database in turn."""
    home: Web = request.getfixturevalue("web" if request.param == "sqlite" else "web_on_postgres")
    return home


@pytest.fixture
def accounts(database_url: str) -> Iterator[AccountWorld]:
    """Open accounts and sessions on each kind of database."""
    accounts = AccountWorld(database_url)
    yield accounts
    accounts.small.dispose()


@pytest.fixture
def lone(sqlite_url: str) -> Iterator[AccountWorld]:
    """Open accounts and sessions on SQLite, for tests that do not depend on the database."""
    accounts = AccountWorld(sqlite_url)
    yield accounts
    accounts.small.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start one browser for the module."""
    with browser() as chromium:
        yield chromium


@pytest.fixture
def empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> CommandLine:
    """Run the command line in a folder without a database."""
    return CommandLine(tmp_path, monkeypatch, capfd)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Open an empty log on each kind of database."""
    engine = opened(database_url)
    yield Store(engine, Clock())
    engine.dispose()


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """Open an empty log on PostgreSQL."""
    engine = opened(postgres_url)
    yield Store(engine, Clock())
    engine.dispose()


@pytest.fixture
def small(database_url: str) -> Iterator[SmallDistrict]:
    """Open a small district without organizations or documents on each kind of database."""
    small = SmallDistrict(database_url)
    yield small
    small.dispose()


@pytest.fixture
def district(database_url: str) -> Iterator[District]:
    """Create a district of five communities on each kind of database."""
    district = District(database_url)
    yield district
    district.dispose()


@pytest.fixture
def sqlite_district(sqlite_url: str) -> Iterator[District]:
    """Create a district of five communities on SQLite, for tests that need no other database."""
    district = District(sqlite_url)
    yield district
    district.dispose()


@pytest.fixture
def home(sqlite_url: str, tmp_path: Path) -> Iterator[WebDistrict]:
    """Open the pages of a small district on the third of April."""
    home = WebDistrict(sqlite_url, tmp_path / "evidence")
    home.small.now = datetime(2026, 4, 3, 4, 0, tzinfo=UTC)
    yield home
    home.dispose()


@pytest.fixture
def secretary(home: WebDistrict) -> Visitor:
    """Sign in the secretary of ``c``."""
    return home.enter("branch", "c")


@pytest.fixture
def officer(home: WebDistrict) -> Visitor:
    """Sign in the department."""
    return home.enter("department", None)


@pytest.fixture
def admin(home: WebDistrict) -> Visitor:
    """Sign in an administrator of the whole district."""
    return home.enter("administrator", None)


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[SheetWorld]:
    """Open the pages of a drawn district on the day of the draw."""
    world = SheetWorld(sqlite_url, tmp_path)
    yield world
    world.dispose()


@pytest.fixture
def world_on(database_url: str, tmp_path: Path) -> Iterator[SheetWorld]:
    """Open the pages of a drawn district on each kind of database."""
    world = SheetWorld(database_url, tmp_path)
    yield world
    world.dispose()


@pytest.fixture
def site(prepared_site: SqliteTemplate, tmp_path: Path) -> Iterator[Site]:
    """Serve a copy of the district that browsers visit, for one test."""
    with served(prepared_site.copy(tmp_path), tmp_path) as site:
        yield site
