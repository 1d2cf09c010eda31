"""Instants as people read them: in the district's zone, by its name.

Pages, files and commands show this one clock; JSON has UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tracker.wording.refusals import Language

ZONE_NAMES = {"Asia/Shanghai": "北京时间"}
"""The Chinese names of zones; others are shown by their IANA name."""


@dataclass(frozen=True, slots=True)
class LocalClock:
    """The clock of a district, by which people read instants."""

    zone: ZoneInfo

    def show(self, instant: datetime | str | None) -> str:
        """Return an instant (or its stored text) to the minute; empty for None."""
        return self._text(instant, "%Y-%m-%d %H:%M")

    def show_seconds(self, instant: datetime | str | None) -> str:
        """Return an instant (or its stored text) to the second; empty for None."""
        return self._text(instant, "%Y-%m-%d %H:%M:%S")

    def name(self, language: Language) -> str:
        """Return the name of the zone, such as ``北京时间``."""
        return ZONE_NAMES.get(self.zone.key, self.zone.key) if language == "zh" else self.zone.key

    def _text(self, instant: datetime | str | None, form: str) -> str:
        if instant is None or instant == "":
            return ""
        known = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        return known.astimezone(self.zone).strftime(form)
