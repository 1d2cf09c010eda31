"""What a refusal says to a person, in their language, and the HTTP status that goes with it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from events.errors import Kind, Refused
from events.vocabulary import CATEGORIES
from tracker import sentences

Language = Literal["zh", "en"]

STATUS = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.NOT_NOW: 409,
    Kind.FORBIDDEN: 403,
    Kind.BUSY: 503,
}
"""The HTTP status of each kind of refusal."""
FIELD = re.compile(r"^field [^ :]+: ")
"""How an English sentence begins that names its field; a page shows the field by its place."""
STATES = {
    "not open": "未开启",
    "not opened": "未开启",
    "open": "已开启",
    "drawn": "已抽取",
    "closing": "正在截止",
    "closed": "已截止",
}
"""The states of a cycle as they are said within a Chinese sentence."""


@cache
def chinese() -> dict[str, str]:
    """The Chinese sentences by code."""
    text = (files("tracker") / "texts" / "refusals.yaml").read_text(encoding="utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found


def say(refused: Refused, language: Language) -> str:
    """A refusal in one sentence; in English where there is no Chinese one."""
    template = chinese().get(refused.code) if language == "zh" else None
    if template is not None:
        try:
            return template.format(**_words(refused.params))
        except (KeyError, IndexError):
            pass
    return FIELD.sub("", str(refused))


def _words(params: dict[str, Any]) -> dict[str, Any]:
    """What fills a sentence, with Chinese words for states, categories and faults of documents."""
    found = dict(params)
    if found.get("last") == "now":
        found["last"] = "今"
    if isinstance(found.get("problem"), str):
        problem = found["problem"]
        found["problem"] = sentences.chinese("document_faults.yaml", problem) or problem
    if "state" in found:
        found["state"] = STATES.get(found["state"], found["state"])
    if found.get("category") in CATEGORIES:
        found["category"] = CATEGORIES[found["category"]].zh
    return found
