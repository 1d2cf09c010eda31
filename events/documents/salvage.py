"""A scheme document without its faulty parts, so that all its other faults can be named too.

What cannot be read is left out, or stands in for by something harmless, in a copy; the codes whose
sums can then no longer be judged, and whose rules went, are kept. Nothing mended is ever published.
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
"""How the code ends that stands in for one that is missing or cannot be read."""
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
}
"""What stands in for a field that cannot be left out."""


@dataclass(slots=True)
class SalvagedScheme:
    """The scheme as far as it was read; ``uncertain`` codes have no sums, ``ruleless`` no rule."""

    scheme: Scheme | None = None
    uncertain: set[str] = field(default_factory=set)
    ruleless: set[str] = field(default_factory=set)


def salvage_scheme(document: dict[str, Any], error: ValidationError) -> SalvagedScheme:
    """Take out what ``error`` names; ``scheme`` is None where nothing readable remains."""
    found = SalvagedScheme()
    rest = copy.deepcopy(document)
    for _ in range(ROUNDS):
        # from the last fault to the first, so that places in lists stay what they were
        for one in reversed(innermost_errors(error)):
            _mend(one, rest, found)
        try:
            found.scheme = Scheme.model_validate(rest)
        except ValidationError as remaining:
            error = remaining
        else:
            break
    return found


def _mend(error: ErrorDetails, rest: dict[str, Any], found: SalvagedScheme) -> None:
    location = in_document(error["loc"])
    codes, _ = codes_along(location, rest)
    extra = error["type"] == "extra_forbidden"
    if "rule" in location and not extra:
        location = location[: location.index("rule") + 1]
        found.ruleless.update(codes[-1:])
    if not extra and (not isinstance(location[-1], str) or location[-1] in WEIGHTY):
        found.uncertain.update(codes or [NO_CODE])
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
