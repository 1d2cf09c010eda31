"""Old shapes of events become the newest shape when they are read; stored bytes never change.

An upcaster takes the data of one (type, schema version) to the next version. It is pure and pinned
by the samples in ``tests/samples``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


def upcast(kind: str, schema: int, data: dict[str, Any]) -> dict[str, Any]:
    """The data in the newest shape of its type."""
    while (step := UPCASTERS.get((kind, schema))) is not None:
        data = step(data)
        schema += 1
    return data
