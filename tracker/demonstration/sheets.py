"""The joint sheets of the demonstration district's inspectors, one for each assignment.

Most criteria are confirmed, which means left out of the sheet. Some credits are lowered, a few
raised, causes are named, records disallowed, rectifications ordered; every criterion that needs a
judgement gets a credit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from events.documents.schemes import Cause, DeductionRule, JudgementRule, Scheme
from events.periods import Period
from tracker.demonstration.dice import Dice
from tracker.demonstration.flaws import habit_of

Line = dict[str, Any]

NOT_ASKED = frozenset({"pending", "not_applicable"})
LOWERED = {"activity": 12, "condition": 25, "measure": 15}
"""How many of a thousand met criteria of an ordinary organization are lowered, by kind of rule."""
RAISED = 60
"""How many of a thousand missed or partial conditions the inspectors find met."""
DISALLOWED = 8
"""How many of a thousand records of an ordinary organization are disallowed."""
CAUSE = 90
"""How often in a thousand a cause of a deduction applies."""
RECTIFIED = 550
"""For how many of a thousand lowered credits a rectification is ordered."""
JUDGED = ("1", "1", "1", "0.9", "0.9", "0.8", "0.7", "0.6")
JUDGED_LOW = ("0.9", "0.8", "0.7", "0.6", "0.5", "0.3")

JUDGEMENTS = {
    "1": "现场看、随机问，均做得好",
    "0.9": "总体较好，个别细节待完善",
    "0.8": "抽查5项，4项较好",
    "0.7": "基本做到，台账与现场略有出入",
    "0.6": "询问10人，6人了解情况",
    "0.5": "只做到一半，另一半无痕迹",
    "0.3": "多数未做到，需限期补课",
}
LOWERING = {
    "activity": (
        "记录内容与签到人数对不上",
        "会议议题空泛，无决议",
        "询问参加人员，说法与记录不一致",
    ),
    "condition": ("现场未见，台账登记为已达到", "设施已损坏，无法使用", "内容陈旧，未按要求更新"),
    "measure": ("抽查名册，实有数少于上报数", "上报数无依据", "部分档案为空盒，不予计入"),
}
RAISING = "现场核实已整改到位"
DISALLOWING = ("照片与上月雷同", "签到表笔迹相同", "活动当日该场所未开放", "记录为事后补写")


def make_sheet(
    period: Period,
    organization: str,
    inspectors: Sequence[str],
    criteria: Sequence[dict[str, Any]],
    scheme: Scheme,
    *,
    due: date,
    seed: int,
) -> dict[str, Any]:
    """Return the joint sheet on an organization in a month, as ``spot-check score`` reads it.

    ``criteria`` are those of ``tracker compliance --json``, ``scheme`` is the scheme that it
    names, ``due`` the due date of the rectifications. All inspectors sign.
    """
    dice = Dice(seed, "sheet", organization, period)
    care = habit_of(organization, period, seed).care
    rules = {one.code: one.rule for one in scheme.criteria()}
    findings: list[Line] = []
    rectify: list[Line] = []
    for criterion in criteria:
        if criterion["status"] in NOT_ASKED:
            continue
        code = criterion["code"]
        finding = _make_finding(criterion, rules[code], care, dice.at(code))
        if finding is None:
            continue
        findings.append(finding)
        if _is_lower(finding, criterion) and dice.chance(RECTIFIED, f"rectify|{code}"):
            rectify.append(
                {"criterion": code, "problem": finding["reason"], "due": due.isoformat()}
            )
    return {
        "period": str(period),
        "organization": organization,
        "inspectors": list(inspectors),
        "sheet_id": f"s-{period}-{organization}",
        "findings": findings,
        "disallow": _disallow_records(criteria, care, dice),
        "rectify": rectify,
    }


def raise_one(sheet: dict[str, Any], criteria: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the sheet with one more credit raised, which all inspectors must sign.

    The same sheet where nothing is left to raise.
    """
    found = {finding["criterion"] for finding in sheet["findings"]}
    missed = [row["code"] for row in criteria if row["status"] in {"missed", "partial"}]
    left = [code for code in missed if code not in found]
    raised = [{"criterion": code, "credit": "1", "reason": RAISING} for code in left[:1]]
    return sheet | {"findings": [*sheet["findings"], *raised]}


def _make_finding(criterion: Line, rule: object, care: int, dice: Dice) -> Line | None:
    """Return the finding on a criterion; None if its derived credit is confirmed."""
    code, status = criterion["code"], criterion["status"]
    if isinstance(rule, JudgementRule) or status == "unjudged":
        credit = dice.pick(JUDGED if care <= 10 else JUDGED_LOW, "judged")
        return {"criterion": code, "credit": credit, "reason": JUDGEMENTS[credit]}
    if isinstance(rule, DeductionRule):
        causes = [_make_cause(cause, dice) for cause in rule.causes if _applies(cause, care, dice)]
        texts = {cause.code: cause.text.zh for cause in rule.causes}
        if not causes:
            return None
        reason = "；".join(texts[cause["cause"]].split("，")[0] for cause in causes)
        return {"criterion": code, "causes": causes, "reason": reason}
    kind = str(getattr(rule, "kind", ""))
    if status == "met" and dice.chance(LOWERED[kind] * care // 10, "lowered"):
        reason = dice.pick(LOWERING[kind], "reason")
        return {
            "criterion": code,
            "credit": dice.pick(("0", "0.5", "0.5"), "low"),
            "reason": reason,
        }
    if kind == "condition" and status in {"missed", "partial"} and dice.chance(RAISED, "raised"):
        return {"criterion": code, "credit": "1", "reason": RAISING}
    return None


def _applies(cause: Cause, care: int, dice: Dice) -> bool:
    # A cause that takes all points is rare.
    frequency = 3 if cause.all else CAUSE
    return dice.chance(frequency * care // 10, f"cause|{cause.code}")


def _make_cause(cause: Cause, dice: Dice) -> Line:
    if cause.between is not None:
        low, high = cause.between
        points = dice.pick((low, (low + high) / 2, high), f"points|{cause.code}")
        return {"cause": cause.code, "points": format(points, "f")}
    if cause.all:
        return {"cause": cause.code, "count": 1}
    return {"cause": cause.code, "count": dice.pick((1, 1, 1, 2, 3), f"count|{cause.code}")}


def _is_lower(finding: Line, criterion: Line) -> bool:
    """Return whether a finding reports a fault; a judgement does only if it is poor."""
    if "causes" in finding:
        return True
    return finding["credit"] in {"0", "0.3", "0.5"} and criterion["status"] != "missed"


def _disallow_records(criteria: Sequence[Line], care: int, dice: Dice) -> list[Line]:
    records = dict.fromkeys(
        record
        for criterion in criteria
        if criterion["status"] not in NOT_ASKED
        for window in criterion.get("windows") or ()
        for record in window["records"]
    )
    return [
        {"record_id": record, "reason": dice.pick(DISALLOWING, f"why|{record}")}
        for record in records
        if dice.chance(DISALLOWED * care // 10, f"disallow|{record}")
    ]
