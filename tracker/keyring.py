"""An account's own keys: the second factor, and personal tokens for programs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from events.accounts import IssueToken, RequireSecondFactor, RevokeToken
from events.errors import Refused
from events.store import refuse_other_content
from tracker.credentials import digest
from tracker.sign_in import Doorkeeper, append_to

if TYPE_CHECKING:
    from events.event import Metadata

LONGEST_TOKEN_DAYS = 366
SHARED = re.compile(r"[A-Z2-7]{32}")
"""The secret that a page shares with an authenticator: 160 bits in base 32."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """What the holder of an account sets up for it."""

    doors: Doorkeeper

    def require_code(self, account: str, secret: str, code: str, metadata: Metadata) -> bool:
        """Ask for one-time codes from now on; ``Refused`` for a code that does not fit."""
        step = self.doors.step_of(secret, code) if SHARED.fullmatch(secret) else 0
        if not step:
            raise Refused(
                "wrong_code", "field {field}: that is not the code shown now", field="code"
            )
        return self._factor(account, secret, step, metadata)

    def stop_code(self, account: str, password: str, metadata: Metadata) -> bool:
        """Ask for no one-time code any more; ``Refused`` for another password."""
        self.doors.check(account, password)
        return self._factor(account, None, 0, metadata)

    def drop_code(self, account: str, metadata: Metadata) -> bool:
        """Ask somebody else for no one-time code any more: they lost what shows it."""
        return self._factor(account, None, 0, metadata)

    def _factor(self, account: str, secret: str | None, step: int, metadata: Metadata) -> bool:
        command = RequireSecondFactor(required=secret is not None)
        with self.doors.store.append() as log:
            changed = append_to(log, account, command, self.doors.fresh(), metadata)
            log.write(
                "UPDATE credentials SET totp_secret = ?, totp_step = ? WHERE account = ?",
                [(secret, step, account)],
            )
        return changed

    def check_end(self, until_on: date, today: date) -> None:
        """Refuse a last day that has passed, or lies more than a year ahead."""
        if not today <= until_on <= today + timedelta(days=LONGEST_TOKEN_DAYS):
            raise Refused(
                "bad_end",
                "field {field}: the last day is between today and {days} days ahead",
                field="until_on",
                days=LONGEST_TOKEN_DAYS,
            )

    def issue_token(
        self,
        account: str,
        scopes: tuple[str, ...],
        until_on: date,
        metadata: Metadata,
        *,
        token_id: str | None = None,
    ) -> str | None:
        """A personal token for programs; it is shown once.

        None where ``token_id`` was issued with the same content already: the secret is not kept.
        """
        secret, token_id = self.doors.secret(), token_id or self.doors.fresh()
        command = IssueToken.model_validate(
            {"token_id": token_id, "scopes": scopes, "until_on": until_on}
        )
        with self.doors.store.append() as log:
            standing = self.doors.standing(log, account).tokens.get(token_id)
            wanted = (tuple(sorted(set(scopes))), until_on.isoformat())
            if standing is not None and (standing.scopes, standing.until_on) != wanted:
                raise refuse_other_content(token_id)
            if not append_to(log, account, command, f"token/{token_id}", metadata):
                return None
            log.write(
                "INSERT INTO tokens (digest, account, token_id) VALUES (?, ?, ?)",
                [(digest(secret), account, token_id)],
            )
        return secret

    def revoke_token(self, account: str, token_id: str, metadata: Metadata) -> bool:
        """Make a personal token void at once."""
        with self.doors.store.append() as log:
            command = RevokeToken(token_id=token_id)
            changed = append_to(log, account, command, f"void/{token_id}", metadata)
            log.write(
                "DELETE FROM tokens WHERE account = ? AND token_id = ?", [(account, token_id)]
            )
        return changed
