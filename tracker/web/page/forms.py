"""A form as typed, with each fault at its field; no input is lost when a form is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from events.refusals.errors import Refused
from tracker.wording.faults import field_sentence
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from tracker.http.context import RequestContext
    from tracker.http.picking import Candidate
    from tracker.wording.refusals import Language

Command = TypeVar("Command", bound=BaseModel)
PARTS = {"attendance": ("present", "expected"), "money": ("due", "paid")}
"""Fields of a record that a form splits into two inputs."""
ONE_OF_TWO = {f"{name}.{part}": part for name, parts in PARTS.items() for part in parts}


@dataclass(slots=True)
class FilledForm:
    """What a person typed and the faults by field; the fault of ``""`` is of the whole form."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    """By field the organizations or people to choose from, where a text may mean several."""

    def __getitem__(self, name: str) -> Any:
        """Return the input of a field, or an empty text."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """Return the fault of a field, or an empty text."""
        return self.errors.get(name, "")

    @property
    def ok(self) -> bool:
        """Whether the form has no fault."""
        return not self.errors

    def refuse(self, refused: Refused, language: Language) -> None:
        """Set the message of a refusal at the field that it names, or above the form."""
        self.errors[find_form_field(refused.field or "")] = say(refused, language)


def find_form_field(place: str) -> str:
    """Return the field of the form that shows a fault of a command's field."""
    name = place.removeprefix("changes.")
    return ONE_OF_TWO.get(name, name)


def read_form(
    context: RequestContext, model: type[Command], given: Mapping[str, Any], filled: FilledForm
) -> Command | None:
    """Return the command of a form; on faults, set each at its field and return None."""
    try:
        return model.model_validate(given)
    except ValidationError as invalid:
        for fault in invalid.errors():
            place = ".".join(str(part) for part in fault["loc"] if isinstance(part, str))
            filled.errors.setdefault(
                find_form_field(place), field_sentence(fault, context.language)
            )
        return None


def drop_empty(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are not empty; zero is a value."""
    return {name: value for name, value in given.items() if value not in ("", None, [], ())}
