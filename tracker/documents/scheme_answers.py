"""Schemes as answers of every interface: the list, one by its name, the result of a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.documents.scheme_checks import validate_scheme
from events.documents.serialization import load_document
from events.documents.vocabulary import BUILT_IN
from events.refusals.errors import Refused
from events.values import exact_text
from projections.documents.in_force import book, published_schemes
from tracker.documents.sources import built_in_schemes
from tracker.wording.problems import problem_answers

if TYPE_CHECKING:
    from events.documents.scheme_checks import SchemeCheck
    from events.documents.schemes import Scheme
    from events.log.reader import Reader


def scheme_check_answer(checked: SchemeCheck) -> dict[str, Any]:
    """Return the result of checking a scheme, as ``tracker scheme check --json`` answers it."""
    return {
        "ok": checked.ok,
        "points": None if checked.points is None else exact_text(checked.points),
        "items": checked.items,
        "criteria": checked.criteria,
        "kinds": checked.kinds,
        "problems": problem_answers(checked.problems, "en"),
    }


def read_schemes(reader: Reader, month: str) -> list[dict[str, Any]]:
    """Return every scheme with its state in a month: published versions and built-in drafts."""
    versions = [scheme for _, scheme in published_schemes(reader)]
    ended = book(reader).ended
    rows = []
    for scheme in versions:
        closed_from = ended.get((scheme.scheme, scheme.version))
        rows.append(_row(scheme, _status(scheme, closed_from, month), closed_from))
    names = {scheme.scheme for scheme in versions}
    for name, payload in built_in_schemes().items():
        draft = validate_scheme(load_document(payload, name), BUILT_IN).scheme
        if draft is not None and draft.scheme not in names:
            rows.append(_row(draft, "draft", None))
    return sorted(rows, key=lambda row: (row["scheme"], row["version"]))


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
        "title": scheme.title.in_both(),
    }


def find_scheme(reader: Reader, identifier: str, version: str = "") -> Scheme:
    """Return a version of a scheme, the newest where none is named; else the built-in draft.

    ``Refused`` where there is none.
    """
    versions = [scheme for _, scheme in published_schemes(reader) if scheme.scheme == identifier]
    payload = built_in_schemes().get(identifier)
    if payload is not None and not versions:
        draft = validate_scheme(load_document(payload, identifier), BUILT_IN).scheme
        versions = [draft] if draft is not None else []
    if version:
        versions = [scheme for scheme in versions if str(scheme.version) == version]
    if not versions:
        raise Refused("unknown_scheme", name=f"{identifier}@{version}" if version else identifier)
    return max(versions, key=lambda scheme: scheme.version)
