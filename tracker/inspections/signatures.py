"""Handing a sheet in: one signature where nothing is raised, else those of all its inspectors.

What one inspector proposes stands beside the log until every colleague has signed it or one hands
it back; the sheet that all signed is the event. Whoever signs does so by their own account, and
signs what they read: another content in the meantime is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from events.periods import instant_text
from events.refusals.errors import Kind, Refused
from events.streams.findings import SubmitFindings, decide, sheet_faults
from projections.cycles.sheets import sheets_of, standing
from projections.scoring.figures import exact
from tracker.inspections.sheets import append_sheet, lock_inspection, refuse_over

if TYPE_CHECKING:
    from events.event import Metadata
    from events.log.reader import Reader
    from events.log.store import Append, Store
    from tracker.inspections.sheets import LockedInspection

COLUMNS = "stream, period, sheet_id, payload, person, proposed_at, remark"
LONGEST_REMARK = 500
"""Characters of a remark, as of any reason."""


@dataclass(frozen=True, slots=True)
class SheetDraft:
    """A sheet as somebody filled it in, and what they saw of it.

    ``known`` are the ids of the sheets that had been handed in when they looked, None where nobody
    says; ``seen`` the derived credits (exact texts) that they judged by, by criterion.
    """

    sheet: SubmitFindings
    known: tuple[str, ...] | None = None
    seen: Mapping[str, str | None] = field(default_factory=dict)


class SheetFaults(Refused):
    """A sheet with faults, each with its ``field`` and the ``name`` of criterion or record."""

    def __init__(self, found: tuple[Refused, ...]) -> None:
        """Keep all of them; what weighs most tells the kind."""
        kinds = {one.kind for one in found}
        kind = Kind.CONFLICT if Kind.CONFLICT in kinds else Kind.INVALID
        super().__init__("sheet_faults", count=len(found))
        self.kind = kind
        self.found = found


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sheet that waits for signatures, or was handed back with a ``remark``."""

    stream: str
    period: str
    given: SheetDraft
    signed: tuple[str, ...]
    """Who signed it so far; who proposed it is the first."""
    proposed_at: str
    remark: str | None
    returned_by: str | None

    @property
    def sheet_id(self) -> str:
        """The identity that the sheet will have."""
        return self.given.sheet.sheet_id

    @property
    def person(self) -> str:
        """Who proposed it."""
        return self.signed[0]

    @property
    def digest(self) -> str:
        """What tells one content from another: who signs names what they read."""
        return hashlib.sha256(self.given.sheet.model_dump_json().encode()).hexdigest()


def proposals(reader: Reader, stream: str, period: str) -> list[Proposal]:
    """The proposals of an inspection, oldest first."""
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM sheet_proposals WHERE stream = ? AND period = ?"
        " ORDER BY proposed_at, sheet_id",
        [stream, period],
    )
    return [_proposal(row) for row in rows]


def _proposal(row: Any) -> Proposal:
    stream, period, _, payload, _, proposed_at, remark = row
    kept = orjson.loads(payload)
    sheet = SubmitFindings.model_validate(kept["sheet"])
    known = None if kept["known"] is None else tuple(kept["known"])
    given = SheetDraft(sheet, known, kept["seen"])
    return Proposal(
        stream, period, given, tuple(kept["signed"]), proposed_at, remark, kept["returned_by"]
    )


Places = set[tuple[str, str]]
"""Inspections, each as (stream, period)."""


def waiting(reader: Reader, person: str) -> tuple[Places, Places, Places]:
    """Where proposals wait for a person's signature, for a colleague's, and were handed back.

    The last are the person's own, which they have to change.
    """
    rows = reader.rows(
        f"SELECT {', '.join('p.' + one for one in COLUMNS.split(', '))} FROM sheet_proposals p"
        " JOIN (SELECT DISTINCT stream, period FROM assignments WHERE person = ?) a"
        " ON a.stream = p.stream AND a.period = p.period",
        [person],
    )
    found = [_proposal(row) for row in rows]
    return (
        _places(one for one in found if one.remark is None and person not in one.signed),
        _places(one for one in found if one.remark is None and person in one.signed),
        _places(one for one in found if one.remark is not None and person == one.person),
    )


def _places(found: Iterable[Proposal]) -> Places:
    return {(one.stream, one.period) for one in found}


def hand_in(store: Store, given: SheetDraft, person: str, metadata: Metadata) -> bool:
    """Take a sheet in by one signature; False where the same sheet stands already.

    Raises ``SheetFaults`` with every place that needs a change, ``Refused`` where no sheet is taken
    or the inspection is somebody else's. A proposal of the same id is then done with.
    """
    with store.append() as log:
        laid = _held(log, store, given.sheet.organization, given.sheet.period, person)
        changed = _take(log, laid, given, (person,), metadata)
        _drop(log, laid, given.sheet.sheet_id, person)
        return changed


def propose(store: Store, given: SheetDraft, person: str) -> bool:
    """Keep a sheet for the colleagues to sign; the same id again replaces it.

    False where just this content waits already. Raises as ``hand_in`` does.
    """
    sheet = given.sheet
    with store.append() as log:
        laid = _held(log, store, sheet.organization, sheet.period, person)
        if sheet.sheet_id in laid.inspection.sheets:
            raise _gone(sheet.sheet_id)
        refuse_over(laid)
        everybody = laid.inspection.inspectors
        _look(log, laid, given, everybody)
        decide(_by(given, everybody).sheet, laid.inspection, laid.desk)
        given = _by(given, (person,))
        for one in proposals(log, laid.entry.stream, sheet.period):
            if one.sheet_id == sheet.sheet_id:
                if one.person != person:
                    raise _gone(sheet.sheet_id)
                if one.remark is None and one.given.sheet == given.sheet:
                    return False
        _keep(log, Proposal(laid.entry.stream, sheet.period, given, (person,),
                            instant_text(store.clock()), None, None))  # fmt: skip
        return True


@dataclass(frozen=True, slots=True)
class ProposalRef:
    """A proposal as a colleague read it; without ``digest`` they take it as it stands."""

    organization: str
    period: str
    sheet_id: str
    digest: str | None = None


def sign(store: Store, read: ProposalRef, person: str, metadata: Metadata) -> bool:
    """Sign a colleague's proposal; True where it was handed in, False where others have to sign.

    ``Refused`` for one's own, for another content than was read, and as ``hand_in`` refuses.
    """
    with store.append() as log:
        laid = _held(log, store, read.organization, read.period, person)
        found = _of(log, laid, read, person)
        if found.remark is not None:
            raise _gone(read.sheet_id)
        signed = (*found.signed, *({person} - set(found.signed)))
        if set(laid.inspection.inspectors) - set(signed):
            _keep(log, _signed(found, signed))
            return False
        _take(log, laid, found.given, signed, metadata)
        _drop(log, laid, read.sheet_id, found.person)
        return True


def hand_back(store: Store, read: ProposalRef, remark: str, person: str) -> None:
    """Hand a colleague's proposal back with a remark, in which nothing but space is refused."""
    remark = remark.strip()
    if not remark or len(remark) > LONGEST_REMARK:
        raise Refused("remark_needed", field="remark", most=LONGEST_REMARK)
    with store.append() as log:
        laid = _held(log, store, read.organization, read.period, person)
        found = _of(log, laid, read, person)
        _keep(log, _signed(found, (found.person,), remark, person))


def _held(
    log: Append, store: Store, organization: str, period: str, person: str
) -> LockedInspection:
    """The inspection, held, for one of its inspectors."""
    laid = lock_inspection(log, store, organization, period)
    if person not in laid.inspection.inspectors:
        raise not_yours(laid.entry.code, period)
    return laid


def not_yours(code: str, period: str) -> Refused:
    """The refusal of an inspection that somebody else was assigned to."""
    return Refused("not_assigned_to_you", code=code, period=period)


def _of(log: Append, laid: LockedInspection, read: ProposalRef, person: str) -> Proposal:
    """The proposal that a colleague read, as it was read."""
    found = [
        one
        for one in proposals(log, laid.entry.stream, read.period)
        if one.sheet_id == read.sheet_id
    ]
    if not found:
        raise _gone(read.sheet_id)
    if found[0].person == person:
        raise Refused("own_proposal", sheet_id=read.sheet_id)
    if read.digest not in {None, found[0].digest}:
        raise Refused("proposal_changed")
    return found[0]


def _gone(sheet_id: str) -> Refused:
    return Refused("no_proposal", sheet_id=sheet_id)


def _signed(
    one: Proposal, signed: tuple[str, ...], remark: str | None = None, by: str | None = None
) -> Proposal:
    return Proposal(one.stream, one.period, one.given, signed, one.proposed_at, remark, by)


def _by(given: SheetDraft, people: tuple[str, ...]) -> SheetDraft:
    """The same sheet with who signs it."""
    return SheetDraft(
        given.sheet.model_copy(update={"inspectors": people}), given.known, given.seen
    )


def _take(
    log: Append,
    laid: LockedInspection,
    given: SheetDraft,
    signed: tuple[str, ...],
    metadata: Metadata,
) -> bool:
    """Put a sheet into the log with its signatures, in the order of the assignment."""
    people = tuple(one for one in laid.inspection.inspectors if one in signed)
    sheet = _by(given, people).sheet
    if sheet.sheet_id not in laid.inspection.sheets:
        refuse_over(laid)
        _look(log, laid, given, people)
    return append_sheet(log, laid, sheet, metadata)


def _look(log: Append, laid: LockedInspection, given: SheetDraft, people: tuple[str, ...]) -> None:
    """Refuse a sheet with every fault that it has where these people sign it."""
    found = tuple(_faults(log, laid, given, people))
    if found and laid.cycle.state == "drawn":
        raise SheetFaults(found)


def _faults(
    log: Append, laid: LockedInspection, given: SheetDraft, people: tuple[str, ...]
) -> Iterator[Refused]:
    yield from _meanwhile(log, laid, given)
    everybody = set(people) == set(laid.inspection.inspectors)
    for fault in sheet_faults(given.sheet, laid.desk, everybody=everybody):
        name = fault.params["name"]
        judged = laid.desk.criteria.get(name)
        if fault.code == "sheet_no_reason" and judged is not None and name in given.seen:
            now = None if judged.credit is None else exact(judged.credit)
            if now != given.seen[name]:
                yield Refused(
                    "sheet_derived_moved",
                    field="findings",
                    name=name,
                    now=now or "–",
                    was=given.seen[name] or "–",
                )
                continue
        yield fault


def _meanwhile(log: Append, laid: LockedInspection, given: SheetDraft) -> Iterator[Refused]:
    """The criteria that a sheet judges and that somebody judged since its maker looked."""
    if given.known is None or laid.inspection.sheets <= set(given.known):
        return
    stands = standing(sheets_of(log, laid.entry.stream, laid.period))
    for one in given.sheet.findings:
        _, sheet = stands.get(one.criterion, (None, None))
        if sheet is not None and sheet["sheet_id"] not in given.known:
            yield Refused(
                "sheet_meanwhile",
                field="findings",
                name=one.criterion,
                people=tuple(sheet["inspectors"]),
                sheet=sheet["sheet_id"],
            )


def _keep(log: Append, one: Proposal) -> None:
    payload = {
        "sheet": one.given.sheet.model_dump(mode="json"),
        "known": one.given.known,
        "seen": dict(one.given.seen),
        "signed": one.signed,
        "returned_by": one.returned_by,
    }
    log.write(
        f"INSERT INTO sheet_proposals ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (stream, period, sheet_id) DO UPDATE SET payload = excluded.payload,"
        " person = excluded.person, proposed_at = excluded.proposed_at, remark = excluded.remark",
        [(one.stream, one.period, one.sheet_id, orjson.dumps(payload).decode(), one.person,
          one.proposed_at, one.remark)],
    )  # fmt: skip


def _drop(log: Append, laid: LockedInspection, sheet_id: str, person: str) -> None:
    """Forget what a person proposed: it was handed in."""
    log.write(
        "DELETE FROM sheet_proposals"
        " WHERE stream = ? AND period = ? AND sheet_id = ? AND person = ?",
        [(laid.entry.stream, laid.period, sheet_id, person)],
    )
