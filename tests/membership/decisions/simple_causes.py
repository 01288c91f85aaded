"""The causes of amounts as plainly as they can be said: each fact left out of the whole life.

It takes the square of the number of changes, and more, where ``workflows.membership.causes`` goes
through a life once; that is what the causes are compared with.
"""

from datetime import date, timedelta
from functools import cached_property

from schemas.dues.plan import charges_in
from schemas.dues.years import YEARLY
from schemas.membership.notices import LeaveNotice
from schemas.membership.situation import charged_from, situation_on, whole_month
from schemas.pricing.rulebook import NotInForce
from schemas.shared.calendar import birthday
from workflows.membership.candidates import NEVER, Candidates
from workflows.membership.causes import Causes


class SimpleCauses(Causes):
    """The same candidates, each judged by all the months planned anew without it."""

    @cached_property
    def _tried(self):
        record, candidates = self._record, Candidates(self._record)
        found = {}
        for month in {term.valid_from for term in record.terms}:
            there = candidates.of(month)
            charges = [charged(facts, book, month) for facts, book in worlds(record, month)]
            found[month] = list(zip(there, charges, strict=True))
            if len(there) == 1:
                found[month] = [(there[0], {})]
        return found


def charged(facts, book, month):
    """Return what is charged for a month, nothing where the rulebook does not say."""
    try:
        return charges_in(facts, book, month)
    except NotInForce:
        return {}


def worlds(record, month):
    """Yield the facts and the rulebook without each fact that may begin a term in a month."""
    facts, book = record.facts, record.book
    for notices in left_out(facts, book, month):
        yield facts.model_copy(update={"notices": notices}), book
    never = tuple(p.model_copy(update={"retirement_age": NEVER}) for p in book.policies)
    for age in sorted({p.retirement_age for p in book.policies}):
        if whole_month(birthday(record.birth_date, age)) == month:
            yield facts, book.model_copy(update={"policies": never})
    for word in facts.payers:
        if whole_month(word.starts_on) == month:
            others = tuple(other for other in facts.payers if other is not word)
            yield facts.model_copy(update={"payers": others}), book
    for span in facts.premiums:
        if whole_month(span.valid_from) == month:
            others = tuple(other for other in facts.premiums if other is not span)
            yield facts.model_copy(update={"premiums": others}), book
    for other in priced_otherwise(facts, book, month):
        yield facts, other
    if month == facts.fee_until:
        yield facts.model_copy(update={"fee_until": date.max}), book


def left_out(facts, book, month):
    """Yield the notices without each that may count from a month on; a leave made longer."""
    for place, notice in enumerate(facts.notices):
        before, following = facts.notices[:place], facts.notices[place + 1 :]
        if max(whole_month(notice.effective_on), charged_from(notice, book)) == month:
            yield (*before, *following)
        if isinstance(notice, LeaveNotice):
            back = whole_month(notice.until_on + timedelta(days=1))
            longer = notice.model_copy(update={"until_on": back + timedelta(days=31)})
            if back == month:
                yield (*before, longer, *following)


def counts_from(facts, book, entry, month):
    """Tell whether an entry may count from a month on: for a yearly fee from the next January."""
    january = entry.valid_from.replace(year=entry.valid_from.year + 1, month=1, day=1)
    yearly = month == january and situation_on(facts, book, month).category in YEARLY
    return yearly or whole_month(entry.valid_from) == month


def priced_otherwise(facts, book, month):
    """Yield the rulebook without each entry that may count from a month on."""
    for field in ("dues", "premiums", "policies"):
        entries = getattr(book, field)
        for entry in entries:
            if counts_from(facts, book, entry, month):
                others = tuple(other for other in entries if other is not entry)
                yield book.model_copy(update={field: others})
    for branch in book.branches:
        for rate in branch.rates:
            if counts_from(facts, book, rate, month):
                rates = tuple(other for other in branch.rates if other is not rate)
                cheaper = branch.model_copy(update={"rates": rates})
                branches = tuple(cheaper if one is branch else one for one in book.branches)
                yield book.model_copy(update={"branches": branches})
