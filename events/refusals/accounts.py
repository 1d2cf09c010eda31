"""Refusals of sign-in, accounts, roles, tokens and delegations.

To add one: an entry with the code, the English sentence, the Chinese one and, unless it is
``INVALID``, the kind; then ``raise Refused("code", field=..., name=...)``. Rules:
``events.refusals.errors``.
"""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

ACCOUNTS = {
    "account_disabled": Sentence(
        "the account is disabled; enable it first", "账号已停用，请先恢复", kind=Kind.CONFLICT
    ),
    "account_exists": Sentence(
        "the account already belongs to another person; open a new one",
        "这份表单已为另一个人开立过账号，没有再次保存",
        kind=Kind.CONFLICT,
    ),
    "api_alone": Sentence(
        "a personal token works only for the API (/api/v1)",
        "个人令牌只能用于接口（/api/v1），不能打开页面",
        kind=Kind.FORBIDDEN,
    ),
    "bad_end": Sentence(
        "the last day must be between today and {days} days from today",
        "最后一天应在今天到 {days} 天之内",
    ),
    "bad_link": Sentence(
        "the link was used, is older than {hours} hours or is invalid; ask an "
        "administrator for a new one",
        "此链接已使用、已超过 {hours} 小时或不存在，请向管理员索取新的链接",
        kind=Kind.NOT_FOUND,
    ),
    "bad_login": Sentence(
        "use only letters, digits and . _ @ - for a login name, no spaces, at most 64 characters",
        "登录名只能用汉字、字母、数字和 . _ @ -，不能有空格，最多 64 个字",
    ),
    "bad_days": Sentence("give 1 to {most} days", "请填写 1 到 {most} 天"),
    "bad_slip": Sentence(
        "user name and code do not fit, or the code was used or has expired; ask for a new slip",
        "用户名与登录码不符，或者登录码已使用、已过期，请索取新的登录条",
    ),
    "bad_password": Sentence(
        "a password must have {least} to {most} characters", "密码长度为 {least} 到 {most} 个字符"
    ),
    "bad_token": Sentence(
        "the token was revoked, has expired or is invalid",
        "令牌已作废、已到期或不存在",
        kind=Kind.FORBIDDEN,
    ),
    "beyond_own_role": Sentence(
        "this is outside the scope of your own role", "超出您本人的权限范围", kind=Kind.FORBIDDEN
    ),
    "code_needed": Sentence(
        "enter the six digits that your authenticator shows", "请输入身份验证器显示的六位数字"
    ),
    "ends_before": Sentence(
        "the last day {until} is before the first day {first}",
        "最后一天 {until} 早于开始日期 {first}",
    ),
    "factor_stands": Sentence(
        "one-time codes are already required; turn them off first",
        "已经启用了验证码，请先停用",
        kind=Kind.CONFLICT,
    ),
    "forbidden": Sentence(
        "your account has no permission for this; ask an administrator",
        "您的账号没有这项权限，请联系管理员",
        kind=Kind.FORBIDDEN,
    ),
    "grant_exists": Sentence(
        "the grant {grant_id} already exists with other content",
        "这份表单已经提交过一次，内容不同，没有再次保存",
        kind=Kind.CONFLICT,
    ),
    "hashing_busy": Sentence(
        "too many people are signing in at this moment; try again in a few seconds",
        "此刻登录的人太多，请几秒钟后再试",
        kind=Kind.BUSY,
    ),
    "lent_to_oneself": Sentence(
        "a role cannot be delegated to your own account", "不能委托给自己的账号"
    ),
    "loan_has_passed": Sentence(
        "{day} has passed; choose a later day", "日期 {day} 已过，请改选以后的日期"
    ),
    "loan_outlives": Sentence(
        "your own role ends on {last}; choose that day or an earlier one",
        "您本人的角色到 {last} 为止，委托不能晚于这一天",
    ),
    "login_taken": Sentence(
        "the login name {login} is in use; choose another",
        "登录名 {login} 已被使用，请换一个",
        kind=Kind.CONFLICT,
    ),
    "no_end": Sentence("a delegated role needs a last day", "委托必须有最后一天"),
    "not_lendable": Sentence(
        "this role cannot be delegated", "这个角色不能委托他人", kind=Kind.FORBIDDEN
    ),
    "not_signed_in": Sentence("sign in first", "请先登录", kind=Kind.FORBIDDEN),
    "not_your_loan": Sentence(
        "you did not delegate this role", "这项委托不是您办理的", kind=Kind.NOT_FOUND
    ),
    "own_account": Sentence(
        "this is your own account; ask another administrator",
        "这是您自己的账号，请由另一位管理员操作",
        kind=Kind.CONFLICT,
    ),
    "people_beyond": Sentence(
        "you may open accounts only for branch secretaries of your own organizations",
        "您只能给本辖区内的党支部书记开账号",
    ),
    "nobody_chosen": Sentence(
        "nobody who has not signed in is chosen; tick at least one person",
        "没有选中尚未登录的人员，请至少勾选一人",
    ),
    "people_none": Sentence("choose a file or paste the list", "请选择文件，或者粘贴名单"),
    "people_too_many": Sentence(
        "the list has more than {most} people; split it", "名单超过 {most} 人，请分成几份"
    ),
    "place_needed": Sentence(
        "the role {role} needs an organization; give its code",
        "请填写组织：支部书记、乡镇（街道）专干只管一个组织及其下辖",
    ),
    "sign_in_failed": Sentence(
        "the name or the password is wrong", "用户名或密码不正确", kind=Kind.FORBIDDEN
    ),
    "signed_in_too_often": Sentence(
        "too many sign-ins failed; try again in {minutes} minutes",
        "登录失败次数过多，请 {minutes} 分钟后再试",
        kind=Kind.BUSY,
    ),
    "unknown_account": Sentence("there is no such account", "没有这个账号", kind=Kind.NOT_FOUND),
    "calendar_link_void": Sentence(
        "this calendar address is not valid, or it was replaced; make a new one on your account"
        " page",
        "这个日历地址无效或已作废，请在“我的账号”中重新生成",
        kind=Kind.NOT_FOUND,
    ),
    "unknown_login": Sentence(
        "there is no account {login}", "没有登录名为 {login} 的账号", kind=Kind.NOT_FOUND
    ),
    "unknown_role": Sentence(
        "--role: {role} is not a role; choose one of {known}",
        "没有这个角色：{role}（可用：{known}）",
    ),
    "wrong_code": Sentence(
        "the code is wrong; enter the six digits shown now",
        "验证码不正确，请输入现在显示的六位数字",
    ),
    "wrong_password": Sentence("the current password is wrong", "当前密码不正确"),
}
"""The sentences by code."""
