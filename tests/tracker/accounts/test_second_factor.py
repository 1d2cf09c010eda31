"""The second factor: enabled with a code, disabled by the password or an administrator."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from events.refusals.errors import Kind, Refused
from tests.support.doors import ADDRESS, SECRET, Door
from tests.support.web_client import BY, PASSWORD
from tracker.accounts import credentials
from tracker.accounts.second_factor import SecondFactor


def test_a_second_factor(door: Door) -> None:
    """Once set up, signing in asks for a code; a code is good once, for half a minute around."""
    second_factor = SecondFactor(door.authenticator)
    door.entered()
    with pytest.raises(Refused) as caught:
        second_factor.enable(door.account, SECRET, "000000", PASSWORD, BY, ADDRESS)
    assert (caught.value.code, caught.value.field) == ("wrong_code", "code")
    with pytest.raises(Refused, match="the code is wrong"):
        second_factor.enable(door.account, "short", door.code(), PASSWORD, BY, ADDRESS)
    used = door.code()
    assert second_factor.enable(
        door.account, SECRET, f"{used[:3]} {used[3:]}", PASSWORD, BY, ADDRESS
    )
    assert door.refused("li", PASSWORD) == "code_needed"
    assert door.refused("li", PASSWORD, used) == "sign_in_failed"
    assert door.refused("li", PASSWORD, "000000") == "sign_in_failed"
    assert door.refused("li", "wrong-password", door.code(30)) == "sign_in_failed"
    door.small.now += timedelta(seconds=60)
    code = door.code()
    assert door.lives(door.authenticator.sign_in("li", PASSWORD, code, ADDRESS).secret)
    assert door.refused("li", PASSWORD, code) == "sign_in_failed"
    door.small.now += timedelta(seconds=60)
    assert door.lives(door.authenticator.sign_in("li", PASSWORD, door.code(30), ADDRESS).secret)


def test_a_second_factor_needs_the_password(door: Door) -> None:
    """An open session alone enrols nothing; a wrong password counts as an attempt."""
    second_factor = SecondFactor(door.authenticator)
    door.entered()
    codes = []
    for _ in range(6):
        with pytest.raises(Refused) as caught:
            second_factor.enable(door.account, SECRET, door.code(), "wrong-password", BY, ADDRESS)
        codes.append(caught.value.code)
    assert codes == ["wrong_password"] * 5 + ["signed_in_too_often"]
    assert "SecondFactorChanged" not in door.types()


def test_a_second_factor_is_stopped_by_the_password(lone: Door) -> None:
    """Another password does not; afterwards the password is enough again."""
    second_factor = SecondFactor(lone.authenticator)
    lone.entered()
    second_factor.enable(lone.account, SECRET, lone.code(), PASSWORD, BY, ADDRESS)
    with pytest.raises(Refused) as caught:
        second_factor.disable(lone.account, "wrong-password", BY, ADDRESS)
    assert (caught.value.code, caught.value.field) == ("wrong_password", "old")
    assert second_factor.disable(lone.account, PASSWORD, BY, ADDRESS)
    assert lone.lives(lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret)
    assert lone.types()[-2:] == ["SecondFactorChanged", "SecondFactorChanged"]


def test_a_second_factor_is_not_replaced(door: Door) -> None:
    """An open session cannot enrol another one: it is refused, and nothing is written."""
    second_factor = SecondFactor(door.authenticator)
    door.entered()
    door.coded()
    before, events = door.small.rows("credentials"), door.types()
    door.small.now += timedelta(seconds=60)
    other = SECRET[::-1]
    code = pyotp.TOTP(other).at(door.small.now)
    with pytest.raises(Refused, match="turn them off first") as caught:
        second_factor.enable(door.account, other, code, PASSWORD, BY, ADDRESS)
    assert (caught.value.code, caught.value.kind) == ("factor_stands", Kind.CONFLICT)
    assert (door.small.rows("credentials"), door.types()) == (before, events)
    assert door.lives(door.authenticator.sign_in("li", PASSWORD, door.code(), ADDRESS).secret)
    assert second_factor.reset(door.account, BY)
    assert not second_factor.reset(door.account, BY)
    assert second_factor.enable(door.account, other, code, PASSWORD, BY, ADDRESS)


def test_two_set_up_a_second_factor_at_once(door: Door) -> None:
    """One of the two is enrolled, with its secret; the other is refused."""
    second_factor = SecondFactor(door.authenticator)
    door.entered()

    def set_up(secret: str) -> str:
        code = pyotp.TOTP(secret).at(door.small.now)
        try:
            second_factor.enable(door.account, secret, code, PASSWORD, BY, ADDRESS)
        except Refused as refused:
            return refused.code
        return secret

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(set_up, [SECRET, SECRET[::-1]]))
    with door.small.read() as reader:
        known = credentials.by_account(reader, door.account)
    assert known is not None
    assert outcomes == {"factor_stands", known.totp_secret}
    assert door.types().count("SecondFactorChanged") == 1


def test_a_password_that_changed_meanwhile_disables_nothing(lone: Door) -> None:
    """The password is compared again in the transaction that disables the second factor."""
    lone.entered()
    lone.coded()

    def replace() -> None:
        with pytest.raises(Refused, match="six digits"):
            lone.authenticator.use_link(lone.linked(), "another-password")

    lone.hasher.meanwhile = replace
    with pytest.raises(Refused, match="current password is wrong") as caught:
        SecondFactor(lone.authenticator).disable(lone.account, PASSWORD, BY, ADDRESS)
    assert caught.value.field == "old"
    assert lone.types().count("SecondFactorChanged") == 1
