"""How the doors refuse somebody who signs in, proves who they are, or helps others to."""

from __future__ import annotations

from events.errors import Refused

LINK_HOURS = 24


def bad_link() -> Refused:
    """The refusal of a link that is not good any more."""
    return Refused("bad_link", hours=LINK_HOURS)


def code_needed() -> Refused:
    """The refusal of a sign-in whose password fits and whose code is missing."""
    return Refused("code_needed", field="code")


def sign_in_failed() -> Refused:
    """The refusal of a sign-in, which does not tell why."""
    return Refused("sign_in_failed")


def wrong_password(field: str) -> Refused:
    """The refusal of a password that was asked for once more."""
    return Refused("wrong_password", field=field)


def not_oneself(account: str, actor: str) -> None:
    """Refuse to whoever acts what another administrator has to do to their account.

    So nobody locks themselves out, or gets around their password at a session left open.
    """
    if account == actor:
        raise Refused("own_account")
