"""Personal tokens: issued once under an id, with an end, and revoked."""

from datetime import date, timedelta

import pytest

from events.refusals.errors import Refused
from tests.support.account_world import ADDRESS, AccountWorld
from tests.support.web_client import BY, PASSWORD
from tracker.accounts import credentials
from tracker.accounts.personal_tokens import PersonalTokens


def test_a_password_that_changed_meanwhile_issues_nothing(lone: AccountWorld) -> None:
    """The verified password is compared again in the transaction that issues the token."""
    tokens, end = PersonalTokens(lone.authenticator), date(2026, 12, 31)
    lone.choose_password()
    checked = lone.authenticator.verify_password(lone.account, PASSWORD, ADDRESS)
    lone.authenticator.use_link(lone.issue_link(), "another-password")
    with pytest.raises(Refused, match="current password is wrong") as caught:
        tokens.issue(lone.account, ("read",), end, BY, checked=checked)
    assert caught.value.field == "password"
    assert "TokenIssued" not in lone.types()


def test_a_token_has_an_end(lone: AccountWorld) -> None:
    """The last day is between today and a year ahead; others are refused at the field."""
    tokens, today = PersonalTokens(lone.authenticator), date(2026, 9, 20)
    tokens.check_last_day(today, today)
    tokens.check_last_day(today + timedelta(days=366), today)
    for days in (-1, 367):
        with pytest.raises(Refused) as caught:
            tokens.check_last_day(today + timedelta(days=days), today)
        assert (caught.value.code, caught.value.field) == ("bad_end", "until_on")


def test_a_token_is_shown_once(accounts: AccountWorld) -> None:
    """Issuing or revoking twice under one id is idempotent, and a revoked token opens nothing."""
    tokens = PersonalTokens(accounts.authenticator)
    end = date(2026, 12, 31)
    secret = tokens.issue(accounts.account, ("read",), end, BY, token_id="t-1")
    assert secret is not None
    assert tokens.issue(accounts.account, ("read",), end, BY, token_id="t-1") is None
    with accounts.small.read() as reader:
        assert credentials.token_of(reader, secret) == (accounts.account, "t-1")
    assert tokens.revoke(accounts.account, "t-1", BY)
    assert not tokens.revoke(accounts.account, "t-1", BY)
    with accounts.small.read() as reader:
        assert credentials.token_of(reader, secret) is None
