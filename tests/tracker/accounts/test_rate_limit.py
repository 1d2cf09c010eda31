"""Guessing waits: by name and address, by address, by name; counted before it is tried."""

from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from events.refusals.errors import Kind, Refused
from tests.support.account_world import ADDRESS, AccountWorld
from tests.support.web_client import BY, PASSWORD
from tracker.accounts.rate_limit import FAILURES, FAILURES_OF_ADDRESS, FAILURES_OF_LOGIN, network_of
from tracker.accounts.second_factor import SecondFactor

ELSEWHERE = "198.51.100.7"


def test_too_many_failures_wait(accounts: AccountWorld) -> None:
    """Five under one name from one address shut it for a quarter of an hour, there alone."""
    accounts.choose_password()
    for _ in range(FAILURES):
        assert accounts.expect_refusal("li", "wrong-password") == "sign_in_failed"
    assert accounts.expect_refusal("li", PASSWORD) == "signed_in_too_often"
    assert accounts.is_signed_in(
        accounts.authenticator.sign_in("li", PASSWORD, "", ELSEWHERE).secret
    )
    accounts.small.now += timedelta(minutes=15)
    assert accounts.is_signed_in(accounts.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret)


def test_failures_of_one_address_wait(lone: AccountWorld) -> None:
    """Thirty from one address shut it for every name; another address goes on."""
    lone.choose_password()
    for number in range(FAILURES_OF_ADDRESS):
        assert lone.expect_refusal(f"guess-{number}", "wrong-password") == "sign_in_failed"
    assert lone.expect_refusal("li", PASSWORD) == "signed_in_too_often"
    assert lone.is_signed_in(lone.authenticator.sign_in("li", PASSWORD, "", "192.0.2.9").secret)


def test_failures_of_one_name_from_everywhere_wait(lone: AccountWorld) -> None:
    """Fifty within an hour, so that a thousand addresses guess no more than that."""
    lone.choose_password()
    for number in range(FAILURES_OF_LOGIN):
        address = f"192.0.2.{number}"
        assert lone.expect_refusal("li", "wrong-password", address=address) == "sign_in_failed"
    with pytest.raises(Refused, match="in 60 minutes") as caught:
        lone.authenticator.sign_in("li", PASSWORD, "", ELSEWHERE)
    assert caught.value.kind is Kind.BUSY
    lone.small.now += timedelta(minutes=60)
    assert lone.is_signed_in(lone.authenticator.sign_in("li", PASSWORD, "", ELSEWHERE).secret)


def test_who_waits_is_not_counted(lone: AccountWorld) -> None:
    """Trying on from one address does not shut the name for everybody, nor for longer."""
    lone.choose_password()
    for _ in range(FAILURES_OF_LOGIN + FAILURES):
        lone.expect_refusal("li", "wrong-password")
    assert len(lone.small.rows("login_attempts")) == FAILURES
    assert lone.is_signed_in(lone.authenticator.sign_in("li", PASSWORD, "", ELSEWHERE).secret)


def test_many_at_once_are_no_more_than_many_in_turn(accounts: AccountWorld) -> None:
    """Of forty guesses at the same moment five are tried."""
    accounts.choose_password()
    accounts.hasher.verified.clear()

    def guess(number: int) -> str:
        return accounts.expect_refusal("li", f"wrong-password-{number}")

    with ThreadPoolExecutor(8) as pool:
        found = Tally(pool.map(guess, range(40)))
    assert found == {"sign_in_failed": FAILURES, "signed_in_too_often": 40 - FAILURES}
    assert len(accounts.hasher.verified) == FAILURES


def test_what_is_right_is_not_counted(lone: AccountWorld) -> None:
    """Neither a sign-in nor one whose code is still missing; one with a wrong code is."""
    lone.choose_password()
    for _ in range(FAILURES + 1):
        lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS)
    lone.enable_second_factor()
    for _ in range(FAILURES + 1):
        assert lone.expect_refusal("li", PASSWORD) == "code_needed"
    assert lone.small.rows("login_attempts") == set()
    for _ in range(FAILURES):
        assert lone.expect_refusal("li", PASSWORD, "000000") == "sign_in_failed"
    lone.small.now += timedelta(seconds=60)
    assert lone.expect_refusal("li", PASSWORD, lone.code()) == "signed_in_too_often"


def test_failures_are_forgotten(lone: AccountWorld) -> None:
    """What lies behind the hour is deleted; an endless name counts by its start."""
    for number in range(FAILURES):
        assert lone.expect_refusal("x" * 130 + str(number), "wrong-password") == "sign_in_failed"
    assert lone.expect_refusal("x" * 128, PASSWORD) == "signed_in_too_often"
    lone.small.now += timedelta(minutes=60)
    lone.expect_refusal("li", "wrong-password")
    assert len(lone.small.rows("login_attempts")) == 1


def test_attempts_of_a_clock_that_was_ahead_do_not_count(lone: AccountWorld) -> None:
    """After the clock is put back the attempts of the future lock nobody out."""
    lone.choose_password()
    lone.small.now += timedelta(days=90)
    for _ in range(FAILURES):
        assert lone.expect_refusal("li", "wrong-password") == "sign_in_failed"
    lone.small.now -= timedelta(days=90)
    assert lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).account == lone.account


def test_guessing_at_an_open_session_waits(accounts: AccountWorld) -> None:
    """As guessing to sign in does, and both count together."""
    accounts.choose_password()
    second_factor = SecondFactor(accounts.authenticator)
    with pytest.raises(Refused, match="current password is wrong"):
        second_factor.disable(accounts.account, "wrong-password", BY, ADDRESS)
    for _ in range(FAILURES - 1):
        with pytest.raises(Refused, match="current password is wrong"):
            accounts.change_password("wrong-password", "another-password")
    accounts.hasher.verified.clear()
    for guess in (
        lambda: second_factor.disable(accounts.account, PASSWORD, BY, ADDRESS),
        lambda: accounts.change_password(PASSWORD, "another-password"),
        lambda: accounts.authenticator.sign_in("li", PASSWORD, "", ADDRESS),
    ):
        with pytest.raises(Refused) as caught:
            guess()
        assert caught.value.code == "signed_in_too_often"
    assert accounts.hasher.verified == []
    assert accounts.is_signed_in(
        accounts.change_password(PASSWORD, "another-password", ELSEWHERE).secret
    )


def test_the_holder_of_an_erased_account_guesses_like_nobody(lone: AccountWorld) -> None:
    """There is no password that fits, and trying is counted all the same."""
    lone.choose_password()
    with lone.small.store.append() as log:
        log.write("DELETE FROM credentials WHERE account = ?", [(lone.account,)])
    for _ in range(FAILURES):
        with pytest.raises(Refused, match="current password is wrong"):
            lone.change_password(PASSWORD, "another-password")
    with pytest.raises(Refused, match="too many"):
        lone.change_password(PASSWORD, "another-password")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("x" * 100, "x" * 64),
        ("", ""),
    ],
)
def test_an_address_is_counted_by_who_has_it(address: str, network: str) -> None:
    """One of IPv6 by its network, within which anybody takes as many as they like."""
    assert network_of(address) == network
