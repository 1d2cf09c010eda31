"""Sign-in: links work once, failures count, codes are not replayed, names are not revealed."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, timedelta

import pytest

from events.event import Metadata
from events.periods import instant_text
from events.refusals.errors import Kind, Refused
from events.streams.accounts import SwitchAccount
from projections.people.accounts import account_of
from tests.support.account_world import ADDRESS, NOW, AccountWorld
from tests.support.web_client import BY, PASSWORD
from tracker.accounts import credentials
from tracker.accounts.hashing import AT_ONCE, WAITING
from tracker.accounts.personal_tokens import PersonalTokens


def test_a_link_is_good_once(accounts: AccountWorld) -> None:
    """It sets the password and opens a session; the second time it never was."""
    assert accounts.is_signed_in(accounts.choose_password())
    with pytest.raises(Refused, match="for a new one") as caught:
        accounts.authenticator.use_link(accounts.link, "another-password")
    assert (caught.value.code, caught.value.kind) == ("bad_link", Kind.NOT_FOUND)
    found = accounts.authenticator.sign_in("li", PASSWORD, "", ADDRESS)
    assert accounts.is_signed_in(found.secret)
    assert found.account == accounts.account
    assert accounts.types() == ["AccountOpened", "LinkIssued", "PasswordChanged"]


def test_a_link_that_is_none_costs_no_hash(accounts: AccountWorld) -> None:
    """An unknown link is refused before a password is hashed, whatever the password."""
    before = accounts.hasher.hashed
    for password in (PASSWORD, "short"):
        with pytest.raises(Refused) as caught:
            accounts.authenticator.use_link("unknown", password)
        assert caught.value.code == "bad_link"
    assert accounts.hasher.hashed == before


def test_an_attempt_without_its_turn_does_not_count(accounts: AccountWorld) -> None:
    """Where too many hash at once, one more is refused, and can be tried again at once."""
    accounts.choose_password()
    with ExitStack() as others:
        for _ in range(AT_ONCE + WAITING):
            others.enter_context(accounts.hasher.admitted())
        for _ in range(20):
            assert accounts.expect_refusal("li", PASSWORD) == "hashing_busy"
        with pytest.raises(Refused) as caught:
            accounts.change_password(PASSWORD, "another-password")
        assert (caught.value.code, caught.value.kind) == ("hashing_busy", Kind.BUSY)
    assert accounts.authenticator.sign_in("li", PASSWORD, "", ADDRESS).account == accounts.account


def test_a_link_is_good_for_a_day(lone: AccountWorld) -> None:
    """After that it never was; a new one makes the one before void."""
    second = lone.issue_link()
    with pytest.raises(Refused, match="used"):
        lone.authenticator.use_link(lone.link, PASSWORD)
    lone.small.now += timedelta(hours=24)
    with pytest.raises(Refused, match="older than 24 hours"):
        lone.authenticator.use_link(second, PASSWORD)
    third = lone.issue_link()
    lone.small.now += timedelta(hours=23)
    assert lone.is_signed_in(lone.authenticator.use_link(third, PASSWORD).secret)


def test_sessions_and_links_of_a_clock_that_was_ahead_are_void(lone: AccountWorld) -> None:
    """After the clock is put back a session and a link of the future are void, others are not."""
    lone.choose_password()
    lone.small.now += timedelta(days=365)
    session, link = (
        lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret,
        lone.issue_link(),
    )
    lone.small.now -= timedelta(days=365)
    assert not lone.is_signed_in(session)
    with pytest.raises(Refused, match="older than 24 hours"):
        lone.authenticator.use_link(link, PASSWORD)
    present = lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret
    lone.small.now -= timedelta(minutes=4)
    assert lone.is_signed_in(present)


def test_a_link_of_nobody(lone: AccountWorld) -> None:
    """An account that was never opened gets none."""
    with pytest.raises(Refused) as caught:
        lone.authenticator.new_link("u-nobody", BY)
    assert caught.value.code == "unknown_account"


def test_two_use_one_link_at_once(accounts: AccountWorld) -> None:
    """One sets the password, the other is refused: the link was used."""

    def use(password: str) -> str:
        try:
            return accounts.authenticator.use_link(accounts.link, password).secret
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(use, ["first-password", "other-password"]), key=len)
    assert found[0] == "bad_link"
    assert accounts.is_signed_in(found[1])


@pytest.mark.parametrize("password", ["short", "", "x" * 201])
def test_a_password_has_limits(lone: AccountWorld, password: str) -> None:
    """Too short and too long are refused at the field, and the link stays good."""
    with pytest.raises(Refused) as caught:
        lone.authenticator.use_link(lone.link, password)
    assert (caught.value.code, caught.value.field) == ("bad_password", "password")
    assert lone.is_signed_in(lone.authenticator.use_link(lone.link, "x" * 200).secret)


def test_secrets_are_not_kept(accounts: AccountWorld) -> None:
    """The database has digests of links, sessions and passwords, never the secrets."""
    session = accounts.choose_password()
    with accounts.small.read() as reader:
        for table in ("one_time_links", "sessions", "credentials"):
            text = repr(reader.rows(f"SELECT * FROM {table}"))
            assert accounts.link not in text
            assert session not in text
            assert PASSWORD not in text
        assert credentials.session_of(reader, session + "x", instant_text(NOW)) is None
        assert "$argon2id$" in repr(reader.rows("SELECT password FROM credentials"))


def test_a_name_is_taken_once(accounts: AccountWorld) -> None:
    """A second account under the same log-in name is refused at its field, and opens nothing."""
    with pytest.raises(Refused) as caught:
        accounts.authenticator.open_account("li", "another", BY)
    assert (caught.value.code, caught.value.field) == ("login_taken", "login")
    with accounts.small.read() as reader:
        assert len(credentials.all_credentials(reader)) == 1
        assert credentials.names_of(reader, [accounts.account, "u-gone"]) == {
            accounts.account: "李"
        }


def test_two_take_one_name_at_once(accounts: AccountWorld) -> None:
    """One account is opened, the other is refused at the field and leaves nothing."""

    def take(number: int) -> str:
        try:
            return accounts.authenticator.open_account(
                "wu", "吴", BY, account=f"u-{number}"
            ).account
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(take, range(2)))
    assert found[0] == "login_taken"
    with accounts.small.read() as reader:
        assert {one.account for one in credentials.all_credentials(reader)} == {
            accounts.account, found[1]
        }  # fmt: skip
        other = "u-0" if found[1] == "u-1" else "u-1"
        assert account_of(reader, other) is None


def test_an_account_is_opened_once(lone: AccountWorld) -> None:
    """Under the same id and name again it is refused, and its link stays good."""
    with pytest.raises(Refused) as caught:
        lone.authenticator.open_account("li", "李", BY, account=lone.account)
    assert caught.value.code == "login_taken"
    assert lone.is_signed_in(lone.choose_password())


def test_nothing_is_told_about_who_exists(lone: AccountWorld) -> None:
    """Wrong password, unknown name, no password yet, disabled: the same answer and as much work."""
    lone.choose_password()
    lone.authenticator.open_account("new", "新", BY)
    away = lone.authenticator.open_account("away", "离", BY)
    lone.authenticator.use_link(away.link, PASSWORD)
    lone.authenticator.change_account(away.account, SwitchAccount(reason="调离"), BY)
    for login, password in (
        ("li", "wrong-password"), ("nobody", PASSWORD), ("new", PASSWORD), ("away", PASSWORD),
    ):  # fmt: skip
        lone.hasher.verified.clear()
        assert lone.expect_refusal(login, password) == "sign_in_failed"
        (against,) = lone.hasher.verified
        assert against.startswith("$argon2id$v=19$m=8,t=1,p=1")


def test_one_code_twice_at_once(accounts: AccountWorld) -> None:
    """Of two who use the same code at the same time one comes in."""
    accounts.choose_password()
    accounts.enable_second_factor()
    accounts.small.now += timedelta(seconds=60)
    code = accounts.code()

    def enter(_: int) -> bool:
        try:
            accounts.authenticator.sign_in("li", PASSWORD, code, ADDRESS)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(enter, range(3))) == [False, False, True]


def test_a_password_is_changed_by_its_holder(accounts: AccountWorld) -> None:
    """Every other session ends, the old password is void, and the event says how it changed."""
    first = accounts.choose_password()
    second = accounts.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret
    with pytest.raises(Refused) as caught:
        accounts.change_password("wrong-password", "another-password")
    assert caught.value.code == "wrong_password"
    third = accounts.change_password(PASSWORD, "another-password").secret
    assert [accounts.is_signed_in(one) for one in (first, second, third)] == [False, False, True]
    assert accounts.expect_refusal("li", PASSWORD) == "sign_in_failed"
    fourth = accounts.authenticator.use_link(accounts.issue_link(), PASSWORD).secret
    assert (accounts.is_signed_in(third), accounts.is_signed_in(fourth)) == (False, True)


def test_a_session_lives_by_being_used(accounts: AccountWorld) -> None:
    """Twelve hours after it was last used it is over; it is written at most every ten minutes."""
    secret = accounts.choose_password()
    before = accounts.small.rows("sessions")
    with accounts.small.read() as reader:
        found = credentials.session_of(reader, secret, instant_text(accounts.small.clock()))
    assert found is not None
    accounts.authenticator.extend_session(secret, found)
    assert accounts.small.rows("sessions") == before
    accounts.small.now += timedelta(hours=11)
    accounts.authenticator.extend_session(secret, found)
    accounts.small.now += timedelta(hours=11)
    assert accounts.is_signed_in(secret)
    accounts.small.now += timedelta(hours=1)
    assert not accounts.is_signed_in(secret)
    accounts.authenticator.sign_in("li", PASSWORD, "", ADDRESS)
    assert len(accounts.small.rows("sessions")) == 1


def test_signing_out_ends_one_session(lone: AccountWorld) -> None:
    """The other one of the same account goes on."""
    first, second = (
        lone.choose_password(),
        lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret,
    )
    lone.authenticator.sign_out(first)
    assert (lone.is_signed_in(first), lone.is_signed_in(second)) == (False, True)


def test_disabling_ends_sessions_and_tokens(accounts: AccountWorld) -> None:
    """At once; enabling again brings back neither, only the password."""
    secret = accounts.choose_password()
    token = PersonalTokens(accounts.authenticator).issue(
        accounts.account, ("read",), date(2026, 12, 31), BY
    )
    assert token is not None
    assert accounts.authenticator.change_account(accounts.account, SwitchAccount(reason="调离"), BY)
    assert not accounts.authenticator.change_account(
        accounts.account, SwitchAccount(reason="调离"), BY
    )
    with accounts.small.read() as reader:
        assert credentials.token_of(reader, token) is None
    assert not accounts.is_signed_in(secret)
    assert accounts.authenticator.change_account(accounts.account, SwitchAccount(), BY)
    assert not accounts.is_signed_in(secret)
    assert accounts.is_signed_in(accounts.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret)


def test_a_link_of_a_disabled_account_opens_nothing(accounts: AccountWorld) -> None:
    """It is void for good, the password stays as it was, and no new link is made."""
    accounts.choose_password()
    link = accounts.issue_link()
    accounts.authenticator.change_account(accounts.account, SwitchAccount(reason="调离"), BY)
    with pytest.raises(Refused) as caught:
        accounts.issue_link()
    assert (caught.value.code, caught.value.kind) == ("account_disabled", Kind.CONFLICT)
    assert accounts.types()[-1] == "AccountDisabled"
    accounts.authenticator.change_account(accounts.account, SwitchAccount(), BY)
    with pytest.raises(Refused, match="for a new one"):
        accounts.authenticator.use_link(link, "another-password")
    assert accounts.is_signed_in(accounts.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret)


def test_a_link_that_outlived_its_account_opens_nothing(lone: AccountWorld) -> None:
    """Also where one is there that disabling did not delete, or whose credential was erased."""
    rows = list(lone.small.rows("one_time_links"))
    lone.authenticator.change_account(lone.account, SwitchAccount(reason="调离"), BY)
    with lone.small.store.append() as log:
        log.write("INSERT INTO one_time_links VALUES (?, ?, ?, ?, ?, ?)", rows)
    with pytest.raises(Refused, match="for a new one"):
        lone.authenticator.use_link(lone.link, PASSWORD)
    lone.authenticator.change_account(lone.account, SwitchAccount(), BY)
    with lone.small.store.append() as log:
        log.write("DELETE FROM credentials WHERE account = ?", [(lone.account,)])
    with pytest.raises(Refused, match="for a new one"):
        lone.authenticator.use_link(lone.link, PASSWORD)
    assert "PasswordChanged" not in lone.types()


def test_a_link_does_not_replace_the_second_factor(accounts: AccountWorld) -> None:
    """The password is set and nobody is signed in: that takes the code as well."""
    session = accounts.choose_password()
    accounts.enable_second_factor()
    link = accounts.issue_link()
    with pytest.raises(Refused) as caught:
        accounts.authenticator.use_link(link, "another-password")
    assert (caught.value.code, caught.value.field) == ("code_needed", "code")
    assert accounts.small.rows("sessions") == set()
    assert not accounts.is_signed_in(session)
    accounts.small.now += timedelta(seconds=60)
    assert accounts.expect_refusal("li", PASSWORD, accounts.code()) == "sign_in_failed"
    assert accounts.expect_refusal("li", "another-password") == "code_needed"
    found = accounts.authenticator.sign_in("li", "another-password", accounts.code(), ADDRESS)
    assert accounts.is_signed_in(found.secret)
    with pytest.raises(Refused, match="for a new one"):
        accounts.authenticator.use_link(link, PASSWORD)


def test_a_changed_password_makes_links_void(accounts: AccountWorld) -> None:
    """A link from before can no longer set a password."""
    accounts.choose_password()
    link = accounts.issue_link()
    accounts.change_password(PASSWORD, "another-password")
    with pytest.raises(Refused, match="for a new one"):
        accounts.authenticator.use_link(link, PASSWORD)


def test_a_password_by_a_link_makes_tokens_void(accounts: AccountWorld) -> None:
    """All of them, as the log says; a password that its holder changes leaves them."""
    issuer, end = PersonalTokens(accounts.authenticator), date(2026, 12, 31)
    accounts.choose_password()
    tokens = [issuer.issue(accounts.account, ("read",), end, BY, token_id=f"t-{n}") for n in "12"]
    accounts.change_password(PASSWORD, "another-password")
    with accounts.small.read() as reader:
        assert credentials.token_of(reader, tokens[0] or "") == (accounts.account, "t-1")
    accounts.authenticator.use_link(accounts.issue_link(), PASSWORD)
    with accounts.small.read() as reader:
        assert [credentials.token_of(reader, one or "") for one in tokens] == [None, None]
        assert accounts.authenticator.read_account(reader, accounts.account).tokens == {}
    told = [(one.type, one.data.get("token_id"), one.actor) for one in accounts.events()[-3:]]
    assert told == [
        ("PasswordChanged", None, accounts.account),
        ("TokenRevoked", "t-1", accounts.account),
        ("TokenRevoked", "t-2", accounts.account),
    ]


def test_the_log_says_who_made_the_link_that_set_a_password(accounts: AccountWorld) -> None:
    """Each link by its id with who was shown it; never its secret."""
    accounts.choose_password()
    link = accounts.authenticator.new_link(
        accounts.account, Metadata("u-administrator", "web", "work")
    )
    accounts.authenticator.use_link(link, "another-password")
    first, second = (one for one in accounts.events() if one.type == "LinkIssued")
    by_first, by_second = (one for one in accounts.events() if one.type == "PasswordChanged")
    assert (first.actor, second.actor) == (BY.actor, "u-administrator")
    assert first.data["link_id"] != second.data["link_id"]
    assert by_first.data == {"account": accounts.account, "how": "link"} | {
        "link_id": first.data["link_id"]
    }
    assert by_second.data["link_id"] == second.data["link_id"]
    assert all(link.encode() not in one.body for one in accounts.events())
