"""Upcasters: old shapes of events become the newest on reading; stored bytes never change.

An upcaster turns the data of one (type, schema version) into the next version. It is pure; the
samples in ``tests/samples`` keep one event of each version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


def upcast(kind: str, schema: int, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data in the newest shape of its type."""
    while (step := UPCASTERS.get((kind, schema))) is not None:
        data = step(data)
        schema += 1
    return data
