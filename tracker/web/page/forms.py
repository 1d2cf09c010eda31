"""A form as it was typed: what is wrong stands at its field, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from events.refusals.errors import Refused
from tracker.wording.faults import sentence
from tracker.wording.refusals import say

if TYPE_CHECKING:
    from tracker.http.context import RequestContext
    from tracker.wording.refusals import Language

Command = TypeVar("Command", bound=BaseModel)
PARTS = {"attendance": ("present", "expected"), "money": ("due", "paid")}
"""Fields of a record that a form asks in two."""
ONE_OF_TWO = {f"{name}.{part}": part for name, parts in PARTS.items() for part in parts}


@dataclass(slots=True)
class FilledForm:
    """What a person typed, and what is wrong with it by field; ``""`` is the whole form."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """What was typed into a field, empty before."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """What is wrong with a field, empty where nothing is."""
        return self.errors.get(name, "")

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.errors

    def refuse(self, refused: Refused, language: Language) -> None:
        """Put a refusal at the field it names, or above the form."""
        self.errors[field_of(refused.field or "")] = say(refused, language)


def field_of(place: str) -> str:
    """The field of a form at which a fault of a command stands."""
    name = place.removeprefix("changes.")
    return ONE_OF_TWO.get(name, name)


def read_form(
    context: RequestContext, model: type[Command], given: Mapping[str, Any], filled: FilledForm
) -> Command | None:
    """The command that a form makes, or None with every fault put at its field."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for one in error.errors():
            place = ".".join(str(part) for part in one["loc"] if isinstance(part, str))
            filled.errors.setdefault(field_of(place), sentence(one, context.language))
        return None


def present(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields into which something was typed."""
    return {name: value for name, value in given.items() if value not in ("", None, [], ())}
