"""A field of a form that asks for an organization or a person by name: one way for all pages.

Without a script the typed text is resolved when the form arrives: a single match is taken, several
come back as a choice at the field, and no match is refused. ``picker.js`` offers the same
candidates while somebody types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.refusals.errors import Refused
from projections.organizations.directory import find
from tracker.http.picking import (
    SeveralCandidates,
    find_organization_typed,
    find_person_typed,
    label_candidate,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from events.log.reader import Reader
    from projections.organizations.picking import OrganizationCandidate
    from tracker.accounts.picking import PeopleKind, PersonCandidate
    from tracker.http.context import RequestContext
    from tracker.web.page.forms import FilledForm

CHOICE, CHOSEN_FOR = "{}-choice", "{}-asked"
"""The fields of a choice: what was chosen, and the text for which it was offered."""


def pick_organization(
    context: RequestContext,
    reader: Reader,
    filled: FilledForm,
    name: str,
    action: str,
    *,
    closed: bool = False,
) -> OrganizationCandidate | None:
    """Return the organization that a field names, or None with the fault and choice at the field.

    None without a fault where the field is empty. The field then shows the name with the code.
    """
    text = typed_text(filled, name)
    if not text:
        return None
    try:
        picked = find_organization_typed(context, reader, text, action, closed=closed)
    except Refused as refused:
        _refuse(context, filled, name, refused)
        return None
    _show(filled, name, label_candidate(context, picked.name, picked.code))
    return picked


def pick_person(
    context: RequestContext, reader: Reader, filled: FilledForm, name: str, kind: PeopleKind
) -> PersonCandidate | None:
    """Return the person that a field names, as ``pick_organization`` does."""
    text = typed_text(filled, name)
    if not text:
        return None
    try:
        picked = find_person_typed(context, reader, text, kind)
    except Refused as refused:
        _refuse(context, filled, name, refused)
        return None
    _show(filled, name, label_candidate(context, picked.name, picked.key))
    return picked


def typed_text(filled: FilledForm, name: str) -> str:
    """Return what a field asks for: the choice for this very text, else the text itself."""
    text = str(filled[name]).strip()
    choice = str(filled[CHOICE.format(name)]).strip()
    return choice if choice and text == str(filled[CHOSEN_FOR.format(name)]).strip() else text


def drop_choice(asked: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the fields of a filter without those of a choice, for links that keep the filter."""
    dropped = {CHOICE.format(name), CHOSEN_FOR.format(name)}
    return {key: value for key, value in asked.items() if key not in dropped}


def label_of_code(context: RequestContext, reader: Reader, code: str) -> str:
    """Return how a field shows the organization of a code; the code itself if it is unknown."""
    entry = find(reader, code) if code else None
    return code if entry is None else label_candidate(context, entry.name, entry.code)


def _show(filled: FilledForm, name: str, label: str) -> None:
    filled.values = dict(filled.values) | {name: label}


def _refuse(context: RequestContext, filled: FilledForm, name: str, refused: Refused) -> None:
    if isinstance(refused, SeveralCandidates):
        filled.candidates[name] = refused.candidates
    filled.refuse(refused.replace(field=name), context.language)
