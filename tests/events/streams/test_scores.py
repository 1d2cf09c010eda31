"""A score is posted once, and adjusted by a new event."""

from events.refusals.errors import Kind
from events.streams.imports import ImportFinished
from events.streams.scores import DECIDER, AdjustScore, ScoreAdjusted, ScorePosted, ScoreState
from tests.support.given import Given

given = Given(DECIDER)
POSTED = ScorePosted(
    kind="monthly",
    scope="ROOT",
    period="2026-09",
    derived="80.00",
    score="75.00",
    scheme="community-2011",
    scheme_version=1,
    stream_version=12,
    digest="d",
)
ADJUST = AdjustScore("monthly", "ROOT", "2026-09", "90.00", "appeal upheld")


def adjusted(old: str | None, new: str) -> ScoreAdjusted:
    """An adjustment from one value to another."""
    return ScoreAdjusted(
        kind="monthly", scope="ROOT", period="2026-09", old=old, new=new, reason="appeal upheld"
    )


def test_an_adjustment_keeps_the_posted_score() -> None:
    """It names the old value, which is the newest one, and the new one."""
    given(POSTED).when(ADJUST).then(adjusted("75.00", "90.00"))
    given(POSTED, adjusted("75.00", "80.00")).when(ADJUST).then(adjusted("80.00", "90.00"))
    given(POSTED, adjusted("75.00", "90.00")).when(ADJUST).then()


def test_a_posting_without_a_score_can_be_adjusted() -> None:
    """An unchecked month has no old value."""
    unchecked = POSTED.model_copy(update={"score": None})
    given(unchecked).when(ADJUST).then(adjusted(None, "90.00"))


def test_only_a_posted_score_is_adjusted() -> None:
    """Before the posting the adjustment is refused."""
    assert given().when(ADJUST).refused("score_not_posted").kind is Kind.NOT_FOUND


def test_a_score_is_one_subject_of_its_stream() -> None:
    """Kind, scope and period name it; other events change nothing."""
    assert POSTED.subject() == adjusted(None, "1").subject() == "score/monthly/ROOT/2026-09"
    assert given(POSTED, ImportFinished(recorded=0, unchanged=0)).state == ScoreState(
        posted=True, value="75.00"
    )
