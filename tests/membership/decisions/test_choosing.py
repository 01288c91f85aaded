"""How a member chooses to pay what is not deducted (P9)."""

import pytest

from schemas.membership.messages.payments import ChoosePayment
from schemas.shared.vocabulary import Event, PayrollStatus, Template
from tests.builders import member, moment
from workflows.membership.decisions.dispatch import answer
from workflows.membership.decisions.step import Refused


@pytest.mark.parametrize("way", ["invoice", "avtalegiro"])
def test_a_choice_is_kept_and_told(way):
    """P9: who pays each month stays as it is; the letter says what to do."""
    before = member()
    step = answer(before, ChoosePayment(by=way), moment())
    assert (step.event, step.rules, step.pays_by) == (Event.PAYMENT_CHOSEN, ("P9",), way)
    assert (step.record.pays_by, step.record.terms) == (way, before.terms)
    assert [(letter.template, letter.figures["by"]) for letter in step.letters] == [
        (Template.PAYMENT_CHOSEN, way)
    ]


def test_deduction_goes_on():
    """P9, D7: a choice undoes no deduction; the member is told that it is about the rest."""
    payroll = member().payroll.model_copy(update={"status": PayrollStatus.ACTIVE})
    deducted = member().model_copy(update={"payroll": payroll})
    step = answer(deducted, ChoosePayment(by="avtalegiro"), moment())
    assert step.record.payroll == payroll
    assert step.letters[0].figures["deducted"] is True
    assert "deducts as before" in step.says


def test_what_there_is_not_yet():
    """ADR 60: eFaktura is refused, with what there is instead; nothing is changed."""
    with pytest.raises(Refused, match="eFaktura is not sent yet; choose avtalegiro"):
        answer(member(), ChoosePayment(by="efaktura"), moment())
