"""The second factor: enabled with a code, disabled by the password or an administrator."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from events.refusals.errors import Kind, Refused
from tests.support.account_world import ADDRESS, SECRET, AccountWorld
from tests.support.web_client import BY, PASSWORD
from tracker.accounts import credentials
from tracker.accounts.second_factor import SecondFactor
from tracker.accounts.sign_in import Authenticator


def test_a_second_factor(accounts: AccountWorld) -> None:
    """Once set up, signing in asks for a code; a code is good once, for half a minute around."""
    second_factor = SecondFactor(accounts.authenticator)
    accounts.choose_password()
    with pytest.raises(Refused) as caught:
        second_factor.enable(accounts.account, SECRET, "000000", PASSWORD, BY, ADDRESS)
    assert (caught.value.code, caught.value.field) == ("wrong_code", "code")
    with pytest.raises(Refused, match="the code is wrong"):
        second_factor.enable(accounts.account, "short", accounts.code(), PASSWORD, BY, ADDRESS)
    used = accounts.code()
    assert second_factor.enable(
        accounts.account, SECRET, f"{used[:3]} {used[3:]}", PASSWORD, BY, ADDRESS
    )
    assert accounts.expect_refusal("li", PASSWORD) == "code_needed"
    assert accounts.expect_refusal("li", PASSWORD, used) == "sign_in_failed"
    assert accounts.expect_refusal("li", PASSWORD, "000000") == "sign_in_failed"
    assert accounts.expect_refusal("li", "wrong-password", accounts.code(30)) == "sign_in_failed"
    accounts.small.now += timedelta(seconds=60)
    code = accounts.code()
    assert accounts.is_signed_in(
        accounts.authenticator.sign_in("li", PASSWORD, code, ADDRESS).secret
    )
    assert accounts.expect_refusal("li", PASSWORD, code) == "sign_in_failed"
    accounts.small.now += timedelta(seconds=60)
    assert accounts.is_signed_in(
        accounts.authenticator.sign_in("li", PASSWORD, accounts.code(30), ADDRESS).secret
    )


def test_a_second_factor_needs_the_password(accounts: AccountWorld) -> None:
    """An open session alone enrols nothing; a wrong password counts as an attempt."""
    second_factor = SecondFactor(accounts.authenticator)
    accounts.choose_password()
    codes = []
    for _ in range(6):
        with pytest.raises(Refused) as caught:
            second_factor.enable(
                accounts.account, SECRET, accounts.code(), "wrong-password", BY, ADDRESS
            )
        codes.append(caught.value.code)
    assert codes == ["wrong_password"] * 5 + ["signed_in_too_often"]
    assert "SecondFactorChanged" not in accounts.types()


def test_a_second_factor_is_stopped_by_the_password(lone: AccountWorld) -> None:
    """Another password does not; afterwards the password is enough again."""
    second_factor = SecondFactor(lone.authenticator)
    lone.choose_password()
    second_factor.enable(lone.account, SECRET, lone.code(), PASSWORD, BY, ADDRESS)
    with pytest.raises(Refused) as caught:
        second_factor.disable(lone.account, "wrong-password", BY, ADDRESS)
    assert (caught.value.code, caught.value.field) == ("wrong_password", "old")
    assert second_factor.disable(lone.account, PASSWORD, BY, ADDRESS)
    assert lone.is_signed_in(lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret)
    assert lone.types()[-2:] == ["SecondFactorChanged", "SecondFactorChanged"]


def test_a_second_factor_is_not_replaced(accounts: AccountWorld) -> None:
    """An open session cannot enrol another one: it is refused, and nothing is written."""
    second_factor = SecondFactor(accounts.authenticator)
    accounts.choose_password()
    accounts.enable_second_factor()
    before, events = accounts.small.rows("credentials"), accounts.types()
    accounts.small.now += timedelta(seconds=60)
    other = SECRET[::-1]
    code = pyotp.TOTP(other).at(accounts.small.now)
    with pytest.raises(Refused, match="turn them off first") as caught:
        second_factor.enable(accounts.account, other, code, PASSWORD, BY, ADDRESS)
    assert (caught.value.code, caught.value.kind) == ("factor_stands", Kind.CONFLICT)
    assert (accounts.small.rows("credentials"), accounts.types()) == (before, events)
    assert accounts.is_signed_in(
        accounts.authenticator.sign_in("li", PASSWORD, accounts.code(), ADDRESS).secret
    )
    assert second_factor.reset(accounts.account, BY)
    assert not second_factor.reset(accounts.account, BY)
    assert second_factor.enable(accounts.account, other, code, PASSWORD, BY, ADDRESS)


def test_two_set_up_a_second_factor_at_once(accounts: AccountWorld) -> None:
    """One of the two is enrolled, with its secret; the other is refused."""
    second_factor = SecondFactor(accounts.authenticator)
    accounts.choose_password()

    def set_up(secret: str) -> str:
        code = pyotp.TOTP(secret).at(accounts.small.now)
        try:
            second_factor.enable(accounts.account, secret, code, PASSWORD, BY, ADDRESS)
        except Refused as refused:
            return refused.code
        return secret

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(set_up, [SECRET, SECRET[::-1]]))
    with accounts.small.read() as reader:
        known = credentials.by_account(reader, accounts.account)
    assert known is not None
    assert outcomes == {"factor_stands", known.totp_secret}
    assert accounts.types().count("SecondFactorChanged") == 1


def test_a_password_that_changed_meanwhile_disables_nothing(lone: AccountWorld) -> None:
    """The password is compared again in the transaction that disables the second factor."""
    lone.choose_password()
    lone.enable_second_factor()

    def replace() -> None:
        with pytest.raises(Refused, match="six digits"):
            lone.authenticator.use_link(lone.issue_link(), "another-password")

    lone.hasher.meanwhile = replace
    with pytest.raises(Refused, match="current password is wrong") as caught:
        SecondFactor(lone.authenticator).disable(lone.account, PASSWORD, BY, ADDRESS)
    assert caught.value.field == "old"
    assert lone.types().count("SecondFactorChanged") == 1


def test_codes_are_those_of_the_device_where_the_store_has_another_clock(
    lone: AccountWorld,
) -> None:
    """In a demonstration a code of its clock is wrong, one of the user's device is right."""
    device = lone.small.now + timedelta(days=22)
    authenticator = Authenticator(
        lone.small.store, lone.entropy, lone.hasher, device_clock=lambda: device
    )
    codes = pyotp.TOTP(SECRET)
    assert authenticator.totp_step(SECRET, codes.at(lone.small.now)) == 0
    assert authenticator.totp_step(SECRET, codes.at(device)) == int(device.timestamp()) // 30
