"""No form asks for a code: organizations and people are picked by name.

Source: docs/decisions/0030-choose-by-name.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

TEMPLATES = Path(__file__).parents[2] / "tracker" / "web" / "templates"
MACRO = re.compile(r"\b\w+\.(?P<macro>field|area|choose|pick)\((?P<call>.*?)\) \}\}", re.DOTALL)
NAME = re.compile(r"^\s*[\w.]+, '(?P<name>\w+)', (?P<label>t\((?:'[^']*'|[^)])*\)|[^,]+)")
INPUT = re.compile(r"<input\b(?P<attributes>[^>]*)>")
LABEL = re.compile(r'<label for="(?P<own>[^"]+)">(?P<label>.*?)</label>', re.DOTALL)
CODES = re.compile(r"代码|编号|\b[Cc]odes?\b|\b[Ii]ds?\b")
NAMED = frozenset(
    {
        "organization", "parent", "merged_into", "under", "scope", "unit", "assessed",
        "inspector", "inspectors", "person", "people", "mentor", "appraiser", "actor", "by",
    }
)  # fmt: skip
"""Fields that name an organization or a person."""
MADE_HERE = {
    ("organizations/register.html", "code"): "the code that a new organization gets",
    ("organizations/organization.html", "new_code"): "the code that an organization gets",
    ("organizations/listing.html", "q"): "a search by name, in which a code is found too",
    ("organizations/tree.html", "q"): "the same",
    ("inspections/inspector_form.html", "id"): "the id that a new inspector gets",
    ("inspections/teams.html", "q"): "a search of the list of inspectors",
    ("accounts/sign_in.html", "code"): "the six digits of an authenticator",
    ("accounts/own.html", "code"): "the same",
    ("accounts/welcome_code.html", "slip"): "the one-time code of a printed slip",
}
"""Fields with a code in their label that name nothing that is there already."""


class AskedField(NamedTuple):
    """A field of a template that a person fills in: its name, its label, whether it is picked."""

    template: str
    name: str
    label: str
    picked: bool


def fields() -> list[AskedField]:
    """Every field of every template, of the macros and written out."""
    asked = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        template, text = str(path.relative_to(TEMPLATES)), path.read_text(encoding="utf-8")
        labels = {match["own"]: match["label"] for match in LABEL.finditer(text)}
        for match in MACRO.finditer(text):
            named = NAME.match(match["call"])
            assert named is not None, (template, match["call"])
            picked = match["macro"] == "pick"
            asked.append(AskedField(template, named["name"], named["label"], picked))
        for match in INPUT.finditer(text):
            attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', match["attributes"]))
            kind, name = attributes.get("type", "text"), attributes.get("name", "")
            if kind in {"text", "search"} and name and "{{" not in name:
                label = labels.get(attributes.get("id", ""), "")
                asked.append(AskedField(template, name, label, "data-pick" in attributes))
    return asked


FIELDS = fields()


def test_the_templates_are_walked() -> None:
    """Fields of macros and written ones are found, and the picked ones among them."""
    names = {(field.template, field.name) for field in FIELDS}
    assert names >= MADE_HERE.keys()
    picked = {(field.template, field.name) for field in FIELDS if field.picked}
    assert {
        ("organizations/organization.html", "merged_into"),
        ("accounts/grant_macros.html", "organization"),
        ("accounts/delegations.html", "login"),
        ("audit/search.html", "actor"),
    } <= picked


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.template}:{field.name}")
def test_no_field_asks_for_a_code(field: AskedField) -> None:
    """What names an organization or a person is picked, and no label asks for a code or an id."""
    if (field.template, field.name) in MADE_HERE:
        return
    assert field.picked or field.name not in NAMED, "use the macro pick"
    assert not CODES.search(field.label), field.label
