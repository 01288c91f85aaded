"""What a member would be charged here for a month, against what another system charges for it."""

from collections.abc import Iterable, Iterator
from datetime import date

from schemas.dues.amounts import RULES_OF_KIND, SOURCES
from schemas.dues.plan import charges_in
from schemas.dues.rates import Paid, Rate
from schemas.membership.situation import Facts, situation_on
from schemas.pricing.rulebook import NotInForce, Rulebook
from schemas.register.facts import facts_of
from schemas.register.member import RegisterMember
from schemas.shared.base import Ore, PublishedModel
from schemas.shared.vocabulary import Category, InsuranceStatus, LineKind

KINDS = (LineKind.CENTRAL_DUES, LineKind.LOCAL_DUES, LineKind.INSURANCE_PREMIUM)

_KNOWN = {
    LineKind.CENTRAL_DUES: {
        Paid.FULL: "full dues",
        Paid.HALF: "half dues",
        Paid.QUARTER: "a quarter",
        Paid.STUDENT: "a student's year",
        Paid.PENSIONER: "a pensioner's year",
    },
    LineKind.LOCAL_DUES: {Paid.LOCAL: "the branch's dues", Paid.LOCAL_HALF: "half of them"},
    LineKind.INSURANCE_PREMIUM: {Paid.PREMIUM: "the premium", Paid.PREMIUM_HALF: "half of it"},
}
"""What an amount of a kind may be, in words."""


class ComparedCharge(PublishedModel):
    """What a member is charged for one thing, here and there."""

    number: str
    """By which the other system knows the member."""
    line: int
    """Of the member's row."""
    category: Category
    """The kind of member."""
    kind: LineKind
    """What is charged for."""
    ours_ore: Ore
    """What is charged here, in øre; 0: nothing."""
    theirs_ore: Ore | None = None
    """What is charged there; null: the file does not say."""
    because: str = ""
    """What either amount is, where they differ."""
    rules: tuple[str, ...] = ()
    """By which rules ours is what it is, where they differ."""

    @property
    def differs(self) -> bool:
        """Whether the file says that another amount is charged there."""
        return self.theirs_ore is not None and self.theirs_ore != self.ours_ore


class ComparedTotal(PublishedModel):
    """What a kind comes to for the members of a category."""

    category: Category
    """The kind of member."""
    kind: LineKind
    """What is charged for."""
    members: int = 0
    """How many are charged it, here or there."""
    ours_ore: int = 0
    """What they are charged here, in øre."""
    compared: int = 0
    """Of how many the file says what they are charged there."""
    compared_ore: int = 0
    """What these are charged here."""
    theirs_ore: int = 0
    """What these are charged there."""
    differing: int = 0
    """How many are charged another amount there."""


def compared(
    member: RegisterMember, line: int, rulebook: Rulebook, month: date, on: date
) -> list[ComparedCharge]:
    """Return what a member is charged here and there, kind by kind, where it is anything.

    Args:
        member: as it was read.
        line: of its row.
        rulebook: as it is.
        month: the first day of the month that is compared: the first one charged here.
        on: the day it is carried over.

    Raises:
        NotInForce: the rulebook says nothing for that month.
    """
    facts = facts_of(member, rulebook, month, on)
    ours = {kind: ore for kind, (ore, _, _) in charges_in(facts, rulebook, month).items()}
    theirs = member.charged_ore
    charges = (
        ComparedCharge(
            number=member.number,
            line=line,
            category=member.category,
            kind=kind,
            ours_ore=ours.get(kind, 0),
            theirs_ore=theirs.get(kind),
        )
        for kind in KINDS
        if ours.get(kind, 0) or theirs.get(kind)
    )
    return [_explained(one, member, facts, rulebook, month) for one in charges]


def _explained(
    one: ComparedCharge, member: RegisterMember, facts: Facts, rulebook: Rulebook, month: date
) -> ComparedCharge:
    if not one.differs:
        return one
    now = situation_on(facts, rulebook, max(month, facts.since))
    rules = RULES_OF_KIND.get(one.kind, SOURCES[now.category])
    reasons = [f"there {_in_words(one.kind, one.theirs_ore or 0, member, rulebook, month)}"]
    reasons.insert(0, f"here {_in_words(one.kind, one.ours_ore, member, rulebook, month)}")
    if one.kind is LineKind.CENTRAL_DUES and now.on_leave:
        rules = ("L4",) if now.waiver is None else ("A36",)
        reasons.append(f"waived until {member.leave_until}")
    elif one.kind is LineKind.CENTRAL_DUES and now.position_percent is not None:
        reasons.append(f"works {now.position_percent.normalize():f} %")
    if one.kind is LineKind.LOCAL_DUES and now.hidden:
        rules, reasons = ("S33",), [*reasons, "hidden"]
    if one.kind is LineKind.INSURANCE_PREMIUM and member.insurance is not InsuranceStatus.COVERED:
        rules, reasons = ("S6", "A18", "A21"), [*reasons, f"insurance {member.insurance}"]
    return one.model_copy(update={"because": "; ".join(reasons), "rules": rules})


def _in_words(
    kind: LineKind, ore: int, member: RegisterMember, rulebook: Rulebook, month: date
) -> str:
    """Return what an amount may be: of those that the rulebook has for a month."""
    if not ore:
        return "nothing"
    for paid, words in _KNOWN[kind].items():
        branch = member.branch if kind is LineKind.LOCAL_DUES else None
        try:
            if Rate(paid, branch).amount_on(rulebook, month) == ore:
                return words
        except NotInForce:
            continue
    return "an amount the rulebook does not have"


def summed(charges: Iterable[ComparedCharge]) -> list[ComparedTotal]:
    """Return what charges come to, by category and kind."""
    totals: dict[tuple[Category, LineKind], ComparedTotal] = {}
    for one in charges:
        key = one.category, one.kind
        total = totals.get(key) or ComparedTotal(category=one.category, kind=one.kind)
        totals[key] = together(total, _of_one(one))
    return in_their_order(totals.values())


def _of_one(one: ComparedCharge) -> ComparedTotal:
    told = one.theirs_ore is not None
    return ComparedTotal(
        category=one.category,
        kind=one.kind,
        members=1,
        ours_ore=one.ours_ore,
        compared=told,
        compared_ore=one.ours_ore if told else 0,
        theirs_ore=one.theirs_ore or 0,
        differing=one.differs,
    )


def together(one: ComparedTotal, other: ComparedTotal) -> ComparedTotal:
    """Return two totals of one category and kind as one."""
    sums = {
        name: getattr(one, name) + getattr(other, name)
        for name in ("members", "ours_ore", "compared", "compared_ore", "theirs_ore", "differing")
    }
    return one.model_copy(update=sums)


def in_their_order(totals: Iterable[ComparedTotal]) -> list[ComparedTotal]:
    """Return totals sorted as categories and kinds are listed."""
    return sorted(totals, key=lambda t: (list(Category).index(t.category), KINDS.index(t.kind)))


def added(some: Iterable[ComparedTotal], more: Iterable[ComparedTotal]) -> list[ComparedTotal]:
    """Return the sums of two lists of totals."""
    totals = {(total.category, total.kind): total for total in some}
    for total in more:
        before = totals.get((total.category, total.kind))
        totals[total.category, total.kind] = together(before, total) if before else total
    return in_their_order(totals.values())


def differing(charges: Iterable[ComparedCharge]) -> Iterator[ComparedCharge]:
    """Yield the charges that are another amount there."""
    return (one for one in charges if one.differs)
