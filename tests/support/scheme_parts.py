"""Parts of scheme documents for tests, and what a check finds in a scheme made of them."""

from typing import Any

from events.documents.scheme_checks import SchemeCheck, validate_scheme
from events.documents.vocabulary import BUILT_IN

WORD = {"zh": "字", "en": "word"}
LESSON = {"kind": "activity", "activity": "party_lesson", "per": "month"}
FUNDS = {"kind": "measure", "measure": "work_funds"}


def criterion(code: str, rule: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A criterion, judged by a person unless a rule is given."""
    return {"code": code, "text": WORD, "rule": rule or {"kind": "judgement"}} | more


def item(code: str, *criteria: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An item."""
    return {"code": code, "title": WORD, "criteria": list(criteria)} | more


def scheme(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A scheme of one section."""
    return {
        "scheme": "one",
        "version": "1",
        "title": WORD,
        "categories": ["community"],
        "sections": [{"code": "1", "title": WORD, "items": list(items)}],
    } | more


def checked(*items: dict[str, Any], **more: Any) -> SchemeCheck:
    """What a check finds in a scheme of these items."""
    return validate_scheme(scheme(*items, **more), BUILT_IN)


def only(found: SchemeCheck, place: str, told: str, severity: str = "error") -> None:
    """Asserts that one problem was found, at a place, with certain words in its sentence."""
    assert [(one.place, one.severity) for one in found.problems] == [(place, severity)]
    assert told in found.problems[0].problem
    assert "\n" not in found.problems[0].problem
    assert found.ok == (severity == "warning")


def tiers(*bounds: tuple[str | None, str]) -> dict[str, Any]:
    """A measure rule with tiers, each (below, at_least)."""
    made = [{"below": below, "at_least": at_least} for below, at_least in bounds]
    return FUNDS | {"by_measure": "households", "tiers": made}


def deduction(*causes: dict[str, Any]) -> dict[str, Any]:
    """A deduction rule; a cause without a code is called by its place."""
    made = [{"code": f"c{place}", "text": WORD} | one for place, one in enumerate(causes)]
    return {"kind": "deduction", "causes": made}


def without_english(node: Any) -> Any:
    """A document with every English text left out."""
    if isinstance(node, dict):
        return {key: without_english(value) for key, value in node.items() if key != "en"}
    return [without_english(value) for value in node] if isinstance(node, list | tuple) else node
