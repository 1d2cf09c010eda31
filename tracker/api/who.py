"""Who asks, and the words that everything else is written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from events.documents.vocabulary import CATEGORIES, FAMILIES
from projections.documents.in_force import vocabulary
from tracker.access.rights import ACTIONS
from tracker.api.protocol.answers import (
    IfNoneMatch,
    etag_of,
    json_answer,
    marked,
    matches,
    unchanged,
)
from tracker.api.protocol.problems import READING
from tracker.api.shapes.figures import Shape
from tracker.http.context import Context

if TYPE_CHECKING:
    from events.documents.schemes import Text
    from events.streams.accounts import Grant

router = APIRouter(prefix="/api/v1", tags=["self"], responses=READING)


class Role(Shape):
    """A role that is in force, and over what."""

    grant_id: str
    role: str
    organization: str | None = Field(description="Over it and all under it; null: the district.")
    categories: list[str] | None
    from_on: str
    until_on: str | None
    delegated_by: str | None


class CurrentUser(Shape):
    """Who asks."""

    account: str
    name: str
    person: str | None = Field(description="The inspector that they are, if any.")
    roles: list[Role]
    actions: list[str] = Field(description="What these roles (and the token) allow somewhere.")
    token_scopes: list[str] | None = Field(description="Null where a session asks.")
    csrf: str | None = Field(description="What a session must send as X-CSRF-Token to change.")
    today: str
    zone: str
    first_month: str


class VocabularyWord(Shape):
    """A word of the vocabulary in both languages."""

    name: str
    zh: str
    en: str


class VocabularyAnswer(Shape):
    """Every word in force, by family."""

    activities: list[VocabularyWord]
    conditions: list[VocabularyWord]
    measures: list[VocabularyWord]
    evidence: list[VocabularyWord]


@router.get("/me", response_model=CurrentUser)
def who_am_i(context: Context) -> Response:
    """Who asks: account, roles in force, what they allow, the district's day and zone."""
    assert context.account is not None
    with context.read() as reader:
        today, facts = context.today(reader).isoformat(), context.district(reader)
        allowed = sorted(action for action in ACTIONS if context.may(reader, action))
    return json_answer(
        {
            "account": context.account.account,
            "name": context.name,
            "person": context.account.person,
            "roles": [role(one) for one in context.account.grants.values() if one.holds(today)],
            "actions": allowed,
            "token_scopes": None if context.token_scopes is None else sorted(context.token_scopes),
            "csrf": None if context.session is None else context.session.csrf,
            "today": today,
            "zone": facts.zone.key,
            "first_month": str(facts.first_month),
        }
    )


def role(one: Grant) -> dict[str, Any]:
    """A granted role as JSON values."""
    return {
        "grant_id": one.grant_id,
        "role": one.role,
        "organization": one.organization,
        "categories": None if one.categories is None else list(one.categories),
        "from_on": one.from_on,
        "until_on": one.until_on,
        "delegated_by": one.delegated_by,
    }


@router.get("/vocabulary", response_model=VocabularyAnswer)
def words(context: Context, if_none_match: IfNoneMatch = None) -> Response:
    """Every word in force: the built-in ones and what published schemes add."""
    with context.read() as reader:
        etag = etag_of(reader, [], "words")
        if matches(if_none_match, etag):
            return unchanged(etag)
        found = vocabulary(reader)
    return marked({family: _named(getattr(found, family)) for family in FAMILIES}, etag)


@router.get("/categories", response_model=list[VocabularyWord])
def categories(context: Context) -> Response:
    """The categories of organizations."""
    return json_answer(_named(CATEGORIES))


def _named(words_of_family: Any) -> list[dict[str, str]]:
    found: dict[str, Text] = dict(words_of_family)
    return [{"name": name, "zh": one.zh, "en": one.en} for name, one in found.items()]
