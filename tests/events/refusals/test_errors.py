"""A refusal says what is wrong, in words and in values, and survives a journey."""

import pickle

import pytest

from events.refusals.errors import BadValue, Kind, Message, Problem, Refused, WrongExpectedVersion

LATE = {"day": "2026-10-01", "today": "2026-09-30"}


def test_a_refusal_fills_its_sentence() -> None:
    """Its text leads with the field at fault, its message does not name it."""
    refused = Refused("future_date", field="on", **LATE)
    sentence = "2026-10-01 is in the future (today is 2026-09-30)"
    assert (str(refused), str(refused.message)) == (f"field on: {sentence}", sentence)
    assert (refused.code, refused.kind) == ("future_date", Kind.INVALID)
    assert refused.params == LATE | {"field": "on"}
    assert refused.field == "on"


def test_a_refusal_without_a_field_is_its_sentence() -> None:
    """So is one whose sentence names the field itself."""
    refused = Refused("sign_in_failed")
    assert (str(refused), refused.field) == ("the name or the password is wrong", None)
    assert refused.kind is Kind.FORBIDDEN
    named = Refused("bad_setting", field="TRACKER_ACTOR", problem=Message("value_actor"))
    assert str(named) == "TRACKER_ACTOR: is empty or contains a control character"


def test_a_variant_has_the_code_before_its_dot() -> None:
    """Callers see one code, whose sentence and kind differ."""
    folder, missing = Refused("no_file.folder", file="a"), Refused("no_file", file="a")
    assert folder.code == missing.code == "no_file"
    assert (folder.kind, missing.kind) == (Kind.INVALID, Kind.NOT_FOUND)
    assert str(folder) != str(missing)


def test_a_code_that_is_not_in_the_catalogue_is_a_bug() -> None:
    """Nothing is refused without a sentence."""
    with pytest.raises(AssertionError, match="never_heard_of"):
        Refused("never_heard_of")


def test_a_refusal_takes_other_parameters() -> None:
    """The same refusal at another field, or with names for people."""
    refused = Refused("future_date", **LATE)
    assert refused.replace(field="on").field == "on"
    assert refused.field is None


def test_values_in_a_sentence_are_not_filled_again() -> None:
    """Braces in what somebody typed stay as they are."""
    assert str(Refused("unknown_organization", code="{code}")).startswith("{code} is not")


@pytest.mark.parametrize(
    "refused",
    [
        Refused("login_taken", field="login", login="li"),
        Refused("bad_document", file="a", line=1, problem=Message("alias", name="x")),
        WrongExpectedVersion("organization-A1", 3, 5),
    ],
)
def test_a_refusal_comes_unchanged_out_of_another_process(refused: Refused) -> None:
    """Pickled and read again it is of its class, with sentence, code, kind and parameters."""
    restored = pickle.loads(pickle.dumps(refused))
    assert type(restored) is type(refused)
    assert (str(restored), restored.code, restored.kind) == (
        str(refused),
        refused.code,
        refused.kind,
    )
    assert (restored.params, restored.message) == (refused.params, refused.message)


def test_a_wrong_expected_version_names_both_versions() -> None:
    """It is a conflict that names the current version and the one that was seen."""
    refused = WrongExpectedVersion("organization-A1", 3, 5)
    assert refused.kind is Kind.CONFLICT
    assert "version 5, you saw 3" in str(refused)


def test_messages_are_values() -> None:
    """Equal by key and parameters, so that a problem found twice is named once."""
    twice = [Message("band_twice", band="a"), Message("band_twice", band="a")]
    assert len({*twice, Message("band_twice", band="b"), Message("band_none")}) == 3
    assert repr(twice[0]) == "Message('band_twice', 'band a is named twice')"
    assert twice[0] != "band a is named twice"


def test_a_problem_is_an_error_or_a_warning() -> None:
    """Either has its English sentence."""
    error, warning = Problem.error("a", "no_day", day="02-30"), Problem.warning("a", "plan_nobody")
    assert (error.severity, warning.severity) == ("error", "warning")
    assert error.problem == "02-30 is not a day (MM-DD) of every year"
    assert error == Problem("a", Message("no_day", day="02-30"))


def test_a_bad_value_is_a_value_error() -> None:
    """Models take it for theirs, and its message keeps its key."""
    error = BadValue("value_date")
    assert isinstance(error, ValueError)
    assert (str(error), error.message.key) == (str(Message("value_date")), "value_date")
