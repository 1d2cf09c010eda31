"""The name of each event type in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.event import COMMITMENT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.wording.refusals import Language

EVENT_NAMES: dict[str, tuple[str, str]] = {
    "DistrictInitialized": ("建立考核区", "District initialized"),
    "WentLive": ("正式启用", "District went live"),
    "DemonstrationClockSet": ("设置演示时钟", "Clock of the demonstration set"),
    "ClockConfirmed": ("确认服务器时间", "Clock confirmed"),
    "SchemePublished": ("发布评价标准", "Scheme published"),
    "SchemeClosed": ("停用评价标准", "Scheme closed"),
    "PolicyPublished": ("发布考核办法", "Policy published"),
    "OrganizationRegistered": ("组织登记", "Organization registered"),
    "OrganizationRenamed": ("组织更名", "Organization renamed"),
    "OrganizationMoved": ("隶属变更", "Organization moved"),
    "OrganizationRecategorized": ("类别变更", "Category changed"),
    "OrganizationRecoded": ("代码变更", "Code changed"),
    "OrganizationMerged": ("组织合并", "Organization merged"),
    "OrganizationClosed": ("组织撤销", "Organization closed"),
    "ActivityRecorded": ("记录活动", "Activity recorded"),
    "ActivityCorrected": ("更正记录", "Record corrected"),
    "ActivityRetracted": ("撤回记录", "Record retracted"),
    "ConditionReported": ("填报现状", "State reported"),
    "MeasureReported": ("填报数据", "Number reported"),
    "InspectionAssigned": ("分派检查", "Inspection assigned"),
    "InspectionMissed": ("检查未完成", "Inspection missed"),
    "InspectionNotHeld": ("检查未进行", "Inspection not held"),
    "FindingsSubmitted": ("提交检查表", "Sheet handed in"),
    "RectificationOrdered": ("下达整改", "Rectification ordered"),
    "RectificationReplied": ("整改回复", "Rectification answered"),
    "ScorePosted": ("公布得分", "Score posted"),
    "ScoreAdjusted": ("更正得分", "Score adjusted"),
    "CycleOpened": ("开启抽查", "Cycle opened"),
    "FrameCommitted": ("确定名册", "Frame committed"),
    "OrganizationExcluded": ("排除组织", "Organization left out"),
    "SampleDrawn": ("抽取样本", "Sample drawn"),
    "SampleListed": ("样本名单", "Sample listed"),
    "InspectionsAssigned": ("检查分派完毕", "Inspections assigned"),
    "InspectorsReminded": ("提醒检查人员", "Inspectors reminded"),
    "DeadlineMoved": ("调整期限", "Deadline moved"),
    "CycleClosing": ("停止收表", "Cycle closing"),
    "CycleClosed": ("截止抽查", "Cycle closed"),
    "InspectorRegistered": ("登记检查人员", "Inspector registered"),
    "InspectorRecused": ("检查人员回避", "Inspector recused"),
    "ImportStarted": ("开始导入", "Import started"),
    "ImportFinished": ("完成导入", "Import finished"),
    "Sealed": ("封存日志", "Log sealed"),
    "AccountOpened": ("开立账号", "Account opened"),
    "RoleGranted": ("授予角色", "Role granted"),
    "RoleRevoked": ("收回角色", "Role revoked"),
    "AccountDisabled": ("停用账号", "Account disabled"),
    "AccountEnabled": ("恢复账号", "Account enabled"),
    "LinkIssued": ("生成一次性链接", "One-time link made"),
    "PasswordChanged": ("修改密码", "Password changed"),
    "SecondFactorChanged": ("更改登录验证", "Second factor changed"),
    "TokenIssued": ("签发令牌", "Token issued"),
    "TokenRevoked": ("作废令牌", "Token revoked"),
}
"""Every event type; a test fails when one is missing."""


def name_event_type(kind: str, language: Language) -> str:
    """Return the name of an event type, or the type itself if it has none."""
    zh, en = EVENT_NAMES.get(kind, (kind, kind))
    return zh if language == "zh" else en


def make_free_text_filter(language: Language) -> Callable[[str], str]:
    """Return a filter that shows a free text of an event, or a note where it was erased."""

    def shown(text: str) -> str:
        if not text.startswith(COMMITMENT_PREFIX):
            return text
        return "（内容已依规删除）" if language == "zh" else "(erased)"

    return shown
