"""Logs are structured lines on standard error."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from tracker.logs import configure, log
from tracker.settings import Settings


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_json_lines_have_the_bound_context(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of structlog and of the standard library is one JSON document with the context."""
    configure(Settings(log_format="json", log_level="info"))
    structlog.contextvars.bind_contextvars(correlation="c-1")
    log().info("closed", stream="org-a")
    logging.getLogger("other").warning("plain %s", "text")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["closed", "plain text"]
    assert {line["correlation"] for line in lines} == {"c-1"}
    assert lines[0]["stream"] == "org-a"
    assert [line["level"] for line in lines] == ["info", "warning"]


def test_a_level_below_the_settings_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """On the console only lines of the level or above appear; noisy libraries stay at warning."""
    configure(Settings(log_format="console", log_level="info"))
    log().debug("hidden")
    logging.getLogger("alembic").info("hidden")
    log().info("shown")
    said = capsys.readouterr().err
    assert "shown" in said
    assert "hidden" not in said
