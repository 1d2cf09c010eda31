"""Schemes and policies published and closed.

Each command reads, decides and appends in one transaction and returns whether anything changed; it
is idempotent. What may be published is decided in ``events.documents.publication``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.documents import publication
from events.documents.policies import STREAM as POLICY_STREAM
from events.documents.policies import PolicyPublished
from events.documents.publication import DECIDER as PUBLICATION
from events.documents.publication import CloseScheme, PublishPolicy, PublishScheme, valid_scheme
from events.documents.schemes import SchemeClosed, SchemePublished
from events.documents.serialization import load_document
from events.event import Metadata, PendingEvent
from events.periods import parse_month
from events.streams.scores import MONTHLY
from projections.cycles.cycles import all_cycles
from projections.documents.in_force import LOCK, district, events_of_type, vocabulary
from projections.organizations.directory import LOCK as TREE
from tracker.documents.category_uses import read_category_uses
from tracker.documents.handover import (
    handovers_by_closing,
    handovers_by_publishing,
    require_confirmation,
)
from tracker.documents.sources import load_scheme_document, read_file

if TYPE_CHECKING:
    from events.documents.policies import DistrictPolicy
    from events.documents.publication import Publications
    from events.event import Event
    from events.log.reader import Reader
    from events.log.store import Append, Store
    from events.refusals.errors import Problem

SCHEME_PREFIX = "scheme-"


@dataclass(frozen=True, slots=True)
class Publication:
    """The result of publishing a document; ``version`` is the one in force now."""

    identifier: str
    version: int
    effective_from: str | None
    changed: bool


def publish_scheme(
    store: Store,
    source: str,
    from_month: str | None,
    metadata: Metadata,
    *,
    confirmed: bool | str = False,
) -> Publication:
    """Put a scheme in force from a month on; ``source`` is a file or a built-in scheme's id.

    Raises ``Refused``: all problems of the document at once; a month whose cycle has opened;
    another scheme for one of the categories from the same month; a version not above the newest;
    categories that change hands, unless that is ``confirmed``.
    """
    name, document = load_scheme_document(source)
    return publish_scheme_document(store, name, document, from_month, metadata, confirmed=confirmed)


def publish_scheme_document(
    store: Store,
    name: str,
    document: dict[str, Any],
    from_month: str | None,
    metadata: Metadata,
    *,
    confirmed: bool | str = False,
) -> Publication:
    """Put a loaded scheme document in force from a month on; ``name`` names it in problems."""
    if from_month is not None:
        document = document | {"effective_from": str(parse_month(from_month))}
    with store.append() as log:
        log.lock([LOCK])
        scheme = valid_scheme(name, document, vocabulary(log))
        events = _decide(log, PublishScheme(name, scheme))
        if events:
            require_confirmation(handovers_by_publishing(log, scheme), confirmed=confirmed)
        identity = f"published/{scheme.version}"
        changed = _append(log, SCHEME_PREFIX + scheme.scheme, identity, events, metadata)
    return Publication(scheme.scheme, scheme.version, scheme.effective_from, changed)


def close_scheme(
    store: Store, scheme: str, from_month: str, metadata: Metadata, *, confirmed: bool | str = False
) -> bool:
    """End a scheme from a month on; False where it is closed from then already.

    Raises ``Refused`` if categories lose or change their scheme and that is not ``confirmed``.
    """
    month = str(parse_month(from_month))
    with store.append() as log:
        log.lock([LOCK])
        events = _decide(log, CloseScheme(scheme, month))
        if events:
            require_confirmation(handovers_by_closing(log, scheme, month), confirmed=confirmed)
        before = _publications(log).closings.get(scheme, 0)
        # A scheme that was opened again may be closed from the same month once more.
        identity = f"closed/{month}/{before + 1}" if before else f"closed/{month}"
        return _append(log, SCHEME_PREFIX + scheme, identity, events, metadata)


def publish_policy(store: Store, path: str, metadata: Metadata) -> Publication:
    """Publish a district policy as its next version; the newest content again changes nothing.

    Raises ``Refused`` with every problem at its place.
    """
    return publish_policy_document(store, path, load_document(read_file(path), path), metadata)


def publish_policy_document(
    store: Store, path: str, document: dict[str, Any], metadata: Metadata
) -> Publication:
    """Publish a loaded policy document; problems are reported under ``path``."""
    with store.append() as log:
        # Registering an organization locks the tree: none takes a category that is left out here.
        log.lock([TREE, LOCK])
        state = _publications(log)
        uses = read_category_uses(log, state.policy.categories)
        events = PUBLICATION.decide(PublishPolicy(path, document, uses), state, {})
        version = state.policies + len(events)
        changed = _append(log, POLICY_STREAM, f"published/{version}", events, metadata)
    return Publication("district", version, None, changed)


def grace_problems(reader: Reader, policy: DistrictPolicy) -> tuple[Problem, ...]:
    """Return the problems of published monthly schemes whose grace outlasts the policy's draw."""
    return publication.grace_problems(policy, _publications(reader).schemes.values())


def dropped_category_problems(reader: Reader, policy: DistrictPolicy) -> tuple[Problem, ...]:
    """Return the problems of categories that are in use and that a policy leaves out."""
    state = _publications(reader)
    uses = read_category_uses(reader, state.policy.categories)
    return publication.dropped_category_problems(policy, state, uses)


def _publications(reader: Reader) -> Publications:
    events = [
        event
        for kind in (SchemePublished.TYPE, SchemeClosed.TYPE, PolicyPublished.TYPE)
        for event in events_of_type(reader, kind)
    ]
    return PUBLICATION.fold(sorted(events, key=lambda event: event.position))


def _decide(log: Reader, command: PublishScheme | CloseScheme) -> list[Event]:
    opened = {MONTHLY: frozenset(cycle.period for cycle in all_cycles(log))}
    facts = district(log)
    first_month = str(facts.first_month) if facts.live else None
    return PUBLICATION.decide(command, _publications(log), opened, first_month)


def _append(
    log: Append, stream: str, identity: str, events: list[Event], metadata: Metadata
) -> bool:
    return bool(log.append([PendingEvent(stream, identity, event, metadata) for event in events]))
