"""What a birthday changes: the 67th, and the end of each coverage by age."""

from schemas.dues.offers import pensioner_price
from schemas.membership.insurance import coverages_end
from schemas.membership.situation import LEARNING, Situation
from schemas.shared.vocabulary import Event, InsuranceStatus, Template
from workflows.membership.decisions import cover
from workflows.membership.decisions.transition import Transition


def grow_older(transition: Transition, before: Situation, after: Situation) -> None:
    """Tell of the 67th birthday, and of every coverage that ends by age. Source: A14, A17."""
    record, today = transition.record, transition.now.today
    reached = record.reached or record.since
    policies = record.book.policies_on(today)
    turns = record.book.turns(record.birth_date, policies.retirement_age)
    if reached < turns <= today and after.category not in LEARNING:
        transition.event = Event.RETIREMENT_AGE_REACHED
        transition.note(f"turned {policies.retirement_age}", "S18", "S22", "A12", "A14")
        transition.member(
            Template.RETIREMENT_AGE,
            category=after.category,
            was=before.category,
            half_past_67=policies.half_past_67,
            pensioner_ore=pensioner_price(record.birth_date, record.book, turns),
        )
    if record.insurance.status is not InsuranceStatus.COVERED:
        return
    ends = coverages_end(record.birth_date, record.book)
    names = [name for name, end in ends.items() if reached < end <= today]
    if not names:
        return
    left = [name for name, end in ends.items() if end > today]
    if transition.event is not Event.RETIREMENT_AGE_REACHED:
        transition.event = Event.COVERAGE_ENDED
    transition.note(f"cover ended by age: {', '.join(names)}", "A17")
    figures = {
        "coverages": [{"name": name} for name in names],
        "left": [{"name": name} for name in left],
        "from_on": today.isoformat(),
    }
    transition.letters.member(Template.COVERAGE_ENDED, **figures)
    transition.letters.insurer(Template.INSURANCE_STATUS, status="coverage_ended", **figures)
    if not left:
        cover.end_package(transition)
