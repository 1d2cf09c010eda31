"""The bulletin (通报) of a closed month: what was drawn and how, who was missed, the results."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from events.documents.policies import policy_from_document
from events.refusals.errors import Refused
from events.streams.organizations import PREFIX
from events.streams.scores import MONTHLY
from projections.cycles.bulletin_lists import adjusted_scores, uncounted_findings
from projections.cycles.overview import ExcludedOrganization
from projections.cycles.reading import read_cycle
from projections.organizations.directory import entries_of, find, streams_of
from projections.organizations.scope import EVERYTHING
from projections.scores.distribution import distribute_scores
from projections.scores.notes import month_notes
from projections.scores.outcomes import inspections_in_cycle, sum_historical
from projections.scoring.figures import round_score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from events.documents.schemes import Text
    from events.log.reader import Reader
    from events.periods import Period
    from projections.cycles.bulletin_lists import AdjustedScore, UncountedFindings
    from projections.scores.notes import ScoreNotes

CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BulletinStratum:
    """A stratum of the frame: ``n`` of ``N`` organizations were drawn, ``rate`` in percent.

    The names are those of the stored document; ``rate`` is None for an empty stratum.
    """

    stratum: str
    N: int
    n: int
    rate: str | None


@dataclass(frozen=True, slots=True)
class UninspectedOrganization:
    """An organization whose inspection was missed or not held, with its inspectors."""

    organization: str
    name: str
    inspectors: list[str]


@dataclass(frozen=True, slots=True)
class CategoryScores:
    """The posted scores of one category; mean, min and max are None where none has a score.

    ``adjusted`` counts the scores that were adjusted after they were posted; ``mean_posted`` is the
    mean before.
    """

    category: str
    posted: int
    inspected: int
    scored: int
    mean: str | None
    min: str | None
    max: str | None
    adjusted: int = 0
    mean_posted: str | None = None


@dataclass(frozen=True, slots=True)
class Bulletin:
    """The bulletin of a closed month, in the shape of docs/contracts.md.

    Means are of the scores as printed, rounded half up to two decimals. ``historical`` counts the
    records that came by a historical import. ``not_counted`` are findings that count nothing,
    ``adjusted`` the scores that changed since, ``notes`` what is to be said of all its scores.
    """

    scope: str
    name: str
    period: str
    opened_on: str
    closing_on: str | None
    uninspected: bool
    unchecked_month: str
    frame_digest: str
    last_seal: str
    randomness: str | None
    drawn_by_system: bool
    seed: str | None
    strata: list[BulletinStratum]
    exclusions: list[ExcludedOrganization]
    inspected: int
    missed: list[UninspectedOrganization]
    not_held: list[UninspectedOrganization]
    categories: list[CategoryScores]
    historical: int
    not_counted: list[UncountedFindings]
    adjusted: list[AdjustedScore]
    notes: ScoreNotes


def bulletin(reader: Reader, scope: str, period: Period) -> Bulletin:
    """Return the bulletin of a scope (a code of its root) and month.

    Raises ``Refused`` for an unknown code, and while the month is not closed.
    """
    root = find(reader, scope)
    if root is None:
        raise Refused("unknown_organization", field="scope", code=scope)
    code, month = root.stream.removeprefix(PREFIX), str(period)
    cycle = read_cycle(reader, code, month)
    if cycle.state != CLOSED:
        raise Refused("not_closed", period=period, scope=scope, state=cycle.state or "not opened")
    outcome = _count_inspections(reader, code, month)
    return Bulletin(
        scope=code,
        name=root.name,
        period=month,
        opened_on=cycle.opened_on.isoformat(),
        closing_on=cycle.closing_on.isoformat() if cycle.closing_on else None,
        uninspected=cycle.uninspected,
        unchecked_month=policy_from_document(cycle.policy).unchecked_month,
        frame_digest=cycle.frame_digest,
        last_seal=cycle.last_seal,
        randomness=cycle.randomness,
        drawn_by_system=cycle.drawn_by_system,
        seed=cycle.seed,
        strata=[_stratum(row) for row in cycle.strata],
        exclusions=_with_names(reader, cycle.exclusions),
        inspected=outcome.inspected,
        missed=outcome.missed,
        not_held=outcome.not_held,
        categories=[
            CategoryScores(*row[:7], row.adjusted, row.mean_posted)
            for row in distribute_scores(reader, EVERYTHING, month, code)
        ],
        historical=sum_historical(reader, code, MONTHLY, month),
        not_counted=uncounted_findings(reader, EVERYTHING, code, month),
        adjusted=adjusted_scores(reader, EVERYTHING, code, month),
        notes=month_notes(reader, period, code),
    )


def _stratum(stored: dict[str, Any]) -> BulletinStratum:
    population, size = stored["N"], stored["n"]
    rate = round_score(Fraction(100 * size, population)) if population else None
    return BulletinStratum(stored["stratum"], population, size, rate)


def _with_names(reader: Reader, rows: Sequence[dict[str, str]]) -> list[ExcludedOrganization]:
    """Return a cycle's exclusions with the names that the organizations have now."""
    streams = streams_of(reader, sorted({row["organization"] for row in rows}))
    entries = entries_of(reader, sorted(set(streams.values())))
    return [
        ExcludedOrganization(
            row["organization"],
            entries[streams[row["organization"]]].name,
            row["stage"],
            row["reason"],
        )
        for row in rows
    ]


class _InspectionOutcome(NamedTuple):
    """How many inspections were held, and those that were not, by code."""

    inspected: int
    missed: list[UninspectedOrganization]
    not_held: list[UninspectedOrganization]


def _count_inspections(reader: Reader, scope: str, period: str) -> _InspectionOutcome:
    inspections = inspections_in_cycle(reader, scope, period)
    entries = entries_of(reader, sorted(row.stream for row in inspections))
    without: dict[str, list[UninspectedOrganization]] = {"missed": [], "not_held": []}
    inspected = 0
    for row in sorted(inspections, key=lambda row: entries[row.stream].code.encode()):
        entry = entries[row.stream]
        if row.state in without:
            without[row.state].append(
                UninspectedOrganization(entry.code, entry.name, list(row.inspectors))
            )
        else:
            inspected += 1
    return _InspectionOutcome(inspected, without["missed"], without["not_held"])


REASONS = {
    "closed": "已撤销",
    "visit_cap_reached": "本年检查次数已满",
    "no_team": "没有检查该类组织的检查组",
    "team_too_small": "检查组人数不足",
    "too_few_left": "回避后人数不足",
}
"""Why an organization was left out, in Chinese."""
STAGES = {"draw": "抽查", "assignment": "分派检查人员"}


def bulletin_text(document: Bulletin, names: Mapping[str, Text]) -> str:
    """Return a bulletin as plain Chinese text, one statement a line.

    ``names`` are those of the categories (``in_force.categories``).
    """
    year, month = document.period.split("-")
    lines = [
        f"{document.name}{year}年{int(month)}月考核情况通报",
        "",
        f"开启日期：{document.opened_on}，截止日期：{document.closing_on}。",
        *_draw_lines(document),
        "",
        "一、抽查比例",
        *(
            f"  {_category_name(row.stratum, names)}：共{row.N}个，抽取{row.n}个"
            + (f"，比例{row.rate}%" if row.rate is not None else "")
            for row in document.strata
        ),
        "二、未列入抽查或未能分派的组织",
        *_or_none(
            f"  {row.organization} {row.name}：{STAGES.get(row.stage, row.stage)}，"
            f"{REASONS.get(row.reason, row.reason)}"
            for row in document.exclusions
        ),
        f"三、实地检查（完成{document.inspected}个）",
        *_or_none(
            [f"  未完成：{_people(row)}" for row in document.missed]
            + [f"  未进行：{_people(row)}" for row in document.not_held]
        ),
        "四、各类得分",
        *_or_none(_category_line(row, names) for row in document.categories),
        *(
            f"  更正：{row.organization} {row.name}，公布{row.posted or '无得分'}，"
            f"现为{row.current}"
            for row in document.adjusted
        ),
        *(
            f"  检查结论不计入（截止时不适用）：{row.organization} {row.name}，"
            f"{'、'.join(row.criteria)}"
            for row in document.not_counted
        ),
        *(f"说明：{sentence}" for sentence in document.notes.sentences("zh")),
    ]
    lines.append(f"历史补录的记录另计：{document.historical}条。")
    return "\n".join(lines) + "\n"


def _draw_lines(document: Bulletin) -> list[str]:
    if document.seed is None:
        return ["本月未抽查即截止。"]
    source = "由系统产生" if document.drawn_by_system else "公开来源"
    return [
        f"随机数（{source}）：{document.randomness}",
        f"抽样校验值：{document.seed}",
        f"名册摘要：{document.frame_digest}",
    ]


def _or_none(lines: Iterable[str]) -> list[str]:
    """Return the lines of a part, or the one that says it is empty."""
    return list(lines) or ["  无"]


def _people(row: UninspectedOrganization) -> str:
    return f"{row.organization} {row.name}（检查人员：{'、'.join(row.inspectors)}）"


def _category_line(row: CategoryScores, names: Mapping[str, Text]) -> str:
    head = f"  {_category_name(row.category, names)}：公布{row.posted}个，检查{row.inspected}个"
    if not row.scored:
        return head + "，无得分"
    changed = f"（更正{row.adjusted}个，公布时平均{row.mean_posted}）" if row.adjusted else ""
    return head + f"，平均{row.mean}，最低{row.min}，最高{row.max}" + changed


def _category_name(code: str, names: Mapping[str, Text]) -> str:
    category = names.get(code)
    return code if category is None else category.zh
