"""How a membership shows itself: state, explain, search attributes, the page in the UI."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from schemas.application import Apprenticeship, Study
from schemas.decision import Kin
from schemas.state import Rejected
from schemas.vocabulary import Category, Stage
from tests.builders import (
    MEMBERSHIP_ID,
    PEOPLE,
    TODAY,
    answered,
    application,
    decide,
    employment,
    member,
    moment,
    national_id,
    payment,
    received,
    states,
)
from workflows.decisions.dispatch import answer
from workflows.decisions.step import Refused
from workflows.page import page_of
from workflows.record import MembershipRecord
from workflows.view import changed_attributes, explain, kroner, state_of

STATES = states()


@pytest.mark.parametrize(
    ("ore", "text"),
    [
        (0, "0.00 kr"),
        (24750, "247.50 kr"),
        (49505, "495.05 kr"),
        (-24750, "-247.50 kr"),
        (-5, "-0.05 kr"),
    ],
)
def test_kroner(ore, text):
    """Two decimals, the sign in front."""
    assert kroner(ore) == text


# explain --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STATES)
def test_explain_cites_a_rule_for_every_line(name):
    """Amounts, waits and decisions each say what they rest on, and who decided (contract)."""
    record = STATES[name]
    lines = explain(record).lines
    assert all(line.rules and line.says and line.decided_by for line in lines)
    assert [line.about for line in lines[: len(record.terms)]] == [t.kind for t in record.terms]
    assert lines[len(lines) - len(record.log) :] == record.log


def test_explain_says_why_this_amount():
    """The amount, from when, through whom, by whose approval."""
    lines = explain(STATES["covered, active"]).lines
    assert lines[0].says == "495.00 kr a month from 2026-11-01 until 2026-12-01, paid directly"
    assert lines[1].says == "495.00 kr a month from 2026-12-01, paid through the employer"
    assert {line.decided_by for line in lines[:2]} == {"ola"}


@pytest.mark.parametrize("name", STATES)
def test_state_is_readable_json(name):
    """The contract's fields, and the record's own secrets are not among them."""
    state = json.loads(state_of(STATES[name]).model_dump_json())
    assert {"stage", "outcome", "category", "hidden", "member_number", "awaiting", "terms"} <= set(
        state
    )
    assert {"insurance", "first_invoice", "payroll", "rejected_messages"} <= set(state)
    assert "application" not in state
    assert "rulebook" not in state


def test_state_is_the_contracts_example():
    """What design.md shows of an ordinary member in onboarding, value by value."""
    state = json.loads(state_of(member()).model_dump_json())
    assert (state["stage"], state["outcome"]) == ("onboarding", None)
    assert state["terms"] == [
        {
            "kind": "central_dues",
            "amount_ore": 49500,
            "cadence": "monthly",
            "payer": "direct",
            "valid_from": "2026-11-01",
            "valid_to": None,
        }
    ]
    assert state["insurance"]["status"] == "window_open"
    assert state["insurance"]["reservation_deadline"] == "2026-12-22"
    assert state["first_invoice"]["total_ore"] == 49500
    assert state["first_invoice"]["due_on"] == "2026-12-07"
    assert state["first_invoice"]["lines"] == [{"kind": "central_dues", "amount_ore": 49500}]
    assert state["payroll"]["status"] == "requested"
    assert state["payroll"]["first_period"] is None
    (waits,) = state["awaiting"]
    assert (waits["role"], waits["what"]) == ("employer", "answer_payroll_request")
    assert (waits["since"], waits["deadline"]) == ("2026-11-22T10:00:00Z", "2026-12-22")


# Search attributes ----------------------------------------------------------------------------


def attributes(record: MembershipRecord) -> dict[str, Any]:
    """Return all search attributes as they would be."""
    return changed_attributes(record, {})[1]


def test_search_attributes_of_a_review():
    """What the caseworkers' inbox filters on (contract)."""
    assert attributes(received()) == {
        "MembershipStage": "under_review",
        "MemberCategory": "ordinary",
        "AwaitingRoles": ["caseworker"],
        "WaitingSince": moment().at,
        # 25 November is the third working day: due at its midnight, Oslo (A33).
        "ReviewDue": moment(TODAY).at.replace(day=25, hour=23),
        "RejectedMessages": 0,
    }


def test_only_what_changed_is_written():
    """The same record again writes nothing; a new stage writes what differs."""
    first, shown = changed_attributes(received(), {})
    assert {update.key.name for update in first} == {
        "MembershipStage",
        "MemberCategory",
        "AwaitingRoles",
        "WaitingSince",
        "ReviewDue",
    }
    assert changed_attributes(received(), shown) == ([], shown)
    updates, shown = changed_attributes(member(PEOPLE["no_employer"]), shown)
    assert {update.key.name for update in updates} == {
        "MembershipStage",
        "AwaitingRoles",
        "WaitingSince",
        "ReviewDue",
    }
    assert shown["AwaitingRoles"] == []
    assert shown["WaitingSince"] is None


names = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=6, max_size=30)
people = st.builds(
    application,
    st.just(Category.ORDINARY),
    name=names.map(lambda name: f"Q{name}Q"),
    email=st.from_regex(r"q[a-z]{8}@[a-z]{8}\.no", fullmatch=True),
    birth_date=st.just(PEOPLE["ordinary"].applicant.birth_date),
    national_id=st.integers(0, 900).map(
        lambda n: national_id(PEOPLE["ordinary"].applicant.birth_date, n)
    ),
    hidden=st.booleans(),
    additional_information=names,
)


@settings(deadline=None, max_examples=60)
@given(people, st.sampled_from(["review", "asked", "member", "paid"]))
def test_search_attributes_carry_no_personal_data(form, stage):
    """Never a name, e-mail, employer, national id or the hidden flag (section 8)."""
    record = received(form)
    if stage == "asked":
        record = answered(record, decide("request_information"))
    elif stage != "review":
        record = member(form)
    if stage == "paid":
        record = answered(record, payment(49500))
    values = str(attributes(record))
    person = form.applicant
    for secret in (person.name, person.email, person.national_id, "974760673", "Eksempel"):
        assert secret not in values
    assert "hidden" not in values.lower()


# The page -------------------------------------------------------------------------------------

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shape(page: str) -> list[str]:
    """Return the kinds of Markdown elements of a page, texts left out."""

    def flat(tokens: list[Token]) -> list[str]:
        kinds: list[str] = []
        for token in tokens:
            if token.children is not None:
                kinds += flat(token.children)
            elif token.type not in {"text", "text_special"}:
                kinds.append(token.type)
        return kinds

    return flat(MARKDOWN.parse(page))


def text(page: str) -> str:
    """Return what a reader of the page sees."""

    def flat(tokens: list[Token]) -> str:
        return "\n".join(
            "".join(child.content for child in token.children)
            for token in tokens
            if token.children is not None
        )

    return flat(MARKDOWN.parse(page))


def with_text(words: str) -> MembershipRecord:
    """Return a record with the same words wherever somebody else's words stand."""
    line = " ".join(words.split())
    kin = Kin(membership_id=words, stage=Stage.ACTIVE, member_number=None, certain=False)
    form = application(
        Category.STUDENT,
        name=line,
        study=Study(school=line, ends_on=TODAY),
        employment=employment().model_copy(update={"employer_name": words}),
        additional_information=words,
    )
    record = received(form, faults=(), kin=(kin,))
    record = answered(record, decide("request_information", reason=words))
    rejected = Rejected(name=words, at=moment().at, reason=words)
    return record.model_copy(
        update={"rejected": (rejected,), "rejected_count": 1, "faults": (words,)}
    )


PLAIN = shape(page_of(with_text("Xxxx")))

ATTACKS = [
    "# Overskrift",
    "**fet** _kursiv_ ~~strøket~~",
    "[lenke](http://example.org)",
    "![bilde](http://example.org/x.png)",
    "<script>alert(1)</script>",
    "<b>fet</b>",
    "&lt;b&gt; &amp; &#35;",
    "`kode` ``x``",
    "``` \nblokk\n```",
    "- punkt",
    "+ punkt",
    "* punkt",
    "1. punkt",
    "1) punkt",
    "> sitat",
    "| a | b |",
    "a\n\nb\n\n## ny",
    "===",
    "---",
    "a\\",
    "\\",
    "    fire innrykk",
    "<http://example.org>",
]


@pytest.mark.parametrize("words", ATTACKS)
def test_words_from_outside_are_only_words(words):
    """Markdown in names, reasons, schools, signal names shows as it was written."""
    page = page_of(with_text(words))
    assert shape(page) == PLAIN
    line = " ".join(words.split())
    # Once each: the fault and the reason of the rejection. What the applicant wrote is not shown.
    assert text(page).count(line) >= 2 if len(line) > 3 else True


@settings(deadline=None, max_examples=150)
@given(st.text("ab1 #*_`~[](){}<>|\\!&;=+-.:/\n\"'", min_size=1, max_size=40))
def test_no_words_change_the_page(words):
    """Whatever is written, the page keeps its headings and points."""
    if words.strip():
        assert shape(page_of(with_text(words))) == PLAIN


@pytest.mark.parametrize("name", STATES)
def test_every_page_can_be_read(name):
    """A heading that says the stage, and no value of Python's or JSON's."""
    page = page_of(STATES[name])
    stage = STATES[name].stage.replace("_", " ").capitalize()
    assert page.startswith(f"## {stage}")
    for wrong in ("None", "Decimal", "datetime", "E+", "<", "Stage."):
        assert wrong not in page


def test_the_page_of_a_review_says_how_to_approve():
    """Who asks for what, and what to send (contract: caseworkers decide in the UI)."""
    page = page_of(received())
    assert "**caseworker**: `decide_application`, since 2026-11-22" in page
    assert '{"decision":"approve","caseworker":"your name"}' in page
    assert "works 100 %" in page


def test_the_page_of_a_special_case_asks_for_the_category():
    """Without it the approval would be refused (A25)."""
    page = page_of(received(application(Category.STUDENT, employment=employment("1E+1"))))
    assert '"category":"…"}' in page
    assert "a student who works" in page
    assert "works 10 %" in page


def test_the_page_of_a_member_shows_the_facts():
    """Terms, insurance, invoice, payroll, and the log with its rules."""
    page = page_of(STATES["window, active"])
    for fact in (
        "## Onboarding · member 00012345",
        "495.00 kr monthly, direct, from 2026-11-01 to 2026-12-01",
        "495.00 kr monthly, payroll, from 2026-12-01\n",
        "until 2026-12-22",
        "first invoice: 495.00 kr, due 2026-12-07, issued",
        "payroll: active from 2026-12",
        "ola: approved as ordinary (S1, S2, S5, S22, S26, A18, A19, A35)",
    ):
        assert fact in page


def test_the_page_of_other_circumstances():
    """Apprenticeship, pension, reservation, and a missing national id are named."""
    contract = Apprenticeship(ends_on=TODAY + timedelta(days=9))
    page = page_of(received(application(Category.APPRENTICE, apprenticeship=contract)))
    assert "- apprentice until 2026-12-01" in page
    assert "- draws a pension from 2026-01-01" in page_of(received(PEOPLE["early_pensioner"]))
    form = application(insurance_reservation=True, national_id=None)
    page = page_of(received(form))
    assert "- category ordinary\n" in page
    assert "- reserves against the insurance package" in page
    assert "- no national id yet" in page


@pytest.mark.parametrize("name", STATES)
def test_the_page_names_nobody(name):
    """It travels inside an address (invariant 8): no person, employer, account or hidden flag."""
    page = page_of(STATES[name])
    form = STATES[name].application
    if form is None:
        return
    person, work = form.applicant, form.employment
    for secret in (
        *(person.name, person.email, person.national_id, person.phone, str(person.birth_date)),
        *((work.employer_name, work.employer_orgnr, work.position) if work else ()),
    ):
        assert secret is None or secret not in page
    assert "hidden" not in page


def test_a_hidden_members_refusals_do_not_tell():
    """The reason of a refusal stands on the page and in failures, so it says nothing of it."""
    with pytest.raises(Refused) as refused:
        answer(received(application(hidden=True)), decide(branch="OSLO"), moment())
    assert "hidden" not in str(refused.value)


def test_the_page_shows_the_latest_rejections():
    """Ten of them, and how many there were in all."""
    rejected = tuple(
        Rejected(name="decide_application", at=moment().at, reason=f"grunn {n}") for n in range(30)
    )
    page = page_of(received().model_copy(update={"rejected": rejected, "rejected_count": 99}))
    assert "### Messages that were not applied (99)" in page
    assert "grunn 29" in page
    assert "grunn 20" in page
    assert "grunn 19" not in page
    assert MEMBERSHIP_ID not in page
