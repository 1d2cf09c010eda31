"""Refusals and messages as sentences in the user's language, and their HTTP status."""

from __future__ import annotations

from typing import Any, Literal

from events.documents.vocabulary import CATEGORIES
from events.refusals.catalogue import CATALOGUE
from events.refusals.errors import Kind, Message, Refused

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
STATES = {
    "not open": "未开启",
    "not opened": "未开启",
    "open": "已开启",
    "drawn": "已抽取",
    "closing": "正在截止",
    "closed": "已截止",
}
"""The states of a cycle within a Chinese sentence."""


def say(said: Message | Refused, language: Language) -> str:
    """Return a message or refusal as one sentence, which does not name the field at fault."""
    message = said.message if isinstance(said, Refused) else said
    if language == "en":
        return str(message)
    return CATALOGUE[message.key].zh.format(**_in_chinese(message.params))


def _in_chinese(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a Chinese sentence: messages, states and categories in Chinese."""
    filling = {
        name: say(value, "zh") if isinstance(value, Message | Refused) else value
        for name, value in params.items()
    }
    if filling.get("last") == "now":
        filling["last"] = "今"
    if "state" in filling:
        filling["state"] = STATES.get(filling["state"], filling["state"])
    if filling.get("category") in CATEGORIES:
        filling["category"] = CATEGORIES[filling["category"]].zh
    return filling
