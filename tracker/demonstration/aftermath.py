"""What follows the inspections: replies to orders, an adjustment, and a role lent to a deputy."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import TYPE_CHECKING

from events.periods import Period
from events.streams.accounts import GrantRole
from events.streams.rectifications import ReplyRectification
from events.streams.scores import MONTHLY
from projections.organizations.directory import find
from projections.people.accounts import account_of
from projections.scores.outcomes import posted_score
from tracker.accounts.delegations import delegate_role
from tracker.accounts.sign_in import Authenticator
from tracker.commands.rectifications import record_reply
from tracker.commands.scores import ScoreAdjustment, adjust_posted_score
from tracker.demonstration.accounts import DEPUTY, Staff
from tracker.demonstration.branches import ROOT
from tracker.demonstration.dice import Dice
from tracker.demonstration.evidence import EvidenceBox
from tracker.demonstration.names import ADJUSTMENT_REASON, MEASURES_TAKEN

if TYPE_CHECKING:
    from tracker.app import App
    from tracker.demonstration.inspecting import Assignment, Order

IN_TIME, LATE = 800, 930
"""Of a thousand orders so many are answered in time, and so many at all."""
WITH_PICTURE = 400
"""How many of a thousand replies have a picture."""
ADJUSTED_BY = 150
"""The points that an adjustment adds, in hundredths."""
HIGHEST = 10_000
LEAVE = timedelta(days=14)


def reply_day(order: Order, ordered_on: date, seed: int) -> date | None:
    """Return the day on which an order is answered; None for those that nobody answers."""
    dice = Dice(seed, "reply", order.organization, order.rectification_id)
    place = dice.number("when") % 1000
    if place < IN_TIME:
        return ordered_on + timedelta(days=dice.between(3, (order.due - ordered_on).days, "day"))
    if place < LATE:
        return order.due + timedelta(days=dice.between(1, 9, "late"))
    return None


def answer_order(app: App, staff: Staff, order: Order, day: date) -> None:
    """Record an organization's reply to an order."""
    dice = Dice(staff.seed, "reply", order.organization, order.rectification_id)
    account = staff.secretary(order.organization)
    evidence = []
    if dice.chance(WITH_PICTURE, "picture"):
        files = EvidenceBox(app)
        evidence.append(files.draw_repair(day, account, dice.at("picture")))
        files.register()
    reply = ReplyRectification.model_validate(
        {
            "rectification_id": order.rectification_id,
            "reply_id": f"r-{order.rectification_id}",
            "measures": dice.pick(MEASURES_TAKEN, "measures"),
            "done_on": day - timedelta(days=dice.between(0, 2, "done")),
            "evidence": evidence,
        }
    )
    by = staff.by(account, work=reply.reply_id)
    record_reply(app.store, order.organization, reply, by)


def adjust_one(app: App, staff: Staff, month: Period, assignments: list[Assignment]) -> None:
    """Adjust the score of the first inspected organization whose score leaves room for it."""
    for assignment in assignments:
        with app.store.read() as reader:
            entry = find(reader, assignment.organization)
            assert entry is not None
            posted = posted_score(reader, entry.stream, MONTHLY, str(month))
        if posted is None or posted.score is None:
            continue
        new = int(posted.score.replace(".", "")) + ADJUSTED_BY
        if new <= HIGHEST:
            command = ScoreAdjustment.model_validate(
                {
                    "adjustment_id": f"review-{month}",
                    "period": str(month),
                    "new": f"{new // 100}.{new % 100:02}",
                    "reason": ADJUSTMENT_REASON,
                }
            )
            by = staff.by(staff.visitors["department"], work=command.adjustment_id)
            adjust_posted_score(app.store, entry, command, by)
            return


def lend_role(app: App, staff: Staff, today: date) -> None:
    """Lend the township officer's role to the deputy for two weeks."""
    lender = staff.visitors["township"]
    authenticator = Authenticator(app.store, os.urandom)
    with app.store.read() as reader:
        account = account_of(reader, lender)
    assert account is not None
    grant = GrantRole.model_validate(
        {
            "grant_id": "demo-leave",
            "role": "township",
            "organization": f"{ROOT}-001",
            "from_on": today,
            "until_on": today + LEAVE,
        }
    )
    by = staff.by(lender, work="leave")
    delegate_role(authenticator, account, DEPUTY.login, grant, today, by)
