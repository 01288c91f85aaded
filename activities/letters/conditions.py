"""What a letter may depend on: the state of a membership, and conditions on it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schemas.shared.vocabulary import Outcome, Stage

MEMBER_STAGES = frozenset({Stage.ONBOARDING, Stage.ACTIVE, Stage.ON_LEAVE})
"""A member from the approval on (A35)."""

LEFT = frozenset({Outcome.RESIGNED, Outcome.STRUCK_OFF, Outcome.DECEASED})
"""How a membership ends; the other outcomes are of applications."""

STOPPED = LEFT | {Outcome.DUPLICATE}
"""And a membership that somebody had twice: its deduction ends, its cover is the other one's."""


class GateOutcome(StrEnum):
    """What the gate does with a letter."""

    SEND = "send"
    HOLD = "hold"
    SUPPRESS = "suppress"


@dataclass(frozen=True)
class GateFacts:
    """What the gate knows of a membership, and of the employer or branch a letter is for.

    Attributes:
        hiding: a wish to be hidden has been answered, and is not in effect yet.
        at_work: the member's address is at an employer's own domain.
        attached: that employer or branch is the member's present one.
        told: it has been told of the membership before, or has answered for it.
        overtaken: it has been left, or has said no, since the letter was ordered; of a recruiter,
            that the member has asked to be hidden since.
        asked_on: when the last request to that employer went out; None: not yet.
        has_national_id: the member's national id has arrived (N3).
        may_tell_recruiter: the applicant consented (A27).
        ends_cover: the letter says that the cover has ended, or was reserved against.
        settled: what the letter asks for has been paid, or placed, since it was ordered.
        today: the business date.
        stops: the line of a deduction list ends the deduction.
        dead: the person is recorded as dead, as whatever they were or applied for.
    """

    stage: Stage
    outcome: Outcome | None
    hidden: bool
    attached: bool
    told: bool
    overtaken: bool
    asked_on: date | None
    has_national_id: bool
    may_tell_recruiter: bool
    ends_cover: bool
    today: date
    settled: bool = False
    stops: bool = False
    hiding: bool = False
    at_work: bool = False
    dead: bool = False


@dataclass(frozen=True)
class Verdict:
    """The gate's answer.

    Attributes:
        note: why a letter is not sent now; without personal data.
        basis: the legal basis to log for a disclosure; None within the house.
    """

    passage: GateOutcome
    note: str | None = None
    basis: str | None = None


Need = Callable[[GateFacts], Verdict | None]
"""A further condition: None when it is met, else what to do and why."""


@dataclass(frozen=True)
class GateRule:
    """When a letter may go to an audience, and by what right.

    Attributes:
        fits: whether the membership is one the letter is still true of.
        basis: the legal basis; None within the house.
        needs: what must be the case as well.
    """

    fits: Callable[[GateFacts], bool]
    basis: str | None = None
    needs: Need | None = None


def alive(known: GateFacts) -> bool:
    """Anybody but the dead: nothing automatic is written to them."""
    return known.outcome is not Outcome.DECEASED


def not_ended(known: GateFacts) -> bool:
    """An application or a membership that goes on."""
    return known.stage is not Stage.ENDED


def member(known: GateFacts) -> bool:
    """A member, from the approval on."""
    return known.stage in MEMBER_STAGES


def always(_: GateFacts) -> bool:
    """Whatever has become of it."""
    return True


def deducted(known: GateFacts) -> bool:
    """A member, or one whose membership is over, however it ended."""
    return member(known) or known.outcome in STOPPED


def was_member(known: GateFacts) -> bool:
    """A member, or one whose membership is over: then others have to stop what they do."""
    return member(known) or known.outcome in LEFT


def insured(known: GateFacts) -> bool:
    """A member; once the membership is over, only that there is no cover any more, or never was."""
    return member(known) or (known.outcome in LEFT and known.ends_cover)


def listed(known: GateFacts) -> bool:
    """A member; of one who has left only that the deduction ends."""
    return member(known) or (known.outcome in STOPPED and known.stops)


def leaves(outcome: Outcome) -> Callable[[GateFacts], bool]:
    """A member whose notice runs, or one whose membership has ended in just this way."""
    return lambda known: member(known) or known.outcome is outcome


def owing(known: GateFacts) -> bool:
    """A member, or one who has left and still owes. Source: A29; never the deceased."""
    return member(known) or known.outcome in {Outcome.RESIGNED, Outcome.STRUCK_OFF}


def billed(known: GateFacts) -> bool:
    """Whoever may owe, and who had a membership twice: what comes back comes by an invoice. N9."""
    return owing(known) or known.outcome is Outcome.DUPLICATE


def ended_as(*outcomes: Outcome) -> Callable[[GateFacts], bool]:
    """One that has ended in one of these ways."""
    return lambda known: known.outcome in outcomes


def national_id(known: GateFacts) -> Verdict | None:
    """The employer deducts by national id, so its letters wait for one. Source: N3."""
    if known.has_national_id:
        return None
    return Verdict(GateOutcome.HOLD, "waits for the member's national id")


def unsettled(known: GateFacts) -> Verdict | None:
    """Nobody is asked for what has been paid meanwhile. Source: A30."""
    if not known.settled:
        return None
    return Verdict(GateOutcome.SUPPRESS, "it has been settled since")


def present(known: GateFacts) -> Verdict | None:
    """What asks for something goes to the present employer or branch only. Source: L6.

    A request that was held until its employer had been left must never go out later.
    """
    if known.overtaken:
        return Verdict(GateOutcome.SUPPRESS, "it has been left, or has said no, since")
    if not known.attached:
        return Verdict(GateOutcome.SUPPRESS, "the member is not attached to it")
    return None


def heard(known: GateFacts) -> Verdict | None:
    """Whoever never heard of the membership is not told of it by hearing that it is over."""
    if known.told:
        return None
    return Verdict(GateOutcome.SUPPRESS, "it has never been told of the membership")


def asked_before(known: GateFacts) -> Verdict | None:
    """A reminder is pointless on its request's own day."""
    if known.asked_on is None or known.asked_on >= known.today:
        return Verdict(GateOutcome.SUPPRESS, "the request itself has only just gone out")
    return None


def all_of(*needs: Need) -> Need:
    """Return the first condition that is not met."""

    def unmet(known: GateFacts) -> Verdict | None:
        return next((verdict for need in needs if (verdict := need(known)) is not None), None)

    return unmet


def not_hidden_since(known: GateFacts) -> Verdict | None:
    """A thanks that waited while the member wished to be hidden never goes out. Source: A27."""
    if not known.overtaken:
        return None
    return Verdict(GateOutcome.SUPPRESS, "the member has asked for silence since")


def recruiter_consent(known: GateFacts) -> Verdict | None:
    """Recruiters are told with the applicant's consent only. Source: A27."""
    if known.may_tell_recruiter:
        return None
    return Verdict(GateOutcome.SUPPRESS, "the member did not consent to telling the recruiter")
