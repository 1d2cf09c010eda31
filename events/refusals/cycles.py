"""Refusals of cycles, draws, closings, scores and rankings.

To add one: an entry with the code, the English sentence, the Chinese one and, unless it is
``INVALID``, the kind; then ``raise Refused("code", field=..., name=...)``. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

CYCLES = {
    "bad_cycle_days": Sentence(
        "opens {opens}, draws {draws}, closes {closes}: give days of a month in this order",
        "开启 {opens} 日、抽取 {draws} 日、截止 {closes} 日：应为每月的日期，并依次在后",
    ),
    "bad_roll": Sentence(
        "roll must be none or next_working_day, not {roll!r}",
        "遇休息日的顺延方式应为 none 或 next_working_day，不能是 {roll}",
    ),
    "before_first_month": Sentence(
        "{period} is before the first assessed month {first}; it has no cycle",
        "{period} 早于首个考核月份 {first}，不能开启",
        kind=Kind.NOT_NOW,
    ),
    "calendar_unknown": Sentence(
        "the working days of {year} are not known; write them into the policy by the State "
        'Council\'s notice (working_days: {{"{year}": {{holidays: [02-05..02-11], workdays: '
        "[02-14]}}}}), or publish one with spot_check.roll: none",
        '系统还没有 {year} 年的工作日历；请按国务院放假通知写入考核办法（working_days: {{"{year}": '
        "{{holidays: [02-05..02-11], workdays: [02-14]}}}}），或改为不顺延",
        kind=Kind.NOT_NOW,
    ),
    "clock_behind": Sentence(
        "the clock shows {now}, behind the newest event ({newest}); correct the clock, or, if it"
        " is right, run: tracker scheduler confirm-clock --reason TEXT",
        "服务器时间 {now} 早于最新事件 {newest}，请先校准时间；"
        "时间无误的，请在系统管理页写明理由后确认",
        kind=Kind.NOT_NOW,
    ),
    "clock_reason": Sentence(
        "say in at most {most} characters why the clock is right",
        "请写明为什么服务器时间无误，最多 {most} 个字",
    ),
    "clock_differs": Sentence(
        "the clock shows {now} and differs by {minutes} minutes from the database server's;"
        " correct it, or, if it is right, run: tracker scheduler confirm-clock --reason TEXT",
        "服务器时间 {now} 与数据库服务器的时间相差 {minutes} 分钟，请先校准时间；"
        "时间无误的，请在系统管理页写明理由后确认",
        kind=Kind.NOT_NOW,
    ),
    "clock_jumped": Sentence(
        "the clock shows {now} and was put forward by {minutes} minutes while the process ran;"
        " correct it, or, if it is right, run: tracker scheduler confirm-clock --reason TEXT",
        "服务器时间 {now} 在运行中被拨快了 {minutes} 分钟，请先校准时间；"
        "时间无误的，请在系统管理页写明理由后确认",
        kind=Kind.NOT_NOW,
    ),
    "clock_quiet": Sentence(
        "the clock shows {now}, more than 180 days after the newest event ({newest}); correct it,"
        " or, if it is right, run: tracker scheduler confirm-clock --reason TEXT",
        "服务器时间 {now} 比最新事件 {newest} 晚了 180 天以上，请先校准时间；"
        "时间无误的，请在系统管理页写明理由后确认",
        kind=Kind.NOT_NOW,
    ),
    "closing_early": Sentence(
        "{period} closes on {closes_on}: {open_sheets} of {assigned} sheets are still open and "
        "become not held, and the figures of {posted} organizations are published; confirm it",
        "{period} 到 {closes_on} 才截止：{assigned} 份检查表还有 {open_sheets} 份没有交，"
        "将记为“未进行”，并公布 {posted} 个组织的得分；请确认",
        kind=Kind.CONFLICT,
    ),
    "cycle_not_open": Sentence(
        "there is no cycle of {period} in {scope}; open it with: tracker spot-check open {period}",
        "{period} 还没有开启",
        kind=Kind.CONFLICT,
    ),
    "cycle_state": Sentence(
        "the cycle of {period} cannot be {done}: it is {state}",
        "{period} 目前的状态是“{state}”，不能进行这一步",
        kind=Kind.CONFLICT,
    ),
    "draw_under_way": Sentence(
        "the cycle of {period} is being drawn; close it again in a moment",
        "{period} 正在抽取分派，请稍后再截止",
        kind=Kind.CONFLICT,
    ),
    "drawn_otherwise": Sentence(
        "{period} was drawn from the value {drawn}, and nothing is drawn again; the value {value} "
        "was not used",
        "{period} 已用随机值“{drawn}”抽取，不能重新抽取；“{value}”没有采用",
        kind=Kind.CONFLICT,
    ),
    "drawn_otherwise.system": Sentence(
        "{period} was drawn by the system (value {drawn}), and nothing is drawn again; the value "
        "{value} was not used",
        "{period} 已由系统抽取（随机值 {drawn}），不能重新抽取；“{value}”没有采用",
        kind=Kind.CONFLICT,
    ),
    "earlier_cycle_open": Sentence(
        "the cycle of {earlier} is not closed yet; close it first",
        "{earlier} 还没有截止；各月须按顺序截止",
        kind=Kind.CONFLICT,
    ),
    "no_calendar": Sentence(
        "roll: next_working_day needs a calendar of working days", "顺延到工作日需要工作日历"
    ),
    "no_scheme_in_force": Sentence(
        "no organization under {scope} has a scheme in force in {period}; publish one "
        "first: tracker scheme publish ID --from MONTH",
        "{period} 没有适用的评价标准，请先发布一个",
        kind=Kind.NOT_NOW,
    ),
    "no_working_day": Sentence(
        "the calendar has no working day in the {days} days from {day} on",
        "自 {day} 起 {days} 天内没有工作日",
    ),
    "not_a_month": Sentence(
        "a half-year or year has no ranking yet; choose a month instead of {period}",
        "请选择月份，例如 2026-09",
    ),
    "not_closed": Sentence(
        "the cycle of {period} of {scope} is not closed (its state: {state}); its "
        "bulletin is made at closing",
        "{period} 还没有截止；截止后才有通报",
        kind=Kind.NOT_NOW,
    ),
    "not_drawn": Sentence(
        "the cycle of {period} is not drawn yet; draw it, or close it with --uninspected REASON",
        "{period} 还没有抽取；请先抽取，或写明理由后提前截止",
        kind=Kind.CONFLICT,
    ),
    "not_drawn_yet": Sentence(
        "the cycle of {period} in {scope} is not drawn yet",
        "{period} 还没有抽取",
        kind=Kind.NOT_FOUND,
    ),
    "not_in_frame": Sentence(
        "{organization} is not in the frame of this draw",
        "{organization} 不在这次抽取的名册中",
        kind=Kind.NOT_FOUND,
    ),
    "nothing_closed": Sentence("no month is closed yet", "还没有截止的月份", kind=Kind.NOT_FOUND),
    "score_not_posted": Sentence(
        "no score was posted for {period}", "{period} 没有公布过得分", kind=Kind.NOT_FOUND
    ),
    "score_too_large": Sentence(
        "{new} is above the highest score {largest}", "{new} 超过最高值 {largest}"
    ),
    "too_early_to_close": Sentence(
        "the cycle of {period} cannot be closed before {day} (today is {today})",
        "{period} 要到 {day} 才能截止（今天是 {today}）",
        kind=Kind.NOT_NOW,
    ),
    "too_early_to_draw": Sentence(
        "{period} cannot be drawn before {day}: its records are still in time (today is {today})",
        "{period} 要到 {day} 才能抽取：当月记录仍在宽限期内（今天是 {today}）",
        kind=Kind.NOT_NOW,
    ),
    "too_early_to_open": Sentence(
        "{period} cannot be opened before {day} (today is {today})",
        "{period} 要到 {day} 才能开启（今天是 {today}）",
        kind=Kind.NOT_NOW,
    ),
    "unknown_list": Sentence(
        "there is no list {name}", "没有这份清单：{name}", kind=Kind.NOT_FOUND
    ),
}
"""The sentences by code."""
