"""What accounts, sign-ins, keys and delegations are refused with."""

from __future__ import annotations

from events.refusals.sentence import Kind, Sentence

ACCOUNTS = {
    "account_disabled": Sentence(
        "the account is disabled; enable it first", "账号已停用，请先恢复", kind=Kind.CONFLICT
    ),
    "account_exists": Sentence(
        "this account was opened for another person already",
        "这份表单已为另一个人开立过账号，没有再次保存",
        kind=Kind.CONFLICT,
    ),
    "api_alone": Sentence(
        "a personal token is for the API (/api/v1) only",
        "个人令牌只能用于接口（/api/v1），不能打开页面",
        kind=Kind.FORBIDDEN,
    ),
    "bad_end": Sentence(
        "the last day is between today and {days} days ahead", "最后一天应在今天到 {days} 天之内"
    ),
    "bad_link": Sentence(
        "this link was used, is older than {hours} hours or never existed; ask for a new one",
        "此链接已使用、已超过 {hours} 小时或不存在，请向管理员索取新的链接",
        kind=Kind.NOT_FOUND,
    ),
    "bad_login": Sentence(
        "a login name has letters, digits and . _ @ - only, at most 64 characters, no spaces",
        "登录名只能用汉字、字母、数字和 . _ @ -，不能有空格，最多 64 个字",
    ),
    "bad_password": Sentence(
        "a password has {least} to {most} characters", "密码长度为 {least} 到 {most} 个字符"
    ),
    "bad_token": Sentence(
        "this token was revoked, has expired or never existed",
        "令牌已作废、已到期或不存在",
        kind=Kind.FORBIDDEN,
    ),
    "beyond_own_role": Sentence(
        "your own role does not reach that far", "超出了您自己角色的范围", kind=Kind.FORBIDDEN
    ),
    "code_needed": Sentence(
        "enter the six digits that your authenticator shows", "请输入身份验证器显示的六位数字"
    ),
    "ends_before": Sentence(
        "{until} lies before the first day {first}", "最后一天 {until} 早于开始日期 {first}"
    ),
    "factor_stands": Sentence(
        "one-time codes are required already; turn them off first",
        "已经启用了验证码，请先停用",
        kind=Kind.CONFLICT,
    ),
    "forbidden": Sentence(
        "your account does not allow that; ask an administrator",
        "您的账号没有这项权限，请联系管理员",
        kind=Kind.FORBIDDEN,
    ),
    "grant_exists": Sentence(
        "{grant_id} was granted with other content already",
        "这份表单已经提交过一次，内容不同，没有再次保存",
        kind=Kind.CONFLICT,
    ),
    "lent_to_oneself": Sentence("that is your own account", "这是您自己的账号"),
    "loan_has_passed": Sentence("{day} has passed", "日期 {day} 已经过去"),
    "loan_outlives": Sentence(
        "your own role ends on {last}", "您自己的角色到 {last} 为止，委托不能更晚"
    ),
    "login_taken": Sentence(
        "{login} is taken; choose another", "登录名 {login} 已被使用，请换一个", kind=Kind.CONFLICT
    ),
    "no_end": Sentence("a delegated role needs a last day", "委托必须有最后一天"),
    "not_lendable": Sentence(
        "this role cannot be delegated", "这个角色不能委托他人", kind=Kind.FORBIDDEN
    ),
    "not_signed_in": Sentence("sign in first", "请先登录", kind=Kind.FORBIDDEN),
    "not_your_loan": Sentence(
        "you did not delegate that role", "这项委托不是您给出的", kind=Kind.NOT_FOUND
    ),
    "own_account": Sentence(
        "that is your own account; another administrator has to do it",
        "这是您自己的账号，请由另一位管理员操作",
        kind=Kind.CONFLICT,
    ),
    "place_needed": Sentence(
        "a {role} is responsible for one organization; name its code",
        "请填写组织代码：支部书记、乡镇（街道）专干只管一个组织及其下辖",
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
    "unknown_login": Sentence(
        "{login} is not the name of an account", "没有登录名为 {login} 的账号", kind=Kind.NOT_FOUND
    ),
    "unknown_role": Sentence(
        "--role: {role} is none of {known}", "没有这个角色：{role}（可用：{known}）"
    ),
    "wrong_code": Sentence(
        "that is not the code shown now", "验证码不正确，请输入现在显示的六位数字"
    ),
    "wrong_password": Sentence("that is not your password", "当前密码不正确"),
}
"""The sentences by code."""
