"""Tests of the department's home page; ``tests/tracker/web/test_many.py`` tests its figures."""

from tracker.web.home.department import label_bins


def test_columns_are_labelled_by_their_scores() -> None:
    """The first column is open below, the last one is the full score alone."""
    labels = label_bins()
    assert labels[0].startswith("<")
    assert labels[-1] == "100"
    assert all("–" in label for label in labels[1:-1])
