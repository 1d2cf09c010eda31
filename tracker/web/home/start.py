"""The first steps of a district that has nothing yet: in order, with links for the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from projections.documents.in_force import district, published_schemes
from projections.organizations.selection import count_open
from projections.people.accounts import accounts
from projections.people.inspectors import inspectors

if TYPE_CHECKING:
    from events.log.reader import Reader
    from tracker.http.context import RequestContext

DEPARTMENT = "department"
OF_DEPARTMENT = ("由组织部门的账号操作", "done with an account of the department")
WHOSE = {"administer": ("由系统管理员的账号操作", "done with an administrator's account")}
"""Who does a step that is not for the user, by its action; the department does the others."""


@dataclass(frozen=True, slots=True)
class StartStep:
    """One step: what to do, how or by whom, whether it is done, and its page.

    ``link`` is empty where the step is not for the user.
    """

    name: str
    hint: str
    done: bool
    link: str


def is_bare(reader: Reader) -> bool:
    """Return whether a district has no organization or no scheme, so that nothing has figures."""
    return count_open(reader) == 0 or not published_schemes(reader)


def list_start_steps(context: RequestContext, reader: Reader) -> list[StartStep]:
    """Return the steps from an empty district to the first month, empty once they are done."""
    live = district(reader).live
    if not is_bare(reader) and inspectors(reader) and live:
        return []
    t, organizations = context.t, count_open(reader)
    steps = (
        (
            t("登记最上级组织", "Register the top organization"),
            t("如县（区）委；其余组织可以整册导入", "the county committee; others can be imported"),
            organizations > 0,
            "administer",
            "/admin/register-organization",
        ),
        (
            t("给组织部门开账号", "Open an account for the department"),
            t("角色选“组织部门”，范围选最上级组织", "role Department, over the top organization"),
            _has_department(reader),
            "administer",
            "/admin/open-account",
        ),
        (
            t("发布考核标准", "Publish a scheme"),
            t("按组织类别选一份，从起始月施行", "one for each category, from the first month"),
            bool(published_schemes(reader)),
            "publish",
            "/schemes",
        ),
        (
            t("导入组织名册和以前的台账", "Import the organizations and earlier records"),
            t("赶在正式运行以前", "before the district goes live"),
            organizations > 1,
            "import",
            "/import",
        ),
        (
            t("登记检查人员", "Register inspectors"),
            t("按检查组登记，再给他们开账号", "by team, then open their accounts"),
            bool(inspectors(reader)),
            "administer",
            "/admin/register-inspector",
        ),
        (
            t("正式运行", "Go live"),
            t("从选定的月份起按月考核", "cycles open from the month that you choose"),
            live,
            "go_live",
            "/admin/go-live",
        ),
    )
    return [
        StartStep(name, hint, done, link)
        if context.may(reader, action)
        else StartStep(name, t(*WHOSE.get(action, OF_DEPARTMENT)), done, "")
        for name, hint, done, action, link in steps
    ]


def _has_department(reader: Reader) -> bool:
    """Return whether an account has the department's role."""
    return any(
        grant.role == DEPARTMENT
        for account in accounts(reader).values()
        for grant in account.grants.values()
    )
