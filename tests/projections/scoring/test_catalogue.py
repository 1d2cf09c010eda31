from fractions import Fraction

from projections.scoring.catalogue import Catalogue
from tests.projections.scoring.test_rules import HELD, WORD, criterion, scheme


def test_a_catalogue_weighs_in_integers_and_measures_by_points() -> None:
    """Splits are exact, and an optional criterion without points is measured by 1."""
    mixed = scheme(
        criterion("1", HELD, "2"),
        criterion("2", HELD, None, optional=True),
        criterion("3", HELD, "0.3"),
    )
    catalogue = Catalogue(mixed)
    assert catalogue.integer_weights == (20, 0, 3)
    assert catalogue.scale == 10
    assert catalogue.stated
    assert [catalogue.points(c) for c in catalogue.criteria] == [2, 1, Fraction(3, 10)]
    items = [{"code": "i", "title": WORD, "criteria": [criterion(c, HELD, None) for c in "123"]}]
    split = scheme(sections=[{"code": "1", "title": WORD, "items": items}])
    assert Catalogue(split).weights == dict.fromkeys("123", Fraction(1, 3))
    assert Catalogue(split).points(Catalogue(split).by_code["2"]) == Fraction(1, 3)
    assert not Catalogue(split).stated
