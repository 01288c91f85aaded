"""To whom dues may be reduced for want of work, with what proof, and for how long. Source: A36."""

from datetime import date, timedelta

from schemas.membership.messages.changes import GrantLeave
from schemas.membership.notices import LeaveNotice
from schemas.membership.situation import effective_notices
from schemas.shared.calendar import months_earlier
from schemas.shared.vocabulary import Category, WaiverKind
from workflows.membership.decisions.step import Moment, Refused
from workflows.membership.record import MembershipRecord


def check_waiver(
    record: MembershipRecord, message: GrantLeave, notice: LeaveNotice, now: Moment
) -> None:
    """Refuse a waiver that the rules leave no room for. Source: A36."""
    policies = record.book.policies_on(now.today)
    if policies.waiver_needs_documentation and message.documentation is None:
        raise Refused(f"documentation: is required for {notice.waiver} (A36)")
    begins, months = _begins(record, notice), policies.waiver_at_most_months
    if notice.until_on >= months_earlier(begins, -months):
        raise Refused(f"until_on: lies more than {months} months after it began, on {begins} (A36)")


PAID_BY_NAV = frozenset({WaiverKind.UNEMPLOYED, WaiverKind.LAID_OFF, WaiverKind.BENEFITS})
"""Who is paid by NAV meanwhile."""


def deductor_of(record: MembershipRecord, message: GrantLeave, now: Moment) -> str | None:
    """Return the organisation number of who deducts meanwhile: NAV, or None. Source: A36, A23.

    Raises:
        Refused: NAV pays nothing to deduct from, is not asked, or must not know of the member.
    """
    if not message.nav_deducts:
        return None
    if message.kind not in PAID_BY_NAV:
        raise Refused(f"nav_deducts: goes with kind {', '.join(sorted(PAID_BY_NAV))} only (A36)")
    if record.hidden or record.asked_to_hide:
        # NAV is no employer; but nothing of a hidden member leaves unless a rule lets it.
        raise Refused("nav_deducts: this member pays by invoice only (A23)", confidential=True)
    number = record.book.policies_on(now.today).nav_orgnr
    if not number:
        raise Refused("nav_deducts: NAV is not asked, by the policy nav_orgnr (A36)")
    return f"{number:09d}"


def in_words(record: MembershipRecord, notice: LeaveNotice) -> str:
    """Return what is granted, and where it reduces nothing.

    It is not refused there: what the member is may yet be told, on the same day or later, and
    nothing may depend on which of the two is heard first. Source: A36, L1.
    """
    category = record.situation_on(notice.effective_on).category
    if notice.waiver is WaiverKind.LEAVE or category is Category.ORDINARY:
        return notice.in_words
    who = str(category).replace("_", " ")
    return (
        f"reduces nothing, for it is for ordinary members and then it is {who}: {notice.in_words}"
    )


def _begins(record: MembershipRecord, notice: LeaveNotice) -> date:
    """Return the day on which the waivers began that this one goes on from without a gap."""
    begins = notice.effective_on
    earlier = [
        one
        for one in effective_notices(record.notices)
        if isinstance(one, LeaveNotice) and one.waiver is not WaiverKind.LEAVE
    ]
    for one in sorted(earlier, key=lambda one: one.effective_on, reverse=True):
        if one.effective_on < begins <= one.until_on + timedelta(days=1):
            begins = one.effective_on
    return begins
