"""Lists of people who are to have accounts: rows of a workbook or of pasted text.

Every fault is named at its row and heading; a row with a fault is still in the answer, so that the
preview shows the list as it was given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from events.refusals.errors import Message, Refused
from tracker.imports.lines import LineFault, printable
from tracker.imports.tables.cells import Cell, Sheet, fold_text, text_of
from tracker.imports.tables.columns import OF_ORGANIZATION, fold_heading
from tracker.imports.tables.mapping import SEARCHED_ROWS
from tracker.imports.tables.words import CellError, OrganizationNames, Words

if TYPE_CHECKING:
    from events.documents.vocabulary import Vocabulary

FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "名字", "人员姓名", "党组织书记", "name"),
    "phone": ("电话", "手机", "手机号", "手机号码", "联系电话", "联系方式", "电话号码", "phone"),
    "organization": (*OF_ORGANIZATION.headings, "所在单位", "所在组织", "管理范围"),
    "role": ("角色", "身份", "岗位", "职务", "账号类型", "role"),
    "login": ("登录名", "用户名", "账号", "账号名", "login"),
    "team": ("检查组", "组别", "小组", "team"),
    "categories": ("检查类别", "负责类别", "类别", "categories"),
}
"""The columns of the list with the headings that name them; the first is that of the pages."""
NEEDED = ("name", "role")
ROLE_WORDS: dict[str, tuple[str, ...]] = {
    "branch": ("支部书记", "党支部书记", "书记", "支部", "党支部", "村书记", "社区书记"),
    "township": ("乡镇专干", "街道专干", "乡镇（街道）专干", "专干", "乡镇", "街道", "党务专干",
                 "乡镇干部", "街道干部"),
    "inspector": ("检查人员", "检查员", "检查组成员", "考核人员", "检查组"),
    "department": ("组织部门", "组织部", "部门", "县委组织部", "区委组织部"),
    "auditor": ("审计人员", "审计", "审计员", "监督人员", "监督"),
}  # fmt: skip
"""The roles that a list gives, by what people write; administrators are opened one by one."""
ROLES_BY_WORD = {
    fold_heading(word): role for role, words in ROLE_WORDS.items() for word in (*words, role)
}
PHONE = re.compile(r"\+?[\d -]{5,25}")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as the list gives them; ``row`` counts from 1, empty texts are not given."""

    row: int
    name: str
    phone: str = ""
    organization: str = ""
    """The code, or what was written where it is not known."""
    role: str = ""
    login: str = ""
    team: str = ""
    categories: tuple[str, ...] = ()


@dataclass(slots=True)
class PeopleTable:
    """The rows of a list with the faults of its cells."""

    rows: list[PersonRow] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)


def read_people(
    sheets: Iterable[Sheet],
    name: str,
    vocabulary: Vocabulary,
    organizations: Iterable[tuple[str, str]],
) -> PeopleTable:
    """Return the people of the first sheet with a header; ``Refused`` where there is none."""
    for sheet in sheets:
        for number, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
            columns = _columns(row)
            if set(NEEDED) <= set(columns):
                names, words = OrganizationNames(organizations), Words(vocabulary)
                return _read_rows(sheet, number, columns, names, words)
    headings = "、".join(titles[0] for titles in FIELDS.values())
    raise Refused(
        "table_no_header", name=printable(name), rows=SEARCHED_ROWS, headings=headings, field="file"
    )


def _columns(row: list[Cell]) -> dict[str, int]:
    """Return the column of each field that a row of headings names."""
    columns: dict[str, int] = {}
    for place, cell in enumerate(row):
        heading = fold_heading(text_of(cell))
        for name, titles in FIELDS.items():
            if name not in columns and heading in {fold_heading(title) for title in titles}:
                columns[name] = place
                break
    return columns


def _read_rows(
    sheet: Sheet, header: int, columns: dict[str, int], names: OrganizationNames, words: Words
) -> PeopleTable:
    table = PeopleTable()
    headings = {name: text_of(sheet.rows[header][place]) for name, place in columns.items()}
    for number in range(header + 1, len(sheet.rows)):
        cells = {name: sheet.rows[number][place] for name, place in columns.items()}
        if not any(text_of(cell) for cell in cells.values()):
            continue
        person, faults = _read_row(number + 1, cells, names, words)
        table.rows.append(person)
        table.faults += [
            LineFault(number + 1, headings.get(name, FIELDS[name][0]), message)
            for name, message in faults
        ]
    return table


def _read_row(
    number: int, cells: dict[str, Cell], names: OrganizationNames, words: Words
) -> tuple[PersonRow, list[tuple[str, Message]]]:
    """Return a row, and its faults by field."""
    texts = {name: text_of(cell).strip() for name, cell in cells.items()}
    faults: list[tuple[str, Message]] = []
    role = ROLES_BY_WORD.get(fold_heading(texts["role"]), "")
    if not role:
        known = "、".join(titles[0] for titles in ROLE_WORDS.values())
        faults.append(("role", Message("cell_role", value=texts["role"], known=known)))
    if not texts["name"]:
        faults.append(("name", Message("line_empty")))
    phone = unicodedata.normalize("NFKC", texts.get("phone", ""))
    if phone and not PHONE.fullmatch(phone):
        faults.append(("phone", Message("cell_phone", value=phone)))
    organization, categories = texts.get("organization", ""), []
    try:
        organization = names.code_of(organization) if organization else ""
    except CellError as error:
        faults.append(("organization", error.message))
    if not organization and role in {"branch", "township"}:
        faults.append(("organization", Message("place_needed", role=role)))
    try:
        categories = words.words("category", cells.get("categories"))
    except CellError as error:
        faults.append(("categories", error.message))
    if role == "inspector":
        wanted = {"organization": organization, "team": texts.get("team"), "categories": categories}
        faults += [
            (name, Message("line_missing")) for name, value in wanted.items() if not value
            and name not in {fault for fault, _ in faults}
        ]  # fmt: skip
    login = fold_text(texts.get("login", ""))
    team = texts.get("team", "")
    person = PersonRow(
        number, texts["name"], phone, organization, role, login, team, tuple(categories)
    )
    return person, faults
