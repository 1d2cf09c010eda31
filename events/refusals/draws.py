"""Differences that ``spot-check verify-draw`` reports when it repeats a draw.

To add one: an entry with the key, the English sentence and the Chinese one; then
``Problem.error(place, "key", name=...)``. The place, such as a code or a field, is shown before
the sentence. Rules: ``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Sentence

DRAWS = {
    "frame_twice": Sentence("is in the frame twice", "在名册中出现了两次"),
    "frame_digest": Sentence("does not follow from the committed codes", "与启动时公布的名册不符"),
    "frame_order": Sentence("is not in order", "没有按顺序排列"),
    "counts_differ": Sentence(
        "N and n do not follow from the frame and the plan",
        "总数 N 和抽取数 n 与名册、抽查办法不符",
    ),
    "last_seal": Sentence(
        "is not the root of a seal made before the opening", "不是启动之前任何一次封存的校验值"
    ),
    "seed_differs": Sentence(
        "does not follow from the last seal and the recorded value",
        "与最近一次封存和所登记的随机数不符",
    ),
    "cycle_not_closed": Sentence(
        "is counted as a closed cycle, but was not closed", "算作已截止的月份，实际没有截止"
    ),
    "cycles_differ": Sentence(
        "are not the cycles that had opened last before the draw", "不是抽取之前最近开启的各月"
    ),
    "no_sheet": Sentence(
        "counts as inspected in {month}, but there is no sheet for it",
        "算作 {month} 已检查，但没有相应的检查表",
    ),
    "left_out": Sentence(
        "was excluded as {reason}, which its events do not confirm",
        "被排除在外（{reason}），但没有事实依据",
    ),
    "not_drawn_in_sample": Sentence(
        "is in the sample, but was not drawn", "在样本中，但没有被抽中"
    ),
    "sample_twice": Sentence("has an organization twice", "有组织重复出现"),
    "sample_digest": Sentence("does not follow from the draw", "与抽取结果不符"),
    "drawn_not_in_sample": Sentence("was drawn, but is not in the sample", "被抽中，但不在样本中"),
    "sample_differs": Sentence(
        "is in the sample with another stratum, key or reason",
        "在样本中，但分层、排序值或抽中理由不符",
    ),
}
"""The sentences by code."""
