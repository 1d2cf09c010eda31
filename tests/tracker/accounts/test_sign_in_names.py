"""Sign-in: passwords changed meanwhile, grants, and log-in names in every case and width."""

from datetime import date

import pytest

from events.refusals.errors import Kind, Refused
from events.streams.accounts import GrantRole, RevokeRole, SwitchAccount
from projections.people.accounts import account_of
from tests.support.account_world import ADDRESS, AccountWorld
from tests.support.web_client import BY, PASSWORD
from tracker.accounts import credentials


def test_a_password_that_changed_while_it_was_checked(accounts: AccountWorld) -> None:
    """It opens no session: the password is compared again where the session is made."""
    accounts.choose_password()
    accounts.hasher.meanwhile = lambda: accounts.authenticator.use_link(
        accounts.issue_link(), "another-password"
    )
    assert accounts.expect_refusal("li", PASSWORD) == "sign_in_failed"
    gone = SwitchAccount(reason="调离")
    accounts.hasher.meanwhile = lambda: accounts.authenticator.change_account(
        accounts.account, gone, BY
    )
    assert accounts.expect_refusal("li", "another-password") == "sign_in_failed"
    assert accounts.small.rows("sessions") == set()
    accounts.authenticator.change_account(accounts.account, SwitchAccount(), BY)
    accounts.hasher.meanwhile = lambda: accounts.enable_second_factor("another-password")
    assert accounts.expect_refusal("li", "another-password") == "sign_in_failed"


def test_a_password_that_changed_while_another_was_chosen(accounts: AccountWorld) -> None:
    """The later of two is refused: it was asked for by a password that is no more."""
    accounts.choose_password()
    accounts.hasher.meanwhile = lambda: accounts.authenticator.use_link(
        accounts.issue_link(), "another-password"
    )
    with pytest.raises(Refused) as caught:
        accounts.change_password(PASSWORD, "a-third-password")
    assert (caught.value.code, caught.value.field) == ("wrong_password", "old")
    assert accounts.is_signed_in(
        accounts.authenticator.sign_in("li", "another-password", "", ADDRESS).secret
    )


def test_a_grant_stands_once(accounts: AccountWorld) -> None:
    """The same form twice is one role; with other content it is refused, to nobody else unknown."""
    grant = GrantRole(grant_id="g", role="branch", organization="a", from_on=date(2026, 9, 1))
    assert accounts.authenticator.grant_role(accounts.account, grant, BY)
    assert not accounts.authenticator.grant_role(accounts.account, grant, BY)
    other = grant.model_copy(update={"role": "auditor"})
    with pytest.raises(Refused) as caught:
        accounts.authenticator.grant_role(accounts.account, other, BY)
    assert caught.value.code == "grant_exists"
    with accounts.small.read() as reader:
        assert accounts.authenticator.read_account(reader, accounts.account) == account_of(
            reader, accounts.account
        )
        with pytest.raises(Refused) as caught:
            accounts.authenticator.read_account(reader, "u-nobody")
    assert caught.value.kind is Kind.NOT_FOUND


def test_a_revoked_role_does_not_come_back_by_its_form(lone: AccountWorld) -> None:
    """Repeating it changes nothing; with other content it is refused."""
    grant = GrantRole(grant_id="g", role="branch", organization="a", from_on=date(2026, 9, 1))
    lone.authenticator.grant_role(lone.account, grant, BY)
    lone.authenticator.change_account(lone.account, RevokeRole(grant_id="g", reason="换岗"), BY)
    assert not lone.authenticator.grant_role(lone.account, grant, BY)
    with lone.small.read() as reader:
        assert lone.authenticator.read_account(reader, lone.account).grants == {}
    with pytest.raises(Refused) as caught:
        lone.authenticator.grant_role(
            lone.account, grant.model_copy(update={"role": "auditor"}), BY
        )
    assert caught.value.code == "identity_conflict"


@pytest.mark.parametrize("typed", ["li", "LI", "Li", "ｌｉ", "ＬＩ"])
def test_log_in_names_are_compared_without_case_and_width(
    accounts: AccountWorld, typed: str
) -> None:
    """A name in another case or in full width signs the same account in, and is taken."""
    accounts.choose_password()
    assert accounts.authenticator.sign_in(typed, PASSWORD, "", ADDRESS).account == accounts.account
    with pytest.raises(Refused) as caught:
        accounts.authenticator.open_account(typed, "李", BY)
    assert caught.value.code == "login_taken"


def test_failures_count_for_the_name_in_every_case(accounts: AccountWorld) -> None:
    """Writing the name in another way gives no further attempts."""
    for typed in ("li", "LI", "Li", "ｌｉ", "ＬＩ"):
        with pytest.raises(Refused, match="wrong"):
            accounts.authenticator.sign_in(typed, "wrong-password", "", ADDRESS)
    with pytest.raises(Refused) as caught:
        accounts.authenticator.sign_in("lI", PASSWORD, "", ADDRESS)
    assert caught.value.code == "signed_in_too_often"


@pytest.mark.parametrize(("login", "name"), [("wang\u3164", "王"), ("wang", "王\u200b")])
def test_names_of_people_hold_no_invisible_characters(
    accounts: AccountWorld, login: str, name: str
) -> None:
    """Neither the log-in name nor the name of a person looks like another's."""
    with pytest.raises(Refused) as caught:
        accounts.authenticator.open_account(login, name, BY)
    assert caught.value.field == ("login" if name == "王" else "name")


def test_names_that_were_equal_before_are_found_as_written(accounts: AccountWorld) -> None:
    """Of two old names that differ in case each signs its own account in."""
    old = credentials.Credential("u-old", "LI", "李", None, None, 0)
    with accounts.small.store.append() as log:
        log.write(
            "INSERT INTO credentials (account, login, name, totp_step, login_key)"
            " VALUES (?, ?, ?, 0, ?)",
            [(old.account, old.login, old.name, old.login)],
        )
    with accounts.small.read() as reader:
        assert credentials.by_login(reader, "LI") == old
        for typed in ("li", "Li"):
            known = credentials.by_login(reader, typed)
            assert known is not None
            assert known.account == accounts.account
