"""The built-in vocabulary: words that records, reports and rules may use, and the categories.

A word means the same in every scheme. The built-in words are all those that the built-in schemes
use, in force or not, in the same wording. A scheme may define more words; a word that is defined
twice keeps its first meaning (docs/semantics.md, section 2). A district's policy may add categories
(section 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from events.documents.schemes import Scheme, Text

FAMILIES = ("activities", "conditions", "measures", "evidence")


def _words(*rows: tuple[str, str, str]) -> Mapping[str, Text]:
    return MappingProxyType({word: Text(zh=zh, en=en) for word, zh, en in rows})


CATEGORIES: Mapping[str, Text] = _words(
    ("prefecture", "市（州）", "Prefecture"),
    ("county", "县（市、区）", "County"),
    ("township", "乡镇", "Township"),
    ("street", "街道", "Street"),
    ("village", "村", "Village"),
    ("community", "社区", "Community"),
    ("department", "机关部门", "Department"),
    ("station", "站所", "Station"),
    ("school", "学校", "School"),
    ("enterprise", "企业", "Enterprise"),
    ("social_organization", "社会组织", "Social organization"),
)
"""The built-in categories of organizations; a policy may add some, a scheme cannot."""


@dataclass(frozen=True)
class Vocabulary:
    """The known words by family and the known categories, each with its text in both languages."""

    activities: Mapping[str, Text]
    conditions: Mapping[str, Text]
    measures: Mapping[str, Text]
    evidence: Mapping[str, Text]
    categories: Mapping[str, Text] = field(default_factory=lambda: CATEGORIES)

    def extended(self, schemes: Iterable[Scheme]) -> Vocabulary:
        """Return this vocabulary with the words of ``schemes``; a word keeps its first meaning."""
        families = {family: dict(getattr(self, family)) for family in FAMILIES}
        for scheme in schemes:
            for family, words in families.items():
                for word, text in getattr(scheme, family).items():
                    words.setdefault(word, text)
        return replace(
            self, **{family: MappingProxyType(words) for family, words in families.items()}
        )

    def with_categories(self, own: Mapping[str, Text]) -> Vocabulary:
        """Return this vocabulary with a district's own categories after the built-in ones."""
        return replace(self, categories=known_categories(own))


def known_categories(own: Mapping[str, Text]) -> Mapping[str, Text]:
    """Return the built-in categories and those that a district's policy adds."""
    return MappingProxyType({**CATEGORIES, **own}) if own else CATEGORIES


_ACTIVITIES = _words(
    (
        "affairs_disclosure",
        "公开党务居务财务",
        "Disclosure of Party, residents' and financial affairs",
    ),
    ("dues_collection", "收缴党费", "Collection of membership dues"),
    ("dues_remittance", "上缴党费", "Remittance of membership dues"),
    (
        "member_development_plan",
        "制定发展党员年度计划",
        "Yearly plan for admitting members adopted",
    ),
    ("study_plan", "制定党员年度学习计划", "Yearly study plan adopted"),
    ("study_session", "党员学习", "Study session for members"),
    ("appraisal_plan", "制定民主评议党员方案", "Plan for the appraisal of members adopted"),
    ("appraisal_meeting", "民主评议党员会议", "Meeting to appraise members"),
    ("migrant_forum", "外来流动党员和务工人员座谈会", "Forum with migrant members and workers"),
    (
        "coordination_plan",
        "制定辖区单位协调会方案",
        "Plan for the meetings with local units adopted",
    ),
    (
        "coordination_meeting",
        "辖区单位党务干部协调会",
        "Coordination meeting with the Party workers of local units",
    ),
    ("branch_committee_meeting", "支部委员会会议", "Branch committee meeting"),
    ("member_assembly", "党员大会", "General meeting of members"),
    ("democratic_life_meeting", "民主生活会", "Democratic life meeting"),
    ("party_lesson", "党课", "Party lesson"),
    (
        "pioneer_plan",
        "制定创先争优活动计划",
        "Plan for the striving-for-excellence campaign adopted",
    ),
    ("anniversary_plan", "制定建党纪念活动计划", "Plan for the founding anniversary adopted"),
    ("anniversary_event", "建党纪念活动", "Commemoration of the founding anniversary"),
    ("outstanding_member_selection", "评选优秀共产党员", "Selection of outstanding members"),
    ("visit", "走访慰问", "Visit to people in need of care"),
    ("service_activity", "党员服务群众活动", "Members' service activity for residents"),
    (
        "audiovisual_plan",
        "制定电化教育播放计划",
        "Broadcasting plan of the audio-visual station adopted",
    ),
    ("audiovisual_session", "电化教育活动", "Session at the audio-visual station"),
    ("civility_plan", "制定精神文明创建活动方案", "Plan for civic-virtue activities adopted"),
    ("civility_selection", "精神文明创建评选", "Selection of civic-virtue models"),
    (
        "cultural_activity",
        "群众性文体娱乐活动",
        "Cultural, sports or leisure activity for residents",
    ),
    ("community_plan", "制定社区建设年度计划", "Yearly community plan adopted"),
    ("cleanup_campaign", "集中整治市容环境", "Clean-up campaign"),
    ("skills_training", "就业技能培训", "Job skills training"),
    ("employment_information", "提供就业信息咨询", "Employment information and advice"),
    (
        "reemployment_plan",
        "制定带头再就业活动方案",
        "Plan for members to lead in re-employment adopted",
    ),
    ("group_meeting", "党小组会", "Party group meeting"),
    ("theme_day", "主题党日", "Theme day of the branch"),
)

_CONDITIONS = _words(
    ("national_flag", "室外悬挂国旗", "National flag flown outdoors"),
    ("notice_board", "室外公开栏防雨且位置合适", "Outdoor notice board well placed and rainproof"),
    ("yearly_notices_posted", "年度固定内容已公开", "Notices that stand all year are posted"),
    ("stage", "戏台", "Stage"),
    ("health_station", "卫生服务站", "Health station"),
    ("open_service_hall", "开放式便民服务大厅", "Open-plan service hall"),
    ("service_windows", "服务窗口", "Service windows staffed and labelled"),
    ("talk_room", "说事室", "Room for talks with residents"),
    ("multipurpose_room", "多功能活动室", "Multi-purpose room"),
    ("delegates_place", "党代表联系群众场所", "Place where Party delegates meet residents"),
    ("party_rules_posted", "党员活动室制度上墙", "Oath, duties and rules on the wall"),
    ("audiovisual_station", "电化教育站点", "Audio-visual education station"),
    ("audiovisual_equipment", "电教设备", "Audio-visual equipment"),
    (
        "audiovisual_management",
        "播放制度、专人和记载",
        "Broadcasting rules, a person in charge and a log",
    ),
    ("archive_room", "档案室", "Archive room"),
    ("archive_equipment", "档案柜和档案盒", "Archive cabinets and boxes"),
    ("reading_room", "图书阅览室", "Reading room"),
    ("electronic_reading", "电子阅览", "Electronic reading"),
    ("recreation_room", "文化娱乐室", "Recreation room"),
    ("recreation_equipment", "文化娱乐设施", "Recreation equipment"),
    ("residents_school", "市民学校", "Residents' school"),
    (
        "residents_school_equipment",
        "市民学校教学设备和年度教学计划",
        "Teaching equipment and a posted yearly teaching plan",
    ),
    ("police_room", "警务室", "Police room"),
    ("police_duty_records", "警务值班公示和执勤记录", "Police duty roster posted and log kept"),
    ("charity_shop", "爱心超市", "Charity shop"),
    ("charity_shop_stock", "爱心超市货架和物品", "Shelves and daily goods in the charity shop"),
    ("relief_records", "救助目录、台账和救助证", "Relief catalogue, ledger and cards"),
    ("member_file_contents", "党员档案材料", "Papers in the members' files"),
    ("floating_member_file_contents", "流动党员档案材料", "Papers in the floating members' files"),
    ("applicant_file_contents", "入党积极分子档案材料", "Papers in the applicants' files"),
    ("reserve_cadre_file_contents", "后备干部档案材料", "Papers in the reserve cadres' files"),
    ("worker_file_contents", "社区工作者档案材料", "Papers in the community workers' files"),
    ("volunteer_file_contents", "志愿者档案材料", "Papers in the volunteers' files"),
    ("merged_file_contents", "合并档案材料", "Papers in merged files"),
    ("migrant_opinions_posted", "外来人员意见建议已公开", "Migrants' opinions posted"),
    ("household_file_contents", "居民档案内容", "Entries in the household files"),
    ("help_targets", "帮扶对象", "Residents in hardship assigned for help"),
    ("help_measures", "帮扶措施", "Help measures laid down"),
    ("care_targets", "关爱对象", "Residents with special needs assigned for care"),
    ("hall_duty", "干部党员轮流值班", "Cadres and members on duty in turn"),
    ("hall_duty_log", "值班记录", "Duty log"),
    ("talk_records", "谈心说事记录", "Record of residents received"),
    (
        "no_petition_incidents",
        "无越级上访和群体性事件",
        "No petitions over the heads of levels and no mass incidents",
    ),
    ("volunteer_team", "志愿服务队", "Volunteer team"),
    ("volunteer_records", "志愿服务记录", "Record of volunteer help"),
    ("sanitation_zones", "环境卫生责任区", "Sanitation zones assigned"),
    ("partnership_agreements", "共驻共建责任书", "Partnership agreements with local units"),
    ("partnership_projects", "共建项目", "Projects carried out with local units"),
    ("reemployment_pairs", "再就业帮带对象", "Residents assigned for re-employment help"),
    ("department_funds_pooled", "部门资金整合利用", "Department funds pooled and used"),
)

_MEASURES = _words(
    ("members", "党员人数", "Party members"),
    (
        "members_on_portrait_wall",
        "群像图资料齐全的党员人数",
        "Members shown with photo, details and pledge",
    ),
    ("member_files", "已单独建档的党员人数", "Members with a file of their own"),
    (
        "rostered_people",
        "积极分子、后备干部、工作者、志愿者人数",
        "Applicants, reserve cadres, workers and volunteers, each person once",
    ),
    ("rostered_people_files", "上述人员中已建档人数", "Of these people those with a file"),
    ("young_members", "37岁及以下党员人数", "Members aged 37 or under"),
    ("young_applicants", "32岁及以下入党积极分子人数", "Applicants aged 32 or under"),
    (
        "members_with_appraisal",
        "评议意见已填写归档并公示的党员人数",
        "Members whose appraisal is written, filed and published",
    ),
    (
        "members_with_pledges",
        "三类承诺均已作出并公示的党员人数",
        "Members whose three pledges are made and published",
    ),
    ("households", "居民户数", "Households"),
    ("household_files", "已建档户数", "Households with a file"),
    ("member_cadres", "党员干部人数", "Member cadres"),
    (
        "member_cadres_with_households",
        "有包保对象的党员干部人数",
        "Member cadres with households assigned",
    ),
    (
        "households_able_to_work",
        "有劳动能力和就业愿望的户数",
        "Households with somebody able and willing to work",
    ),
    (
        "households_employed",
        "上述户中至少1人就业的户数",
        "Of these households those with somebody in work",
    ),
    ("work_funds", "年度社区工作经费（元）", "Work funds of the year (yuan)"),
    ("community_cadres", "社区干部人数", "Community cadres"),
    ("cadre_wage", "社区干部最低月工资（元）", "Lowest monthly wage of a community cadre (yuan)"),
    (
        "local_average_wage",
        "当地城镇职工月平均工资（元）",
        "Local average monthly wage of urban employees (yuan)",
    ),
    (
        "cadres_insured",
        "养老医疗均参保的社区干部人数",
        "Community cadres with both pension and medical insurance",
    ),
    (
        "member_activity_funds",
        "年度党员活动经费（元）",
        "Funds for members' activities of the year (yuan)",
    ),
)

_EVIDENCE = _words(
    ("minutes", "会议记录", "Minutes"),
    ("sign_in_sheet", "签到表", "Sign-in sheet"),
    ("photo", "照片", "Photo"),
    ("plan", "计划或方案", "Plan"),
    ("notice", "通知", "Notice sent out"),
    ("study_record", "学习记录", "Study record"),
    ("lesson_record", "党课记录", "Lesson record"),
    ("opinions_sought", "征求意见材料", "Opinions sought beforehand"),
    ("rectification_measures", "整改措施", "Rectification measures"),
    ("service_record", "服务记录", "Service record"),
    ("signed_feedback", "群众签署的评价意见", "Opinion signed by residents"),
    ("playback_record", "播放记录", "Playback record"),
    ("activity_record", "活动记录", "Activity record"),
    ("training_record", "培训记录", "Training record"),
)

BUILT_IN = Vocabulary(_ACTIVITIES, _CONDITIONS, _MEASURES, _EVIDENCE)
"""The words of all built-in schemes."""
