"""An account's own keys: the second factor, and personal tokens for programs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from events.log.store import identity_conflict
from events.refusals.errors import Refused
from events.streams.accounts import IssueToken, RequireSecondFactor, RevokeToken
from tracker.access.rights import not_oneself
from tracker.accounts import credentials
from tracker.accounts.credentials import TokenRow
from tracker.accounts.sign_in import Authenticator, append_to

if TYPE_CHECKING:
    from events.event import Metadata
    from events.log.store import Append
    from tracker.accounts.credentials import Credential

LONGEST_TOKEN_DAYS = 366
SHARED = re.compile(r"[A-Z2-7]{32}")
"""The secret that a page shares with an authenticator: 160 bits in base 32."""


@dataclass(frozen=True, slots=True)
class AccountSecurity:
    """What the holder of an account sets up for it."""

    doors: Authenticator

    def require_code(self, account: str, secret: str, code: str, metadata: Metadata) -> bool:
        """Ask for one-time codes from now on.

        ``Refused`` for a code that does not fit, and where codes are asked for already: what shows
        them is not replaced by whoever sits at an open session, only stopped by the password first.
        """
        step = self.doors.step_of(secret, code) if SHARED.fullmatch(secret) else 0
        if not step:
            raise Refused("wrong_code", field="code")
        with self.doors.store.append() as log:
            if not self._factor(log, account, required=True, metadata=metadata):
                raise Refused("factor_stands")
            credentials.set_second_factor(log, account, secret, step)
        return True

    def stop_code(self, account: str, password: str, metadata: Metadata, address: str) -> bool:
        """Ask for no one-time code any more; ``Refused`` for another password."""
        known = self.doors.check(account, password, address)
        with self.doors.store.append() as log:
            if self.doors.still(log, known) is None:
                raise Refused("wrong_password", field="old")
            return self._stop(log, account, metadata)

    def drop_code(self, account: str, metadata: Metadata) -> bool:
        """Ask somebody else for no one-time code any more: they lost what shows it."""
        not_oneself(account, metadata.actor)
        with self.doors.store.append() as log:
            return self._stop(log, account, metadata)

    def _stop(self, log: Append, account: str, metadata: Metadata) -> bool:
        changed = self._factor(log, account, required=False, metadata=metadata)
        credentials.set_second_factor(log, account, None, 0)
        return changed

    def _factor(self, log: Append, account: str, *, required: bool, metadata: Metadata) -> bool:
        command = RequireSecondFactor(required=required)
        return append_to(log, account, command, self.doors.fresh(), metadata)

    def check_end(self, until_on: date, today: date) -> None:
        """Refuse a last day that has passed, or lies more than a year ahead."""
        if not today <= until_on <= today + timedelta(days=LONGEST_TOKEN_DAYS):
            raise Refused("bad_end", field="until_on", days=LONGEST_TOKEN_DAYS)

    def issue_token(
        self,
        account: str,
        scopes: tuple[str, ...],
        until_on: date,
        metadata: Metadata,
        *,
        token_id: str | None = None,
        checked: Credential | None = None,
        field: str = "password",
    ) -> str | None:
        """A personal token for programs; it is shown once.

        None where ``token_id`` was issued with the same content already: the secret is not kept.
        ``checked`` is whose password was asked for in ``field``; ``Refused`` where it has changed
        since.
        """
        secret, token_id = self.doors.secret(), token_id or self.doors.fresh()
        command = IssueToken.model_validate(
            {"token_id": token_id, "scopes": scopes, "until_on": until_on}
        )
        with self.doors.store.append() as log:
            if checked is not None and self.doors.still(log, checked) is None:
                raise Refused("wrong_password", field=field)
            standing = self.doors.standing(log, account).tokens.get(token_id)
            wanted = (tuple(sorted(set(scopes))), until_on.isoformat())
            if standing is not None and (standing.scopes, standing.until_on) != wanted:
                raise identity_conflict(token_id)
            if not append_to(log, account, command, f"token/{token_id}", metadata):
                return None
            credentials.add_token(log, secret, TokenRow(account, token_id))
        return secret

    def revoke_token(self, account: str, token_id: str, metadata: Metadata) -> bool:
        """Make a personal token void at once."""
        with self.doors.store.append() as log:
            command = RevokeToken(token_id=token_id)
            changed = append_to(log, account, command, f"void/{token_id}", metadata)
            credentials.delete_token(log, TokenRow(account, token_id))
        return changed
