"""The names of people by their ids in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projections.people.accounts import accounts_of_people
from tracker.accounts.credentials import names_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log.reader import Reader
    from tracker.wording.refusals import Language

SYSTEM_USER = "os:"
"""How the ids of users of the operating system begin, who act on the command line."""
SYSTEM_USERS = ("系统管理员（命令行）", "administrator (command line)")
SCHEDULER = ("系统定时", "scheduler")


def read_people_names(
    reader: Reader, people: Sequence[str], language: Language = "zh"
) -> dict[str, str]:
    """Return the names of inspectors and accounts by their id; erased names are left out.

    Users of the operating system and the scheduler are named by what they are: their ids are for
    the log and its readers.
    """
    accounts = accounts_of_people(reader, sorted(set(people)))
    names = names_of(reader, [*people, *accounts.values()])
    names |= {person: names[account] for person, account in accounts.items() if account in names}
    names |= {who: SYSTEM_USERS[language == "en"] for who in people if who.startswith(SYSTEM_USER)}
    return names | {who: SCHEDULER[language == "en"] for who in people if who == "scheduler"}
