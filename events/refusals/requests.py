"""Refusals of requests, their parameters and dates, and answers to faults of the server.

To add one: an entry with the code, the English sentence, the Chinese one and, unless it is
``INVALID``, the kind; then ``raise Refused("code", field=..., name=...)``. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

REQUESTS = {
    "bad_cursor": Sentence(
        "{text!r} is not a cursor; use one from an earlier answer", "不是有效的翻页标记"
    ),
    "bad_date": Sentence(
        "{text!r} is not a date; write it as 2026-09-12", "不是有效日期，例如 2026-09-12"
    ),
    "bad_instant": Sentence(
        "{text!r} is not an instant with an offset; write it as 2026-09-12T08:00:00+08:00",
        "不是有效的时刻，应带时区，例如 2026-09-12T08:00+08:00",
    ),
    "bad_key": Sentence(
        "must have 1 to {most} printable characters", "Idempotency-Key 应为 1 到 {most} 个可见字符"
    ),
    "bad_limit": Sentence(
        "{limit} is not a number from 1 to {largest}", "每页条数应为 1 到 {largest}，不能是 {limit}"
    ),
    "bad_month": Sentence(
        "{text!r} is not a month; write it as 2026-09", "不是有效的月份，例如 2026-09"
    ),
    "bad_period": Sentence(
        "{text!r} is not a period; write 2026-09, 2026-Q3, 2026-H2 or 2026",
        "不是有效的期间，例如 2026-09、2026-Q3、2026-H2 或 2026",
    ),
    "bad_purpose": Sentence(
        "--purpose: {purpose} is not a purpose; choose one of {known}",
        "没有这种用途：{purpose}（可用：{known}）",
    ),
    "bad_request": Sentence("the request is malformed", "请求的格式不正确"),
    "broken": Sentence(
        "an error occurred and nothing was saved; give an administrator the reference",
        "系统出错，内容没有保存；请把编号告诉管理员",
    ),
    "busy": Sentence(
        "the database is busy, nothing was saved; try again later",
        "系统正忙，没有保存；请稍后再试",
        kind=Kind.BUSY,
    ),
    "too_many_at_once": Sentence(
        "too many requests are waiting, nothing was saved; try again in a few seconds",
        "此刻请求太多，没有保存；请几秒钟后再试",
        kind=Kind.BUSY,
    ),
    "changed_meanwhile": Sentence(
        "somebody changed this after you read it; read it again",
        "您查看之后有人改过，没有保存；请重新查看",
        kind=Kind.CONFLICT,
    ),
    "control_character": Sentence(
        "contains a control character", "含有不可见的控制字符，请重新输入"
    ),
    "days_crossed": Sentence("is before the first day", "早于开始日期，请调换"),
    "document_faults": Sentence("the document has faults", "文档有误"),
    "forged_form": Sentence(
        "the form is too old or from another site; open the page again and submit it again",
        "表单已过期或来自别处，请重新打开页面再提交",
        kind=Kind.FORBIDDEN,
    ),
    "http": Sentence("{detail}", "{detail}"),
    "invalid": Sentence("the request has faults", "提交的内容有误"),
    "json_long_number": Sentence("has a number that is too long", "有过长的数字"),
    "json_too_deep": Sentence("is nested too deeply", "嵌套太深"),
    "no_key": Sentence(
        "is missing; it identifies a request that is sent twice",
        "缺少请求头 Idempotency-Key，它用来识别重复提交的同一请求",
    ),
    "no_rule": Sentence(
        "the route has no access rule; nobody may use it",
        "这个地址没有设定权限，任何人都不能使用",
        kind=Kind.FORBIDDEN,
    ),
    "not_found": Sentence("there is no such page", "没有这个页面", kind=Kind.NOT_FOUND),
    "too_large": Sentence(
        "the request is too large: {detail} MB at most", "提交的内容太大，最多 {detail} MB"
    ),
    "two_keys": Sentence(
        "differs from {other} in the body; give only one of them",
        "Idempotency-Key 与正文中的 {other} 不一致，请只给一个",
    ),
    "two_selections": Sentence("give organization or under, not both", "组织与下辖范围只能给一个"),
    "unknown_event": Sentence(
        "there is no event {version} in {stream}",
        "没有这个事件，或您无权查看：{stream} 第 {version} 条",
        kind=Kind.NOT_FOUND,
    ),
    "wrong_method": Sentence("this address does not support this method", "不支持这种请求方式"),
}
"""The sentences by code."""
