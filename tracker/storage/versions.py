"""The version of the program, and the version of the tables that it knows."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from tracker.storage.database import MIGRATIONS

DISTRIBUTION = "organization-tracker"


@cache
def program_version() -> str:
    """Return the version of the installed program, such as ``0.3.0``."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"


@cache
def newest_schema() -> str:
    """Return the revision of the newest migration, such as ``0003``."""
    return max(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
