"""Why an amount is what it is: the facts without which its first month would be charged otherwise.

Nothing is guessed from dates alone. Each fact that may have begun a term is left out in turn, the
terms are planned without it by the same rules, and whatever makes a difference is a cause.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.notices import AnyNotice, LeaveNotice
from schemas.rulebook import Dated, NotInForce, Rulebook
from schemas.rules.calendar import birthday, first_of_month
from schemas.rules.dues import SOURCES
from schemas.rules.plan import YEARLY, Charge, charges_in
from schemas.rules.situation import (
    Facts,
    Situation,
    charged_from,
    situation_on,
    whole_month,
)
from schemas.rules.timeline import Timeline
from schemas.state import Cause
from schemas.terms import Term
from schemas.vocabulary import Event, LineKind, Payer
from workflows.record import MembershipRecord

NEVER = 200
"""An age that nobody reaches: planned with it, no birthday changes anything."""

RULE, RULEBOOK, EMPLOYER = "rule", "rulebook", "employer"

RULES_OF_FACT: dict[str, tuple[str, ...]] = {
    "approval": ("S26", "A19"),
    "birthday": ("S18", "S21", "A12"),
    "insurance": ("S6", "A18", "A21"),
    "answer_payroll_request": ("S26", "A20"),
    "change_employment": ("S5", "A6"),
    "change_category": ("section 3",),
    "report_pension": ("S21", "S23", "A16"),
    "set_hidden": ("S33", "A23"),
    "grant_leave": ("section 3",),
}
"""What makes a fact change an amount; prices and policies need no further rule."""

RULES_OF_KIND: dict[LineKind, tuple[str, ...]] = {
    LineKind.LOCAL_DUES: ("S3", "S4", "A3"),
    LineKind.INSURANCE_PREMIUM: ("S7", "A4", "A17", "A18"),
    LineKind.CORRECTION: ("A31",),
}


Charges = dict[LineKind, Charge]
"""What is charged for a month."""


@dataclass(frozen=True)
class Suspect:
    """A fact that may have begun a term, and the world without it."""

    cause: Cause
    facts: Facts
    rulebook: Rulebook
    late: bool = False


class Causes:
    """Finds what made terms as they are: a life is gone through once for all of them.

    Args:
        record: of a member, with the terms to be asked about.
    """

    def __init__(self, record: MembershipRecord) -> None:
        self._record = record
        self._noticed: dict[date, list[Suspect]] | None = None
        self._tried: dict[date, list[tuple[Suspect, Charges]]] = {}
        self._situations: dict[date, Situation] | None = None

    def rules_of(self, term: Term) -> tuple[str, ...]:
        """Return the rules that set a term's amount in its first month."""
        if term.kind is not LineKind.CENTRAL_DUES:
            return RULES_OF_KIND[term.kind]
        if self._situations is None:
            self._situations = _situations(self._record)
        situation = self._situations[term.valid_from]
        return ("section 3",) if situation.on_leave else SOURCES[situation.category]

    def of(self, term: Term) -> tuple[tuple[Cause, ...], tuple[str, ...]]:
        """Return the facts that made a term begin, and the rules by which they did.

        Of facts that would each have been enough, all are named.
        """
        record, month = self._record, term.valid_from
        if month <= first_of_month(record.since):
            return (_approval(record),), RULES_OF_FACT["approval"]
        if month not in self._tried:
            self._tried[month] = _tried(list(self._suspects(month)), month)
        tried, charge = self._tried[month], _charge(record.terms, term.kind, month)
        guilty = [suspect for suspect, without in tried if without.get(term.kind) != charge]
        guilty = guilty or [suspect for suspect, _ in tried]
        if not guilty:
            return (_approval(record),), ()
        rules = [rule for s in guilty for rule in RULES_OF_FACT.get(s.cause.fact, ())]
        late = ["A31"] if any(s.late for s in guilty) else []
        return tuple(s.cause for s in guilty), tuple(dict.fromkeys(rules + late))

    def _suspects(self, month: date) -> Iterator[Suspect]:
        """Yield every fact from which something may be charged otherwise as from a month."""
        record = self._record
        if self._noticed is None:
            self._noticed = {}
            for begins, suspect in _notices(record):
                self._noticed.setdefault(begins, []).append(suspect)
        yield from self._noticed.get(month, ())
        yield from _birthday(record, month)
        yield from _employers(record, month)
        yield from _premiums(record, month)
        yield from _prices(record, month)


def _situations(record: MembershipRecord) -> dict[date, Situation]:
    """Return what held in the first month of each term of the dues, as it was known then."""
    timeline = Timeline(record.facts, record.book)
    months = {term.valid_from for term in record.terms if term.kind is LineKind.CENTRAL_DUES}
    return {
        month: timeline.situation_on(max(month, record.since), known_for=month)
        for month in sorted(months)
    }


def _charge(terms: tuple[Term, ...], kind: LineKind, month: date) -> Charge | None:
    for term in terms:
        holds = term.valid_from <= month and (term.valid_to is None or month < term.valid_to)
        if term.kind is kind and holds:
            return term.amount_ore, term.cadence, term.payer
    return None


def _tried(suspects: list[Suspect], month: date) -> list[tuple[Suspect, Charges]]:
    """Return what would be charged for a month without each suspect; of an only one nobody asks."""
    if len(suspects) == 1:
        return [(suspects[0], {})]
    return [(suspect, _charges_without(suspect, month)) for suspect in suspects]


def _charges_without(suspect: Suspect, month: date) -> Charges:
    try:
        return charges_in(suspect.facts, suspect.rulebook, month)
    except NotInForce:
        return {}


def _approval(record: MembershipRecord) -> Cause:
    lines = [line for line in record.log if line.about == Event.APPLICATION_APPROVED]
    assert record.beginning is not None, "asked for the approval of somebody not a member"
    return Cause(
        fact="approval",
        says=f"approved as {record.beginning.category}",
        effective_on=record.since,
        recorded_on=record.since,
        decided_by=lines[0].decided_by if lines else "caseworker",
    )


def _notices(record: MembershipRecord) -> Iterator[tuple[date, Suspect]]:
    """Yield every notice with the month from which it may change a charge; a leave has two."""
    facts, book = record.facts, record.book
    for place, notice in enumerate(facts.notices):
        before, following = facts.notices[:place], facts.notices[place + 1 :]
        begins = max(whole_month(notice.effective_on), charged_from(notice, book))
        without = facts.model_copy(update={"notices": (*before, *following)})
        late = begins > whole_month(notice.effective_on)
        yield begins, Suspect(_reported(notice), without, book, late=late)
        if isinstance(notice, LeaveNotice):
            back_on = notice.until_on + timedelta(days=1)
            month = whole_month(back_on)
            longer = notice.model_copy(update={"until_on": month + timedelta(days=31)})
            changed = facts.model_copy(update={"notices": (*before, longer, *following)})
            cause = _reported(notice).model_copy(
                update={"says": "back from the leave", "effective_on": back_on}
            )
            yield month, Suspect(cause, changed, book)


def _reported(notice: AnyNotice) -> Cause:
    return Cause(
        fact=notice.kind,
        says=_words(notice),
        effective_on=notice.effective_on,
        recorded_on=notice.recorded_on,
        decided_by=notice.decided_by,
    )


def _words(notice: AnyNotice) -> str:
    match notice.kind:
        case "change_employment":
            percent = notice.position_percent
            parts = [
                "another employer" if notice.employer else None,
                f"works {percent:f} %" if percent is not None else None,
                f"branch {notice.branch}" if notice.branch else None,
            ]
            return ", ".join(part for part in parts if part)
        case "change_category":
            return f"category {notice.category}"
        case "report_pension":
            return f"pension {notice.pension}"
        case "set_hidden":
            return "hidden" if notice.hidden else "no longer hidden"
        case "grant_leave":
            return f"leave until {notice.until_on}"
        case "resign" | "report_arrears" | "record_death":
            return f"the membership ends: {notice.outcome}"


def _birthday(record: MembershipRecord, month: date) -> Iterator[Suspect]:
    policies = record.book.policies
    never = tuple(p.model_copy(update={"retirement_age": NEVER}) for p in policies)
    for age in sorted({p.retirement_age for p in policies}):
        turns = birthday(record.birth_date, age)
        if whole_month(turns) == month:
            cause = Cause(
                fact="birthday", says=f"turned {age}", effective_on=turns, decided_by=RULE
            )
            book = record.book.model_copy(update={"policies": never})
            yield Suspect(cause, record.facts, book)


def _employers(record: MembershipRecord, month: date) -> Iterator[Suspect]:
    facts = record.facts
    for word in facts.payers:
        if whole_month(word.starts_on) != month:
            continue
        deducts = word.payer is Payer.PAYROLL
        cause = Cause(
            fact="answer_payroll_request",
            says="the employer deducts" if deducts else "the employer stops deducting",
            effective_on=word.starts_on,
            recorded_on=word.given_on,
            decided_by=EMPLOYER,
        )
        others = tuple(other for other in facts.payers if other is not word)
        yield Suspect(cause, facts.model_copy(update={"payers": others}), record.book)


def _premiums(record: MembershipRecord, month: date) -> Iterator[Suspect]:
    facts = record.facts
    for span in facts.premiums:
        if whole_month(span.valid_from) != month:
            continue
        cause = Cause(
            fact="insurance",
            says="covered by the insurance package",
            effective_on=span.valid_from,
            recorded_on=span.recorded_on,
            decided_by=span.decided_by or RULE,
        )
        others = tuple(other for other in facts.premiums if other is not span)
        yield Suspect(cause, facts.model_copy(update={"premiums": others}), record.book)


def _prices(record: MembershipRecord, month: date) -> Iterator[Suspect]:
    book = record.book
    for field, fact, says in (
        ("dues", "price", "new central dues"),
        ("premiums", "price", "a new premium"),
        ("policies", "policy", "another policy"),
    ):
        entries: tuple[Dated, ...] = getattr(book, field)
        for entry in entries:
            if _charged_from(record, entry, month, yearly=field == "dues"):
                others = tuple(other for other in entries if other is not entry)
                without = book.model_copy(update={field: others})
                yield Suspect(_priced(fact, says, entry), record.facts, without)
    for branch in book.branches:
        for rate in branch.rates:
            if whole_month(rate.valid_from) == month:
                rates = tuple(other for other in branch.rates if other is not rate)
                cheaper = branch.model_copy(update={"rates": rates})
                branches = tuple(cheaper if b is branch else b for b in book.branches)
                without = book.model_copy(update={"branches": branches})
                cause = _priced("price", f"new local dues of {branch.code}", rate)
                yield Suspect(cause, record.facts, without)


def _charged_from(record: MembershipRecord, entry: Dated, month: date, *, yearly: bool) -> bool:
    """Tell whether a price is charged from a month on: a year's fee from the next January (A26)."""
    if whole_month(entry.valid_from) == month:
        return True
    if not yearly or month != date(entry.valid_from.year + 1, 1, 1):
        return False
    return situation_on(record.facts, record.book, month).category in YEARLY


def _priced(fact: str, says: str, entry: Dated) -> Cause:
    return Cause(fact=fact, says=says, effective_on=entry.valid_from, decided_by=RULEBOOK)
