"""A clock that was set back an hour, and one that is a year ahead: what people read, what stays."""

from tests.support.command_line import FIRST, MEETING, MONTH, CommandLine

LATER = MEETING | {"record_id": "a-2", "occurred_on": "2026-10-10"}


def instants(cli: CommandLine) -> list[str]:
    """When the events of the first community were recorded, in order."""
    return [row["recorded_at"] for row in cli.ask("audit", "log", "--organization", FIRST)]


def test_an_hour_back_records_and_does_not_close(cli: CommandLine) -> None:
    """Instants never go back; a closing waits, and the check names the clock."""
    cli.drawn()
    cli.at("2026-10-11 01:30")
    assert cli.take(LATER).status == 0
    cli.at("2026-10-11 00:30")
    assert cli.take(LATER | {"record_id": "a-3"}).status == 0
    assert instants(cli) == sorted(instants(cli))
    refused = cli("scheduler", "tick")
    (line,) = refused.err.splitlines()
    assert refused.status == 1
    assert "clock" in line
    assert "confirm-clock" in line
    checked = cli.ask("check", status=3)["checks"]
    assert any("behind the newest event" in row["text"] for row in checked)
    assert cli.ask("spot-check", "show", MONTH)["state"] == "drawn"
    assert cli.ask("audit", "verify")["ok"] is True


def test_a_year_ahead_begins_nothing(cli: CommandLine) -> None:
    """One line says what a person must do, and no cycle of a month to come begins."""
    before = cli.events()
    cli.at("2027-10-01 00:30")
    refused = cli("scheduler", "tick")
    (line,) = refused.err.splitlines()
    assert (refused.status, "confirm-clock" in line) == (1, True)
    assert cli.events() == before


def test_a_year_ahead_for_an_hour_is_led_past(cli: CommandLine) -> None:
    """A record of the wrong year keeps its instant; the right clock goes on once confirmed."""
    cli.drawn()
    cli.at("2027-09-20 09:00")
    assert cli.take(LATER).status == 0
    cli.at("2026-10-11 00:30")
    assert "confirm-clock" in cli("scheduler", "tick").err
    cli.done("scheduler", "confirm-clock", "--reason", "服务器时钟曾快一年")
    steps = cli.ask("scheduler", "tick")["steps"]
    assert [step["step"] for step in steps] == ["close"]
    assert cli.ask("audit", "verify")["ok"] is True
