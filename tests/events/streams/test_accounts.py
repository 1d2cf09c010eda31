"""Accounts are opened, granted roles, disabled, and hold tokens; never a password."""

from datetime import date

import pytest
from pydantic import ValidationError

from events.refusals.errors import Kind
from events.streams.accounts import (
    DECIDER,
    Account,
    AccountDisabled,
    AccountEnabled,
    AccountOpened,
    ChangePassword,
    Grant,
    GrantRole,
    IssueLink,
    IssueToken,
    LinkIssued,
    OpenAccount,
    PasswordChanged,
    PersonalToken,
    RequireSecondFactor,
    RevokeRole,
    RevokeToken,
    RoleGranted,
    RoleRevoked,
    SecondFactorChanged,
    SwitchAccount,
    TokenIssued,
    TokenRevoked,
    account_stream,
)
from events.streams.imports import ImportFinished
from tests.support.given import Given

given = Given(DECIDER)
FIRST, LAST = date(2026, 9, 1), date(2026, 12, 31)
OPENED = AccountOpened(account="u-1", person="p-1")
GRANT = GrantRole(grant_id="g-1", role="township", organization="99-01", from_on=FIRST)
GRANTED = RoleGranted(
    account="u-1", grant_id="g-1", role="township", organization="99-01", from_on=FIRST
)
LEND = GrantRole(
    grant_id="g-2", role="department", categories=("community", "village"), from_on=FIRST,
    until_on=LAST, delegated_by="u-2",
)  # fmt: skip
ISSUE = IssueToken(token_id="t-1", scopes=("record", "read", "record"), until_on=LAST)
ISSUED = TokenIssued(account="u-1", token_id="t-1", scopes=("read", "record"), until_on=LAST)
DISABLED = AccountDisabled(account="u-1", reason="调离")


def test_an_account_is_opened_once() -> None:
    """The same opening again changes nothing; for somebody else it is a conflict at its field."""
    command = OpenAccount(account="u-1", person="p-1")
    given().when(command).then(OPENED)
    given(OPENED).when(command).then()
    refused = given(OPENED).when(OpenAccount(account="u-1")).refused("account_exists")
    assert (refused.kind, refused.field) == (Kind.CONFLICT, "account")


@pytest.mark.parametrize(
    "command",
    [
        GRANT,
        RevokeRole(grant_id="g-1", reason="调离"),
        SwitchAccount(reason="调离"),
        SwitchAccount(),
        IssueLink(link_id="l-1"),
        ChangePassword("own"),
        RequireSecondFactor(required=True),
        ISSUE,
        RevokeToken(token_id="t-1"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_happens_to_an_account_that_was_never_opened(command: object) -> None:
    """Everything but its opening is refused as not found."""
    refused = given().when(command).refused("unknown_account")  # type: ignore[arg-type]
    assert refused.kind is Kind.NOT_FOUND


def test_a_role_is_granted_once() -> None:
    """Twice is once, also with categories and a last day; other content is a conflict."""
    given(OPENED).when(GRANT).then(GRANTED)
    given(OPENED, GRANTED).when(GRANT).then()
    lent = RoleGranted(account="u-1", **LEND.model_dump())
    given(OPENED, GRANTED).when(LEND).then(lent)
    given(OPENED, lent).when(LEND).then()
    other = GRANT.model_copy(update={"role": "auditor"})
    refused = given(OPENED, GRANTED).when(other).refused("grant_exists", grant_id="g-1")
    assert (refused.kind, refused.field) == (Kind.CONFLICT, "grant_id")


def test_a_role_ends_after_it_begins() -> None:
    """A last day before the first is refused at its field; the same day is one day."""
    before = GRANT.model_copy(update={"until_on": date(2026, 8, 31)})
    refused = given(OPENED).when(before).refused("ends_before", until=date(2026, 8, 31))
    assert refused.field == "until_on"
    one_day = GRANT.model_copy(update={"until_on": FIRST})
    given(OPENED).when(one_day).then(GRANTED.model_copy(update={"until_on": FIRST}))


def test_what_is_lent_comes_back() -> None:
    """A delegated role without a last day is refused at its field."""
    endless = LEND.model_copy(update={"until_on": None})
    refused = given(OPENED).when(endless).refused("no_end")
    assert refused.field == "until_on"


def test_a_role_is_in_force_from_its_first_to_its_last_day() -> None:
    """Both included; without a last day for ever."""
    grant = Grant("g", "branch", None, None, "2026-09-01", "2026-09-30")
    days = ("2026-08-31", "2026-09-01", "2026-09-30", "2026-10-01")
    assert [grant.holds(day) for day in days] == [False, True, True, False]
    assert Grant("g", "branch", None, None, "2026-09-01", None).holds("2099-01-01")


def test_a_role_is_revoked_once() -> None:
    """With its reason; one that is not there changes nothing."""
    command = RevokeRole(grant_id="g-1", reason="换岗")
    revoked = RoleRevoked(account="u-1", grant_id="g-1", reason="换岗")
    given(OPENED, GRANTED).when(command).then(revoked)
    given(OPENED, GRANTED, revoked).when(command).then()
    assert given(OPENED, GRANTED, revoked).state.grants == {}


def test_an_account_is_disabled_and_enabled() -> None:
    """Each once; disabling takes its tokens for good and leaves its roles."""
    enabled = AccountEnabled(account="u-1")
    given(OPENED).when(SwitchAccount(reason="调离")).then(DISABLED)
    given(OPENED, DISABLED).when(SwitchAccount(reason="再次")).then()
    given(OPENED).when(SwitchAccount()).then()
    given(OPENED, DISABLED).when(SwitchAccount()).then(enabled)
    state = given(OPENED, GRANTED, ISSUED, DISABLED, enabled).state
    assert (state.enabled, state.tokens, set(state.grants)) == (True, {}, {"g-1"})
    assert not given(OPENED, DISABLED).state.enabled


def test_a_link_is_recorded() -> None:
    """Each one, so that the log says who was shown it; none of an account that is disabled."""
    issued = LinkIssued(account="u-1", link_id="l-1")
    given(OPENED).when(IssueLink(link_id="l-1")).then(issued)
    given(OPENED, issued).when(IssueLink(link_id="l-2")).then(
        LinkIssued(account="u-1", link_id="l-2")
    )
    refused = given(OPENED, DISABLED).when(IssueLink(link_id="l-1")).refused("account_disabled")
    assert refused.kind is Kind.CONFLICT
    assert given(OPENED, issued).state == given(OPENED).state


def test_a_password_is_recorded_without_its_text() -> None:
    """The log says how it was set and nothing about the password; the state is the same."""
    by_link = PasswordChanged(account="u-1", how="link", link_id="l-1")
    own = PasswordChanged(account="u-1", how="own")
    given(OPENED).when(ChangePassword("link", "l-1")).then(by_link)
    given(OPENED).when(ChangePassword("own")).then(own)
    assert set(by_link.data()) == {"account", "how", "link_id"}
    assert set(own.data()) == {"account", "how"}
    assert given(OPENED, by_link).state == given(OPENED).state


def test_a_password_by_a_link_makes_tokens_void() -> None:
    """A lost password may mean lost tokens; a change by the holder keeps them."""
    other = ISSUED.model_copy(update={"token_id": "t-2"})
    by_link = PasswordChanged(account="u-1", how="link", link_id="l-1")
    void = [TokenRevoked(account="u-1", token_id=one) for one in ("t-1", "t-2")]
    given(OPENED, ISSUED, other).when(ChangePassword("link", "l-1")).then(by_link, *void)
    own = PasswordChanged(account="u-1", how="own")
    given(OPENED, ISSUED, other).when(ChangePassword("own")).then(own)


def test_a_second_factor_is_switched() -> None:
    """It is turned on and off; the same again changes nothing."""
    on = SecondFactorChanged(account="u-1", required=True)
    off = SecondFactorChanged(account="u-1", required=False)
    given(OPENED).when(RequireSecondFactor(required=True)).then(on)
    given(OPENED).when(RequireSecondFactor(required=False)).then()
    given(OPENED, on).when(RequireSecondFactor(required=True)).then()
    given(OPENED, on).when(RequireSecondFactor(required=False)).then(off)
    assert given(OPENED, on).state.second_factor
    assert not given(OPENED, on, off).state.second_factor


def test_a_token_is_issued_and_revoked_once() -> None:
    """Its scopes are kept in order and once; the secret is no part of it."""
    void = TokenRevoked(account="u-1", token_id="t-1")
    given(OPENED).when(ISSUE).then(ISSUED)
    given(OPENED, ISSUED).when(ISSUE).then()
    given(OPENED, ISSUED).when(RevokeToken(token_id="t-1")).then(void)
    given(OPENED, ISSUED, void).when(RevokeToken(token_id="t-1")).then()
    given(OPENED).when(RevokeToken(token_id="t-1")).then()
    assert set(ISSUED.data()) == {"account", "token_id", "scopes", "until_on"}


def test_an_account_folds_to_its_state() -> None:
    """Whose it is, its roles and tokens; events of another kind change nothing."""
    other = ImportFinished(recorded=0, unchanged=0)
    assert given(OPENED, GRANTED, ISSUED, other).state == Account(
        "u-1",
        "p-1",
        grants={"g-1": Grant("g-1", "township", "99-01", None, "2026-09-01", None)},
        tokens={"t-1": PersonalToken("t-1", ("read", "record"), "2026-12-31")},
    )
    assert given().state.account == ""
    assert account_stream("u-1") == "account-u-1"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (GrantRole, {"grant_id": "g", "role": "king", "from_on": FIRST}),
        (GrantRole, {"grant_id": "g", "role": "branch", "from_on": FIRST, "categories": ()}),
        (IssueToken, {"token_id": "t", "scopes": (), "until_on": LAST}),
        (IssueToken, {"token_id": "t", "scopes": ("everything",), "until_on": LAST}),
        (RevokeRole, {"grant_id": "g", "reason": " "}),
        (OpenAccount, {"account": "a b"}),
    ],
)
def test_a_command_has_limits(kind: type[GrantRole], fields: dict[str, object]) -> None:
    """An unknown role or scope, an empty list or reason, an id with a space are refused."""
    with pytest.raises(ValidationError):
        kind.model_validate(fields)
