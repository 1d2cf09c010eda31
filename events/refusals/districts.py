"""Refusals of a district that is being set up, and of going live.

To add one: an entry with the code, the English sentence, the Chinese one and, unless it is
``INVALID``, the kind; then ``raise Refused("code", field=..., name=...)``. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

DISTRICTS = {
    "already_live": Sentence(
        "the district is live from {month} on; its first month cannot be changed",
        "考核区已自 {month} 起正式启用，首个考核月份不能再改",
        kind=Kind.CONFLICT,
    ),
    "being_set_up": Sentence(
        "the district is being set up, so no cycle opens; go live first: tracker go-live --from"
        " MONTH, or the page /admin/go-live",
        "考核区还在筹备，不开启任何月份；请先在“正式启用”页面确定首个考核月份",
        kind=Kind.NOT_NOW,
    ),
    "live_too_late": Sentence(
        "{month} is too far ahead; the first month is {latest} at the latest",
        "{month} 太远；首个考核月份最晚为 {latest}",
    ),
    "live_unconfirmed": Sentence(
        "going live from {month} cannot be undone; nothing was done: confirm it",
        "自 {month} 起正式启用后不能撤销。尚未执行：请确认",
        kind=Kind.CONFLICT,
    ),
}
"""The sentences by code."""
