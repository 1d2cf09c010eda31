"""Random inspection sheets and the posting of months."""

from __future__ import annotations

import random  # noqa: TID251  # the generator is given
import re
from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.oracle import World, compliance
from tests.oracle.scheme import Criterion, Scheme, read_scheme
from tests.oracle.stream import Stream, read_entries
from tests.oracle.time import exact, number

CREDITS = ("0", "0.25", "0.5", "0.8", "1")


def sheet(
    rng: random.Random, world: World, local: date, period: str, *, disputed: bool
) -> dict[str, Any] | None:
    """Return a sheet on a period that inspectors may submit on a day; None if there is none."""
    answer = compliance(world, period, today=local, purpose=purpose_of(world, period))
    if answer is None or answer["scheme"] is None:
        return None
    scheme = _scheme(world, answer["scheme"], answer["version"])
    share = rng.choice((0.3, 0.7, 1.0))
    findings = []
    for line in answer["criteria"]:
        criterion = scheme.criterion(line["code"])
        open_to_it = line["status"] not in {"pending", "not_applicable"}
        if criterion is not None and open_to_it and rng.random() < share:
            may_say_points = scheme.states_points and not criterion.optional
            finding = _finding(rng, criterion, line["credit"], may_say_points=may_say_points)
            if "grades" in criterion.rule:
                grade = rng.choice(criterion.rule["grades"])
                finding = {"grade": grade["code"], "credit": grade["credit"]}
            if criterion.kind == "deduction" and rng.random() < 0.8:
                finding = _causes(rng, criterion, disputed=disputed)
            findings.append({"criterion": criterion.code, **finding, "reason": "as seen"})
    disallow = []
    stream = Stream(tuple(read_entries(world.entries, ZoneInfo(world.zone))))
    for name, record in stream.records(None).items():
        if not record.retracted and rng.random() < 0.1:
            disallow.append({"record_id": name, "reason": "not held"})
    added = _additions(rng, scheme)
    if not findings and not disallow and not added:
        return None
    whole = {"kind": "sheet", "period": period, "findings": findings, "disallow": disallow}
    return whole | ({"additions": added} if added else {})


def _additions(rng: random.Random, scheme: Scheme) -> list[dict[str, Any]]:
    found = []
    for item in scheme.items:
        for addition in item.get("additions", []):
            if rng.random() < 0.5:
                continue
            line = {"item": item["code"], "addition": addition["code"], "reason": "as seen"}
            if "between" in addition:
                low, high = (number(one) for one in addition["between"])
                line["points"] = exact(rng.choice((low, high, (low + high) / 2)))
            found.append(line | {"count": rng.randint(1, 3)})
    return found


def posted(world: World, local: date, month: str) -> dict[str, Any] | None:
    """Return the posting of a month, if a scheme governs the organization in it."""
    answer = compliance(world, month, today=local)
    if answer is None or answer["scheme"] is None:
        return None
    return {"kind": "posted", "period": month}


def purpose_of(world: World, period: str) -> str:
    """Return the purpose of the scheme for a half-year or a year, if it has a separate one."""
    purpose = "half_year" if "H" in period else "annual" if len(period) == 4 else "monthly"
    stated = {document["purpose"] for document in world.schemes}
    return purpose if purpose in stated else "monthly"


def _scheme(world: World, name: str, version: int) -> Scheme:
    for document in world.schemes:
        if document["scheme"] == name and int(document["version"]) == version:
            return read_scheme(document)
    raise LookupError(name)


def _finding(
    rng: random.Random, criterion: Criterion, derived: str | None, *, may_say_points: bool
) -> dict[str, Any]:
    if may_say_points and rng.random() < 0.3:
        part = criterion.weight * rng.choice((Fraction(0), Fraction(1, 4), Fraction(1, 2)))
        points = exact(part)
        return {"points": "0.1" if "/" in points else points}
    if derived is not None and re.fullmatch(r"\d(\.\d{1,6})?", derived) and rng.random() < 0.4:
        return {"credit": derived}
    return {"credit": rng.choice(CREDITS)}


def _causes(rng: random.Random, criterion: Criterion, *, disputed: bool) -> dict[str, Any]:
    causes = []
    priced = criterion.rule["causes"]
    for price in rng.sample(priced, rng.randint(0 if disputed else 1, len(priced))):
        cause: dict[str, Any] = {"cause": price["code"]}
        if "between" in price:
            low, high = (number(one) for one in price["between"])
            cause["points"] = exact(rng.choice((low, high, (low + high) / 2)))
        if "take" in price or disputed:
            cause["count"] = rng.randint(1, 3)
        causes.append(cause)
    return {"causes": causes}
