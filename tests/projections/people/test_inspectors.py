from datetime import date

from events.streams.people import InspectorRecused, InspectorRegistered, Person, person_stream
from projections.people.inspectors import inspector, inspectors
from tests.support.small_district import SmallDistrict


def test_a_person_stands_as_the_newest_event_left_them(database_url: str) -> None:
    """Team and categories are the newest, recusals add up."""
    district = SmallDistrict(database_url)
    stream = person_stream("p-1")
    first = InspectorRegistered(person="p-1", organization="r", team="t", categories=("village",))
    second = InspectorRegistered(person="p-1", organization="r", team="u", categories=("school",))
    district.tell(stream, first, InspectorRecused(person="p-1", organization="a", reason="亲属"))
    district.tell(stream, second, InspectorRecused(person="p-1", organization="b", reason="亲属"))
    wanted = Person("p-1", "r", "u", ("school",), frozenset({"a", "b"}))
    with district.read() as reader:
        assert inspector(reader, "p-1") == wanted
        assert inspector(reader, "p-2") is None
        assert inspectors(reader) == {stream: wanted}
    district.dispose()


def test_terms_are_those_of_the_newest_registration(database_url: str) -> None:
    """Purposes, leading and the last day are read; a registration without them ends them."""
    district = SmallDistrict(database_url)
    stream = person_stream("p-1")
    plain = InspectorRegistered(person="p-1", organization="r", team="t", categories=("village",))
    limited = plain.model_copy(
        update={"purposes": ("annual",), "leader": True, "until": date(2026, 8, 31)}
    )
    district.tell(stream, plain, limited)
    with district.read() as reader:
        known = inspector(reader, "p-1")
    assert known is not None
    assert (known.purposes, known.leader, known.until) == (("annual",), True, "2026-08-31")
    district.tell(stream, plain)
    with district.read() as reader:
        assert inspector(reader, "p-1") == Person("p-1", "r", "t", ("village",))
    assert district.rows("inspector_terms") == set()
    district.dispose()
