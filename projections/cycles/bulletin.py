"""The bulletin (通报) of a closed month: what was drawn and how, who was missed, what came out."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from events.documents.policies import policy_from_document
from events.documents.vocabulary import CATEGORIES
from events.refusals.errors import Refused
from events.streams.cycles import Cycle, cycle_stream, evolve
from events.streams.organizations import PREFIX
from events.streams.scores import MONTHLY
from projections.organizations.directory import entries_of, find, streams_of
from projections.organizations.scope import EVERYTHING
from projections.scores.distribution import distribute_scores
from projections.scores.outcomes import inspections_in_cycle, sum_historical
from projections.scoring.figures import round_score

if TYPE_CHECKING:
    from events.log.reader import Reader
    from events.periods import Period

CLOSED = "closed"


def bulletin(reader: Reader, scope: str, period: Period) -> dict[str, Any]:
    """The bulletin of a scope (the code of its root) and month, as JSON values.

    Means are of the scores as printed, rounded half up to two places; ``historical`` counts the
    records that came by a historical import. ``Refused`` for a code nobody bears and while the
    month is not closed.
    """
    root = find(reader, scope)
    if root is None:
        raise Refused("unknown_organization", field="scope", code=scope)
    name = root.stream.removeprefix(PREFIX)
    cycle = reduce(evolve, reader.stream(cycle_stream(name, str(period))), Cycle())
    if cycle.state != CLOSED:
        raise Refused("not_closed", period=period, scope=scope, state=cycle.state or "not opened")
    return {
        "scope": name,
        "name": root.name,
        "period": str(period),
        "opened_on": cycle.opened_on.isoformat(),
        "closing_on": cycle.closing_on.isoformat() if cycle.closing_on else None,
        "uninspected": cycle.uninspected,
        "unchecked_month": policy_from_document(cycle.policy).unchecked_month,
        "frame_digest": cycle.frame_digest,
        "last_seal": cycle.last_seal,
        "randomness": cycle.randomness,
        "drawn_by_system": cycle.drawn_by_system,
        "seed": cycle.seed,
        "strata": [_stratum(one) for one in cycle.strata],
        "exclusions": _named(reader, list(cycle.exclusions)),
        **_inspections(reader, name, str(period)),
        "categories": [
            {key: value for key, value in row._asdict().items() if key != "bins"}
            for row in distribute_scores(reader, EVERYTHING, str(period), name)
        ],
        "historical": sum_historical(reader, name, MONTHLY, str(period)),
    }


def _stratum(one: dict[str, Any]) -> dict[str, Any]:
    population, size = one["N"], one["n"]
    rate = round_score(Fraction(100 * size, population)) if population else None
    return {"stratum": one["stratum"], "N": population, "n": size, "rate": rate}


def _named(reader: Reader, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that name an organization by a code, with its name."""
    streams = streams_of(reader, sorted({one["organization"] for one in rows}))
    entries = entries_of(reader, sorted(set(streams.values())))
    return [one | {"name": entries[streams[one["organization"]]].name} for one in rows]


def _inspections(reader: Reader, scope: str, period: str) -> dict[str, Any]:
    """How many inspections were held, and by name those that were not."""
    inspections = inspections_in_cycle(reader, scope, period)
    entries = entries_of(reader, sorted(one.stream for one in inspections))
    found: dict[str, Any] = {"inspected": 0, "missed": [], "not_held": []}
    for one in sorted(inspections, key=lambda one: entries[one.stream].code.encode()):
        entry = entries[one.stream]
        if one.state in {"missed", "not_held"}:
            found[one.state].append(
                {
                    "organization": entry.code,
                    "name": entry.name,
                    "inspectors": list(one.inspectors),
                }
            )
        else:
            found["inspected"] += 1
    return found


REASONS = {
    "closed": "已撤销",
    "visit_cap_reached": "本年检查次数已满",
    "no_team": "没有检查该类组织的检查组",
    "team_too_small": "检查组人数不足",
    "too_few_left": "回避后人数不足",
}
STAGES = {"draw": "抽查", "assignment": "分派检查人员"}


def text(found: dict[str, Any]) -> str:
    """The bulletin as plain Chinese text, one statement a line."""
    year, month = found["period"].split("-")
    lines = [
        f"{found['name']}{year}年{int(month)}月考核情况通报",
        "",
        f"开启日期：{found['opened_on']}，截止日期：{found['closing_on']}。",
        *_drawn(found),
        "",
        "一、抽查比例",
        *(
            f"  {_category(one['stratum'])}：共{one['N']}个，抽取{one['n']}个"
            + (f"，比例{one['rate']}%" if one["rate"] is not None else "")
            for one in found["strata"]
        ),
        "二、未列入抽查或未能分派的组织",
        *_listed(
            f"  {one['organization']} {one['name']}：{STAGES.get(one['stage'], one['stage'])}，"
            f"{REASONS.get(one['reason'], one['reason'])}"
            for one in found["exclusions"]
        ),
        f"三、实地检查（完成{found['inspected']}个）",
        *_listed(
            [f"  未完成：{_people(one)}" for one in found["missed"]]
            + [f"  未进行：{_people(one)}" for one in found["not_held"]]
        ),
        "四、各类得分",
        *_listed(_distribution(one) for one in found["categories"]),
    ]
    if found["unchecked_month"] == "derived":
        lines.append("说明：未抽查组织按自报材料计分，自报得分与检查得分混合列出。")
    lines.append(f"历史补录的记录另计：{found['historical']}条。")
    return "\n".join(lines) + "\n"


def _drawn(found: dict[str, Any]) -> list[str]:
    if found["seed"] is None:
        return ["本月未抽查即截止。"]
    source = "由系统产生" if found["drawn_by_system"] else "公开来源"
    return [
        f"随机数（{source}）：{found['randomness']}",
        f"种子：{found['seed']}",
        f"名册摘要：{found['frame_digest']}",
    ]


def _listed(lines: Any) -> list[str]:
    return list(lines) or ["  无"]


def _people(one: dict[str, Any]) -> str:
    return f"{one['organization']} {one['name']}（检查人员：{'、'.join(one['inspectors'])}）"


def _distribution(one: dict[str, Any]) -> str:
    head = f"  {_category(one['category'])}：公布{one['posted']}个，检查{one['inspected']}个"
    if not one["scored"]:
        return head + "，无得分"
    return head + f"，平均{one['mean']}，最低{one['min']}，最高{one['max']}"


def _category(name: str) -> str:
    found = CATEGORIES.get(name)
    return name if found is None else found.zh
