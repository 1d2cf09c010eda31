"""Schemes as answers: the list, one by its name, what a check found; for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.documents.scheme_checks import validate_scheme
from events.documents.serialization import load_document
from events.documents.vocabulary import BUILT_IN
from events.refusals.errors import Refused
from events.values import exact_text
from projections.documents.in_force import book, published_schemes
from tracker.documents.sources import built_in
from tracker.wording.problems import problems_told

if TYPE_CHECKING:
    from events.documents.scheme_checks import SchemeCheck
    from events.documents.schemes import Scheme
    from events.log.reader import Reader


def check_answer(found: SchemeCheck) -> dict[str, Any]:
    """What a check of a scheme came to, as ``tracker scheme check --json`` answers it."""
    return {
        "ok": found.ok,
        "points": None if found.points is None else exact_text(found.points),
        "items": found.items,
        "criteria": found.criteria,
        "kinds": found.kinds,
        "problems": problems_told(found.problems, "en"),
    }


def all_schemes(reader: Reader, month: str) -> list[dict[str, Any]]:
    """Every scheme as it stands in a month: published versions, and built-in drafts."""
    standing = published_schemes(reader)
    closed = book(reader).closed
    found = [
        _row(one, _status(one, closed.get(one.scheme), month), closed.get(one.scheme))
        for _, one in standing
    ]
    names = {one.scheme for _, one in standing}
    for name, payload in built_in().items():
        one = validate_scheme(load_document(payload, name), BUILT_IN).scheme
        if one is not None and one.scheme not in names:
            found.append(_row(one, "draft", None))
    return sorted(found, key=lambda row: (row["scheme"], row["version"]))


def _status(scheme: Scheme, closed_from: str | None, month: str) -> str:
    if closed_from is not None and closed_from <= month:
        return "closed"
    return "in_force" if (scheme.effective_from or "9999") <= month else "published"


def _row(scheme: Scheme, status: str, closed_from: str | None) -> dict[str, Any]:
    return {
        "scheme": scheme.scheme,
        "version": scheme.version,
        "status": status,
        "effective_from": None if status == "draft" else scheme.effective_from,
        "closed_from": closed_from,
        "purpose": scheme.purpose,
        "categories": list(scheme.categories),
        "title": {"zh": scheme.title.zh, "en": scheme.title.en},
    }


def find_scheme(reader: Reader, identifier: str, version: str = "") -> Scheme:
    """A scheme by its identifier, the newest version where none is named, else the built-in draft.

    ``Refused`` where there is none.
    """
    found = [one for _, one in published_schemes(reader) if one.scheme == identifier]
    payload = built_in().get(identifier)
    if payload is not None and not found:
        draft = validate_scheme(load_document(payload, identifier), BUILT_IN).scheme
        found = [draft] if draft is not None else []
    if version:
        found = [one for one in found if str(one.version) == version]
    if not found:
        raise Refused("unknown_scheme", name=f"{identifier}@{version}" if version else identifier)
    return max(found, key=lambda one: one.version)
