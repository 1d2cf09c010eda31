"""The published schemes of a district, and which of them governs a category in a month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from events.documents.schemes import Scheme
from events.periods import Period, parse_month
from events.refusals.errors import Refused
from projections.scoring.catalogue import Catalogue

if TYPE_CHECKING:
    from projections.scoring.plan import Plan, PlanKey


class SchemeEnd(NamedTuple):
    """A scheme was closed from a month on."""

    scheme: str
    month: str


def end_versions(steps: Iterable[Scheme | SchemeEnd]) -> dict[tuple[str, int], str]:
    """Return by scheme and version the month from which a closing ended it.

    ``steps`` are publications and closings in the order of the log. A closing ends every version
    published before it, and of later ones those that take effect before its month; a version from
    its month or a later one opens the scheme again (docs/semantics.md, section 2).
    """
    ended: dict[tuple[str, int], str] = {}
    months: dict[str, list[str]] = {}
    versions: dict[str, list[tuple[str, int]]] = {}
    for step in steps:
        if isinstance(step, SchemeEnd):
            months.setdefault(step.scheme, []).append(step.month)
            for version in versions.get(step.scheme, ()):
                ended[version] = min(step.month, ended.get(version, step.month))
        else:
            version = (step.scheme, step.version)
            versions.setdefault(step.scheme, []).append(version)
            since = step.effective_from or ""
            later = [month for month in months.get(step.scheme, ()) if month > since]
            if later:
                ended[version] = min(later)
    return ended


class SchemeBook:
    """The published schemes of a district, and the months from which versions were ended.

    ``plans`` caches what ``projections.scoring.assessment`` compiles from these versions. The cache
    lives as long as the book: a newly published scheme makes a new book.
    """

    def __init__(self, schemes: Iterable[Scheme], ended: Mapping[tuple[str, int], str]) -> None:
        """Take published versions (those without ``effective_from`` never govern).

        ``ended`` gives the month from which a version was closed, see ``end_versions``.
        """
        self.ended = dict(ended)
        self.plans: dict[PlanKey, Plan | None] = {}
        self._versions = {(scheme.scheme, scheme.version): scheme for scheme in schemes}
        self._catalogues: dict[tuple[str, int], Catalogue] = {}
        self._in_force: dict[tuple[str, str, int], Scheme | None] = {}

    def version(self, scheme: str, version: int) -> Scheme:
        """Return one version of a scheme, or raise ``Refused`` where the book does not have it."""
        known = self._versions.get((scheme, version))
        if known is None:
            raise Refused("unknown_scheme", name=f"{scheme}@{version}")
        return known

    def catalogue(self, scheme: Scheme) -> Catalogue:
        """Return the catalogue of a version, made once."""
        key = (scheme.scheme, scheme.version)
        known = self._catalogues.get(key)
        if known is None:
            known = self._catalogues[key] = Catalogue(scheme)
        return known

    def in_force(self, category: str, purpose: str, month: Period) -> Scheme | None:
        """Return the scheme that governs a category in a month, or None.

        Of each scheme the highest version counts that names the category, has begun and is not
        closed; of these the one with the latest ``effective_from`` (docs/semantics.md, section 2).
        """
        key = (category, purpose, month.first)
        if key not in self._in_force:
            self._in_force[key] = self._find(category, purpose, str(month))
        return self._in_force[key]

    def _find(self, category: str, purpose: str, month: str) -> Scheme | None:
        highest: dict[str, tuple[int, str]] = {}
        for scheme in self._versions.values():
            until = self.ended.get((scheme.scheme, scheme.version), "9999")
            if (
                scheme.purpose == purpose
                and category in scheme.categories
                and scheme.effective_from is not None
                and scheme.effective_from <= month < until
            ):
                candidate = (scheme.version, scheme.effective_from)
                highest[scheme.scheme] = max(candidate, highest.get(scheme.scheme, candidate))
        if not highest:
            return None
        _, name, version = max((since, name, version) for name, (version, since) in highest.items())
        return self._versions[name, version]

    def first_month(self, scheme: str, category: str) -> Period:
        """Return the first month in which a scheme names a category (section 4)."""
        return parse_month(
            min(
                version.effective_from
                for version in self._versions.values()
                if version.scheme == scheme
                and category in version.categories
                and version.effective_from is not None
            )
        )
