"""One version of a scheme, prepared once so that many organizations can be scored by it."""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from events.documents.schemes import Criterion, Scheme, has_points, weights
from projections.scoring.credit import ONE


class Catalogue:
    """One version of a scheme, prepared for scoring: criteria by code and exact weights.

    ``integer_weights`` are the weights times ``scale``, their common denominator, in the order of
    ``criteria``: sums of integers are much faster than sums of fractions. ``places`` gives a code's
    place in ``criteria``; ``stated`` says whether the scheme states points.
    """

    __slots__ = ("by_code", "criteria", "integer_weights", "places", "scale", "scheme",
                 "stated", "weights")  # fmt: skip

    def __init__(self, scheme: Scheme) -> None:
        """Prepare ``scheme``, whose sums were validated when it was published."""
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
        """Return the points that deductions and findings in points are measured by.

        They are the stated points, else the weight; 1 for an optional criterion, which has neither.
        """
        if criterion.points is not None:
            return Fraction(criterion.points)
        return self.weights[criterion.code] or ONE
