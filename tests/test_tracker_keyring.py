"""An account's own keys: the second factor, tokens; and the first administrator's link."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from events.errors import Refused
from tests.doors import ADDRESS, SECRET, Door
from tests.web_client import BY, PASSWORD
from tracker import credentials
from tracker.first_start import first_link
from tracker.keyring import Keyring


@pytest.fixture
def door(database_url: str) -> Iterator[Door]:
    """The doors on each kind of database."""
    found = Door(database_url)
    yield found
    found.small.dispose()


@pytest.fixture
def lone(sqlite_url: str) -> Iterator[Door]:
    """The doors on SQLite, for what is no matter of the database."""
    found = Door(sqlite_url)
    yield found
    found.small.dispose()


def test_a_second_factor(door: Door) -> None:
    """Once set up, signing in asks for a code; a code is good once, for half a minute around."""
    keys = Keyring(door.keeper)
    door.entered()
    with pytest.raises(Refused) as caught:
        keys.require_code(door.account, SECRET, "000000", BY)
    assert (caught.value.code, caught.value.field) == ("wrong_code", "code")
    with pytest.raises(Refused, match="not the code"):
        keys.require_code(door.account, "short", door.code(), BY)
    used = door.code()
    assert keys.require_code(door.account, SECRET, f"{used[:3]} {used[3:]}", BY)
    assert door.refused("li", PASSWORD) == "code_needed"
    assert door.refused("li", PASSWORD, used) == "sign_in_failed"
    assert door.refused("li", PASSWORD, "000000") == "sign_in_failed"
    assert door.refused("li", "wrong-password", door.code(30)) == "sign_in_failed"
    door.small.now += timedelta(seconds=60)
    code = door.code()
    assert door.lives(door.keeper.sign_in("li", PASSWORD, code, ADDRESS).secret)
    assert door.refused("li", PASSWORD, code) == "sign_in_failed"
    door.small.now += timedelta(seconds=60)
    assert door.lives(door.keeper.sign_in("li", PASSWORD, door.code(30), ADDRESS).secret)


def test_a_second_factor_is_stopped_by_the_password(lone: Door) -> None:
    """Another password does not; afterwards the password is enough again."""
    keys = Keyring(lone.keeper)
    lone.entered()
    keys.require_code(lone.account, SECRET, lone.code(), BY)
    with pytest.raises(Refused) as caught:
        keys.stop_code(lone.account, "wrong-password", BY)
    assert (caught.value.code, caught.value.field) == ("wrong_password", "old")
    assert keys.stop_code(lone.account, PASSWORD, BY)
    assert lone.lives(lone.keeper.sign_in("li", PASSWORD, "", ADDRESS).secret)
    assert lone.types()[-2:] == ["SecondFactorChanged", "SecondFactorChanged"]


def test_a_token_has_an_end(lone: Door) -> None:
    """From today to a year ahead; the day before and after are refused at the field."""
    keys, today = Keyring(lone.keeper), date(2026, 9, 20)
    keys.check_end(today, today)
    keys.check_end(today + timedelta(days=366), today)
    for days in (-1, 367):
        with pytest.raises(Refused) as caught:
            keys.check_end(today + timedelta(days=days), today)
        assert (caught.value.code, caught.value.field) == ("bad_end", "until_on")


def test_a_token_is_shown_once(door: Door) -> None:
    """Issued under one id twice there is one secret; revoked it opens nothing, twice is once."""
    keys = Keyring(door.keeper)
    end = date(2026, 12, 31)
    secret = keys.issue_token(door.account, ("read",), end, BY, token_id="t-1")
    assert secret is not None
    assert keys.issue_token(door.account, ("read",), end, BY, token_id="t-1") is None
    with door.small.read() as reader:
        assert credentials.token_of(reader, secret) == (door.account, "t-1")
    assert keys.revoke_token(door.account, "t-1", BY)
    assert not keys.revoke_token(door.account, "t-1", BY)
    with door.small.read() as reader:
        assert credentials.token_of(reader, secret) is None


def test_the_first_start(sqlite_url: str) -> None:
    """An administrator and a link, made anew until somebody has come in, and never after."""
    door = Door(sqlite_url)
    first = first_link(door.keeper, date(2026, 9, 20), BY)
    again = first_link(door.keeper, date(2026, 9, 20), BY)
    assert first is not None
    assert again is not None
    with pytest.raises(Refused):
        door.keeper.use_link(first, PASSWORD)
    entered = door.keeper.use_link(again, PASSWORD)
    with door.small.read() as reader:
        grants = door.keeper.standing(reader, entered.account).grants
    assert [(one.role, one.organization) for one in grants.values()] == [("administrator", None)]
    assert first_link(door.keeper, date(2026, 9, 20), BY) is None
    door.small.dispose()
