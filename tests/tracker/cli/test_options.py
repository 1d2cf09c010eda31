"""The help of every command: one wording for one option, short enough for the list of commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from tests.support.command_line import CommandLine
from tests.tracker.cli.test_main import COMMANDS
from tracker.cli.main import app

DIFFERENT = {"--from", "--actor", "--organization", "--period", "--reason", "FILE..."}
"""Names with two meanings: a month or a date, the actor or a filter, a scope or a filter, ..."""
GROUPS = ["", *sorted({words[0] for words in COMMANDS if len(words) > 1})]


def walk(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command, groups too, with its words."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, f"{path} {name}".strip())


ALL = dict(walk(typer.main.get_command(app)))


def parameters() -> Iterator[tuple[str, str, str]]:
    """Yield command, name and help of every option and argument."""
    for path, command in ALL.items():
        for parameter in command.params:
            name = parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.metavar
            yield path, name, parameter.help or ""


def test_an_option_has_one_wording() -> None:
    """An option or argument with one name has one help text in all commands."""
    wordings: dict[str, set[str]] = defaultdict(set)
    for _, name, text in parameters():
        if name not in DIFFERENT:
            wordings[name].add(text)
    assert {name: texts for name, texts in wordings.items() if len(texts) > 1} == {}


@pytest.mark.parametrize("path", sorted(ALL))
def test_help_is_a_sentence(path: str) -> None:
    """Every command, option and argument has help that is a sentence with a capital."""
    texts = [ALL[path].help, *(text for owner, _, text in parameters() if owner == path)]
    for text in texts:
        assert text
        assert text[0].isupper()
        assert text.rstrip().endswith(".")


@pytest.mark.parametrize("group", GROUPS)
def test_no_line_of_a_list_of_commands_is_cut(empty: CommandLine, group: str) -> None:
    """The first sentence of each command fits into the list of commands."""
    _, heading, commands = empty(*group.split(), "--help").out.partition("Commands:")
    assert heading
    assert "..." not in commands
