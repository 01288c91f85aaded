"""How a membership is brought back from PostgreSQL, which is the truth: from its rows.

A decision brings along what no other row tells of the record (``kept``); the rest is read beside it
(ADR 101). Where an older workflow decided last, or nobody ever did, the rows are all there is.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any

from schemas.membership.decision import DeliveryReport
from schemas.membership.insurance import initial_status, reservation_deadline
from schemas.membership.stored import LettersSince, StoredMembership, unpacked
from schemas.pricing.rulebook import NotInForce
from schemas.shared.calendar import start_of
from schemas.shared.vocabulary import InsuranceStatus, Payer, PayrollStatus, Stage
from workflows.membership.decisions import dispatch, insurance
from workflows.membership.decisions.step import Moment
from workflows.membership.importing import asked_before
from workflows.membership.record import (
    KEPT_UPDATES,
    EarlierWindow,
    Insurance,
    MembershipRecord,
    Payroll,
    Review,
    found_alike,
)
from workflows.membership.renewal import carried


def restored(stored: StoredMembership, version: int, at: datetime) -> MembershipRecord:
    """Return the record of a membership as PostgreSQL has it.

    Args:
        stored: the rows.
        version: of the record, by the run that goes on from it.
        at: now, by the workflow's clock.
    """
    told: dict[str, Any] = {
        "version": version,
        "membership_id": stored.membership_id,
        "received_at": stored.received_at,
        "rulebook": stored.rulebook,
        "former": stored.former,
        "member_number": stored.member_number,
        "first_invoice": stored.first_invoice,
        "payments": stored.payments,
        "log": stored.log,
        "applied": stored.applied[-KEPT_UPDATES:],
        "decisions": stored.decisions,
        **found_alike(stored.kin, stored.decided_on),
    }
    if stored.kept is None:
        record = _of_rows(stored, told, at)
    else:
        whole = json.loads(unpacked(stored.kept)) | {
            "membership_id": stored.membership_id,
            "received_at": stored.received_at.isoformat(),
        }
        kept = MembershipRecord.model_validate_json(json.dumps(whole))
        record = kept.model_copy(update={**told, "facts_kept": kept.beginning is not None})
    record = carried(_at_prices_of_today(record)).model_copy(update={"version": version})
    return _with_letters(record, stored.letters)


def _at_prices_of_today(record: MembershipRecord) -> MembershipRecord:
    """Return a record with its terms at what they come to by now.

    Where the rules make other terms of the facts, the ones that were decided stand, as in a run
    that has not heard of them: whoever they concern hears of it from the repricing.
    """
    if record.beginning is None or record.rulebook is None:
        return record
    try:
        planned = record.replanned()
        same = _spans(planned) == _spans(record)
    except NotInForce:
        return record
    return planned if same or not record.terms else record


def _spans(record: MembershipRecord) -> dict[tuple[Any, ...], list[tuple[Any, Any]]]:
    """Return from when until when what is charged how, whatever it comes to."""
    found: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {}
    for term in sorted(record.terms, key=lambda term: term.valid_from):
        spans = found.setdefault((term.kind, term.cadence, term.payer), [])
        if spans and spans[-1][1] == term.valid_from:
            spans[-1] = (spans[-1][0], term.valid_to)
        else:
            spans.append((term.valid_from, term.valid_to))
    return found


def _of_rows(stored: StoredMembership, told: dict[str, Any], at: datetime) -> MembershipRecord:
    """Return the record as far as rows alone tell it.

    Of an application that is all. Of a member it is what the terms, the insurance and the payer
    need; what had been asked by today is taken for asked, so that nobody is asked again.
    """
    begun = MembershipRecord(
        **told,
        review=Review(since=stored.received_at),
        stage=stored.stage,
        outcome=stored.outcome,
        application=stored.form,
        faults=stored.faults,
        category=stored.category,
        branch=stored.branch,
        member_since=stored.member_since,
        open_until=stored.open_until,
        asks_about_work=True,
    )
    facts = stored.facts
    if facts is None or stored.form is None:
        return begun
    record = begun.model_copy(
        update={
            "beginning": facts.beginning,
            "notices": facts.notices,
            "charged_from": facts.charged_from,
            "fee_until": facts.fee_until,
            "reached": max(stored.decided_on, facts.since),
            "facts_kept": True,
            "insurance": _insurance(stored),
            "payroll": _payroll(stored),
            "onboarded": stored.stage is not Stage.ONBOARDING,
        }
    )
    present = record.situation_on(max(stored.decided_on, facts.since))
    record = record.model_copy(update={"present": present}).replanned()
    return record if stored.stage is Stage.ENDED else asked_before(record, at)


def _insurance(stored: StoredMembership) -> Insurance:
    """Return the insurance track; a window whose notice is proved closes as it would have (A21).

    Its last day is known as well once it has passed: a form that came in time counts whenever it is
    entered. What a break put an end to is told by the months that were paid for (A39).
    """
    facts, track = stored.facts, stored.insurance
    premiums = facts.premiums if facts is not None else ()
    since = stored.member_since or stored.decided_on
    told = track.model_dump()
    noticed = stored.letters.noticed_on
    undated = track.status is InsuranceStatus.WINDOW_OPEN or _had_window(stored)
    if undated and noticed is not None and track.reservation_deadline is None:
        told["reservation_deadline"] = reservation_deadline(noticed, stored.rulebook)
    stood = Insurance(**told, premiums=premiums)
    if track.status is InsuranceStatus.WINDOW_OPEN:
        return stood.model_copy(update={"noticed_on": noticed, "since": start_of(since)})
    if track.status is not InsuranceStatus.NOT_APPLICABLE or stood.reservation_deadline is None:
        return stood
    return _interrupted(stood, since)


def _had_window(stored: StoredMembership) -> bool:
    """Tell whether the membership began with a window, and is one that goes on."""
    facts = stored.facts
    if facts is None or stored.stage is Stage.ENDED:
        return False
    category, born = facts.beginning.category, facts.birth_date
    begun = initial_status(category, born, stored.rulebook, reserved=False, on=facts.since)
    return begun is InsuranceStatus.WINDOW_OPEN


def _interrupted(stood: Insurance, since: date) -> Insurance:
    """Return the track of somebody whose window, or cover, a time without the package ended."""
    deadline = stood.reservation_deadline
    assert deadline is not None, "a window that had no last day"
    window = EarlierWindow(opened_on=since, in_time_until=deadline)
    broken = Insurance(premiums=stood.premiums, earlier=(window,))
    if not stood.premiums:
        return broken
    *before, last = stood.premiums
    cover = stood.model_copy(
        update={
            "status": InsuranceStatus.COVERED,
            "covered_from": deadline + timedelta(days=1),
            "premiums": (*before, last.model_copy(update={"valid_to": None})),
        }
    )
    return broken.model_copy(update={"interrupted": cover})


def _payroll(stored: StoredMembership) -> Payroll:
    """Return the payroll track: who was asked and has not answered, else who deducts."""
    payers = stored.facts.payers if stored.facts is not None else ()
    asked = stored.payroll_asked_on
    if asked is not None:
        return Payroll(
            status=PayrollStatus.REQUESTED,
            requested_on=asked,
            requested_at=start_of(asked),
            payers=payers,
        )
    if not payers:
        return Payroll()
    latest = payers[-1]
    if latest.payer is not Payer.PAYROLL:
        return Payroll(status=PayrollStatus.STOPPED, payers=payers)
    return Payroll(
        status=PayrollStatus.ACTIVE,
        first_period=f"{latest.starts_on:%Y-%m}",
        requested_on=latest.starts_on,
        payers=payers,
    )


def _with_letters(record: MembershipRecord, letters: LettersSince) -> MembershipRecord:
    """Return a record that has heard what became of its letters since its last decision."""
    if letters.noticed_on is not None and record.beginning is not None:
        proved = record.insurance.noticed_on
        if proved is None or proved < letters.noticed_on:
            record = insurance.noticed(record, Moment(start_of(letters.noticed_on)))
    report = DeliveryReport(suppressed=letters.dealt_with, held=letters.held)
    return dispatch.delivered(record, report, Moment(record.received_at))


def untold(letters: LettersSince) -> DeliveryReport | None:
    """Return the report of letters that came back and that no decision was made of, or None."""
    if not letters.bounced:
        return None
    return DeliveryReport(bounced=letters.bounced, templates=letters.templates)
