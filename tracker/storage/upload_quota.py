"""How much an account may upload in a day, counted in the database for all processes together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from events.refusals.errors import Refused

if TYPE_CHECKING:
    from datetime import date

    from events.log.reader import Reader
    from events.log.store import Append

MEGABYTE = 1 << 20
MOST_MEGABYTES = 1000
"""The default of what an account may upload in a day: 50 of the largest files."""


@dataclass(frozen=True, slots=True)
class UploadQuota:
    """What an account may upload on a local day; ``megabytes`` are of 1024² bytes."""

    account: str
    day: date
    megabytes: int = MOST_MEGABYTES

    def refuse(self, reader: Reader, size: int) -> None:
        """Refuse a file of this size in bytes where it would exceed the quota; count nothing.

        A quick answer before the file is sent; ``charge`` decides.
        """
        rows = reader.rows(
            "SELECT bytes FROM uploads_by_day WHERE account = ? AND day = ?",
            [self.account, str(self.day)],
        )
        used = sum(int(used) for (used,) in rows)
        if used + size > self.megabytes * MEGABYTE:
            raise self._refused(used, size)

    def charge(self, log: Append, size: int) -> None:
        """Count a file of this size in bytes in an open transaction, which a refusal must undo.

        Uploads of an account at the same time are counted one after the other.
        """
        log.write(
            "DELETE FROM uploads_by_day WHERE account = ? AND day < ?",
            [(self.account, str(self.day))],
        )
        ((total,),) = log.rows(
            "INSERT INTO uploads_by_day (account, day, bytes) VALUES (?, ?, ?)"
            " ON CONFLICT (account, day) DO UPDATE SET bytes = uploads_by_day.bytes"
            " + excluded.bytes RETURNING bytes",
            [self.account, str(self.day), size],
        )
        if int(total) > self.megabytes * MEGABYTE:
            raise self._refused(int(total) - size, size)

    def _refused(self, used: int, size: int) -> Refused:
        return Refused(
            "upload_quota",
            field="file",
            used=f"{used / MEGABYTE:.1f}",
            size=f"{size / MEGABYTE:.1f}",
            megabytes=self.megabytes,
            day=self.day + timedelta(days=1),
        )
