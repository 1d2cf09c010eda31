"""Invented names of the demonstration district: places, organizations, titles, reasons.

No place of this county exists, and people have ids (``p-001``) instead of names.
"""

from __future__ import annotations

COUNTY = "青溟县"
STREETS = ("霁云街道", "栖鹭街道", "澄砚街道", "望舒街道")
TOWNS = ("鹤渚镇", "砚田镇", "松翎镇", "沅霞镇", "枫岫镇", "麦舟镇", "蓼雁乡", "竹霭乡")

VILLAGE_FIRST = tuple("霜鹭砚槿蓼荻筠岚葭枕栌漪芷棠雁蘅")
VILLAGE_SECOND = tuple("桥岭坪湾塘岗畈垸冲渡埠坞")
COMMUNITY_FIRST = ("云砚", "听荷", "棠溪", "栖梧", "澄湖", "漱玉", "望舟", "芷兰", "霁月", "松涛")
COMMUNITY_SECOND = ("里", "苑", "桥", "坊", "园", "街")

DEPARTMENTS = (
    "财政局",
    "审计局",
    "统计局",
    "民政局",
    "司法局",
    "水利局",
    "林业局",
    "农业农村局",
    "交通运输局",
    "教育局",
    "科学技术局",
    "文化和旅游局",
    "卫生健康局",
    "应急管理局",
    "市场监督管理局",
    "生态环境局",
    "住房和城乡建设局",
    "自然资源局",
    "人力资源和社会保障局",
    "医疗保障局",
    "退役军人事务局",
    "信访局",
    "档案馆",
    "城市管理执法局",
    "商务局",
    "招商服务中心",
    "政务服务中心",
    "公共资源交易中心",
    "融媒体中心",
    "供销合作社",
    "气象站",
    "残疾人联合会",
    "红十字会",
    "工商业联合会",
    "科学技术协会",
    "妇女联合会",
    "总工会",
    "文学艺术界联合会",
    "机关事务服务中心",
    "住房公积金管理部",
)
SCHOOLS = ("中心小学", "初级中学", "中心幼儿园")
TRADES = ("纺织", "农机", "茶业", "食品", "建材", "物流", "种业", "包装", "竹艺", "水产")
COMPANY_FIRST = ("霁禾", "栖砚", "棠舟", "筠石", "漪川", "鹭鸣", "葭月", "澄岚")

TEAMS = (
    ("乡镇组", ("village", "school"), 20),
    ("城区组", ("community",), 12),
    ("机关组", ("department", "school", "enterprise"), 14),
)
"""Name of the team, the categories that it serves, its number of people."""

PLACES = {
    "village": ("村部二楼会议室", "村党员活动室", "村文化广场", "村民小组议事点"),
    "community": ("社区会议室", "社区党员活动室", "多功能活动室", "小区凉亭"),
    "department": ("三楼会议室", "机关党员活动室", "政务大厅", "包联村村部"),
    "school": ("学校会议室", "教师办公室", "阶梯教室", "学校党员活动室"),
    "enterprise": ("公司会议室", "职工之家", "生产车间", "企业党员活动室"),
}
VISITED = ("联系户家中", "困难户家中", "帮扶对象家中")
TOPICS = {
    "branch_committee_meeting": (
        "研究本月重点工作",
        "讨论发展党员事项",
        "研究上月问题整改",
        "安排下月工作",
    ),
    "member_assembly": ("通报季度工作", "讨论年度计划", "表决发展对象", "评议班子工作"),
    "group_meeting": ("学习并交流体会", "分配联系户", "通报党费收缴", "讨论志愿服务分工"),
    "theme_day": ("清扫公共场地", "重温入党誓词", "义务植树", "慰问困难家庭", "安全隐患排查"),
    "study_session": ("学习党章", "学习上级会议精神", "学习农业技术", "学习法律常识", "观看教育片"),
    "party_lesson": ("怎样做合格党员", "基层工作方法", "廉洁自律", "身边的榜样"),
    "visit": (
        "走访困难户",
        "走访独居老人",
        "走访退役军人家庭",
        "走访联系户",
        "走访外出务工人员家庭",
    ),
    "service_activity": ("义务理发", "代办事项", "维修家电", "健康义诊", "环境整治"),
    "audiovisual_session": ("播放科普片", "播放教育片", "播放种植技术课"),
    "skills_training": ("家政服务培训", "电商操作培训", "电工基础培训"),
    "employment_information": ("发布用工信息", "家政岗位推介", "园区招工咨询"),
    "affairs_disclosure": ("公开本期收支", "公开事务办理结果", "公开党费收缴情况"),
}
CORRECTION_REASONS = ("到会人数登记有误", "日期登记有误", "地点登记有误", "标题登记有误")
STUB_REASON = "先登记后补材料"
RETRACTION_REASONS = ("重复登记", "活动未实际开展，误登", "登记到了别的支部的活动")
ADJUSTMENT_REASON = "复核会议记录原件，支部委员会会议确已按期召开，原扣分予以更正"
MEASURES_TAKEN = (
    "已召开支部委员会专题研究，明确责任人，问题当周整改到位",
    "已补充完善相关记录并重新归档，今后当月登记当月核对",
    "已更换损坏设施，重新张贴公示内容，安排专人每周检查",
    "已对照标准逐项核实名册，错漏数据已更正",
    "已入户走访并补做记录，群众签字确认，建立台账长期坚持",
    "已组织党员重新学习，并随机提问检验效果",
)
EXEMPT_NOTE = "本期应交为零：经支部会议决定减免"


def village_names() -> list[str]:
    """Return all village names, such as ``霜桥村``."""
    return [first + second + "村" for second in VILLAGE_SECOND for first in VILLAGE_FIRST]


def community_names() -> list[str]:
    """Return all community names."""
    return [first + second + "社区" for second in COMMUNITY_SECOND for first in COMMUNITY_FIRST]


def company_names() -> list[str]:
    """Return all company names."""
    return [first + trade + "有限公司" for trade in TRADES for first in COMPANY_FIRST]
