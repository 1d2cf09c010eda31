"""The power fails at any instant: nothing acknowledged is lost, nothing stands half-applied.

The work is done and killed by ``tests/whole/killing.py`` in child processes: an import, an opening,
a draw, a sheet and a closing, killed before and after every commit and at random instants, and what
resumes the work is killed as well.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KILLING = Path(__file__).with_name("killing.py")
AT_RANDOM = 180
FEWEST = 200


def killed(url: str, at_random: int, seed: int) -> dict[str, Any]:
    """What the killing program saw on a database."""
    done = subprocess.run(
        [sys.executable, "-P", str(KILLING), url, str(at_random), str(seed)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(280)
def test_two_hundred_kills(empty_database_url: str) -> None:
    """After each of 200 kills the log is whole, and the next start comes to the same events."""
    found = killed(empty_database_url, AT_RANDOM, seed=1)
    assert found["faults"] == []
    assert found["kills"] >= FEWEST


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_kills(empty_database_url: str, seed: int) -> None:
    """The same over thousands of random instants."""
    found = killed(empty_database_url, 1100, seed)
    assert found["faults"] == []
    assert found["kills"] >= 5 * FEWEST
