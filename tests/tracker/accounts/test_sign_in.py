"""Sign-in: links work once, failures count, codes are not replayed, names are not revealed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from events.event import Metadata
from events.periods import instant_text
from events.refusals.errors import Kind, Refused
from events.streams.accounts import GrantRole, RevokeRole, SwitchAccount
from projections.people.accounts import account_of
from tests.support.doors import ADDRESS, NOW, Door
from tests.support.web_client import BY, PASSWORD
from tracker.accounts import credentials
from tracker.accounts.personal_tokens import PersonalTokens


def test_a_link_is_good_once(door: Door) -> None:
    """It sets the password and opens a session; the second time it never was."""
    assert door.lives(door.entered())
    with pytest.raises(Refused, match="for a new one") as caught:
        door.authenticator.use_link(door.link, "another-password")
    assert (caught.value.code, caught.value.kind) == ("bad_link", Kind.NOT_FOUND)
    found = door.authenticator.sign_in("li", PASSWORD, "", ADDRESS)
    assert door.lives(found.secret)
    assert found.account == door.account
    assert door.types() == ["AccountOpened", "LinkIssued", "PasswordChanged"]


def test_a_link_is_good_for_a_day(lone: Door) -> None:
    """After that it never was; a new one makes the one before void."""
    second = lone.linked()
    with pytest.raises(Refused, match="used"):
        lone.authenticator.use_link(lone.link, PASSWORD)
    lone.small.now += timedelta(hours=24)
    with pytest.raises(Refused, match="older than 24 hours"):
        lone.authenticator.use_link(second, PASSWORD)
    third = lone.linked()
    lone.small.now += timedelta(hours=23)
    assert lone.lives(lone.authenticator.use_link(third, PASSWORD).secret)


def test_sessions_and_links_of_a_clock_that_was_ahead_are_void(lone: Door) -> None:
    """After the clock is put back a session and a link of the future are void, others are not."""
    lone.entered()
    lone.small.now += timedelta(days=365)
    session, link = lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret, lone.linked()
    lone.small.now -= timedelta(days=365)
    assert not lone.lives(session)
    with pytest.raises(Refused, match="older than 24 hours"):
        lone.authenticator.use_link(link, PASSWORD)
    present = lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret
    lone.small.now -= timedelta(minutes=4)
    assert lone.lives(present)


def test_a_link_of_nobody(lone: Door) -> None:
    """An account that was never opened gets none."""
    with pytest.raises(Refused) as caught:
        lone.authenticator.new_link("u-nobody", BY)
    assert caught.value.code == "unknown_account"


def test_two_use_one_link_at_once(door: Door) -> None:
    """One sets the password, the other is refused: the link was used."""

    def use(password: str) -> str:
        try:
            return door.authenticator.use_link(door.link, password).secret
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(use, ["first-password", "other-password"]), key=len)
    assert found[0] == "bad_link"
    assert door.lives(found[1])


@pytest.mark.parametrize("password", ["short", "", "x" * 201])
def test_a_password_has_limits(lone: Door, password: str) -> None:
    """Too short and too long are refused at the field, and the link stays good."""
    with pytest.raises(Refused) as caught:
        lone.authenticator.use_link(lone.link, password)
    assert (caught.value.code, caught.value.field) == ("bad_password", "password")
    assert lone.lives(lone.authenticator.use_link(lone.link, "x" * 200).secret)


def test_secrets_are_not_kept(door: Door) -> None:
    """The database has digests of links, sessions and passwords, never the secrets."""
    session = door.entered()
    with door.small.read() as reader:
        for table in ("one_time_links", "sessions", "credentials"):
            text = repr(reader.rows(f"SELECT * FROM {table}"))
            assert door.link not in text
            assert session not in text
            assert PASSWORD not in text
        assert credentials.session_of(reader, session + "x", instant_text(NOW)) is None
        assert "$argon2id$" in repr(reader.rows("SELECT password FROM credentials"))


def test_a_name_is_taken_once(door: Door) -> None:
    """A second account under the same log-in name is refused at its field, and opens nothing."""
    with pytest.raises(Refused) as caught:
        door.authenticator.open_account("li", "another", BY)
    assert (caught.value.code, caught.value.field) == ("login_taken", "login")
    with door.small.read() as reader:
        assert len(credentials.all_credentials(reader)) == 1
        assert credentials.names_of(reader, [door.account, "u-gone"]) == {door.account: "李"}


def test_two_take_one_name_at_once(door: Door) -> None:
    """One account is opened, the other is refused at the field and leaves nothing."""

    def take(number: int) -> str:
        try:
            return door.authenticator.open_account("wu", "吴", BY, account=f"u-{number}").account
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(take, range(2)))
    assert found[0] == "login_taken"
    with door.small.read() as reader:
        assert {one.account for one in credentials.all_credentials(reader)} == {
            door.account, found[1]
        }  # fmt: skip
        other = "u-0" if found[1] == "u-1" else "u-1"
        assert account_of(reader, other) is None


def test_an_account_is_opened_once(lone: Door) -> None:
    """Under the same id and name again it is refused, and its link stays good."""
    with pytest.raises(Refused) as caught:
        lone.authenticator.open_account("li", "李", BY, account=lone.account)
    assert caught.value.code == "login_taken"
    assert lone.lives(lone.entered())


def test_nothing_is_told_about_who_exists(lone: Door) -> None:
    """Wrong password, unknown name, no password yet, disabled: the same answer and as much work."""
    lone.entered()
    lone.authenticator.open_account("new", "新", BY)
    away = lone.authenticator.open_account("away", "离", BY)
    lone.authenticator.use_link(away.link, PASSWORD)
    lone.authenticator.change_account(away.account, SwitchAccount(reason="调离"), BY)
    for login, password in (
        ("li", "wrong-password"), ("nobody", PASSWORD), ("new", PASSWORD), ("away", PASSWORD),
    ):  # fmt: skip
        lone.hasher.verified.clear()
        assert lone.refused(login, password) == "sign_in_failed"
        (against,) = lone.hasher.verified
        assert against.startswith("$argon2id$v=19$m=8,t=1,p=1")


def test_one_code_twice_at_once(door: Door) -> None:
    """Of two who use the same code at the same time one comes in."""
    door.entered()
    door.coded()
    door.small.now += timedelta(seconds=60)
    code = door.code()

    def enter(_: int) -> bool:
        try:
            door.authenticator.sign_in("li", PASSWORD, code, ADDRESS)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(enter, range(3))) == [False, False, True]


def test_a_password_is_changed_by_its_holder(door: Door) -> None:
    """Every other session ends, the old password is void, and the event says how it changed."""
    first = door.entered()
    second = door.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret
    with pytest.raises(Refused) as caught:
        door.changed("wrong-password", "another-password")
    assert caught.value.code == "wrong_password"
    third = door.changed(PASSWORD, "another-password").secret
    assert [door.lives(one) for one in (first, second, third)] == [False, False, True]
    assert door.refused("li", PASSWORD) == "sign_in_failed"
    fourth = door.authenticator.use_link(door.linked(), PASSWORD).secret
    assert (door.lives(third), door.lives(fourth)) == (False, True)


def test_a_session_lives_by_being_used(door: Door) -> None:
    """Twelve hours after it was last used it is over; it is written at most every ten minutes."""
    secret = door.entered()
    before = door.small.rows("sessions")
    with door.small.read() as reader:
        found = credentials.session_of(reader, secret, instant_text(door.small.clock()))
    assert found is not None
    door.authenticator.extend_session(secret, found.seen_at)
    assert door.small.rows("sessions") == before
    door.small.now += timedelta(hours=11)
    door.authenticator.extend_session(secret, found.seen_at)
    door.small.now += timedelta(hours=11)
    assert door.lives(secret)
    door.small.now += timedelta(hours=1)
    assert not door.lives(secret)
    door.authenticator.sign_in("li", PASSWORD, "", ADDRESS)
    assert len(door.small.rows("sessions")) == 1


def test_signing_out_ends_one_session(lone: Door) -> None:
    """The other one of the same account goes on."""
    first, second = lone.entered(), lone.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret
    lone.authenticator.sign_out(first)
    assert (lone.lives(first), lone.lives(second)) == (False, True)


def test_disabling_ends_sessions_and_tokens(door: Door) -> None:
    """At once; enabling again brings back neither, only the password."""
    secret = door.entered()
    token = PersonalTokens(door.authenticator).issue(
        door.account, ("read",), date(2026, 12, 31), BY
    )
    assert token is not None
    assert door.authenticator.change_account(door.account, SwitchAccount(reason="调离"), BY)
    assert not door.authenticator.change_account(door.account, SwitchAccount(reason="调离"), BY)
    with door.small.read() as reader:
        assert credentials.token_of(reader, token) is None
    assert not door.lives(secret)
    assert door.authenticator.change_account(door.account, SwitchAccount(), BY)
    assert not door.lives(secret)
    assert door.lives(door.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret)


def test_a_link_of_a_disabled_account_opens_nothing(door: Door) -> None:
    """It is void for good, the password stays as it was, and no new link is made."""
    door.entered()
    link = door.linked()
    door.authenticator.change_account(door.account, SwitchAccount(reason="调离"), BY)
    with pytest.raises(Refused) as caught:
        door.linked()
    assert (caught.value.code, caught.value.kind) == ("account_disabled", Kind.CONFLICT)
    assert door.types()[-1] == "AccountDisabled"
    door.authenticator.change_account(door.account, SwitchAccount(), BY)
    with pytest.raises(Refused, match="for a new one"):
        door.authenticator.use_link(link, "another-password")
    assert door.lives(door.authenticator.sign_in("li", PASSWORD, "", ADDRESS).secret)


def test_a_link_that_outlived_its_account_opens_nothing(lone: Door) -> None:
    """Also where one is there that disabling did not delete, or whose credential was erased."""
    rows = list(lone.small.rows("one_time_links"))
    lone.authenticator.change_account(lone.account, SwitchAccount(reason="调离"), BY)
    with lone.small.store.append() as log:
        log.write("INSERT INTO one_time_links VALUES (?, ?, ?, ?, ?)", rows)
    with pytest.raises(Refused, match="for a new one"):
        lone.authenticator.use_link(lone.link, PASSWORD)
    lone.authenticator.change_account(lone.account, SwitchAccount(), BY)
    with lone.small.store.append() as log:
        log.write("DELETE FROM credentials WHERE account = ?", [(lone.account,)])
    with pytest.raises(Refused, match="for a new one"):
        lone.authenticator.use_link(lone.link, PASSWORD)
    assert "PasswordChanged" not in lone.types()


def test_a_link_does_not_replace_the_second_factor(door: Door) -> None:
    """The password is set and nobody is signed in: that takes the code as well."""
    session = door.entered()
    door.coded()
    link = door.linked()
    with pytest.raises(Refused) as caught:
        door.authenticator.use_link(link, "another-password")
    assert (caught.value.code, caught.value.field) == ("code_needed", "code")
    assert door.small.rows("sessions") == set()
    assert not door.lives(session)
    door.small.now += timedelta(seconds=60)
    assert door.refused("li", PASSWORD, door.code()) == "sign_in_failed"
    assert door.refused("li", "another-password") == "code_needed"
    found = door.authenticator.sign_in("li", "another-password", door.code(), ADDRESS)
    assert door.lives(found.secret)
    with pytest.raises(Refused, match="for a new one"):
        door.authenticator.use_link(link, PASSWORD)


def test_a_changed_password_makes_links_void(door: Door) -> None:
    """A link from before can no longer set a password."""
    door.entered()
    link = door.linked()
    door.changed(PASSWORD, "another-password")
    with pytest.raises(Refused, match="for a new one"):
        door.authenticator.use_link(link, PASSWORD)


def test_a_password_by_a_link_makes_tokens_void(door: Door) -> None:
    """All of them, as the log says; a password that its holder changes leaves them."""
    issuer, end = PersonalTokens(door.authenticator), date(2026, 12, 31)
    door.entered()
    tokens = [issuer.issue(door.account, ("read",), end, BY, token_id=f"t-{n}") for n in "12"]
    door.changed(PASSWORD, "another-password")
    with door.small.read() as reader:
        assert credentials.token_of(reader, tokens[0] or "") == (door.account, "t-1")
    door.authenticator.use_link(door.linked(), PASSWORD)
    with door.small.read() as reader:
        assert [credentials.token_of(reader, one or "") for one in tokens] == [None, None]
        assert door.authenticator.read_account(reader, door.account).tokens == {}
    told = [(one.type, one.data.get("token_id"), one.actor) for one in door.events()[-3:]]
    assert told == [
        ("PasswordChanged", None, door.account),
        ("TokenRevoked", "t-1", door.account),
        ("TokenRevoked", "t-2", door.account),
    ]


def test_the_log_says_who_made_the_link_that_set_a_password(door: Door) -> None:
    """Each link by its id with who was shown it; never its secret."""
    door.entered()
    link = door.authenticator.new_link(door.account, Metadata("u-administrator", "web", "work"))
    door.authenticator.use_link(link, "another-password")
    first, second = (one for one in door.events() if one.type == "LinkIssued")
    by_first, by_second = (one for one in door.events() if one.type == "PasswordChanged")
    assert (first.actor, second.actor) == (BY.actor, "u-administrator")
    assert first.data["link_id"] != second.data["link_id"]
    assert by_first.data == {"account": door.account, "how": "link"} | {
        "link_id": first.data["link_id"]
    }
    assert by_second.data["link_id"] == second.data["link_id"]
    assert all(link.encode() not in one.body for one in door.events())


def test_a_password_that_changed_while_it_was_checked(door: Door) -> None:
    """It opens no session: the password is compared again where the session is made."""
    door.entered()
    door.hasher.meanwhile = lambda: door.authenticator.use_link(door.linked(), "another-password")
    assert door.refused("li", PASSWORD) == "sign_in_failed"
    gone = SwitchAccount(reason="调离")
    door.hasher.meanwhile = lambda: door.authenticator.change_account(door.account, gone, BY)
    assert door.refused("li", "another-password") == "sign_in_failed"
    assert door.small.rows("sessions") == set()
    door.authenticator.change_account(door.account, SwitchAccount(), BY)
    door.hasher.meanwhile = door.coded
    assert door.refused("li", "another-password") == "sign_in_failed"


def test_a_password_that_changed_while_another_was_chosen(door: Door) -> None:
    """The later of two is refused: it was asked for by a password that is no more."""
    door.entered()
    door.hasher.meanwhile = lambda: door.authenticator.use_link(door.linked(), "another-password")
    with pytest.raises(Refused) as caught:
        door.changed(PASSWORD, "a-third-password")
    assert (caught.value.code, caught.value.field) == ("wrong_password", "old")
    assert door.lives(door.authenticator.sign_in("li", "another-password", "", ADDRESS).secret)


def test_a_grant_stands_once(door: Door) -> None:
    """The same form twice is one role; with other content it is refused, to nobody else unknown."""
    grant = GrantRole(grant_id="g", role="branch", organization="a", from_on=date(2026, 9, 1))
    assert door.authenticator.grant_role(door.account, grant, BY)
    assert not door.authenticator.grant_role(door.account, grant, BY)
    other = grant.model_copy(update={"role": "auditor"})
    with pytest.raises(Refused) as caught:
        door.authenticator.grant_role(door.account, other, BY)
    assert caught.value.code == "grant_exists"
    with door.small.read() as reader:
        assert door.authenticator.read_account(reader, door.account) == account_of(
            reader, door.account
        )
        with pytest.raises(Refused) as caught:
            door.authenticator.read_account(reader, "u-nobody")
    assert caught.value.kind is Kind.NOT_FOUND


def test_a_revoked_role_does_not_come_back_by_its_form(lone: Door) -> None:
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
