"""Salvage the readable rest of a faulty scheme, so that its other problems are found too.

In a copy, each unreadable part is removed or replaced by a harmless stand-in. The result lists the
codes whose sums can no longer be checked and those that lost their rule. A salvaged scheme is only
checked, never published.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from events.documents.faults import codes_along, in_document, innermost_errors, step_into
from events.documents.schemes import Scheme

ROUNDS = 4
WEIGHTY = frozenset({"points", "optional", "code", "sections", "items", "criteria"})
"""The fields without which a sum cannot be judged."""
NO_CODE = "no-code"
"""The ending of a stand-in for a code that is missing or cannot be read."""
LONGEST_CODE = 32
JUDGEMENT = {"kind": "judgement"}
TEXT = {"zh": "?", "en": "?"}
CRITERION = {"code": NO_CODE, "text": TEXT, "rule": JUDGEMENT}
ITEM = {"code": NO_CODE, "title": TEXT, "criteria": [CRITERION]}
SECTION = {"code": NO_CODE, "title": TEXT, "items": [ITEM]}
STAND_INS: dict[str, Any] = {
    "text": TEXT,
    "title": TEXT,
    "zh": "?",
    "en": "?",
    "rule": JUDGEMENT,
    "criteria": [CRITERION],
    "sections": [SECTION],
    "scheme": "x",
    "version": 1,
    "categories": ["community"],
    "add": 1,
    "between": [0, 1],
    "kind": "note",
}
"""Stand-ins for the fields that a scheme must have."""


@dataclass(slots=True)
class SalvagedScheme:
    """A scheme as far as it can be read, and the codes with ``uncertain`` sums or no rule."""

    scheme: Scheme | None = None
    uncertain: set[str] = field(default_factory=set)
    ruleless: set[str] = field(default_factory=set)


def salvage_scheme(document: dict[str, Any], error: ValidationError) -> SalvagedScheme:
    """Remove what ``error`` names; ``scheme`` is None if nothing readable remains."""
    salvaged = SalvagedScheme()
    rest = copy.deepcopy(document)
    for _ in range(ROUNDS):
        # from the last error to the first: removing list elements moves only those behind
        for detail in reversed(innermost_errors(error)):
            _repair(detail, rest, salvaged)
        try:
            salvaged.scheme = Scheme.model_validate(rest)
        except ValidationError as remaining:
            error = remaining
        else:
            break
    return salvaged


def _repair(error: ErrorDetails, rest: dict[str, Any], salvaged: SalvagedScheme) -> None:
    """Remove or replace the part of ``rest`` at one error, and note what that leaves unknown."""
    location = in_document(error["loc"])
    codes, _ = codes_along(location, rest)
    extra = error["type"] == "extra_forbidden"
    if "rule" in location and not extra:
        location = location[: location.index("rule") + 1]
        salvaged.ruleless.update(codes[-1:])
    if "between" in location and not extra:
        location = location[: location.index("between") + 1]
    if not extra and (not isinstance(location[-1], str) or location[-1] in WEIGHTY):
        salvaged.uncertain.update(codes or [NO_CODE])
    container: Any = reduce(step_into, location[:-1], rest)
    step = location[-1] if location else None
    if isinstance(container, dict) and step == "code" and not extra:
        code = ".".join((*codes[-1:], NO_CODE))
        container["code"] = code if len(code) <= LONGEST_CODE else NO_CODE
    elif isinstance(container, dict) and step in STAND_INS and not extra:
        container[step] = copy.deepcopy(STAND_INS[str(step)])
    elif isinstance(container, dict):
        container.pop(step, None)
    elif isinstance(container, list) and isinstance(step, int):
        del container[step : step + 1]
