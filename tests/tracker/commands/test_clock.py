"""A person confirms the clock at the command line."""

from tests.support.command_line import CommandLine


def test_the_command_confirms_the_clock(cli: CommandLine) -> None:
    """A tick by a clock a year ahead is refused, and done after the confirmation."""
    cli.at("2027-10-01 00:30")
    before = cli.events()
    refused = cli("scheduler", "tick")
    assert "confirm-clock --reason" in refused.err
    assert cli.events() == before
    assert "why the clock is right" in cli("scheduler", "confirm-clock", "--reason", " ").err
    assert "control character" in cli("scheduler", "confirm-clock", "--reason", "a\x01").err
    answer = cli.ask("scheduler", "confirm-clock", "--reason", "停用一年")
    assert answer == {"changed": True, "shown": "2027-09-30T16:30:00.000000Z"}
    assert cli.ask("scheduler", "tick")["changed"]
