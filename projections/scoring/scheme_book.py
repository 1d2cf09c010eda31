"""The published schemes of a district, each read once, and which of them governs a month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm
from typing import Any

from events.documents.schemes import Criterion, Scheme, has_points, weights
from events.periods import Period, parse_month
from events.refusals.errors import Refused
from projections.scoring.credit import ONE


class Catalogue:
    """One version of a scheme, read once: criteria by code, exact weights, weights as integers.

    ``integer_weights`` are the weights times ``scale``, their common denominator, in the order of
    ``criteria``; ``places`` gives a code's place in it.
    """

    __slots__ = ("by_code", "criteria", "integer_weights", "places", "scale", "scheme",
                 "stated", "weights")  # fmt: skip

    def __init__(self, scheme: Scheme) -> None:
        """Read ``scheme``; its sums are taken as checked."""
        self.scheme = scheme
        self.criteria = tuple(scheme.criteria())
        self.by_code = {criterion.code: criterion for criterion in self.criteria}
        self.places = {criterion.code: place for place, criterion in enumerate(self.criteria)}
        self.weights = weights(scheme)
        self.scale = lcm(*(weight.denominator for weight in self.weights.values()))
        self.integer_weights = tuple(
            int(self.weights[criterion.code] * self.scale) for criterion in self.criteria
        )
        self.stated = has_points(scheme)

    def points(self, criterion: Criterion) -> Fraction:
        """The points that takings and findings in points are measured by.

        The stated points, else the weight; 1 for a criterion that has neither (an optional one).
        """
        if criterion.points is not None:
            return Fraction(criterion.points)
        return self.weights[criterion.code] or ONE


class SchemeBook:
    """The published schemes of a district, and the months from which some were closed.

    ``plans`` is room for what others compile from these versions; it lives as long as the book,
    so a newly published scheme takes a new book.
    """

    def __init__(self, schemes: Iterable[Scheme], closed: Mapping[str, str]) -> None:
        """Take published versions (those without ``effective_from`` never govern)."""
        self.closed = dict(closed)
        self.plans: dict[Any, Any] = {}
        self._versions = {(scheme.scheme, scheme.version): scheme for scheme in schemes}
        self._catalogues: dict[tuple[str, int], Catalogue] = {}
        self._in_force: dict[tuple[str, str, int], Scheme | None] = {}

    def version(self, scheme: str, version: int) -> Scheme:
        """One version by its name, or ``Refused`` where the book does not hold it."""
        found = self._versions.get((scheme, version))
        if found is None:
            raise Refused("unknown_scheme", name=f"{scheme}@{version}")
        return found

    def catalogue(self, scheme: Scheme) -> Catalogue:
        """The scheme, read once."""
        key = (scheme.scheme, scheme.version)
        found = self._catalogues.get(key)
        if found is None:
            found = self._catalogues[key] = Catalogue(scheme)
        return found

    def in_force(self, category: str, purpose: str, month: Period) -> Scheme | None:
        """The scheme that governs a category in a month (docs/semantics.md, section 2), or None.

        Of those that name the category and are not closed, the one with the latest
        ``effective_from`` not after the month; of one scheme, the highest version.
        """
        key = (category, purpose, month.first)
        if key not in self._in_force:
            self._in_force[key] = self._find(category, purpose, str(month))
        return self._in_force[key]

    def _find(self, category: str, purpose: str, month: str) -> Scheme | None:
        candidates = [
            (scheme.effective_from, scheme.version, scheme.scheme)
            for scheme in self._versions.values()
            if scheme.purpose == purpose
            and category in scheme.categories
            and scheme.effective_from is not None
            and scheme.effective_from <= month < self.closed.get(scheme.scheme, "9999")
        ]
        if not candidates:
            return None
        _, version, name = max(candidates)
        return self._versions[name, version]

    def first_month(self, scheme: str) -> Period:
        """The first month of a scheme: the earliest ``effective_from`` of its versions."""
        return parse_month(
            min(
                found.effective_from
                for found in self._versions.values()
                if found.scheme == scheme and found.effective_from is not None
            )
        )
