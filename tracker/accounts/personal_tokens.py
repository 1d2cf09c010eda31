"""Personal tokens, with which programs act in the name of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from events.log.store import identity_conflict
from events.refusals.errors import Refused
from events.streams.accounts import IssueToken, RevokeToken
from tracker.accounts import credentials
from tracker.accounts.appending import append_to
from tracker.accounts.credentials import TokenRow
from tracker.accounts.sign_in import Authenticator

if TYPE_CHECKING:
    from events.event import Metadata
    from tracker.accounts.credentials import Credential

LONGEST_TOKEN_DAYS = 366


@dataclass(frozen=True, slots=True)
class PersonalTokens:
    """The personal tokens of accounts, issued and revoked."""

    authenticator: Authenticator

    def check_last_day(self, until_on: date, today: date) -> None:
        """Refuse a last day that has passed, or is more than a year ahead."""
        if not today <= until_on <= today + timedelta(days=LONGEST_TOKEN_DAYS):
            raise Refused("bad_end", field="until_on", days=LONGEST_TOKEN_DAYS)

    def issue(
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
        """Issue a token and return its secret, which is shown once.

        None where ``token_id`` was issued with the same content already: the secret is not stored.
        ``checked`` is the credential whose password was verified, typed into ``field``; ``Refused``
        where it has changed since.
        """
        secret = self.authenticator.new_secret()
        token_id = token_id or self.authenticator.new_id()
        command = IssueToken.model_validate(
            {"token_id": token_id, "scopes": scopes, "until_on": until_on}
        )
        with self.authenticator.store.append() as log:
            if checked is not None and self.authenticator.lock_unchanged(log, checked) is None:
                raise Refused("wrong_password", field=field)
            issued = self.authenticator.read_account(log, account).tokens.get(token_id)
            wanted = (tuple(sorted(set(scopes))), until_on.isoformat())
            if issued is not None and (issued.scopes, issued.until_on) != wanted:
                raise identity_conflict(token_id)
            if not append_to(log, account, command, f"token/{token_id}", metadata):
                return None
            credentials.add_token(log, secret, TokenRow(account, token_id))
        return secret

    def revoke(self, account: str, token_id: str, metadata: Metadata) -> bool:
        """Make a personal token void at once."""
        with self.authenticator.store.append() as log:
            command = RevokeToken(token_id=token_id)
            changed = append_to(log, account, command, f"void/{token_id}", metadata)
            credentials.delete_token(log, TokenRow(account, token_id))
        return changed
