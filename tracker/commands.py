"""Publishing documents: schemes and policies put in force, schemes closed.

Each command reads, decides and appends in one transaction and answers whether anything changed;
repeating it changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from events.errors import Problem, Refused
from events.event import Metadata, Pending
from events.periods import parse_month
from events.policies import STREAM as POLICY_STREAM
from events.policies import PolicyPublished, check_against_grace
from events.policies import check as check_policy
from events.policies import stored_document as stored_policy
from events.scheme_checks import check
from events.scheme_documents import digest, load_document, stored_document
from events.schemes import Scheme, SchemeClosed, SchemePublished
from events.scores import MONTHLY
from projections.cycles import all_cycles
from projections.documents import LOCK, book, of_type, policy, published, vocabulary
from tracker.document_sources import read_file, scheme_document

if TYPE_CHECKING:
    from events.reading import Reader
    from events.store import Append, Store

SCHEME_PREFIX = "scheme-"


class FaultyDocument(Refused):
    """A document with faults, each of which is told on its own line."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; the message names every error at its place."""
        lines = [
            f"{name}: {one.place}: {one.problem}" for one in problems if one.severity == "error"
        ]
        super().__init__("faulty_document", lines="\n".join(lines))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication came to."""

    identifier: str
    version: int
    effective_from: str | None
    changed: bool


def publish_scheme(
    store: Store, source: str, from_month: str | None, metadata: Metadata
) -> Published:
    """Put a scheme in force from a month on.

    Raises ``Refused`` (all faults of the document at once; a month whose cycle has opened; another
    scheme for one of the categories from the same month; a version that is not above the newest).
    """
    name, document = scheme_document(source)
    return publish_scheme_document(store, name, document, from_month, metadata)


def publish_scheme_document(
    store: Store,
    name: str,
    document: dict[str, Any],
    from_month: str | None,
    metadata: Metadata,
) -> Published:
    """The same for a document that is at hand; faults are told under ``name``."""
    if from_month is not None:
        document = document | {"effective_from": str(parse_month(from_month))}
    with store.append() as log:
        log.lock([LOCK])
        checked = check(document, vocabulary(log))
        if checked.scheme is None or not checked.ok:
            raise FaultyDocument(name, checked.problems)
        scheme = checked.scheme.model_copy(update={"status": "in_force"})
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
        changed = _publish(log, name, scheme, event, metadata)
    return Published(scheme.scheme, scheme.version, scheme.effective_from, changed)


def _publish(
    log: Append, name: str, scheme: Scheme, event: SchemePublished, metadata: Metadata
) -> bool:
    stream, identity = SCHEME_PREFIX + scheme.scheme, f"published/{scheme.version}"
    standing = {
        (one.scheme, one.version): (one, found.data["digest"]) for found, one in published(log)
    }
    same = standing.get((scheme.scheme, scheme.version))
    if same is not None:
        if same[1] == event.digest:
            return False
        raise Refused(
            "scheme_exists",
            file=name,
            scheme=scheme.scheme,
            version=scheme.version,
            month=same[0].effective_from,
        )
    newest = max((version for one, version in standing if one == scheme.scheme), default=0)
    if scheme.version <= newest:
        raise Refused("old_version", file=name, version=scheme.version, newest=newest)
    _not_opened(log, event.effective_from, name)
    for other, _ in standing.values():
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
                month=event.effective_from,
            )
    if scheme.purpose == MONTHLY:
        fault = check_against_grace(policy(log).policy, scheme.policy.recording_grace_days)
        if fault is not None:
            raise FaultyDocument(name, (replace(fault, place="policy.recording_grace_days"),))
    log.append([Pending(stream, identity, event, metadata)])
    return True


def _not_opened(log: Reader, month: str, name: str) -> None:
    opened = sorted(row.period for row in all_cycles(log) if row.period >= month)
    if opened:
        raise Refused("month_opened", file=name, opened=opened[0], newest=opened[-1])


def close_scheme(store: Store, scheme: str, from_month: str, metadata: Metadata) -> bool:
    """End a scheme from a month on; False where that stands already."""
    month = str(parse_month(from_month))
    with store.append() as log:
        log.lock([LOCK])
        if not any(one.scheme == scheme for _, one in published(log)):
            raise Refused("unknown_scheme", name=scheme)
        already = book(log).closed.get(scheme)
        if already == month:
            return False
        if already is not None:
            raise Refused("scheme_closed", scheme=scheme, month=already)
        _not_opened(log, month, scheme)
        event = SchemeClosed(scheme=scheme, closed_from=month)
        log.append([Pending(SCHEME_PREFIX + scheme, f"closed/{month}", event, metadata)])
        return True


def publish_policy(store: Store, path: str, metadata: Metadata) -> Published:
    """Publish a district policy as its next version; the same again changes nothing.

    Raises ``Refused`` with every fault at its place.
    """
    return publish_policy_document(store, path, load_document(read_file(path), path), metadata)


def publish_policy_document(
    store: Store, path: str, document: dict[str, Any], metadata: Metadata
) -> Published:
    """The same for a document that is at hand; faults are told under ``path``."""
    with store.append() as log:
        log.lock([LOCK])
        found, problems = check_policy(document)
        problems += grace_problems(log, found) if found is not None else ()
        if found is None or any(one.severity == "error" for one in problems):
            raise FaultyDocument(path, problems)
        stored = stored_policy(found)
        standing = of_type(log, PolicyPublished.TYPE)
        version = len(standing)
        if standing and standing[-1].data["digest"] == digest(stored):
            return Published("district", version, None, changed=False)
        event = PolicyPublished(version=version + 1, document=stored, digest=digest(stored))
        log.append([Pending(POLICY_STREAM, f"published/{version + 1}", event, metadata)])
    return Published("district", version + 1, None, changed=True)


def grace_problems(reader: Reader, found: Any) -> tuple[Problem, ...]:
    """The published monthly schemes whose grace the policy's draw would not leave time for."""
    faults = [
        check_against_grace(found, scheme.policy.recording_grace_days)
        for _, scheme in published(reader)
        if scheme.purpose == MONTHLY
    ]
    return tuple(dict.fromkeys(fault for fault in faults if fault is not None))
