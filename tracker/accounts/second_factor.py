"""Two-factor authentication: one-time codes of an authenticator app, enabled and disabled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from events.streams.accounts import RequireSecondFactor
from tracker.access.rights import refuse_own_account
from tracker.accounts import credentials
from tracker.accounts.appending import append_to
from tracker.accounts.sign_in import Authenticator

if TYPE_CHECKING:
    from events.event import Metadata
    from events.log.store import Append

SHARED = re.compile(r"[A-Z2-7]{32}")
"""The secret that a page shares with an authenticator app: 160 bits in base 32."""


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The second factor of accounts, enabled and disabled in one transaction each."""

    authenticator: Authenticator

    def enable(
        self, account: str, secret: str, code: str, password: str, metadata: Metadata, address: str
    ) -> bool:
        """Require one-time codes at sign-in from now on.

        ``Refused`` for a code that does not fit, for a wrong password (somebody who finds a session
        open must not lock out its owner), and where codes are required already: an enrolled
        authenticator is not replaced; disable it with the password first.
        """
        step = self.authenticator.totp_step(secret, code) if SHARED.fullmatch(secret) else 0
        if not step:
            raise Refused("wrong_code", field="code")
        known = self.authenticator.verify_password(account, password, address)
        with self.authenticator.store.append() as log:
            if self.authenticator.lock_unchanged(log, known) is None:
                raise Refused("wrong_password", field="old")
            if not self._require(log, account, required=True, metadata=metadata):
                raise Refused("factor_stands")
            credentials.set_second_factor(log, account, secret, step)
        return True

    def disable(self, account: str, password: str, metadata: Metadata, address: str) -> bool:
        """Require one-time codes no longer; ``Refused`` for a wrong password."""
        known = self.authenticator.verify_password(account, password, address)
        with self.authenticator.store.append() as log:
            if self.authenticator.lock_unchanged(log, known) is None:
                raise Refused("wrong_password", field="old")
            return self._remove(log, account, metadata)

    def reset(self, account: str, metadata: Metadata) -> bool:
        """Disable the second factor of another user who lost the authenticator."""
        refuse_own_account(account, metadata.actor)
        with self.authenticator.store.append() as log:
            return self._remove(log, account, metadata)

    def _remove(self, log: Append, account: str, metadata: Metadata) -> bool:
        changed = self._require(log, account, required=False, metadata=metadata)
        credentials.set_second_factor(log, account, None, 0)
        return changed

    def _require(self, log: Append, account: str, *, required: bool, metadata: Metadata) -> bool:
        command = RequireSecondFactor(required=required)
        return append_to(log, account, command, self.authenticator.new_id(), metadata)
