"""Runs `tracker` with a clock that runs faster than the world's, for tests of the service.

Arguments: the instant at which the clock stood at ``began`` (seconds of the machine's clock), how
many seconds pass in one, ``began``, then the command. Production code has no such option.
"""

import sys
import time
from datetime import datetime, timedelta

import tracker.app
from tracker.cli.main import run


def main() -> int:
    """Swap the one clock of the program, then run the command."""
    start, factor, began = datetime.fromisoformat(sys.argv[1]), float(sys.argv[2]), sys.argv[3]

    def now() -> datetime:
        return start + timedelta(seconds=(time.time() - float(began)) * factor)  # noqa: TID251 - it is one

    tracker.app.utc_now = now
    tracker.app.steady_seconds = lambda: now().timestamp()
    tracker.app.database_now = lambda reader: None  # noqa: ARG005 - its name there
    return run(sys.argv[4:])


if __name__ == "__main__":
    sys.exit(main())
