"""What the terms were planned from stands in the database, so that many can be planned at once."""

from datetime import date

from schemas.dues.plan import plan_terms
from schemas.dues.terms import Span
from schemas.membership.decision import DecisionReceipt
from schemas.membership.situation import Facts, without_names
from tests.builders import BOOK, application, decide, moment, received
from tests.dues.lives import leave, life, works
from tests.membership.decisions.lives import states_of_life
from tests.membership.making import KARI, approval, decision, intake, standing
from workflows.membership.decisions.dispatch import answer
from workflows.membership.recording import decision_of

SINCE = date(2026, 10, 14)
FACTS = life(
    works(date(2027, 2, 1), percent="40"),
    since=SINCE,
    branch="OSLO",
    premiums=(Span(valid_from=date(2026, 12, 1), decided_by="insurance_office"),),
)


async def kept(pool) -> Facts | None:
    """The facts that stand in the database."""
    text = await pool.fetchval("SELECT facts::text FROM memberships WHERE membership_id = $1", KARI)
    return None if text is None else Facts.model_validate_json(text)


async def test_facts_are_kept_with_the_decision(pool, persistence):
    """Those of the latest decision that had some; an applicant has none."""
    await persistence.receive_application(intake())
    assert await kept(pool) is None
    await persistence.record_decision(approval(facts=without_names(FACTS)))
    assert await kept(pool) == without_names(FACTS)
    assert plan_terms(without_names(FACTS), BOOK) == plan_terms(FACTS, BOOK)
    # An older worker hands none along: what stands, stands.
    await persistence.record_decision(decision(3, standing=standing()))
    assert await kept(pool) == without_names(FACTS)


async def test_a_decision_of_an_older_worker_is_recognised(pool, persistence):
    """Repeated with facts it is the same decision, not another one under its number."""
    await persistence.receive_application(intake())
    first = await persistence.record_decision(approval())
    again = await persistence.record_decision(approval(facts=without_names(FACTS)))
    assert isinstance(again, DecisionReceipt)
    assert again == first
    assert await kept(pool) is None, "nothing is written the second time"


def test_a_members_decisions_hand_facts_along():
    """From the approval on, in every state of a life, and nothing but what the terms need."""
    step = answer(received(), decide(branch="OSLO"), moment())
    assert decision_of(step, received(), moment()).facts == without_names(step.record.facts)
    for name, record in states_of_life().items():
        facts = without_names(record.facts)
        assert plan_terms(facts, record.book) == plan_terms(record.facts, record.book), name
        text = facts.model_dump_json()
        assert application().applicant.name not in text
        assert "ola" not in text
        assert "Eksempel" not in text


def test_names_of_people_and_employers_stay_behind():
    """A caseworker who granted a leave and an employer's name are no facts of the terms."""
    granted = leave(date(2027, 1, 1), date(2027, 2, 28)).model_copy(update={"decided_by": "ola"})
    facts = life(granted, since=SINCE)
    assert facts.beginning.employer is not None
    named = facts.beginning.employer.model_copy(update={"name": "Eksempel AS"})
    facts = facts.model_copy(
        update={"beginning": facts.beginning.model_copy(update={"employer": named})}
    )
    text = without_names(facts).model_dump_json()
    assert "ola" not in text
    assert "Eksempel" not in text
    assert "974760673" in text, "who deducts is a fact of the terms"
