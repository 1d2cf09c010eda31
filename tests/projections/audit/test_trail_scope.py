"""The log within a scope has the events of its organizations and whole roots, and no others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from events.event import Metadata
from events.refusals.errors import Refused
from events.streams.cycles import CycleClosing, cycle_stream
from projections.audit import trail as audit_trail
from projections.audit.trail import AuditQuery, may_see, search
from projections.organizations.scope import EVERYTHING, Scope, ScopePart
from tests.support.small_district import SmallDistrict, meeting

ROOT, STREET, ONE, OTHER = (f"organization-{code}" for code in ("r", "s", "c", "d"))
CYCLE = cycle_stream("r", "2026-01")
PART = Scope((ScopePart(STREET),))
KIND = Scope((ScopePart(None, frozenset({"street"})),))


@pytest.fixture
def district(database_url: str) -> Iterator[SmallDistrict]:
    """A root with a street and a community below it, another community, and a cycle."""
    small = SmallDistrict(database_url)
    small.register("r", category="county")
    small.register("s", "r", "street")
    small.register("c", "s")
    small.register("d", "r")
    small.tell(CYCLE, CycleClosing(scope="r", period="2026-01", closing_on="2026-02-11"))  # type: ignore[arg-type]
    small.tell(ONE, meeting("a", "2026-01-03"), metadata=Metadata("u-1", "web"))
    small.tell(OTHER, meeting("b", "2026-01-03"), metadata=Metadata("u-2", "web"))
    small.tell(ROOT, meeting("e", "2026-01-03"), metadata=Metadata("u-3", "web"))
    yield small
    small.dispose()


def streams(small: SmallDistrict, query: AuditQuery) -> list[str]:
    """The streams of the events that a query finds, in order."""
    with small.read() as reader:
        return [entry.stream for entry in search(reader, query)]


@pytest.mark.parametrize("gathered", [1000, 0])
@pytest.mark.parametrize(
    ("scope", "visible"),
    [
        (PART, [STREET, ONE, ONE]),
        (Scope((ScopePart(ROOT),)), [ROOT, STREET, ONE, OTHER, CYCLE, ONE, OTHER, ROOT]),
        (Scope((ScopePart(ROOT, frozenset({"community"})),)), [ONE, OTHER, ONE, OTHER]),
        (KIND, [STREET]),
        (Scope(streams=frozenset({OTHER})), [OTHER, OTHER]),
        (Scope(), []),
    ],
)
def test_scope(
    district: SmallDistrict,
    monkeypatch: pytest.MonkeyPatch,
    scope: Scope,
    visible: list[str],
    gathered: int,
) -> None:
    """A part sees its organizations, a whole root its cycles too; gathered or met on a walk."""
    monkeypatch.setattr(audit_trail, "GATHERED_STREAMS", gathered)
    assert streams(district, AuditQuery(scope=scope)) == visible
    with district.read() as reader:
        for stream in (ROOT, STREET, ONE, OTHER, CYCLE, "district"):
            assert may_see(reader, scope, stream) is (stream in visible)


def test_everything(district: SmallDistrict) -> None:
    """The whole district sees the whole log."""
    assert "district" in streams(district, AuditQuery())
    with district.read() as reader:
        assert may_see(reader, EVERYTHING, "anything")


def test_filters_within_a_scope(district: SmallDistrict) -> None:
    """Filters narrow the scope; an organization beyond it is not there."""
    recorded = AuditQuery(type="ActivityRecorded", scope=PART)
    assert streams(district, recorded) == [ONE]
    assert streams(district, AuditQuery(organization="c", scope=PART)) == [ONE, ONE]
    for query in (
        AuditQuery(organization="d", scope=PART),
        AuditQuery(under="r", scope=PART),
        AuditQuery(organization="nowhere", scope=PART),
    ):
        with pytest.raises(Refused, match="is not a registered organization"):
            streams(district, query)


def test_any_of_some_actors(district: SmallDistrict) -> None:
    """Several actors are asked for at once."""
    assert streams(district, AuditQuery(actors=("u-1", "u-3"))) == [ONE, ROOT]
    assert streams(district, AuditQuery(actors=("u-2",))) == [OTHER]
    assert streams(district, AuditQuery(actors=("u-1", "u-2"), scope=PART)) == [ONE]
