"""An account's own keys: the second factor, tokens; and the first administrator's link."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pyotp
import pytest

from events.refusals.errors import Kind, Refused
from tests.support.doors import ADDRESS, SECRET, Door
from tests.support.web_client import BY, PASSWORD
from tracker.accounts import credentials
from tracker.accounts.first_start import first_link
from tracker.accounts.keyring import AccountSecurity


def test_a_second_factor(door: Door) -> None:
    """Once set up, signing in asks for a code; a code is good once, for half a minute around."""
    keys = AccountSecurity(door.keeper)
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
    keys = AccountSecurity(lone.keeper)
    lone.entered()
    keys.require_code(lone.account, SECRET, lone.code(), BY)
    with pytest.raises(Refused) as caught:
        keys.stop_code(lone.account, "wrong-password", BY, ADDRESS)
    assert (caught.value.code, caught.value.field) == ("wrong_password", "old")
    assert keys.stop_code(lone.account, PASSWORD, BY, ADDRESS)
    assert lone.lives(lone.keeper.sign_in("li", PASSWORD, "", ADDRESS).secret)
    assert lone.types()[-2:] == ["SecondFactorChanged", "SecondFactorChanged"]


def test_a_second_factor_is_not_replaced(door: Door) -> None:
    """Whoever sits at an open session sets up no other: it is refused, and nothing is written."""
    keys = AccountSecurity(door.keeper)
    door.entered()
    door.coded()
    before, events = door.small.rows("credentials"), door.types()
    door.small.now += timedelta(seconds=60)
    other = SECRET[::-1]
    code = pyotp.TOTP(other).at(door.small.now)
    with pytest.raises(Refused, match="turn them off first") as caught:
        keys.require_code(door.account, other, code, BY)
    assert (caught.value.code, caught.value.kind) == ("factor_stands", Kind.CONFLICT)
    assert (door.small.rows("credentials"), door.types()) == (before, events)
    assert door.lives(door.keeper.sign_in("li", PASSWORD, door.code(), ADDRESS).secret)
    assert keys.drop_code(door.account, BY)
    assert not keys.drop_code(door.account, BY)
    assert keys.require_code(door.account, other, code, BY)


def test_two_set_up_a_second_factor_at_once(door: Door) -> None:
    """One stands, the other is refused; the secret is that of the one."""
    keys = AccountSecurity(door.keeper)
    door.entered()

    def set_up(secret: str) -> str:
        code = pyotp.TOTP(secret).at(door.small.now)
        try:
            keys.require_code(door.account, secret, code, BY)
        except Refused as refused:
            return refused.code
        return secret

    with ThreadPoolExecutor(2) as pool:
        found = set(pool.map(set_up, [SECRET, SECRET[::-1]]))
    with door.small.read() as reader:
        known = credentials.by_account(reader, door.account)
    assert known is not None
    assert found == {"factor_stands", known.totp_secret}
    assert door.types().count("SecondFactorChanged") == 1


def test_a_password_that_changed_meanwhile_stops_and_issues_nothing(lone: Door) -> None:
    """It is compared again where the code is stopped or the token is issued."""
    keys, end = AccountSecurity(lone.keeper), date(2026, 12, 31)
    lone.entered()
    lone.coded()
    checked = lone.keeper.check(lone.account, PASSWORD, ADDRESS)

    def replace() -> None:
        with pytest.raises(Refused, match="six digits"):
            lone.keeper.use_link(lone.linked(), "another-password")

    lone.hasher.meanwhile = replace
    with pytest.raises(Refused, match="not your password") as caught:
        keys.stop_code(lone.account, PASSWORD, BY, ADDRESS)
    assert caught.value.field == "old"
    with pytest.raises(Refused, match="not your password") as caught:
        keys.issue_token(lone.account, ("read",), end, BY, checked=checked)
    assert caught.value.field == "password"
    assert lone.types().count("SecondFactorChanged") == 1
    assert "TokenIssued" not in lone.types()


def test_a_token_has_an_end(lone: Door) -> None:
    """From today to a year ahead; the day before and after are refused at the field."""
    keys, today = AccountSecurity(lone.keeper), date(2026, 9, 20)
    keys.check_end(today, today)
    keys.check_end(today + timedelta(days=366), today)
    for days in (-1, 367):
        with pytest.raises(Refused) as caught:
            keys.check_end(today + timedelta(days=days), today)
        assert (caught.value.code, caught.value.field) == ("bad_end", "until_on")


def test_a_token_is_shown_once(door: Door) -> None:
    """Issued under one id twice there is one secret; revoked it opens nothing, twice is once."""
    keys = AccountSecurity(door.keeper)
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
