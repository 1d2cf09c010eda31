"""Signatures of sheets: one where no result is raised, else those of all its inspectors.

A proposed sheet is stored outside the log until every colleague has signed it or one returns it;
the sheet that all signed is the event. Inspectors sign with their own accounts, and sign what they
read: content that changed in the meantime is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from events.periods import instant_text
from events.refusals.errors import Kind, Refused
from events.streams.findings import SubmitFindings, decide, sheet_faults
from events.values import accept_text
from projections.cycles.sheets import newest_findings, sheets_of
from projections.scoring.figures import exact
from tracker.inspections.sheets import append_sheet, lock_inspection, refuse_after_inspections

if TYPE_CHECKING:
    from events.event import Metadata
    from events.log.reader import Reader
    from events.log.store import Append, Store
    from tracker.inspections.sheets import LockedInspection

COLUMNS = "stream, period, sheet_id, payload, person, proposed_at, remark"
LONGEST_REMARK = 500
"""In characters, as any reason."""


@dataclass(frozen=True, slots=True)
class SheetDraft:
    """A sheet as an inspector filled it in, with what they saw.

    ``known`` are the ids of the sheets handed in before they looked, None where that is unknown;
    ``seen`` are the derived credits (exact texts) that they saw, by criterion.
    """

    sheet: SubmitFindings
    known: tuple[str, ...] | None = None
    seen: Mapping[str, str | None] = field(default_factory=dict)


class SheetFaults(Refused):
    """The refusal of a sheet with all its faults.

    Each has a ``field`` and the ``name`` of a criterion or record.
    """

    def __init__(self, sheet_faults: tuple[Refused, ...]) -> None:
        """Keep all faults; one conflict makes the refusal a conflict."""
        kinds = {fault.kind for fault in sheet_faults}
        kind = Kind.CONFLICT if Kind.CONFLICT in kinds else Kind.INVALID
        super().__init__("sheet_faults", count=len(sheet_faults))
        self.kind = kind
        self.faults = sheet_faults


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sheet that waits for signatures, or was returned with a ``remark``."""

    stream: str
    period: str
    draft: SheetDraft
    signed: tuple[str, ...]
    """Who signed it so far; the first proposed it."""
    proposed_at: str
    remark: str | None
    returned_by: str | None

    @property
    def sheet_id(self) -> str:
        """Return the identity that the sheet will have."""
        return self.draft.sheet.sheet_id

    @property
    def person(self) -> str:
        """Return the inspector who proposed it."""
        return self.signed[0]

    @property
    def digest(self) -> str:
        """Return the digest of the content; a signature names the digest that was read."""
        return hashlib.sha256(self.draft.sheet.model_dump_json().encode()).hexdigest()


def read_proposals(reader: Reader, stream: str, period: str) -> list[Proposal]:
    """Return the proposals of an inspection, oldest first."""
    rows = reader.rows(
        f"SELECT {COLUMNS} FROM sheet_proposals WHERE stream = ? AND period = ?"
        " ORDER BY proposed_at, sheet_id",
        [stream, period],
    )
    return [_proposal(row) for row in rows]


def _proposal(row: Any) -> Proposal:
    stream, period, _, payload, _, proposed_at, remark = row
    stored = orjson.loads(payload)
    sheet = SubmitFindings.model_validate(stored["sheet"])
    known = None if stored["known"] is None else tuple(stored["known"])
    draft = SheetDraft(sheet, known, stored["seen"])
    return Proposal(
        stream, period, draft, tuple(stored["signed"]), proposed_at, remark, stored["returned_by"]
    )


Inspections = set[tuple[str, str]]
"""Inspections, each as (stream, period)."""


class WaitingProposals(NamedTuple):
    """The inspections with proposals that wait for somebody, as one inspector sees them."""

    to_sign: Inspections
    sent: Inspections
    returned: Inspections


def read_waiting(reader: Reader, person: str) -> WaitingProposals:
    """Return where proposals wait for a person's signature, for a colleague's, or were returned.

    The returned ones are the person's own, which they have to change.
    """
    rows = reader.rows(
        f"SELECT {', '.join(f'p.{name}' for name in COLUMNS.split(', '))} FROM sheet_proposals p"
        " JOIN (SELECT DISTINCT stream, period FROM assignments WHERE person = ?) a"
        " ON a.stream = p.stream AND a.period = p.period",
        [person],
    )
    all_proposals = [_proposal(row) for row in rows]
    waiting = [proposal for proposal in all_proposals if proposal.remark is None]
    returned = [proposal for proposal in all_proposals if proposal.remark is not None]
    return WaitingProposals(
        _inspections_of(proposal for proposal in waiting if person not in proposal.signed),
        _inspections_of(proposal for proposal in waiting if person in proposal.signed),
        _inspections_of(proposal for proposal in returned if person == proposal.person),
    )


def _inspections_of(proposals: Iterable[Proposal]) -> Inspections:
    return {(proposal.stream, proposal.period) for proposal in proposals}


def hand_in_sheet(store: Store, draft: SheetDraft, person: str, metadata: Metadata) -> bool:
    """Record a sheet with one signature; False where the same sheet is recorded already.

    Raises ``SheetFaults`` with every fault of the sheet, ``Refused`` where the cycle takes no
    sheets or the inspection is assigned to others. Deletes the person's proposal of the same id.
    """
    with store.append() as log:
        locked = _lock_for_inspector(
            log, store, draft.sheet.organization, draft.sheet.period, person
        )
        changed = _append(log, locked, draft, (person,), metadata)
        _delete_proposal(log, locked, draft.sheet.sheet_id, person)
        return changed


def propose_sheet(store: Store, draft: SheetDraft, person: str) -> bool:
    """Store a sheet for the colleagues to sign; the same id again replaces it.

    False where the same content waits already. Raises as ``hand_in_sheet`` does.
    """
    sheet = draft.sheet
    with store.append() as log:
        locked = _lock_for_inspector(log, store, sheet.organization, sheet.period, person)
        if sheet.sheet_id in locked.inspection.sheets:
            raise _no_proposal(sheet.sheet_id)
        refuse_after_inspections(locked)
        everybody = locked.inspection.inspectors
        _refuse_faults(log, locked, draft, everybody)
        decide(_signed_by(draft, everybody).sheet, locked.inspection, locked.context)
        draft = _signed_by(draft, (person,))
        for proposal in read_proposals(log, locked.entry.stream, sheet.period):
            if proposal.sheet_id == sheet.sheet_id:
                if proposal.person != person:
                    raise _no_proposal(sheet.sheet_id)
                if proposal.remark is None and proposal.draft.sheet == draft.sheet:
                    return False
        _store_proposal(log, Proposal(locked.entry.stream, sheet.period, draft, (person,),
                            instant_text(store.clock()), None, None))  # fmt: skip
        return True


@dataclass(frozen=True, slots=True)
class ProposalRef:
    """A proposal as a colleague read it; without ``digest`` whatever its content is now."""

    organization: str
    period: str
    sheet_id: str
    digest: str | None = None


def sign_proposal(store: Store, ref: ProposalRef, person: str, metadata: Metadata) -> bool:
    """Sign a colleague's proposal; True where it is handed in now, False where others must sign.

    ``Refused`` for one's own, for content that changed since it was read, and as ``hand_in_sheet``
    refuses.
    """
    with store.append() as log:
        locked = _lock_for_inspector(log, store, ref.organization, ref.period, person)
        proposal = _read_proposal(log, locked, ref, person)
        if proposal.remark is not None:
            raise _no_proposal(ref.sheet_id)
        signed = (*proposal.signed, *({person} - set(proposal.signed)))
        if set(locked.inspection.inspectors) - set(signed):
            _store_proposal(log, _with_signatures(proposal, signed))
            return False
        _append(log, locked, proposal.draft, signed, metadata)
        _delete_proposal(log, locked, ref.sheet_id, proposal.person)
        return True


def return_proposal(store: Store, ref: ProposalRef, remark: str, person: str) -> None:
    """Return a colleague's proposal with a remark; ``Refused`` where it is blank or too long."""
    if len(remark) <= LONGEST_REMARK:
        remark = accept_text(remark, "remark", LONGEST_REMARK)
    if not remark or len(remark) > LONGEST_REMARK:
        raise Refused("remark_needed", field="remark", most=LONGEST_REMARK)
    with store.append() as log:
        locked = _lock_for_inspector(log, store, ref.organization, ref.period, person)
        proposal = _read_proposal(log, locked, ref, person)
        _store_proposal(log, _with_signatures(proposal, (proposal.person,), remark, person))


def _lock_for_inspector(
    log: Append, store: Store, organization: str, period: str, person: str
) -> LockedInspection:
    """Lock an inspection for one of its inspectors; ``Refused`` for anybody else."""
    locked = lock_inspection(log, store, organization, period)
    if person not in locked.inspection.inspectors:
        raise not_assigned(locked.entry.code, period)
    return locked


def not_assigned(code: str, period: str) -> Refused:
    """Return the refusal of an inspection that is assigned to others."""
    return Refused("not_assigned_to_you", code=code, period=period)


def _read_proposal(
    log: Append, locked: LockedInspection, ref: ProposalRef, person: str
) -> Proposal:
    """Return a colleague's proposal; ``Refused`` where it is gone, one's own, or changed."""
    proposals = read_proposals(log, locked.entry.stream, ref.period)
    proposal = next((row for row in proposals if row.sheet_id == ref.sheet_id), None)
    if proposal is None:
        raise _no_proposal(ref.sheet_id)
    if proposal.person == person:
        raise Refused("own_proposal", sheet_id=ref.sheet_id)
    if ref.digest not in {None, proposal.digest}:
        raise Refused("proposal_changed")
    return proposal


def _no_proposal(sheet_id: str) -> Refused:
    return Refused("no_proposal", sheet_id=sheet_id)


def _with_signatures(
    proposal: Proposal,
    signed: tuple[str, ...],
    remark: str | None = None,
    returned_by: str | None = None,
) -> Proposal:
    return replace(proposal, signed=signed, remark=remark, returned_by=returned_by)


def _signed_by(draft: SheetDraft, people: tuple[str, ...]) -> SheetDraft:
    """Return the same draft with other signers."""
    return replace(draft, sheet=draft.sheet.model_copy(update={"inspectors": people}))


def _append(
    log: Append,
    locked: LockedInspection,
    draft: SheetDraft,
    signed: tuple[str, ...],
    metadata: Metadata,
) -> bool:
    """Append a sheet with its signatures, in the order of the assignment."""
    people = tuple(person for person in locked.inspection.inspectors if person in signed)
    sheet = _signed_by(draft, people).sheet
    if sheet.sheet_id not in locked.inspection.sheets:
        refuse_after_inspections(locked)
        _refuse_faults(log, locked, draft, people)
    return append_sheet(log, locked, sheet, metadata)


def _refuse_faults(
    log: Append, locked: LockedInspection, draft: SheetDraft, people: tuple[str, ...]
) -> None:
    """Refuse a sheet with all faults that it has where these people sign it."""
    sheet_faults = tuple(_faults(log, locked, draft, people))
    if sheet_faults and locked.cycle.state == "drawn":
        raise SheetFaults(sheet_faults)


def _faults(
    log: Append, locked: LockedInspection, draft: SheetDraft, people: tuple[str, ...]
) -> Iterator[Refused]:
    yield from _judged_meanwhile(log, locked, draft)
    everybody = set(people) == set(locked.inspection.inspectors)
    for fault in sheet_faults(draft.sheet, locked.context, everybody=everybody):
        name = fault.params["name"]
        derived = locked.context.criteria.get(name)
        if fault.code == "sheet_no_reason" and derived is not None and name in draft.seen:
            # The derived credit may have moved since the page was loaded: say so instead.
            now = None if derived.credit is None else exact(derived.credit)
            if now != draft.seen[name]:
                yield Refused(
                    "sheet_derived_moved",
                    field="findings",
                    name=name,
                    now=now or "–",
                    was=draft.seen[name] or "–",
                )
                continue
        yield fault


def _judged_meanwhile(
    log: Append, locked: LockedInspection, draft: SheetDraft
) -> Iterator[Refused]:
    """Yield a fault for each criterion that a colleague judged since the inspector looked."""
    if draft.known is None or locked.inspection.sheets <= set(draft.known):
        return
    in_force = newest_findings(sheets_of(log, locked.entry.stream, locked.period))
    for finding in draft.sheet.findings:
        _, sheet = in_force.get(finding.criterion, (None, None))
        if sheet is not None and sheet.sheet_id not in draft.known:
            yield Refused(
                "sheet_meanwhile",
                field="findings",
                name=finding.criterion,
                people=tuple(sheet.inspectors),
                sheet=sheet.sheet_id,
            )


def _store_proposal(log: Append, proposal: Proposal) -> None:
    payload = {
        "sheet": proposal.draft.sheet.model_dump(mode="json"),
        "known": proposal.draft.known,
        "seen": dict(proposal.draft.seen),
        "signed": proposal.signed,
        "returned_by": proposal.returned_by,
    }
    log.write(
        f"INSERT INTO sheet_proposals ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (stream, period, sheet_id) DO UPDATE SET payload = excluded.payload,"
        " person = excluded.person, proposed_at = excluded.proposed_at, remark = excluded.remark",
        [(proposal.stream, proposal.period, proposal.sheet_id, orjson.dumps(payload).decode(),
          proposal.person, proposal.proposed_at, proposal.remark)],
    )  # fmt: skip


def _delete_proposal(log: Append, locked: LockedInspection, sheet_id: str, person: str) -> None:
    """Delete a person's proposal, which is handed in now."""
    log.write(
        "DELETE FROM sheet_proposals"
        " WHERE stream = ? AND period = ? AND sheet_id = ? AND person = ?",
        [(locked.entry.stream, locked.period, sheet_id, person)],
    )
