"""The district policy in words with its versions; validation and publication of the next one."""

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
from events.documents.serialization import LARGEST_BYTES, digest, load_document
from events.refusals.errors import Problem, Refused
from projections.documents.in_force import PolicyInForce, events_of_type, policy
from projections.documents.policy_words import policy_words
from tracker.commands.documents import (
    dropped_category_problems,
    grace_problems,
    publish_policy_document,
)
from tracker.documents.policy_effect import PolicyEffect, foresee_policy
from tracker.http.context import Context, RequestContext
from tracker.web.page.forms import FilledForm
from tracker.web.page.names import read_people_names
from tracker.web.page.rendering import page, redirect
from tracker.web.page.uploaded import read_uploaded_file
from tracker.wording.problems import problem_answers
from tracker.wording.refusals import say

router = APIRouter(include_in_schema=False)
PASTED = "-"
"""The name of a pasted document in its problems."""


@router.get("/policy")
def show_policy(context: Context, request: Request) -> Response:
    """Show the policy in force, or the version asked for, in words."""
    asked = request.query_params.get("version", "")
    with context.read() as reader:
        shown = policy(reader)
        events = events_of_type(reader, PolicyPublished.TYPE)
        names = read_people_names(reader, [one.actor for one in events], context.language)
        publishes = context.scope(reader, "publish").whole
    chosen = [one for one in events if str(one.data["version"]) == asked]
    if chosen:
        document: Any = chosen[0].data["document"]
        shown = PolicyInForce(chosen[0].data["version"], policy_from_document(document))
    return page(
        context,
        "documents/policy.html",
        shown=shown,
        said=policy_words(shown.policy, context.language),
        versions=[(event.data["version"], event.recorded_at, names.get(event.actor, event.actor))
                  for event in reversed(events)],
        text=_as_yaml(shown),
        publishes=publishes,
    )  # fmt: skip


def _as_yaml(in_force: PolicyInForce) -> str:
    text: str = yaml.safe_dump(stored_policy(in_force.policy), allow_unicode=True, sort_keys=False)
    return text


@router.get("/policy/publish")
def show_publishing_form(context: Context) -> Response:
    """Show the form, filled with the policy in force."""
    with context.read() as reader:
        text = _as_yaml(policy(reader))
    return _publishing_page(context, FilledForm({"text": text}), ())


def _publishing_page(
    context: RequestContext,
    filled: FilledForm,
    problems: tuple[Problem, ...],
    status: int = 200,
    ok: str = "",
    effect: PolicyEffect | None = None,
) -> Response:
    messages = problem_answers(problems, context.language)
    return page(
        context,
        "documents/policy_new.html",
        status,
        filled=filled,
        problems=messages,
        ok=ok,
        effect=effect,
    )


@router.post("/policy")
def publish_policy(context: Context) -> Response:
    """Publish the next version after a confirmation, or only validate it.

    Every problem is shown at its place.
    """
    given = read_uploaded_file(context, "file", LARGEST_BYTES)
    name, payload = given or (PASTED, "".join(context.values("text")).encode())
    filled = FilledForm(context.typed() | {"text": payload.decode("utf-8", "replace")})
    try:
        document = load_document(payload, name)
        if context.value("do") == "check":
            return _validate(context, filled, document)
        unconfirmed = _ask_for_confirmation(context, filled, document)
        if unconfirmed is not None:
            return unconfirmed
        done = publish_policy_document(context.app.store, name, document, context.metadata())
    except FaultyDocument as faulty:
        return _publishing_page(context, filled, faulty.problems, 422)
    except Refused as refused:
        filled.errors["text"] = say(refused, context.language)
        return _publishing_page(context, filled, (), 422)
    context.figures.clear()
    return redirect(f"/policy?done={'published' if done.changed else 'standing'}")


def _ask_for_confirmation(
    context: RequestContext, filled: FilledForm, document: dict[str, Any]
) -> Response | None:
    """Return the page that says what a policy changes, unless the form confirms exactly that.

    None too where there is nothing to confirm: a faulty document, or the policy in force.
    """
    checked, _ = validate_policy(document)
    if checked is None:
        return None
    confirmation = digest(stored_policy(checked))
    with context.read() as reader:
        in_force = policy(reader)
        standing = in_force.version and stored_policy(in_force.policy) == stored_policy(checked)
        if standing or context.value("sure") == confirmation:
            return None
        effect = foresee_policy(reader, checked, context.language)
    filled.values = dict(filled.values) | {"confirmation": confirmation}
    filled.errors["sure"] = context.t(
        "发布前请核对下面的变化，勾选后再提交一次",
        "check what changes, tick this box and submit again",
    )
    return _publishing_page(context, filled, (), 409, effect=effect)


def _validate(context: RequestContext, filled: FilledForm, document: dict[str, Any]) -> Response:
    checked, problems = validate_policy(document)
    if checked is not None:
        with context.read() as reader:
            problems += grace_problems(reader, checked)
            problems += dropped_category_problems(reader, checked)
        problems += context.app.runner().check_calendar(checked)
    valid = all(one.severity != "error" for one in problems)
    return _publishing_page(context, filled, problems, ok="good" if valid else "bad")
