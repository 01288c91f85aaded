"""Lives that random ones went wrong in: each the shortest way to a fault that was mended."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from schemas.membership.corrections import brought_up_to
from schemas.membership.messages.changes import (
    ChangeCategory,
    ChangeEmployment,
    GrantLeave,
    ReportPension,
    SetHidden,
    WithdrawChange,
)
from schemas.membership.messages.leaving import Resign
from schemas.pricing.rulebook import Branch, LocalRate
from schemas.shared.vocabulary import Category, Payer, PayrollStatus, PensionKind, Template
from tests.builders import (
    BOOK,
    OSLO,
    TODAY,
    application,
    decide,
    payment,
    payroll,
    received,
    rulebook,
)
from tests.membership.decisions.living import Life, Post

ACTIVE, REQUESTED, STOPPED = PayrollStatus.ACTIVE, PayrollStatus.REQUESTED, PayrollStatus.STOPPED
JANUARY, FEBRUARY = date(2027, 1, 1), date(2027, 2, 1)
OTHER = "312345676"


def deducted(book=BOOK, **fields) -> Life:
    """Return a member whose employer deducts from January on, on 10 February."""
    life = Life(received(book=book))
    assert life.send(decide(**fields))
    assert life.send(payroll(first_period="2027-01"))
    life.post(Post())
    life.pass_days((date(2027, 2, 10) - TODAY).days)
    return life


def to_employer(life: Life) -> list[Template]:
    """Return the STOPs and STARTs since the first START."""
    wanted = {Template.PAYROLL_STOP, Template.PAYROLL_START}
    return [letter.template for letter in life.letters if letter.template in wanted][1:]


def payer(life: Life) -> Payer:
    """Return who pays in the long run."""
    return life.record.terms[0].payer if len(life.record.terms) == 1 else _last(life)


def _last(life: Life) -> Payer:
    return next(t.payer for t in reversed(life.record.terms) if t.valid_to is None)


def leave(on: date, until: date) -> GrantLeave:
    """Return a leave."""
    return GrantLeave(from_on=on, until_on=until, caseworker="ola")


def hidden(on: date, *, hide: bool = True) -> SetHidden:
    """Return a word about hiding."""
    return SetHidden(hidden=hide, effective_on=on, consent=True)


def test_a_leave_inside_a_month_ends_the_yes():
    """STOP and START go out, and until A answers the member pays, also in the terms (A20)."""
    life = deducted()
    assert life.send(leave(life.day, life.day + timedelta(days=5)))
    life.pass_days(6)
    assert to_employer(life) == [Template.PAYROLL_STOP, Template.PAYROLL_START]
    assert life.record.payroll.status is REQUESTED
    assert payer(life) is Payer.DIRECT


def test_a_corrected_change_of_employer_brings_the_yes_back():
    """The wrong date, and then the right one: A never stopped, so its yes still holds (A20)."""
    life = deducted()
    assert life.send(ChangeEmployment(effective_on=life.day, employer_orgnr=OTHER))
    assert life.record.payroll.status is REQUESTED
    assert life.send(ChangeEmployment(effective_on=life.day, employer_orgnr="974760673"))
    assert life.record.payroll.status is ACTIVE
    assert payer(life) is Payer.PAYROLL


def test_hiding_that_is_taken_back_at_once_tells_everybody_anew():
    """STOP and the branch's letter had been ordered: START and the branch follow (S35)."""
    life = deducted(branch="OSLO")
    assert life.send(hidden(life.day))
    assert life.record.hiding is not None
    assert not life.record.hidden
    assert life.send(hidden(life.day, hide=False))
    assert to_employer(life) == [Template.PAYROLL_STOP, Template.PAYROLL_START]
    assert life.letters[-1].template is Template.BRANCH_NEW_MEMBER
    after = life.record
    assert not after.hidden
    assert after.hiding is None
    assert life.record.payroll.status is ACTIVE


def test_a_pension_from_the_day_the_flag_is_set_tells_no_branch():
    """Nothing is ordered for the branch once it may no longer know (S33, invariant 4)."""
    life = deducted(branch="OSLO")
    assert life.send(hidden(life.day))
    pension = ReportPension(kind=PensionKind.DISABILITY, from_on=life.day + timedelta(days=1))
    assert life.send(pension)
    life.record = life.record.model_copy(
        update={"hiding": life.record.hiding.model_copy(update={"told": True})}
    )
    already = len(life.letters)
    life.pass_days(1)
    assert life.record.hidden
    assert {letter.audience for letter in life.letters[already:]} <= {"member", "insurance_office"}


def test_a_known_end_asks_nobody_again():
    """Leaves with March; on 20 March nothing is deducted further, and A is left alone (A29)."""
    life = deducted()
    assert life.send(Resign(received_on=life.day))
    life.pass_days(35)
    assert life.send(ChangeEmployment(effective_on=life.day, position_percent=Decimal(80)))
    assert to_employer(life) == [Template.PAYROLL_STOP]


def test_a_change_ahead_asks_nobody_again():
    """A leave from next month does not make today's yes void (A20)."""
    life = deducted()
    assert life.send(leave(date(2027, 3, 1), date(2027, 3, 31)))
    assert life.send(ChangeEmployment(effective_on=life.day, position_percent=Decimal(80)))
    assert to_employer(life) == []
    assert life.record.payroll.status is ACTIVE


def test_an_employer_that_stops_later_is_stopped_now():
    """A deducts until April by its own word; hidden in February, it is told before (L5)."""
    life = deducted()
    assert life.send(payroll("stopped", "2027-05"))
    assert life.send(hidden(life.day))
    assert to_employer(life) == [Template.PAYROLL_STOP]
    assert not life.record.hidden
    life.post(Post())
    assert life.record.hidden


def test_a_refusal_holds_against_an_earlier_yes():
    """Asked again after a break, A refuses: no later correction makes it deduct (A20)."""
    life = deducted()
    other = ChangeEmployment(effective_on=date(2027, 2, 3), employer_orgnr=OTHER)
    back = ChangeEmployment(effective_on=date(2027, 2, 5), employer_orgnr="974760673")
    assert life.send(back)
    assert life.send(other)
    assert life.record.payroll.status is REQUESTED
    assert life.send(payroll("refused"))
    never = ChangeEmployment(effective_on=date(2027, 2, 3), employer_orgnr="974760673")
    assert life.send(never)
    assert life.record.payroll.status is PayrollStatus.REFUSED
    assert payer(life) is Payer.DIRECT


@pytest.mark.parametrize("first", [Category.STUDENT, Category.ORDINARY])
def test_the_first_payment_is_waited_for_in_any_order(first):
    """A study that was over at once does not ask the employer before the payment (A20)."""
    life = Life(received(book=rulebook(payroll_needs_first_payment=True)))
    assert life.send(decide())
    life.pass_days(30)
    words = {
        Category.STUDENT: ChangeCategory(
            category=Category.STUDENT, effective_on=life.day - timedelta(days=1)
        ),
        Category.ORDINARY: ChangeCategory(category=Category.ORDINARY, effective_on=life.day),
    }
    for category in sorted(words, key=lambda c: c is not first):
        assert life.send(words[category])
    assert life.record.payroll.awaits_payment
    assert life.send(payment(49500, paid_on=life.day))
    assert life.record.payroll.status is REQUESTED


def test_a_payment_of_somebody_who_leaves_asks_nobody():
    """Unless the resignation is withdrawn (A20, A29)."""
    life = Life(received(book=rulebook(payroll_needs_first_payment=True)))
    assert life.send(decide())
    assert life.send(Resign(received_on=TODAY))
    assert life.send(payment(49500))
    assert life.record.payroll.status is STOPPED
    assert not life.told_to_deduct
    assert life.send(WithdrawChange(change="resign", effective_on=TODAY))
    assert life.record.payroll.status is REQUESTED


def test_a_branch_that_has_no_dues_yet_is_refused():
    """Its amount would be guessed; at the approval and later alike (S4, invariant 5)."""
    new = Branch(
        code="NEW",
        name="Ny",
        rates=(LocalRate(valid_from=FEBRUARY, local_ore=3000, halves=False),),
    )
    empty = Branch(code="EMPTY", name="Tom", rates=())
    life = Life(received(book=rulebook(branches=(OSLO, new, empty))))
    assert not life.send(decide(branch="NEW"))
    assert life.refusals == ["branch: has set no local dues for 2026-11-22, only from 2027-02-01"]
    assert not life.send(decide(branch="EMPTY"))
    assert life.send(decide())
    assert not life.send(ChangeEmployment(effective_on=JANUARY, branch="NEW"))
    assert life.send(ChangeEmployment(effective_on=FEBRUARY, branch="NEW"))


def test_a_position_is_kept_while_the_employer_is():
    """Another percentage does not make a foreman's title forgotten, where the form is kept."""
    life, kept = deducted(), application()
    assert life.send(ChangeEmployment(effective_on=life.day, position_percent=Decimal(80)))
    assert brought_up_to(kept, life.record.form).employment == kept.employment.model_copy(
        update={"position_percent": Decimal(80)}
    )
    assert life.send(
        ChangeEmployment(effective_on=life.day + timedelta(days=1), employer_orgnr=OTHER)
    )
    life.pass_days(1)
    moved = brought_up_to(kept, life.record.form).employment
    assert (moved.employer_orgnr, moved.position) == (OTHER, None)


def test_a_leave_that_was_shortened_ahead_tells_its_own_last_day():
    """The correction counts, not the longer leave it corrected (L1)."""
    life = deducted()
    start = life.day + timedelta(days=10)
    assert life.send(leave(start, start + timedelta(days=60)))
    assert life.send(leave(start, start + timedelta(days=5)))
    life.pass_days(10)
    told = [letter for letter in life.letters if letter.template is Template.LEAVE_GRANTED]
    assert [letter.figures["until_on"] for letter in told] == [str(start + timedelta(days=5))]


def test_a_yes_on_the_way_into_hiding_comes_too_late():
    """The branch is being told; the employer that refused before may not begin now (S30, A23)."""
    life = Life(received())
    assert life.send(decide(branch="OSLO"))
    assert life.send(payroll("refused"))
    assert life.send(hidden(TODAY))
    assert not life.record.hidden
    assert not life.send(payroll("accepted"))
    assert payer(life) is Payer.DIRECT


def test_a_correction_of_months_before_a_branch_was_founded():
    """Leave in January is learned in March, in a branch that has dues from February on (A31)."""
    new = Branch(
        code="NEW",
        name="Ny",
        rates=(LocalRate(valid_from=FEBRUARY, local_ore=3000, halves=False),),
    )
    life = Life(received(book=rulebook(branches=(OSLO, new))))
    assert life.send(decide(branch="OSLO"))
    life.pass_days(100)
    assert life.send(ChangeEmployment(effective_on=life.day, branch="NEW"))
    assert life.send(leave(date(2026, 12, 20), date(2027, 2, 20)))
    assert [t.amount_ore for t in life.record.terms if t.valid_from == JANUARY] == [0]


def test_a_student_resigns_for_the_67th_birthday():
    """The birthday of somebody who studies changes nothing; the end on that day does (A29, A32)."""
    life = Life(received(application(birth_date=date(1960, 2, 29))))
    assert life.send(decide())
    assert life.send(ChangeCategory(category=Category.STUDENT, effective_on=TODAY))
    life.pass_days(45)
    assert life.send(Resign(received_on=life.day))
    life.pass_days((date(2027, 3, 1) - life.day).days)
    assert life.record.outcome == "resigned"


@pytest.mark.parametrize("late", [False, True])
def test_a_study_in_between_leaves_the_window_open(late):
    """An undecided member who studies and then learns a trade decides later (S8, A7, A21)."""
    life = Life(received())
    assert life.send(decide())
    life.pass_days(30)
    words = [
        ChangeCategory(category=Category.STUDENT, effective_on=life.day - timedelta(days=1)),
        ChangeCategory(category=Category.APPRENTICE, effective_on=life.day),
    ]
    for word in reversed(words) if late else words:
        assert life.send(word)
    assert life.record.insurance.status == "window_open"


def test_a_refusal_and_the_question_to_the_other_employer_are_one_step():
    """Two jobs: the first employer refuses and the second is told to begin, in that order (A5)."""
    life = Life(received())
    assert life.send(decide())
    further = ChangeEmployment(
        effective_on=TODAY, employment="new", employer_orgnr=OTHER, position_percent=Decimal(20)
    )
    assert life.send(further)
    assert life.send(payroll("refused"))
    assert life.record.payroll.status is REQUESTED
    assert life.record.present_situation.deducting == OTHER
    assert to_employer(life) == [Template.PAYROLL_START]
    assert life.told_to_deduct


def test_a_study_that_began_a_day_earlier_ends_the_cover_a_month_earlier():
    """Told on 2 March: a student from that day, and then, since 1 March: no premium of March (A39).

    Heard the other way round it is the same, and so it is once a pension of that day is known.
    """
    day = date(2027, 3, 2)
    told = [
        ChangeCategory(category=Category.STUDENT, effective_on=day),
        ReportPension(kind=PensionKind.DISABILITY, from_on=day),
        ChangeCategory(category=Category.STUDENT, effective_on=date(2027, 3, 1)),
    ]
    spans = []
    for order in ((0, 1, 2), (0, 2, 1), (2, 0, 1), (1, 2, 0)):
        life = Life(received(book=rulebook(window_days=0)))
        assert life.send(decide())
        life.post(Post())
        life.pass_days((day - TODAY).days)
        for place in order:
            assert life.send(told[place])
        spans.append([(s.valid_from, s.valid_to) for s in life.record.insurance.premiums])
    assert spans == [[(date(2026, 12, 1), date(2027, 3, 1))]] * 4
