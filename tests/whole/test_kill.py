"""A process killed at any instant loses nothing acknowledged and leaves nothing half-applied.

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
    """Return what the killing program reports on a database."""
    done = subprocess.run(
        [sys.executable, "-P", str(KILLING), url, str(at_random), str(seed)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


@pytest.mark.timeout(280)
def test_two_hundred_kills(empty_database_url: str) -> None:
    """After each of 200 kills the log verifies, and the next start gives the same events."""
    outcome = killed(empty_database_url, AT_RANDOM, seed=1)
    assert outcome["faults"] == []
    assert outcome["kills"] >= FEWEST


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_kills(empty_database_url: str, seed: int) -> None:
    """The log verifies after thousands of kills at random instants."""
    outcome = killed(empty_database_url, 1100, seed)
    assert outcome["faults"] == []
    assert outcome["kills"] >= 5 * FEWEST
