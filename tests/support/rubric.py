"""A rubric of the size that districts use: 15 lines of deductions with 150 causes.

Subjects and faults are those of printed rubrics for villages and communities.
"""

from __future__ import annotations

from typing import Any

SUBJECTS = (
    ("落实党建工作责任制", "10", 27),
    ("书记述职评议", "4", 3),
    ("“三会一课”制度", "8", 12),
    ("党员发展", "7", 10),
    ("流动党员管理", "7", 10),
    ("党费收缴", "7", 10),
    ("民主生活会", "7", 9),
    ("党务公开", "6", 9),
    ("结对共建", "7", 9),
    ("创先争优活动", "7", 9),
    ("党员活动室", "7", 9),
    ("党员群众服务中心", "6", 9),
    ("远程教育站点", "6", 8),
    ("村级班子建设", "6", 8),
    ("群团组织建设", "5", 8),
)
"""The lines of the rubric: title, points, number of causes."""
FAULTS = (
    "无年度计划", "资料不全、手续不备", "每缺1次扣0.5分", "有计划不按时上报", "未落实",
    "未签订承诺书", "未建立制度", "无成效", "未召开动员会", "未成立领导小组", "无方案",
    "未开展承诺", "承诺未公开上墙", "未开展承诺兑现评议", "走过场", "程序不规范", "无台账",
    "台账信息不完整、不齐全", "台账未及时更新", "无活动场地", "无设施", "未按要求公开相关内容",
    "没有开展活动", "没有建立活动室", "未全额配备人员", "未专职专用", "被通报批评",
)  # fmt: skip


def rubric(category: str) -> dict[str, Any]:
    """The scheme of one category; every third cause is at the inspector's discretion."""
    return {
        "scheme": f"rubric-{category}",
        "version": 1,
        "title": {"zh": "党建工作目标考核评分细则", "en": "Rubric"},
        "categories": [category],
        "points": "100",
        "sections": [
            {
                "code": "1",
                "title": {"zh": "党建工作", "en": "Work"},
                "items": [_item(number, *line) for number, line in enumerate(SUBJECTS, start=1)],
            }
        ],
    }


def _item(number: int, title: str, points: str, causes: int) -> dict[str, Any]:
    texts = {"zh": title, "en": f"Line {number}"}
    criterion = {
        "code": f"1.{number}.1",
        "text": texts,
        "points": points,
        "check": "documents",
        "rule": {"kind": "deduction", "causes": [_cause(place) for place in range(causes)]},
    }
    return {"code": f"1.{number}", "title": texts, "points": points, "criteria": [criterion]}


def _cause(place: int) -> dict[str, Any]:
    cause: dict[str, Any] = {
        "code": f"c{place + 1}",
        "text": {"zh": FAULTS[place], "en": f"Fault {place + 1}"},
    }
    if place % 3 == 1:
        return cause | {"between": ["0.5", "2"]}
    return cause | {"take": "0.5"}
