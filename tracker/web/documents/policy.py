"""The district policy in words with its versions; checked and published as its next version."""

from __future__ import annotations

from typing import Any

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.policies import PolicyPublished, from_document, stored_document
from events.documents.policies import check as check_policy
from events.documents.publication import FaultyDocument
from events.documents.serialization import LARGEST_BYTES, load_document
from events.refusals.errors import Problem, Refused
from projections.documents.in_force import PolicyInForce, of_type, policy
from projections.documents.policy_words import policy_words
from tracker.accounts.credentials import names_of
from tracker.commands.documents import grace_problems, publish_policy_document
from tracker.http.context import Context, RequestContext
from tracker.web.page.forms import FilledForm
from tracker.web.page.rendering import page, redirect
from tracker.web.page.uploaded import uploaded
from tracker.wording.problems import problems_told
from tracker.wording.refusals import say

router = APIRouter(include_in_schema=False)
PASTED = "-"


@router.get("/policy")
def show(here: Context, request: Request) -> Response:
    """The policy in force, or the version that is asked for, in words."""
    asked = request.query_params.get("version", "")
    with here.read() as reader:
        found = policy(reader)
        events = of_type(reader, PolicyPublished.TYPE)
        names = names_of(reader, [one.actor for one in events])
        publishes = here.scope(reader, "publish").whole
    chosen = [one for one in events if str(one.data["version"]) == asked]
    if chosen:
        document: Any = chosen[0].data["document"]
        found = PolicyInForce(chosen[0].data["version"], from_document(document))
    return page(
        here,
        "documents/policy.html",
        found=found,
        said=policy_words(found.policy, here.language),
        versions=[(one.data["version"], one.recorded_at, names.get(one.actor, one.actor))
                  for one in reversed(events)],
        text=_as_yaml(found),
        publishes=publishes,
    )  # fmt: skip


def _as_yaml(found: PolicyInForce) -> str:
    text: str = yaml.safe_dump(stored_document(found.policy), allow_unicode=True, sort_keys=False)
    return text


@router.get("/policy/publish")
def begin(here: Context) -> Response:
    """The form, with the policy in force to be changed."""
    with here.read() as reader:
        text = _as_yaml(policy(reader))
    return _form(here, FilledForm({"text": text}), ())


def _form(
    here: RequestContext,
    filled: FilledForm,
    problems: tuple[Problem, ...],
    status: int = 200,
    ok: str = "",
) -> Response:
    told = problems_told(problems, here.language)
    return page(here, "documents/policy_new.html", status, filled=filled, problems=told, ok=ok)


@router.post("/policy")
def publish(here: Context) -> Response:
    """Publish the next version, or only check it; all faults at their places."""
    given = uploaded(here, "file", LARGEST_BYTES)
    name, payload = given or (PASTED, "".join(here.values("text")).encode())
    filled = FilledForm(here.typed() | {"text": payload.decode("utf-8", "replace")})
    try:
        document = load_document(payload, name)
        if here.value("do") == "check":
            return _checked(here, filled, document)
        done = publish_policy_document(here.tools.store, name, document, here.metadata())
    except FaultyDocument as faulty:
        return _form(here, filled, faulty.problems, 422)
    except Refused as refused:
        filled.errors["text"] = say(refused, here.language)
        return _form(here, filled, (), 422)
    here.fresh.clear()
    return redirect(f"/policy?done={'published' if done.changed else 'standing'}")


def _checked(here: RequestContext, filled: FilledForm, document: dict[str, Any]) -> Response:
    found, problems = check_policy(document)
    if found is not None:
        with here.read() as reader:
            problems += grace_problems(reader, found)
    good = all(one.severity != "error" for one in problems)
    return _form(here, filled, problems, ok="good" if good else "bad")
