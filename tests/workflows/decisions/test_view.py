"""How a membership shows itself: state, explain, search attributes, the page in the UI."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from schemas.application import Apprenticeship, Study
from schemas.base import Inbound
from schemas.decision import DeliveryReport, Kin
from schemas.messages import (
    ChangeCategory,
    ChangeEmployment,
    GrantLeave,
    ReportPension,
    Resign,
    SetHidden,
    WithdrawChange,
)
from schemas.rulebook import LocalRate, PremiumRate
from schemas.rules.calendar import oslo_date
from schemas.state import Rejected
from schemas.vocabulary import Category, PensionKind, Stage
from tests.builders import (
    MEMBERSHIP_ID,
    OSLO,
    PEOPLE,
    PREMIUM,
    TODAY,
    answered,
    application,
    deadline_passed,
    decide,
    employment,
    enroll,
    member,
    moment,
    national_id,
    payment,
    payroll,
    rates,
    received,
    rulebook,
    stand,
    states,
)
from workflows.decisions.dispatch import answer, bounced, delivered
from workflows.decisions.step import Refused
from workflows.page import page_of
from workflows.record import MembershipRecord
from workflows.view import changed_attributes, explain, kroner, state_of
from workflows.waits import deadlines

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
    assert [line.decided_by for line in lines[:2]] == ["ola", "employer"]


def reasons(record: MembershipRecord, kind: str = "central_dues") -> list[tuple[Any, ...]]:
    """Return from when, by which facts since when, by whom and recorded when, of each amount."""
    return [
        (
            line.says.split(" from ")[1][:10],
            [(cause.fact, str(cause.effective_on)) for cause in line.because],
            line.decided_by,
            str(oslo_date(line.at)),
        )
        for line in explain(record).lines
        if line.about == kind
    ]


def later(record: MembershipRecord, day: date) -> MembershipRecord:
    """Return the record on a day, with every deadline until then passed."""
    while deadlines(record) and deadlines(record)[0].due_at <= moment(day).at:
        record = deadline_passed(record)
    return record


JOINED = [
    ("2026-11-01", [("approval", "2026-11-22")], "ola", "2026-11-22"),
    ("2026-12-01", [("answer_payroll_request", "2026-12-01")], "employer", "2026-11-22"),
]
"""Why an ordinary member pays what, until something changes."""

DAY = date(2027, 1, 10)
ACTIVE = later(answered(member(branch="OSLO"), payroll()), DAY)


def told(message: Inbound, day: date = DAY) -> MembershipRecord:
    """Return a deducted member of OSLO after one message."""
    return answered(ACTIVE, message, day)


def percent(value: str, on: date) -> ChangeEmployment:
    """Return other working hours."""
    return ChangeEmployment(effective_on=on, position_percent=Decimal(value))


def test_another_percentage_is_the_reason():
    """The notice, from when it is true, who sent it and when it was recorded (S5, A6)."""
    record = told(percent("50", date(2027, 3, 10)))
    assert reasons(record) == [
        *JOINED,
        ("2027-04-01", [("change_employment", "2027-03-10")], "member", "2027-01-10"),
        # A15: full again past 67, without anybody's notice.
        ("2053-05-01", [("birthday", "2053-04-12")], "rule", "2053-04-12"),
    ]
    line = explain(record).lines[2]
    assert line.rules == ("S1", "S2", "S5", "S22", "A6")
    assert line.because[0].says == "works 50 %"


def test_of_a_correction_the_last_word_is_the_reason():
    """60 % corrected to 50 % for the same day: the later notice makes it half."""
    record = told(percent("60", date(2027, 3, 10)))
    record = answered(record, percent("50", date(2027, 3, 10)), date(2027, 1, 20))
    assert reasons(record)[2] == (
        "2027-04-01",
        [("change_employment", "2027-03-10")],
        "member",
        "2027-01-20",
    )


def test_a_leave_and_its_end_are_reasons():
    """Nothing from its first month, the full sum again after its last; granted by a caseworker."""
    leave = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 7, 31), caseworker="per")
    record = told(leave)
    assert reasons(record)[2:] == [
        ("2027-02-01", [("grant_leave", "2027-02-01")], "per", "2027-01-10"),
        ("2027-08-01", [("grant_leave", "2027-08-01")], "per", "2027-01-10"),
    ]
    away, back = explain(record).lines[2:4]
    assert away.rules == ("section 3",)
    assert away.because[0].says == "leave until 2027-07-31"
    assert back.because[0].says == "back from the leave"
    # The premium's amount stays; only its payer becomes another, for the same reason.
    assert reasons(record, "insurance_premium") == [
        ("2027-01-01", [("insurance", "2027-01-01")], "rule", "2026-12-23"),
        ("2027-02-01", [("grant_leave", "2027-02-01")], "per", "2027-01-10"),
    ]


def test_a_pension_and_the_birthday_are_reasons():
    """The quarter by the member's report, the yearly fee by the 67th birthday (S18, S21, A12)."""
    record = told(ReportPension(kind=PensionKind.DISABILITY, from_on=date(2027, 5, 20)))
    assert reasons(record)[2:] == [
        ("2027-06-01", [("report_pension", "2027-05-20")], "member", "2027-01-10"),
        ("2053-05-01", [("birthday", "2053-04-12")], "rule", "2053-04-12"),
    ]
    quarter, yearly = explain(record).lines[2:4]
    assert quarter.rules == ("S21", "S23", "A16")
    assert yearly.rules == ("S18", "S21", "A12")


def test_a_late_notice_counts_from_where_it_may():
    """From January, told in June: charges change from March, three months back (A31)."""
    day = date(2027, 6, 10)
    record = answered(later(ACTIVE, day), percent("50", date(2027, 1, 1)), day)
    from_on, facts, by, at = reasons(record)[2]
    assert (from_on, facts) == ("2027-03-01", [("change_employment", "2027-01-01")])
    assert (by, at) == ("member", "2027-06-10")
    assert explain(record).lines[2].rules[-1] == "A31"


def test_a_month_that_stands_keeps_its_rules():
    """A student since November, told in June: December to February stay an ordinary member's."""
    day = date(2027, 6, 10)
    study = ChangeCategory(category=Category.STUDENT, effective_on=date(2026, 11, 25))
    lines = explain(answered(later(ACTIVE, day), study, day)).lines
    assert [(line.says[:10], line.rules[0]) for line in lines[:3]] == [
        ("495.00 kr ", "S1"),
        ("495.00 kr ", "S1"),
        ("300.00 kr ", "S12"),
    ]


def test_new_prices_are_reasons():
    """Central, local and the premium, each from its own day and by nobody's notice."""
    dearer = OSLO.model_copy(
        update={
            "rates": (
                *OSLO.rates,
                LocalRate(valid_from=date(2028, 3, 1), local_ore=6000, halves=False),
            )
        }
    )
    book = rulebook(
        rates=[rates("495"), rates("520", date(2028, 1, 1))],
        premiums=[PREMIUM, PremiumRate(valid_from=date(2028, 2, 1), premium_ore=21000)],
        branches=[dearer],
    )
    record = later(answered(member(book=book, branch="OSLO"), payroll()), DAY)
    for kind, day in (
        ("central_dues", "2028-01-01"),
        ("insurance_premium", "2028-02-01"),
        ("local_dues", "2028-03-01"),
    ):
        assert reasons(record, kind)[-1] == (day, [("price", day)], "rulebook", day)


def test_facts_of_one_month_are_told_apart():
    """Of a new price and a pension in one month only what made the difference is named."""
    book = rulebook(premiums=[PREMIUM, PremiumRate(valid_from=date(2027, 6, 1), premium_ore=21000)])
    record = later(answered(member(book=book), payroll()), DAY)
    record = answered(
        record, ReportPension(kind=PensionKind.DISABILITY, from_on=date(2027, 6, 1)), DAY
    )
    assert reasons(record)[2][1] == [("report_pension", "2027-06-01")]
    # The premium became dearer and direct at once: both facts had a hand in it.
    assert reasons(record, "insurance_premium")[1][1] == [
        ("report_pension", "2027-06-01"),
        ("price", "2027-06-01"),
    ]


def test_an_employer_that_stops_is_a_reason():
    """The amount is the same; who pays is the employer's word."""
    record = told(payroll("stopped", "2027-03"))
    assert reasons(record)[2] == (
        "2027-03-01",
        [("answer_payroll_request", "2027-03-01")],
        "employer",
        "2027-01-10",
    )
    assert explain(record).lines[2].because[0].says == "the employer stops deducting"


def test_the_insurance_office_is_a_reason():
    """Who was taken in by the office pays by its word, not because a window passed (A21)."""
    record = answered(member(), enroll(date(2026, 12, 1)))
    assert reasons(record, "insurance_premium") == [
        ("2026-12-01", [("insurance", "2026-12-01")], "insurance_office", "2026-11-22")
    ]


def test_reasons_outlive_the_log():
    """After decades only the latest decisions are in the record; the facts are all there."""
    record = told(percent("50", date(2027, 3, 10)))
    approval = [line for line in record.log if line.about == "application_approved"]
    short = record.model_copy(update={"log": (*approval, *record.log[-1:])})
    assert reasons(short) == reasons(record)


def test_waits_say_since_when_and_until_when():
    """The rule, the beginning and the last day for an answer (A34)."""
    (wait,) = [line for line in explain(member()).lines if line.about == "waiting"]
    assert (wait.rules, wait.at, wait.until) == (
        ("A20", "A34"),
        moment().at,
        date(2026, 12, 22),
    )
    (review,) = [line for line in explain(received()).lines if line.about == "waiting"]
    assert review.until is None


# What is to come ------------------------------------------------------------------------------


def coming(record: MembershipRecord) -> list[tuple[str, str]]:
    """Return what is recorded but not in effect yet."""
    return [(change.kind, str(change.effective_on)) for change in state_of(record).upcoming]


def test_state_shows_what_is_to_come():
    """In the order it becomes true, with who recorded it when; it goes once it is true."""
    record = told(percent("50", date(2027, 3, 10)))
    leave = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 2, 28), caseworker="per")
    record = answered(record, leave, DAY)
    assert coming(record) == [("grant_leave", "2027-02-01"), ("change_employment", "2027-03-10")]
    first = state_of(record).upcoming[0]
    assert (str(first.until_on), str(first.recorded_on), first.decided_by) == (
        "2027-02-28",
        "2027-01-10",
        "per",
    )
    assert coming(later(record, date(2027, 2, 1))) == [("change_employment", "2027-03-10")]
    assert coming(later(record, date(2027, 3, 10))) == []


def test_a_corrected_or_withdrawn_change_is_not_to_come():
    """Only the last word of a day counts, and nothing that was taken back."""
    first = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 7, 31), caseworker="per")
    longer = first.model_copy(update={"until_on": date(2027, 8, 31)})
    record = answered(told(first), longer, DAY)
    assert [str(change.until_on) for change in state_of(record).upcoming] == ["2027-08-31"]
    withdrawn = WithdrawChange(change="grant_leave", effective_on=date(2027, 2, 1))
    assert coming(answered(record, withdrawn, DAY)) == []


def test_state_tells_how_long_a_leave_lasts():
    """Its last day, while it lasts, as it was last corrected."""
    leave = GrantLeave(from_on=date(2027, 2, 1), until_on=date(2027, 7, 31), caseworker="per")
    record = later(told(leave), date(2027, 2, 1))
    assert str(state_of(record).on_leave_until) == "2027-07-31"
    shorter = leave.model_copy(update={"until_on": date(2027, 5, 31)})
    record = answered(record, shorter, date(2027, 3, 1))
    assert str(state_of(record).on_leave_until) == "2027-05-31"
    assert state_of(later(record, date(2027, 6, 1))).on_leave_until is None
    assert state_of(told(leave)).on_leave_until is None


def test_state_tells_the_last_day():
    """10 January: the membership ends with February (A29); what comes later never does."""
    record = told(percent("50", date(2027, 4, 1)))
    record = answered(record, Resign(received_on=DAY), DAY)
    state = state_of(record)
    assert str(state.leaves_on) == "2027-02-28"
    assert coming(record) == [("resign", "2027-03-01")]
    over = state_of(later(record, date(2027, 3, 1)))
    assert (over.stage, str(over.leaves_on), over.upcoming) == ("ended", "2027-02-28", ())
    assert state_of(ACTIVE).leaves_on is None


def test_state_tells_what_was_asked():
    """Of each kind the latest: a student is asked each year."""
    record = later(member(PEOPLE["student"]), date(2028, 3, 17))
    assert [(q.about, str(oslo_date(q.at))) for q in state_of(record).questions] == [
        ("student", "2028-01-01"),
        ("study", "2028-03-17"),
    ]


def test_hiding_is_to_come_until_everybody_was_told():
    """The day has come, the letters have not gone out: the flag is not set yet (section 3)."""
    record = told(SetHidden(hidden=True, effective_on=DAY))
    assert (state_of(record).hidden, coming(record)) == (False, [("set_hidden", "2027-01-10")])
    report = DeliveryReport(sent=record.hiding.letters)
    record = deadline_passed(delivered(record, report, moment(DAY)))
    assert (state_of(record).hidden, coming(record)) == (True, [])


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


def test_the_page_shows_what_is_to_come():
    """Changes by their kind only, the leave's end, the last day, the questions."""
    record = told(percent("50", date(2027, 3, 10)))
    job = ChangeEmployment(
        effective_on=date(2027, 3, 20), employer_orgnr="312345676", employer_name="Fjord Drift AS"
    )
    record = answered(record, job, DAY)
    leave = GrantLeave(from_on=DAY, until_on=date(2027, 5, 31), caseworker="per", reason="Sykdom")
    record = answered(record, leave, DAY)
    record = answered(record, Resign(received_on=date(2027, 1, 9), reason="Lei"), DAY)
    page = page_of(record)
    for line in (
        "### Coming\n- on leave until 2027-05-31\n",
        "- leaves: the last day is 2027-02-28",
    ):
        assert line in page
    for secret in ("Fjord", "312345676", "Sykdom", "Lei"):
        assert secret not in page
    assert "- other work from 2027-03-10\n" in page_of(told(percent("50", date(2027, 3, 10))))
    asked = later(member(PEOPLE["student"]), date(2028, 6, 16))
    assert "- asked about whether the study goes on, 2028-01-01" in page_of(asked)
    assert "- asked about the study or the apprenticeship that has ended, 2028-06-16" in page_of(
        asked
    )


def test_the_page_shows_the_present_situation():
    """Not what stood in the application decades ago."""
    page = page_of(ACTIVE)
    assert "### Now\n" in page
    assert "- works 100 %" in page
    page = page_of(answered(ACTIVE, percent("50", date(2027, 1, 1)), DAY))
    assert "- works 50 %" in page
    retired = ReportPension(kind=PensionKind.OLD_AGE, from_on=date(2027, 1, 1))
    page = page_of(told(retired))
    assert "- category early pensioner\n" in page
    assert "- draws a pension: old age" in page
    assert "works" not in page
    assert "- studies until 2028-06-15" in page_of(member(PEOPLE["student"]))
    assert "- apprentice until 2028-08-31" in page_of(member(PEOPLE["apprentice"]))


def _hidings() -> dict[str, MembershipRecord]:
    hide = SetHidden(hidden=True, effective_on=date(2027, 2, 15))
    waits, prepared = told(hide), later(told(hide), date(2027, 2, 15))
    gone = DeliveryReport(sent=prepared.hiding.letters)
    done = deadline_passed(delivered(prepared, gone, moment(date(2027, 2, 15))))
    lifted = SetHidden(hidden=False, effective_on=date(2027, 3, 1), consent=True)
    back = DeliveryReport(bounced=("0009-hidden_on", "0009-payroll_stop"))
    withdrawn = WithdrawChange(change="set_hidden", effective_on=date(2027, 2, 15))
    returned = bounced(done, back)
    assert returned is not None
    refused = Rejected(name="set_hidden", at=moment().at, reason="consent: lifting tells")
    return {
        "recorded": waits,
        "withdrawn": answered(waits, withdrawn, DAY),
        "prepared": prepared,
        "hidden": done,
        "to be lifted": answered(done, lifted, date(2027, 2, 20)),
        "lifted": later(answered(done, lifted, date(2027, 2, 20)), date(2027, 3, 1)),
        "bounced": stand(returned, moment(date(2027, 2, 20))),
        "refused": ACTIVE.model_copy(update={"rejected": (refused,), "rejected_count": 1}),
    }


HIDINGS = _hidings()


@pytest.mark.parametrize("name", HIDINGS)
def test_the_page_does_not_tell_of_hiding(name):
    """Neither by a word nor by a rule that only the hidden know (ADR 10, section 8)."""
    page = page_of(HIDINGS[name])
    for word in ("hid", "S30", "S31", "S32", "S33", "S34", "S35", "A22", "A23", "may know", "told"):
        assert word not in page


def test_the_page_still_shows_the_latest_decisions():
    """What is left out does not take the place of what is shown."""
    page = page_of(HIDINGS["hidden"])
    assert "approved as ordinary" in page
    assert "covered by the insurance package" in page


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
