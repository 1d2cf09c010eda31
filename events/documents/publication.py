"""Publishing decisions: schemes published and closed, the district's policy published.

One decision concerns several streams, under one lock: which versions are published, which schemes
are closed. The events are ``SchemePublished`` and ``SchemeClosed`` (``schemes``) and
``PolicyPublished`` (``policies``); the cycles that have opened, by purpose, are the context.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from events.decider import Decider
from events.documents.policies import (
    DistrictPolicy,
    PolicyPublished,
    check_against_grace,
    policy_from_document,
    stored_policy,
    validate_policy,
)
from events.documents.scheme_checks import validate_scheme
from events.documents.schemes import Scheme, SchemeClosed, SchemePublished
from events.documents.serialization import digest, from_document, stored_document
from events.periods import Length, parse_month
from events.refusals.errors import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.documents.vocabulary import Vocabulary
    from events.event import Event, RecordedEvent


class FaultyDocument(Refused):
    """A document with errors, each on one line of the message."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; the message names each error with the file and its place."""
        errors = [problem for problem in problems if problem.severity == "error"]
        lines = [f"{name}: {problem.place}: {problem.problem}" for problem in errors]
        super().__init__("faulty_document", lines="\n".join(lines))
        self.problems = problems


# commands
@dataclass(frozen=True, slots=True)
class PublishScheme:
    """Publish a valid scheme, in force from its ``effective_from``; refusals name the file."""

    name: str
    scheme: Scheme


@dataclass(frozen=True, slots=True)
class CloseScheme:
    """End a scheme from a month (``2026-01``) on."""

    scheme: str
    month: str


class CategoryUses(NamedTuple):
    """How many organizations, inspectors and roles a category of the district has or ever had."""

    organizations: int = 0
    inspectors: int = 0
    roles: int = 0


@dataclass(frozen=True, slots=True)
class PublishPolicy:
    """Publish a policy document as the next version; refusals name the file.

    ``uses`` are the uses of the district's own categories; one without uses may be left out.
    """

    name: str
    document: dict[str, Any]
    uses: Mapping[str, CategoryUses] = field(default_factory=dict)


PublicationCommand = PublishScheme | CloseScheme | PublishPolicy

PERIODS_OF_PURPOSES = {"half_year": Length.HALF, "annual": Length.YEAR}
"""The period of each purpose that is not a single month."""

OpenedCycles = Mapping[str, AbstractSet[str]]
"""The months (``2026-09``) in which cycles that have opened end, by purpose."""


# evolve
@dataclass(frozen=True, slots=True)
class PublishedScheme:
    """One published version of a scheme, with the digest of its document."""

    scheme: Scheme
    digest: str


@dataclass(frozen=True, slots=True)
class Publications:
    """All documents of the district; ``policy`` is the default while ``policies`` is 0.

    ``closed`` gives the month from which a scheme is closed, until a version opens it again;
    ``closings`` counts how often it was closed.
    """

    schemes: dict[tuple[str, int], PublishedScheme] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    closings: dict[str, int] = field(default_factory=dict)
    policies: int = 0
    policy: DistrictPolicy = field(default_factory=DistrictPolicy)


def evolve(state: Publications, event: RecordedEvent) -> Publications:
    """Return the publications after one event."""
    data = event.data
    match event.type:
        case SchemePublished.TYPE:
            scheme = from_document(data["document"] | {"effective_from": data["effective_from"]})
            version = {(scheme.scheme, scheme.version): PublishedScheme(scheme, data["digest"])}
            closed = {
                name: month
                for name, month in state.closed.items()
                if name != scheme.scheme or (scheme.effective_from or "") < month
            }
            return replace(state, schemes=state.schemes | version, closed=closed)
        case SchemeClosed.TYPE:
            name = data["scheme"]
            return replace(
                state,
                closed=state.closed | {name: data["closed_from"]},
                closings=state.closings | {name: state.closings.get(name, 0) + 1},
            )
        case PolicyPublished.TYPE:
            return replace(
                state,
                policies=state.policies + 1,
                policy=policy_from_document(data["document"]),
            )
        case _:
            return state


# decide
def decide(
    command: PublicationCommand,
    state: Publications,
    opened: OpenedCycles,
    first_month: str | None = None,
) -> list[Event]:
    """Return the event that publishes or closes; none if that is done already.

    ``opened`` are the months in which cycles that have opened end, by purpose; ``first_month`` is
    the district's (None while it is being set up). Raise ``Refused``.
    """
    match command:
        case PublishScheme():
            return _publish_scheme(command, state, opened, first_month)
        case CloseScheme():
            return _close_scheme(command, state, opened)
        case PublishPolicy():
            return _publish_policy(command, state)
        case _:
            assert_never(command)


def valid_scheme(name: str, document: dict[str, Any], vocabulary: Vocabulary) -> Scheme:
    """Return the scheme of a document, or raise ``FaultyDocument`` with every problem."""
    checked = validate_scheme(document, vocabulary)
    if checked.scheme is None or not checked.ok:
        raise FaultyDocument(name, checked.problems)
    return checked.scheme.model_copy(update={"status": "in_force"})


def grace_problems(
    policy: DistrictPolicy, published: Iterable[PublishedScheme]
) -> tuple[Problem, ...]:
    """Return a problem for each grace period of a published scheme that the draw falls into."""
    problems = [
        check_against_grace(policy, version.scheme.policy.recording_grace_days)
        for version in published
        if version.scheme.purpose == "monthly"
    ]
    return tuple(dict.fromkeys(problem for problem in problems if problem is not None))


def dropped_category_problems(
    policy: DistrictPolicy, state: Publications, uses: Mapping[str, CategoryUses]
) -> tuple[Problem, ...]:
    """Return a problem for each category in use that a policy leaves out.

    Source: docs/semantics.md, section 7.
    """
    problems = []
    for category in state.policy.categories:
        own = uses.get(category, CategoryUses())
        schemes = {
            name for (name, _), one in state.schemes.items() if category in one.scheme.categories
        }
        if category not in policy.categories and (any(own) or schemes):
            place = f"categories.{category}"
            problems.append(
                Problem.error(
                    place,
                    "category_in_use",
                    organizations=own.organizations,
                    inspectors=own.inspectors,
                    roles=own.roles,
                    schemes=len(schemes),
                )
            )
    return tuple(problems)


def _publish_scheme(
    command: PublishScheme, state: Publications, opened: OpenedCycles, first_month: str | None
) -> list[Event]:
    name, scheme = command.name, command.scheme
    if scheme.effective_from is None:
        raise Refused("no_month", file=name)
    stored = stored_document(scheme)
    event = SchemePublished(
        scheme=scheme.scheme,
        version=scheme.version,
        purpose=scheme.purpose,
        categories=scheme.categories,
        effective_from=scheme.effective_from,
        document=stored,
        digest=digest(stored),
    )
    same = state.schemes.get((scheme.scheme, scheme.version))
    if same is not None:
        if same.digest == event.digest:
            return []
        raise Refused(
            "scheme_exists",
            file=name,
            scheme=scheme.scheme,
            version=scheme.version,
            month=same.scheme.effective_from,
        )
    _refuse_old_version(name, scheme, state)
    _refuse_middle_of_period(name, scheme, scheme.effective_from, first_month)
    _refuse_opened_month(scheme.effective_from, name, opened.get(scheme.purpose, frozenset()))
    _refuse_second_scheme(name, scheme, state)
    if scheme.purpose == "monthly":
        problem = check_against_grace(state.policy, scheme.policy.recording_grace_days)
        if problem is not None:
            raise FaultyDocument(name, (replace(problem, place="policy.recording_grace_days"),))
    return [event]


def _refuse_old_version(name: str, scheme: Scheme, state: Publications) -> None:
    versions = (version for published, version in state.schemes if published == scheme.scheme)
    newest = max(versions, default=0)
    if scheme.version <= newest:
        raise Refused("old_version", file=name, version=scheme.version, newest=newest)


def _refuse_middle_of_period(
    name: str, scheme: Scheme, month: str, first_month: str | None
) -> None:
    """Refuse a half-year or annual scheme that would begin in the middle of its period.

    It begins with its period or with the district.
    """
    length = PERIODS_OF_PURPOSES.get(scheme.purpose)
    if length is None or month == first_month:
        return
    begin = next(parse_month(month).window_around(length).each_month())
    if month == str(begin):
        return
    if length == Length.YEAR:
        raise Refused("middle_of_period.year", file=name, month=month, begin=str(begin))
    raise Refused("middle_of_period", file=name, month=month, begin=str(begin))


def _refuse_second_scheme(name: str, scheme: Scheme, state: Publications) -> None:
    """Refuse a second scheme for one category and purpose from the same month."""
    for published in state.schemes.values():
        other = published.scheme
        shared = sorted(set(other.categories) & set(scheme.categories))
        if (
            other.scheme != scheme.scheme
            and other.purpose == scheme.purpose
            and other.effective_from == scheme.effective_from
            and shared
        ):
            raise Refused(
                "two_schemes",
                file=name,
                other=other.scheme,
                category=", ".join(shared),
                month=scheme.effective_from,
            )


def _refuse_opened_month(month: str, name: str, opened: AbstractSet[str]) -> None:
    later = sorted(period for period in opened if period >= month)
    if later:
        raise Refused("month_opened", file=name, opened=later[0], newest=later[-1])


def _close_scheme(command: CloseScheme, state: Publications, opened: OpenedCycles) -> list[Event]:
    scheme, month = command.scheme, command.month
    versions = [version for (name, _), version in state.schemes.items() if name == scheme]
    if not versions:
        raise Refused("unknown_scheme", name=scheme)
    already = state.closed.get(scheme)
    if already == month:
        return []
    if already is not None:
        raise Refused("scheme_closed", scheme=scheme, month=already)
    purposes = {version.scheme.purpose for version in versions}
    _refuse_opened_month(
        month, scheme, {period for purpose in purposes for period in opened.get(purpose, ())}
    )
    return [SchemeClosed(scheme=scheme, closed_from=month)]


def _publish_policy(command: PublishPolicy, state: Publications) -> list[Event]:
    policy, problems = validate_policy(command.document)
    if policy is not None:
        problems += grace_problems(policy, state.schemes.values())
        problems += dropped_category_problems(policy, state, command.uses)
    if policy is None or any(problem.severity == "error" for problem in problems):
        raise FaultyDocument(command.name, problems)
    stored = stored_policy(policy)
    # A version from before a field existed reads as if it stated the default.
    if state.policies and stored_policy(state.policy) == stored:
        return []
    return [PolicyPublished(version=state.policies + 1, document=stored, digest=digest(stored))]


DECIDER = Decider(Publications(), evolve, decide)
