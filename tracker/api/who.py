"""The current user, and the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.documents.vocabulary import FAMILIES
from projections.documents.in_force import categories as known_categories
from projections.documents.in_force import vocabulary
from tracker.access.rights import ACTIONS
from tracker.api.protocol.answers import (
    IfNoneMatch,
    answer_with_etag,
    etag_matches,
    json_answer,
    make_etag,
    not_modified,
)
from tracker.api.protocol.problems import READING
from tracker.api.shapes.figures import Shape
from tracker.http.context import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.documents.schemes import Text
    from events.streams.accounts import Grant

router = APIRouter(prefix="/api/v1", tags=["self"], responses=READING)


class RoleAnswer(Shape):
    """A granted role, and over what."""

    grant_id: str
    role: str
    organization: str | None = Field(
        description="Over this organization and its descendants; null: the district."
    )
    categories: list[str] | None
    from_on: str
    until_on: str | None
    delegated_by: str | None


class CurrentUser(Shape):
    """The current user."""

    account: str
    name: str
    person: str | None = Field(description="The inspector that the user is, if any.")
    roles: list[RoleAnswer]
    actions: list[str] = Field(
        description="What the roles (and the token) allow over at least one organization."
    )
    token_scopes: list[str] | None = Field(description="Null for a session.")
    csrf: str | None = Field(
        description="What a session must send as X-CSRF-Token with every change."
    )
    today: str
    zone: str
    first_month: str
    live: bool = Field(description="False while the district is being set up: no cycle opens.")


class VocabularyWord(Shape):
    """A word of the vocabulary in both languages."""

    name: str
    zh: str
    en: str


class VocabularyAnswer(Shape):
    """The words in force, by family."""

    activities: list[VocabularyWord]
    conditions: list[VocabularyWord]
    measures: list[VocabularyWord]
    evidence: list[VocabularyWord]


@router.get("/me", response_model=CurrentUser)
def who_am_i(context: Context) -> Response:
    """Return the current user: account, roles in force, what they allow, the district's day."""
    assert context.account is not None
    with context.read() as reader:
        today, facts = context.today(reader).isoformat(), context.district(reader)
        allowed = sorted(action for action in ACTIONS if context.may(reader, action))
    return json_answer(
        {
            "account": context.account.account,
            "name": context.name,
            "person": context.account.person,
            "roles": [
                role_answer(grant)
                for grant in context.account.grants.values()
                if grant.holds(today)
            ],
            "actions": allowed,
            "token_scopes": None if context.token_scopes is None else sorted(context.token_scopes),
            "csrf": None if context.session is None else context.session.csrf,
            "today": today,
            "zone": facts.zone.key,
            "first_month": str(facts.first_month),
            "live": facts.live,
        }
    )


def role_answer(grant: Grant) -> dict[str, Any]:
    """Return a granted role as JSON values."""
    return {
        "grant_id": grant.grant_id,
        "role": grant.role,
        "organization": grant.organization,
        "categories": None if grant.categories is None else list(grant.categories),
        "from_on": grant.from_on,
        "until_on": grant.until_on,
        "delegated_by": grant.delegated_by,
    }


@router.get("/vocabulary", response_model=VocabularyAnswer)
def words(context: Context, if_none_match: IfNoneMatch = None) -> Response:
    """List the words in force: the built-in ones and those that published schemes add."""
    with context.read() as reader:
        etag = make_etag(reader, [], "words")
        if etag_matches(if_none_match, etag):
            return not_modified(etag)
        in_force = vocabulary(reader)
    document = {family: _word_rows(getattr(in_force, family)) for family in FAMILIES}
    return answer_with_etag(document, etag)


@router.get("/categories", response_model=list[VocabularyWord])
def categories(context: Context) -> Response:
    """List the categories of organizations: the built-in ones, then those of the policy."""
    with context.read() as reader:
        known = known_categories(reader)
    return json_answer(_word_rows(known))


def _word_rows(family: Mapping[str, Text]) -> list[dict[str, str]]:
    return [{"name": name, **text.in_both()} for name, text in family.items()]
