"""What somebody brings along from another union: seen by a caseworker, and kept. Source: L10."""

from datetime import date, timedelta

from schemas.dues.terms import Span
from schemas.membership.form import FormTransfer
from schemas.membership.insurance import first_premium_month, is_eligible, needs_guardian
from schemas.membership.messages.review import DecideApplication
from schemas.membership.notices import Transferred
from schemas.membership.situation import first_charged_month
from schemas.shared.calendar import months_earlier
from schemas.shared.vocabulary import Category, InsuranceStatus
from workflows.membership.decisions.step import Moment, Refused, check_past
from workflows.membership.record import Insurance, MembershipRecord


def transferred(
    record: MembershipRecord, message: DecideApplication, now: Moment
) -> Transferred | None:
    """Return what whoever is approved brings along, by the caseworker's word; None: nothing.

    Raises:
        Refused: the application says that there is something, and the caseworker does not; or it
            can't be as it is told.

    Source: L10.
    """
    told, word = record.form.transfer_from, message.transfer
    if word is None:
        if told is None:
            return None
        raise Refused(
            "transfer: is required, since the applicant comes over from another union: "
            "whether it is accepted, and with what proof (L10)"
        )
    if not word.accepted:
        return None
    if word.proof is None and record.book.policies_on(now.today).transfer_needs_proof:
        raise Refused("transfer.proof: is required (L10)")
    since = word.member_since or (told.member_since if told else None)
    paid = word.paid_months if word.paid_months is not None or not told else told.paid_months
    until = word.insured_until or (told.insured_until if told else None)
    brings = Transferred(member_since=since, paid_months=paid or 0, insured_until=until)
    _check(record, brings, now)
    return brings


def _check(record: MembershipRecord, brings: Transferred, now: Moment) -> None:
    since, until = brings.member_since, brings.insured_until
    if since is not None:
        check_past("transfer.member_since", since, now)
        months = 12 * (now.today.year - since.year) + now.today.month - since.month + 1
        if brings.paid_months > months:
            raise Refused(f"transfer.paid_months: there are {months} months since {since}")
    years = record.book.policies_on(now.today).change_ahead_years
    if until is not None and until > months_earlier(now.today, -12 * years):
        raise Refused(f"transfer.insured_until: lies more than {years} years ahead (L8)")


def seniority(
    record: MembershipRecord, brings: Transferred | None, first: date, now: Moment
) -> date:
    """Return since when somebody counts as organised: the other union's first day. Source: L10."""
    since = brings.member_since if brings is not None else None
    if since is None or not record.book.policies_on(now.today).transfer_counts_seniority:
        return first
    return min(since, first)


def carried_over(
    record: MembershipRecord,
    brings: Transferred | None,
    category: Category,
    caseworker: str,
    now: Moment,
) -> Insurance | None:
    """Return the insurance that goes on from another union's, without a gap; None: it does not.

    It begins the day after the old one ends. The premium is for whole months from then on.

    Source: L10, S6, S7, A18, A38.
    """
    covered_from = _goes_on_from(record, brings, now)
    if covered_from is None or record.form.insurance_reservation:
        return None
    counts = max(covered_from, now.today)
    guardian = record.form.consents.has_guardian
    alone = guardian or not needs_guardian(record.birth_date, record.book, counts)
    if not alone or not is_eligible(category, record.birth_date, record.book, counts):
        return None
    first = max(first_premium_month(covered_from), first_charged_month(now.today, record.book))
    premium = Span(valid_from=first, recorded_on=now.today, decided_by=caseworker)
    return Insurance(
        status=InsuranceStatus.COVERED,
        covered_from=covered_from,
        premiums=(premium,),
        guardian=guardian,
    )


def _goes_on_from(record: MembershipRecord, brings: Transferred | None, now: Moment) -> date | None:
    """Return the first day without the old cover, unless that is too long ago."""
    policies = record.book.policies_on(now.today)
    if brings is None or brings.insured_until is None or not policies.transfer_keeps_insurance:
        return None
    ended = brings.insured_until
    too_old = ended + timedelta(days=policies.transfer_gap_days) < now.today - timedelta(days=1)
    return None if too_old else ended + timedelta(days=1)


def brought_along(told: FormTransfer) -> str:
    """Return what an applicant says is brought along: the union is not named."""
    parts = [
        f"a member there since {told.member_since}" if told.member_since else None,
        f"{told.paid_months} paid months" if told.paid_months else None,
        f"insured there until {told.insured_until}" if told.insured_until else None,
    ]
    says = ", ".join(part for part in parts if part)
    return "comes over from another union" + (f": {says}" if says else "") + "; ask for the proof"


def in_words(brings: Transferred, insurance: Insurance) -> str:
    """Return what is brought along, for the log: no union and no person is named."""
    parts = [f"{brings.paid_months} paid months" if brings.paid_months else None]
    if brings.member_since is not None:
        parts.append(f"a member there since {brings.member_since}")
    if insurance.status is InsuranceStatus.COVERED:
        parts.append(f"insurance carried over from {insurance.covered_from}")
    elif brings.insured_until is not None:
        parts.append(f"no insurance carried over: the old one ended on {brings.insured_until}")
    return "; from another union: " + (", ".join(part for part in parts if part) or "nothing")
