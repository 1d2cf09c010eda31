"""The data of an event in words: the name of each field and its value as people write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from events.event import COMMITMENT_PREFIX
from events.streams.scores import ScoreAdjusted, ScorePosted
from projections.records.trail import yuan

if TYPE_CHECKING:
    from tracker.web.page.rendering import PageWords
    from tracker.wording.refusals import Language

FIELD_NAMES: dict[str, tuple[str, str]] = {
    "account": ("账号", "account"),
    "activity": ("活动", "activity"),
    "attendance": ("出席", "attendance"),
    "categories": ("类别", "categories"),
    "category": ("类别", "category"),
    "changed_on": ("最近变更", "last change"),
    "changes": ("改为", "changed to"),
    "cleared": ("清空", "emptied"),
    "closed_from": ("停用起始", "closed from"),
    "closed_on": ("撤销日期", "closed on"),
    "closes_on": ("截止日期", "closes on"),
    "closing_on": ("结账日期", "closing on"),
    "code": ("代码", "code"),
    "condition": ("现状", "condition"),
    "criterion": ("标准", "criterion"),
    "delegated_by": ("委托人", "lent by"),
    "database_seconds": ("数据库时间差（秒）", "database clock ahead (seconds)"),
    "derived": ("推算得分", "derived"),
    "digest": ("摘要", "digest"),
    "disallow": ("不予采信", "disallowed"),
    "document": ("文件", "document"),
    "done_on": ("完成日期", "done on"),
    "draws_on": ("抽取日期", "draws on"),
    "due": ("期限", "due"),
    "effective_from": ("执行起始", "in force from"),
    "enabled": ("启用", "enabled"),
    "events": ("事件数", "events"),
    "evidence": ("佐证材料", "evidence"),
    "findings": ("检查结论", "findings"),
    "first_month": ("首个考核月", "first month"),
    "setup": ("先筹备", "being set up"),
    "not_counted": ("不计入的检查结论", "findings not counted"),
    "frame_digest": ("名册摘要", "frame digest"),
    "from_on": ("起始", "from"),
    "grant_id": ("授权号", "grant"),
    "grants": ("角色", "roles"),
    "historical": ("历史补录", "historical"),
    "how": ("方式", "how"),
    "inspected": ("检查得分", "inspected"),
    "inspectors": ("检查人员", "inspectors"),
    "into": ("并入", "into"),
    "kind": ("种类", "kind"),
    "last_seal": ("上次封存", "last seal"),
    "leader": ("组长", "leader"),
    "leaves_digest": ("清单摘要", "leaves digest"),
    "lines": ("行数", "lines"),
    "link_id": ("链接号", "link"),
    "machine": ("当时服务器时间", "machine's clock then"),
    "measure": ("数据", "measure"),
    "measures": ("整改措施", "measures taken"),
    "missed": ("未完成", "missed"),
    "money": ("经费（元）", "money (yuan)"),
    "name": ("名称", "name"),
    "new": ("新得分", "new score"),
    "note": ("备注", "note"),
    "occasion": ("事由", "occasion"),
    "occurred_on": ("发生日期", "occurred on"),
    "old": ("原得分", "old score"),
    "on": ("生效日期", "from"),
    "opened_on": ("开启日期", "opened on"),
    "organization": ("组织", "organization"),
    "parent": ("上级", "parent"),
    "period": ("期间", "period"),
    "person": ("检查人员", "inspector"),
    "place": ("地点", "place"),
    "policy_version": ("办法版本", "policy version"),
    "posted": ("已公布", "posted"),
    "previous_root": ("上次根", "previous root"),
    "problem": ("问题", "problem"),
    "purpose": ("用途", "purpose"),
    "purposes": ("检查任务", "purposes"),
    "randomness": ("随机数", "randomness"),
    "reason": ("理由", "reason"),
    "record_id": ("记录编号", "record"),
    "recorded": ("已记录", "recorded"),
    "recused": ("回避", "recused"),
    "rectification_id": ("通知单号", "order"),
    "registered_on": ("成立日期", "registered on"),
    "replies": ("回复次数", "replies"),
    "reply_id": ("回复号", "reply"),
    "required": ("需要", "required"),
    "retracted": ("已撤回", "retracted"),
    "role": ("角色", "role"),
    "root": ("根", "root"),
    "scheme": ("评价标准", "scheme"),
    "scheme_version": ("标准版本", "scheme version"),
    "schemes": ("评价标准", "schemes"),
    "scope": ("考核区", "root"),
    "scopes": ("用途", "scopes"),
    "score": ("得分", "score"),
    "seal": ("封存序号", "seal"),
    "second_factor": ("二次验证", "second factor"),
    "seed": ("抽样校验值", "draw check value"),
    "sheet_id": ("检查表号", "sheet"),
    "sheets": ("检查表", "sheets"),
    "shown": ("时钟显示", "clock showed"),
    "stage": ("环节", "stage"),
    "state": ("状态", "state"),
    "strata": ("分层", "strata"),
    "stratum": ("分层", "stratum"),
    "streams": ("流数", "streams"),
    "stream_version": ("流序号", "stream version"),
    "team": ("检查组", "team"),
    "title": ("主题", "title"),
    "token_id": ("令牌号", "token"),
    "tokens": ("令牌", "tokens"),
    "unchanged": ("未变", "unchanged"),
    "uninspected": ("未检查即截止", "closed uninspected"),
    "until": ("任期至", "last day"),
    "until_on": ("截止", "until"),
    "value": ("数值", "value"),
    "version": ("版本", "version"),
    "why": ("抽中原因", "why"),
    "zone": ("时区", "zone"),
}
"""Names of the fields of events and their subjects; a field not listed keeps its own name."""
FAMILIES = {"activity": "activities", "condition": "conditions", "measure": "measures"}
INSIDE: dict[str, tuple[str, str]] = {
    "present": ("到会", "present"),
    "expected": ("应到", "expected"),
    "due": ("应缴", "due"),
    "paid": ("实缴", "paid"),
    "credit": ("得分率", "credit"),
    "points": ("分", "points"),
    "causes": ("原因", "causes"),
    "cause": ("原因", "cause"),
    "count": ("次", "times"),
    "N": ("总数", "of"),
    "n": ("抽取", "drawn"),
}
VALUES: dict[str, tuple[str, str]] = {
    "monthly": ("月度", "monthly"),
    "half_year": ("半年", "half-year"),
    "annual": ("年度", "annual"),
    "by key": ("按随机键", "by key"),
    "longest without inspection": ("最久未检查", "longest without inspection"),
    "link": ("一次性链接", "one-time link"),
    "own": ("本人修改", "by the holder"),
    "draw": ("抽取", "draw"),
    "assignment": ("分派", "assignment"),
    "closed": ("已撤销", "closed"),
}
"""Names of fixed values of events."""
DIGEST = 64
"""Length of a SHA-256 in hexadecimal; a page shows its first 12 digits."""
LONG = frozenset({"document", "digest", "codes", "policy", "drawn"})
"""Fields that are too long for one line."""
LONGEST = 400
"""Characters of one value that a page shows; the page also shows the stored bytes."""
ERASED = ("（文字已删除，承诺仍在）", "(the text was erased; its commitment stays)")


@dataclass(frozen=True, slots=True)
class EventFormatter:
    """Words the data of events in one language with the names of the vocabulary."""

    words: PageWords
    language: Language

    def name(self, key: str) -> str:
        """Return the name of a field."""
        return self._one(FIELD_NAMES.get(key, (key, key)))

    def _one(self, pair: tuple[str, str]) -> str:
        return pair[0 if self.language == "zh" else 1]

    def value(self, key: str, value: Any) -> str:
        """Return a value as people write it, at most ``LONGEST`` characters."""
        text = self._value(key, value)
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"

    def _value(self, key: str, value: Any) -> str:  # noqa: C901 - one line a kind of value
        if value is None or value in ({}, []):
            return "—"
        if isinstance(value, bool):
            return self._one(("是", "yes") if value else ("否", "no"))
        if key == "evidence" and isinstance(value, list | tuple):
            return "、".join(self._evidence(part) for part in value)
        if isinstance(value, dict):
            if key == "money":  # stored in fen
                value = {
                    name: yuan(part) if isinstance(part, int) else part
                    for name, part in value.items()
                }
            return "；".join(f"{self._inside(name)} {self._value(name, part)}"
                            for name, part in value.items())  # fmt: skip
        if isinstance(value, list | tuple):
            return "、".join(self._value(key, part) for part in value)
        text = str(value)
        if text.startswith(COMMITMENT_PREFIX):
            return self._one(ERASED)
        if key in FAMILIES:
            return self.words.word(FAMILIES[key], text)
        if key in {"category", "categories", "stratum"}:
            return self.words.category(text)
        if key == "state":
            return self.words.status(text)
        if text in VALUES:
            return self._one(VALUES[text])
        if key == "role":
            return self.words.role(text)
        return f"{text[:12]}…" if len(text) == DIGEST and text.isalnum() else text

    def _evidence(self, piece: Any) -> str:
        if not isinstance(piece, dict):
            return str(piece)
        file = self._one(("（有文件）", " (file)")) if piece.get("file") else ""
        return self.words.word("evidence", piece["kind"]) + file

    def _inside(self, key: str) -> str:
        return self._one(INSIDE.get(key) or FIELD_NAMES.get(key, (key, key)))

    def lines(self, data: dict[str, Any]) -> list[tuple[str, str]]:
        """Return the name and the value of each field of an event."""
        return [(self.name(key), self.value(key, value)) for key, value in data.items()]

    def brief(self, data: dict[str, Any], skip: frozenset[str] = frozenset()) -> str:
        """Return the first fields of an event in one line, without long ones and those to skip."""
        shown = [
            f"{self.name(key)} {self.value(key, value)}"
            for key, value in data.items()
            if key not in skip | LONG and value is not None
        ]
        text = "；".join(shown)
        return text if len(text) <= LONGEST // 2 else text[: LONGEST // 2] + "…"


CHANNELS: dict[str, tuple[str, str]] = {
    "cli": ("命令行", "command line"),
    "import": ("导入", "import"),
    "web": ("网页", "web"),
    "api": ("接口", "API"),
    "scheduler": ("定时", "scheduler"),
}


def name_channel(channel: str, language: Language) -> str:
    """Return the name of the channel that recorded an event."""
    zh, en = CHANNELS.get(channel, (channel, channel))
    return zh if language == "zh" else en


def link_subject(code: str, event_type: str, data: dict[str, Any]) -> str:
    """Return the address of the page that shows the subject of an organization's event."""
    root = f"/organizations/{quote(code)}"
    if "record_id" in data:
        return f"{root}/records/{quote(data['record_id'])}"
    if "rectification_id" in data:
        return f"{root}/rectifications/{quote(data['rectification_id'])}"
    if event_type in {ScorePosted.TYPE, ScoreAdjusted.TYPE}:
        return f"{root}/explain/{quote(data['period'])}"
    return root
