"""Why a score is what it is: criterion, rule, windows, records, events, who and when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.periods import parse_period
from projections.compliance import Question
from projections.directory import find
from projections.explanation import explain
from tracker import credentials
from tracker.http.here import Asked
from tracker.web.event_words import event_name
from tracker.web.rendering import page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.refusals import Language

router = APIRouter(include_in_schema=False)
CHECK = "from the check of "
MISSING = re.compile("measure ([a-z0-9_]+) was never reported")


@router.get("/organizations/{code}/explain/{period}")
def show(here: Asked, code: str, period: str, request: Request) -> Response:
    """The whole figure of a period, or one criterion down to its events."""
    asked = parse_period(period)
    criterion = request.query_params.get("criterion") or None
    with here.read() as reader:
        entry = find(reader, code)
        assert entry is not None
        question = Question(asked, "monthly", here.today(reader))
        found = explain(reader, entry, here.district(reader), question, here.language, criterion)
        names = credentials.names_of(reader, set(_actors(found)))
    return page(
        here,
        "explain.html",
        entry=entry,
        found=found,
        asked=str(asked),
        criterion=criterion,
        names=names,
        event_name=event_name,
        reason=reason_words(here.language),
        before=str(asked.previous()),
        next=str(asked.next()),
    )


def reason_words(language: Language) -> Callable[[str], str]:
    """A function: the reason of a criterion's result in words of the language."""

    def shown(text: str) -> str:
        if language == "en":
            return text
        found = []
        for part in text.split("; "):
            if part.startswith(CHECK):
                found.append(f"取自{part.removeprefix(CHECK)}的检查")
            else:
                found.append(MISSING.sub(r"数据 \1 从未填报", part))
        return "；".join(found)

    return shown


def _actors(found: dict[str, Any]) -> Iterator[str]:
    for one in found["criteria"]:
        for events in one["events"].values():
            yield from (event["actor"] for event in events)
