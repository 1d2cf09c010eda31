"""The district policy in words with its versions; checked and published as its next version."""

from __future__ import annotations

from typing import Any

import yaml
from fastapi import APIRouter, Request
from fastapi.responses import Response

from events.documents.policies import (
    PolicyPublished,
    policy_from_document,
    stored_policy,
    validate_policy,
)
from events.documents.publication import FaultyDocument
from events.documents.serialization import LARGEST_BYTES, load_document
from events.refusals.errors import Problem, Refused
from projections.documents.in_force import PolicyInForce, events_of_type, policy
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
def show(context: Context, request: Request) -> Response:
    """The policy in force, or the version that is asked for, in words."""
    asked = request.query_params.get("version", "")
    with context.read() as reader:
        found = policy(reader)
        events = events_of_type(reader, PolicyPublished.TYPE)
        names = names_of(reader, [one.actor for one in events])
        publishes = context.scope(reader, "publish").whole
    chosen = [one for one in events if str(one.data["version"]) == asked]
    if chosen:
        document: Any = chosen[0].data["document"]
        found = PolicyInForce(chosen[0].data["version"], policy_from_document(document))
    return page(
        context,
        "documents/policy.html",
        found=found,
        said=policy_words(found.policy, context.language),
        versions=[(one.data["version"], one.recorded_at, names.get(one.actor, one.actor))
                  for one in reversed(events)],
        text=_as_yaml(found),
        publishes=publishes,
    )  # fmt: skip


def _as_yaml(found: PolicyInForce) -> str:
    text: str = yaml.safe_dump(stored_policy(found.policy), allow_unicode=True, sort_keys=False)
    return text


@router.get("/policy/publish")
def begin(context: Context) -> Response:
    """The form, with the policy in force to be changed."""
    with context.read() as reader:
        text = _as_yaml(policy(reader))
    return _form(context, FilledForm({"text": text}), ())


def _form(
    context: RequestContext,
    filled: FilledForm,
    problems: tuple[Problem, ...],
    status: int = 200,
    ok: str = "",
) -> Response:
    told = problems_told(problems, context.language)
    return page(context, "documents/policy_new.html", status, filled=filled, problems=told, ok=ok)


@router.post("/policy")
def publish(context: Context) -> Response:
    """Publish the next version, or only check it; all faults at their places."""
    given = uploaded(context, "file", LARGEST_BYTES)
    name, payload = given or (PASTED, "".join(context.values("text")).encode())
    filled = FilledForm(context.typed() | {"text": payload.decode("utf-8", "replace")})
    try:
        document = load_document(payload, name)
        if context.value("do") == "check":
            return _checked(context, filled, document)
        done = publish_policy_document(context.tools.store, name, document, context.metadata())
    except FaultyDocument as faulty:
        return _form(context, filled, faulty.problems, 422)
    except Refused as refused:
        filled.errors["text"] = say(refused, context.language)
        return _form(context, filled, (), 422)
    context.fresh.clear()
    return redirect(f"/policy?done={'published' if done.changed else 'standing'}")


def _checked(context: RequestContext, filled: FilledForm, document: dict[str, Any]) -> Response:
    found, problems = validate_policy(document)
    if found is not None:
        with context.read() as reader:
            problems += grace_problems(reader, found)
    good = all(one.severity != "error" for one in problems)
    return _form(context, filled, problems, ok="good" if good else "bad")
