"""The facts that may have begun a term, each with what would be charged without it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import chain

from schemas.dues.payers import is_by_list
from schemas.dues.plan import Charges, Counterfactuals, charges_in
from schemas.dues.years import YEARLY
from schemas.membership.notices import AnyNotice, LeaveNotice
from schemas.membership.situation import NAV, charged_from, quarter_ends, whole_month
from schemas.membership.state import Cause
from schemas.pricing.described import changes
from schemas.pricing.rulebook import Dated, NotInForce, Policies, Rulebook
from schemas.shared.vocabulary import WaiverKind
from workflows.membership.record import MembershipRecord

NEVER = 200
"""An age that nobody reaches: planned with it, no birthday changes anything."""

RULE, RULEBOOK, EMPLOYER = "rule", "rulebook", "employer"


@dataclass(frozen=True)
class Candidate:
    """A fact that may have begun a term.

    Attributes:
        without: returns what would be charged without it for the month a life has come to.
        late: it was learned of too late for the month from which it is true (A31).
    """

    cause: Cause
    without: Callable[[Counterfactuals], Charges]
    late: bool = False


class Candidates:
    """Everything from which something may be charged otherwise, by its month.

    Args:
        record: of a member.
    """

    def __init__(self, record: MembershipRecord) -> None:
        self._record = record
        self._reported = _by_month(_notices(record))
        self._granted = _by_month(chain(_employers(record), _premiums(record)))

    def of(self, month: date) -> list[Candidate]:
        """Return the candidates of a month, in the order in which they are named."""
        return [
            *self._reported.get(month, ()),
            *_birthday(self._record, month),
            *self._granted.get(month, ()),
            *_prices(self._record, month),
            *_fee(self._record, month),
        ]


def _by_month(told: Iterable[tuple[date, Candidate]]) -> dict[date, list[Candidate]]:
    found: dict[date, list[Candidate]] = {}
    for month, candidate in told:
        found.setdefault(month, []).append(candidate)
    return found


def _notices(record: MembershipRecord) -> Iterator[tuple[date, Candidate]]:
    """Yield every notice with the month from which it may change a charge; a leave has two."""
    for index, notice in enumerate(record.notices):
        true_from = whole_month(notice.effective_on)
        begins = max(true_from, charged_from(notice, record.book))
        cause = _reported(notice)
        without = partial(Counterfactuals.without_notice, index=index)
        yield begins, Candidate(cause, without, late=begins > true_from)
        if isinstance(notice, LeaveNotice):
            back_on = notice.until_on + timedelta(days=1)
            back = cause.model_copy(update={"says": _over(notice), "effective_on": back_on})
            going_on = partial(Counterfactuals.with_leave_going_on, index=index)
            yield whole_month(back_on), Candidate(back, going_on)


def _over(notice: LeaveNotice) -> str:
    leave = notice.waiver is WaiverKind.LEAVE
    return "back from the leave" if leave else f"{notice.waiver.replace('_', ' ')} no longer"


def _reported(notice: AnyNotice) -> Cause:
    return Cause(
        fact=notice.kind,
        says=notice.in_words,
        effective_on=notice.effective_on,
        recorded_on=notice.recorded_on,
        decided_by=notice.decided_by,
    )


def _birthday(record: MembershipRecord, month: date) -> Iterator[Candidate]:
    policies = record.book.policies
    never = tuple(p.model_copy(update={"retirement_age": NEVER}) for p in policies)
    for age in sorted({p.retirement_age for p in policies}):
        turns = record.book.turns(record.birth_date, age)
        coming = turns > record.since and quarter_ends(turns, record.book) == month
        if coming or whole_month(turns) == month:
            cause = Cause(
                fact="birthday", says=f"turned {age}", effective_on=turns, decided_by=RULE
            )
            book = record.book.model_copy(update={"policies": never})
            yield Candidate(cause, partial(_planned, record, book, month))


def _planned(record: MembershipRecord, book: Rulebook, month: date, _: Counterfactuals) -> Charges:
    """Plan with another rulebook from the beginning: policies change every month."""
    try:
        return charges_in(record.facts, book, month)
    except NotInForce:
        return {}


def _employers(record: MembershipRecord) -> Iterator[tuple[date, Candidate]]:
    others = record.other_deductors
    for number, word in enumerate(record.payroll.payers):
        deducts = is_by_list(word.payer)
        who = NAV if word.employer_orgnr in others else "the employer"
        cause = Cause(
            fact="answer_payroll_request",
            says=f"{who} deducts" if deducts else f"{who} stops deducting",
            effective_on=word.starts_on,
            recorded_on=word.given_on,
            decided_by=EMPLOYER,
        )
        without = partial(Counterfactuals.without_word, number=number)
        yield whole_month(word.starts_on), Candidate(cause, without)


def _premiums(record: MembershipRecord) -> Iterator[tuple[date, Candidate]]:
    premiums = record.insurance.premiums
    for number, span in enumerate(premiums):
        cause = Cause(
            fact="insurance",
            says="covered by the insurance package",
            effective_on=span.valid_from,
            recorded_on=span.recorded_on,
            decided_by=span.decided_by or RULE,
        )
        others = premiums[:number] + premiums[number + 1 :]
        without = partial(Counterfactuals.with_premiums, premiums=others)
        yield whole_month(span.valid_from), Candidate(cause, without)


def _prices(record: MembershipRecord, month: date) -> Iterator[Candidate]:
    book = record.book
    for field, fact, says in (
        ("dues", "price", "new central dues"),
        ("premiums", "price", "a new premium"),
        ("policies", "policy", "another policy"),
    ):
        entries: tuple[Dated, ...] = getattr(book, field)
        for entry in entries:
            if _charged_from(record, entry, month):
                others = tuple(other for other in entries if other is not entry)
                other = book.model_copy(update={field: others})
                without = partial(Counterfactuals.with_prices, rulebook=other)
                cause = _priced(fact, says, entry)
                if isinstance(entry, Policies):
                    without = partial(_planned, record, other, month)
                    cause = _decided(book, entry)
                yield Candidate(cause, without)
    for branch in book.branches:
        for rate in branch.rates:
            if _charged_from(record, rate, month):
                rates = tuple(other for other in branch.rates if other is not rate)
                cheaper = branch.model_copy(update={"rates": rates})
                branches = tuple(cheaper if b is branch else b for b in book.branches)
                other = book.model_copy(update={"branches": branches})
                cause = _priced("price", f"new local dues of {branch.code}", rate)
                yield Candidate(cause, partial(Counterfactuals.with_prices, rulebook=other))


def _fee(record: MembershipRecord, month: date) -> Iterator[Candidate]:
    """Yield the end of a fee that was paid under an earlier membership. Source: invariant 10."""
    if month == record.fee_until:
        says = "the fee paid under an earlier membership is for the time before"
        cause = Cause(fact="yearly_fee", says=says, effective_on=month, decided_by=RULE)
        yield Candidate(cause, Counterfactuals.with_fee_going_on)


def _decided(book: Rulebook, entry: Policies) -> Cause:
    earlier = [one for one in book.policies if one.valid_from < entry.valid_from]
    says = ", ".join(changes(earlier[-1] if earlier else None, entry))
    return _priced("policy", f"another policy: {says}", entry)


def _charged_from(record: MembershipRecord, entry: Dated, month: date) -> bool:
    """Tell whether a price is charged from a month on: a year's fee from the next January (A26)."""
    if whole_month(entry.valid_from) == month:
        return True
    if month != date(entry.valid_from.year + 1, 1, 1):
        return False
    return record.situation_on(month).category in YEARLY


def _priced(fact: str, says: str, entry: Dated) -> Cause:
    return Cause(fact=fact, says=says, effective_on=entry.valid_from, decided_by=RULEBOOK)
