"""Tasks."""

from __future__ import annotations

from datetime import date
from typing import Any

from events.reading import Reader
from projections.directory import Entry
from projections.documents import DistrictFacts


def todo(
    reader: Reader, entry: Entry, district: DistrictFacts, today: date
) -> list[dict[str, Any]]:
    """What is due, done and missing now."""
    raise NotImplementedError
