from projections.scores.packed import PackedStrings


def test_texts_are_packed_and_read_like_a_tuple() -> None:
    """Texts of any length come back as they were."""
    texts = ["", "a", "社区", "z" * 300]
    packed = PackedStrings(texts)
    assert [packed[place] for place in range(len(packed))] == texts
