"""Random scheme documents, small and full of edge cases, valid by the rules for schemes."""

from __future__ import annotations

import copy
import random  # noqa: TID251  # the generator is given
from fractions import Fraction
from typing import Any

from tests.oracle.time import exact

ACTIVITIES = ("branch_committee_meeting", "member_assembly", "oracle_walk")
EVIDENCE = ("minutes", "sign_in_sheet", "photo")
CONDITIONS = ("national_flag", "oracle_board")
MEASURES = ("members", "households", "oracle_funds")
VALUES = {
    "members": ("0", "3", "6", "7", "8", "12"),
    "households": ("0", "999", "1000", "1999.5", "2000", "2450", "3000"),
    "oracle_funds": ("0", "20000", "39999.99", "40000", "50000", "60000"),
}
KINDS = ("activity", "activity", "activity", "condition", "measure", "deduction", "judgement")
NO_POINTS_KINDS = ("activity", "activity", "condition", "measure", "judgement")
SMALL = ("0.1", "0.25", "0.5")  # never more than the points of a criterion made here
CREDITS = ("0", "0.25", "0.5", "0.7", "1")


def both(text: str) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": text, "en": text}


def later(month: str, by: int) -> str:
    """The month that many months after another."""
    index = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{index // 12}-{index % 12 + 1:02d}"


def random_schemes(rng: random.Random, *, disputed: bool) -> tuple[dict[str, Any], ...]:
    """The scheme documents of a world."""
    start = later("2025-01", rng.choice((0, 0, 0, 1, 2, 5, 9)))
    categories = rng.choice((["community"], ["community", "village"]))
    first = _scheme(rng, "oracle-a", "1", start, categories, rng.random() < 0.25)
    documents = [first]
    newest, month = first, start
    for version in ("2", "3"):
        if rng.random() < 0.4:
            month = later(month, rng.choice((-4, -1, 1, 2, 3, 5, 6, 8)))
            newest = _next_version(rng, newest, version, month, disputed)
            documents.append(newest)
    if rng.random() < 0.25:
        month = later(month, rng.randint(1, 8))
        month = _untaken(documents, month)
        digit = "1" if disputed else "5"
        documents.append(
            _scheme(rng, "oracle-b", "1", month, ["community"], rng.random() < 0.25, digit)
        )
    if rng.random() < 0.3:
        taken = [document["effective_from"] for document in documents]
        village = later(start, rng.randint(0, 7))
        if village not in taken:
            documents.append(_scheme(rng, "oracle-v", "1", village, ["village"], False, "7"))
    if rng.random() < 0.1:
        end = later(max(str(document["effective_from"]) for document in documents), 3)
        for document in documents[-1:] if disputed else documents:
            document["closed_from"] = end
    if len(documents) > 1 and rng.random() < 0.1:
        documents[0]["closed_from"] = later(start, rng.choice((1, 2, 4, 6)))
    if rng.random() < 0.15:
        half = _scheme(rng, "oracle-h", "1", start, categories, False, "9")
        half["purpose"] = rng.choice(("half_year", "annual"))
        documents.append(half)
    return tuple(documents)


def _untaken(documents: list[dict[str, Any]], month: str) -> str:
    """The first month from one on in which no scheme begins: two from one month are refused."""
    while month in [document["effective_from"] for document in documents]:
        month = later(month, 1)
    return month


def _scheme(
    rng: random.Random,
    name: str,
    version: str,
    month: str,
    categories: list[str],
    pointless: bool,
    digit: str = "1",
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "scheme": name,
        "version": version,
        "purpose": "monthly",
        "title": both(name),
        "categories": list(categories),
        "effective_from": month,
        "activities": {"oracle_walk": both("walk")},
        "conditions": {"oracle_board": both("board")},
        "measures": {"oracle_funds": both("funds")},
        "policy": _policy(rng),
    }
    items: list[dict[str, Any]] = []
    left = rng.randint(2, 8)
    while left > 0:
        size = min(left, rng.randint(1, 4))
        left -= size
        items.append(_item(rng, f"{digit}.{len(items) + 1}", size, pointless))
    if not pointless and rng.random() < 0.3:
        code = f"{digit}.{len(items) + 1}"
        alone = {"code": code, "title": both(code), "points": "0", "criteria": []}
        items.append(alone | _additions(rng))
    section: dict[str, Any] = {"code": digit, "title": both("section"), "items": items}
    if rng.random() < 0.3:
        section = {"code": f"{digit}.0", "title": both("outer"), "sections": [section]}
    document["sections"] = [section]
    if not pointless:
        _state_points(rng, document)
    return document


def _policy(rng: random.Random) -> dict[str, str]:
    policy: dict[str, str] = {}
    if rng.random() < 0.8:
        policy["recording_grace_days"] = str(rng.choice((0, 1, 3, 5, 7, 10)))
    if rng.random() < 0.7:
        policy["late_credit"] = rng.choice(CREDITS)
    if rng.random() < 0.7:
        policy["incomplete_credit"] = rng.choice(CREDITS)
    return policy


def _item(rng: random.Random, code: str, size: int, pointless: bool) -> dict[str, Any]:
    criteria = []
    for place in range(1, size + 1):
        optional = place > 1 and rng.random() < 0.15
        criteria.append(_criterion(rng, f"{code}.{place}", pointless, optional))
    item = {"code": code, "title": both(code), "criteria": criteria}
    if not pointless and rng.random() < 0.35:
        item |= _additions(rng)
    return item


def _additions(rng: random.Random) -> dict[str, Any]:
    additions: list[dict[str, Any]] = []
    for place in range(1, rng.randint(1, 3) + 1):
        addition: dict[str, Any] = {"code": f"a{place}", "text": both("addition")}
        if rng.random() < 0.6:
            addition["add"] = rng.choice(("0.5", "1", "2.25", "-0.5", "-1", "-6"))
        else:
            addition["between"] = rng.choice((["0", "2"], ["-1", "1.5"], ["-3", "-0.1"]))
        additions.append(addition)
    limits: dict[str, Any] = {"additions": additions}
    if rng.random() < 0.4:
        limits["additions_cap"] = rng.choice(("0.5", "1", "3"))
    if rng.random() < 0.4:
        limits["highest_only"] = "true"
    return limits


def _criterion(rng: random.Random, code: str, pointless: bool, optional: bool) -> dict[str, Any]:
    criterion: dict[str, Any] = {"code": code, "text": both(code), "check": "documents"}
    if optional:
        criterion["optional"] = "true"
    if rng.random() < 0.25:
        measure = rng.choice(MEASURES)
        criterion["applies"] = {"measure": measure, "at_least": rng.choice(VALUES[measure][1:])}
    without = pointless or optional
    kind = rng.choice(NO_POINTS_KINDS if without else KINDS)
    criterion["rule"] = _rule(rng, kind, without)
    return criterion


def _rule(rng: random.Random, kind: str, without_points: bool) -> dict[str, Any]:
    if kind == "activity":
        return _activity_rule(rng, without_points)
    if kind == "condition":
        return {"kind": kind, "condition": rng.choice(CONDITIONS)}
    if kind == "measure":
        return _measure_rule(rng)
    if kind == "deduction":
        causes: list[dict[str, Any]] = []
        for number in range(1, rng.randint(2, 4)):
            how: dict[str, Any] = rng.choice(
                ({"take": rng.choice(SMALL)}, {"between": ["0.1", "0.5"]}, {"all": "true"})
            )
            causes.append({"code": f"c{number}", "text": both("cause"), **how})
        return {"kind": kind, "causes": causes}
    if rng.random() < 0.5:
        return {"kind": "judgement"}
    chosen = rng.sample(CREDITS, rng.randint(2, 3))
    grades = [{"code": f"g{place}", "text": both("grade"), "credit": credit}
              for place, credit in enumerate(chosen)]  # fmt: skip
    return {"kind": "judgement", "grades": grades}


def _activity_rule(rng: random.Random, without_points: bool) -> dict[str, Any]:
    per = rng.choice(("month", "month", "month", "quarter", "quarter", "half", "year", "year"))
    rule: dict[str, Any] = {"kind": "activity", "activity": rng.choice(ACTIVITIES), "per": per}
    if rng.random() < 0.6:
        rule["count"] = str(rng.randint(1, {"month": 2, "year": 8}.get(per, 4)))
    if per == "year" and rng.random() < 0.6:
        rule["by"] = rng.choice(("01-31", "02-15", "03-31", "06-30", "12-20", "12-31"))
    if rng.random() < 0.5:
        rule["evidence"] = rng.sample(EVIDENCE, rng.randint(1, 2))
    if rng.random() < 0.25:
        rule["attendance_at_least"] = rng.choice(("0.5", "0.67", "1"))
    if rng.random() < 0.15:
        rule["in_full"] = "true"
    if rng.random() < 0.3:
        rule["same_day"] = rng.choice(("true", "true", "false"))
    if not without_points and rng.random() < 0.25:
        rule["deduct_per_miss"] = rng.choice(SMALL)
    return rule


def _measure_rule(rng: random.Random) -> dict[str, Any]:
    rule: dict[str, Any] = {"kind": "measure"}
    shape = rng.choice(("plain", "tiers", "ratio"))
    if shape == "plain":
        rule["measure"] = rng.choice(MEASURES)
        rule["at_least"] = rng.choice(VALUES[rule["measure"]])
    elif shape == "tiers":
        rule["measure"], rule["by_measure"] = "oracle_funds", "households"
        rule["tiers"] = [
            {"below": rng.choice(("999", "1000")), "at_least": rng.choice(("0", "20000"))},
            {"below": "2000", "at_least": "40000"},
            {"at_least": rng.choice(("50000", "60000"))},
        ]
    else:
        rule["measure"], rule["of"] = rng.choice((("members", "households"), MEASURES[2:0:-1]))
        rule["ratio_at_least"] = rng.choice(("0.003", "0.01", "20", "25"))
    if rng.random() < 0.5:
        rule["proportional"] = "true"
    return rule


def _state_points(rng: random.Random, document: dict[str, Any]) -> None:
    """States points so that all adds up: each weighing criterion has half a point or more."""
    total = Fraction(0)
    for item in _all_items(document["sections"]):
        weighing = [c for c in item["criteria"] if "optional" not in c]
        for criterion in weighing:
            criterion.pop("points", None)
        stated = [c for c in weighing if rng.random() < 0.5]
        sharing = len(weighing) - len(stated)
        points = Fraction(0)
        for criterion in stated:
            own = Fraction(rng.randint(1, 8), 2)
            criterion["points"] = exact(own)
            points += own
        if sharing:
            points += Fraction(rng.randint(sharing, sharing * 4), 2)
        item["points"] = exact(points)
        total += points
    document["points"] = exact(total)


def _all_items(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for section in sections:
        items += section.get("items", []) + _all_items(section.get("sections", []))
    return items


def _next_version(
    rng: random.Random, old: dict[str, Any], version: str, month: str, disputed: bool
) -> dict[str, Any]:
    document = copy.deepcopy(old)
    document["version"], document["effective_from"] = version, month
    if rng.random() < 0.2:
        document["categories"] = rng.choice((["community"], ["village"], ["community", "village"]))
    pointless = "points" not in document
    if rng.random() < 0.6:
        document["policy"] = _policy(rng)
    for item in _all_items(document["sections"]):
        for criterion in item["criteria"]:
            if rng.random() < 0.4:
                _change_rule(rng, criterion, pointless or "optional" in criterion, disputed)
        if rng.random() < 0.2 and len(item["criteria"]) > 1:
            item["criteria"].pop()
        elif rng.random() < 0.2:
            code = f"{item['code']}.{version}{len(item['criteria']) + 1}"
            item["criteria"].append(_criterion(rng, code, pointless, False))
    if not pointless and rng.random() < 0.6:
        _state_points(rng, document)
    elif not pointless:
        _repair_points(document)
    return document


def _change_rule(
    rng: random.Random, criterion: dict[str, Any], without_points: bool, disputed: bool
) -> None:
    """Changes a rule; what a change between versions may mean in two ways only when disputed."""
    old = criterion["rule"]
    if disputed and rng.random() < 0.6:
        kind = rng.choice(NO_POINTS_KINDS if without_points else KINDS)
        criterion["rule"] = _rule(rng, kind, without_points)
        return
    if old["kind"] == "measure":
        criterion["rule"] = _measure_rule(rng)
    elif old["kind"] == "activity":
        new = _activity_rule(rng, True)
        if new["per"] != old["per"]:
            new.pop("by", None)
        if "by" in old and rng.random() < 0.7:
            new["by"] = old["by"]
        new["per"] = old["per"]
        if "deduct_per_miss" in old:
            new["deduct_per_miss"] = old["deduct_per_miss"]
        criterion["rule"] = new
    if rng.random() < 0.3:
        criterion.pop("applies", None)


def _repair_points(document: dict[str, Any]) -> None:
    """Keeps the stated points and lets the others have half a point each at the least."""
    total = Fraction(0)
    for item in _all_items(document["sections"]):
        weighing = [c for c in item["criteria"] if "optional" not in c]
        stated = sum((Fraction(c["points"]) for c in weighing if "points" in c), Fraction(0))
        sharing = sum("points" not in c for c in weighing)
        left = max(Fraction(item["points"]) - stated, Fraction(sharing, 2)) if sharing else 0
        item["points"] = exact(stated + left)
        total += Fraction(item["points"])
    document["points"] = exact(total)
