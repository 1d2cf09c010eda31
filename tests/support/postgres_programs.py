"""The client programs of PostgreSQL that belong to the server of the tests."""

import os

import pytest

from benchmarks.postgres import find_binaries


def put_on_path(patch: pytest.MonkeyPatch) -> None:
    """Put them first on the ``PATH``; skip the test where the installation has none."""
    folder = find_binaries()
    if not ((folder / "pg_dump").is_file() and (folder / "pg_restore").is_file()):
        pytest.skip(f"no pg_dump and pg_restore in {folder}")
    patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
