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
