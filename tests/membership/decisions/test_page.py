"""The page a caseworker sees in the Temporal UI: readable, and it names nobody."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from schemas.membership.application import Apprenticeship, Study
from schemas.membership.decision import DeliveryReport, DuplicateCandidate
from schemas.membership.messages.changes import (
    ChangeEmployment,
    GrantLeave,
    ReportPension,
    SetHidden,
    WithdrawChange,
)
from schemas.membership.messages.leaving import Resign
from schemas.membership.state import Rejected
from schemas.persons.likeness import Certainty, Likeness, Sign
from schemas.shared.vocabulary import Category, Outcome, PensionKind, Stage
from tests.builders import (
    MEMBERSHIP_ID,
    PEOPLE,
    TODAY,
    answered,
    application,
    deadline_passed,
    decide,
    employment,
    member,
    moment,
    received,
    stand,
    states,
)
from tests.membership.decisions.seen import ACTIVE, DAY, later, percent, told
from tests.pages import page_of
from workflows.membership.decisions.dispatch import answer, bounced, delivered
from workflows.membership.decisions.step import Refused
from workflows.membership.page import HIDING
from workflows.membership.record import MembershipRecord
from workflows.shared.inbox import Unreadable, parsed

STATES = states()


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
    kin = DuplicateCandidate(
        membership_id=words, stage=Stage.ACTIVE, member_number=None, certain=False
    )
    form = application(
        Category.STUDENT,
        name=line,
        study=Study(school=line, ends_on=TODAY),
        employment=employment().model_copy(update={"employer_name": words}),
        additional_information=words,
    )
    record = received(form, faults=(), kin=(kin,))
    record = answered(record, decide("request_information", reason=words))
    rejected = Rejected(name=words, at=moment().at, reason=words, confidential=False)
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
    assert "### What happens by itself\n- after 2026-11-25: the caseworkers are reminded\n" in page
    assert "works 100 %" in page


def test_the_page_of_a_special_case_asks_for_the_category():
    """Without it the approval would be refused (A25)."""
    page = page_of(received(application(Category.STUDENT, employment=employment("1E+1"))))
    assert '"category":"student"}' in page
    assert "a student who works" in page
    assert "works 10 %" in page


def test_the_page_of_a_member_shows_the_facts():
    """Terms, insurance, invoice, payroll, and the log with its rules."""
    page = page_of(STATES["window, active"]).replace("\N{NO-BREAK SPACE}", " ")
    for fact in (
        "## Onboarding · member 00012345",
        "|charged  |kr  |each  |paid  |from  |to the end of  |\n|---|--:|---|---|---|---|\n",
        "|central dues  |495.00  |month  |direct  |2026-11  |2026-11  |\n",
        "|central dues  |495.00  |month  |payroll  |2026-12  |  |\n",
        "until 2026-12-22",
        "first invoice: 495.00 kr, due 2026-12-07, issued",
        "payroll: active from 2026-12",
        "### Decisions, by the rules of docs/rules.md\n",
        "ola by `decide_application`: approved as ordinary (S1, S2, S5, S22, S26, A18, A19, A35)",
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
    work = form.employment
    for secret in (
        str(form.applicant.birth_date),
        *((work.employer_name, work.employer_orgnr) if work else ()),
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
    retired = ReportPension(kind=PensionKind.DISABILITY, from_on=date(2027, 1, 1))
    page = page_of(told(retired))
    assert "- category early pensioner\n" in page
    assert "- draws a pension: disability" in page
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
    """Neither by a word nor by a rule that only the hidden know (ADR 10, R1)."""
    page = page_of(HIDINGS[name])
    for word in ("hid", "S30", "S31", "S32", "S33", "S34", "S35", "A22", "A23", "may know", "told"):
        assert word not in page


def test_the_page_still_shows_the_latest_decisions():
    """What is left out does not take the place of what is shown."""
    page = page_of(HIDINGS["hidden"])
    assert "approved as ordinary" in page
    assert "covered by the insurance package" in page


EVERYBODY = HIDINGS | STATES


@pytest.mark.parametrize("name", EVERYBODY)
def test_what_cites_a_rule_of_hiding_is_marked_where_it_is_written(name):
    """Privacy is data of a decision, not a word in its sentence (invariant 8)."""
    for line in EVERYBODY[name].log:
        assert line.confidential is not None
        assert line.confidential or HIDING.isdisjoint(line.rules)


@pytest.mark.parametrize("name", HIDINGS)
def test_what_older_code_wrote_stays_off_the_page(name):
    """Carried lines without the mark are told by event and rule, refusals by their name."""
    record = HIDINGS[name]
    older = [line.model_copy(update={"confidential": None}) for line in record.log]
    refused = [one.model_copy(update={"confidential": None}) for one in record.rejected]
    carried = record.model_copy(update={"log": tuple(older), "rejected": tuple(refused)})
    page = page_of(carried)
    for word in ("hid", "S30", "S31", "S33", "A22", "A23", "may know", "told"):
        assert word not in page
    assert "approved as ordinary" in page


def test_words_do_not_decide_what_is_shown():
    """A caseworker who writes "hidden" in a reason hides nothing by it; a mark does."""
    shown = Rejected(name="resign", at=moment().at, reason="a hidden fault", confidential=False)
    marked = Rejected(name="resign", at=moment().at, reason="neutral", confidential=True)
    page = page_of(received().model_copy(update={"rejected": (shown, marked), "rejected_count": 2}))
    assert "a hidden fault" in page
    assert "neutral" not in page


def test_a_field_of_hiding_in_the_wrong_message_is_not_shown():
    """Who sends ``hidden`` where it does not belong has said something of it all the same."""
    for content, confidential in ((b'{"hidden":true}', True), (b'{"on":1}', False)):
        with pytest.raises(Unreadable) as unreadable:
            parsed(Resign, RawValue(Payload(data=content)))
        assert unreadable.value.confidential is confidential


def test_a_name_that_nobody_knows_is_not_repeated():
    """Whatever somebody names a signal is their own words, and the page stands in an address."""
    rejected = Rejected(name="Kari Nordmann", at=moment().at, reason="is none", confidential=False)
    page = page_of(received().model_copy(update={"rejected": (rejected,), "rejected_count": 1}))
    assert "- an unknown message 2026-11-22 11:00: is none" in page


def test_a_hidden_members_refusals_do_not_tell():
    """The reason of a refusal stands on the page and in failures, so it says nothing of it."""
    with pytest.raises(Refused) as refused:
        answer(received(application(hidden=True)), decide(branch="OSLO"), moment())
    assert "hidden" not in str(refused.value)
    assert refused.value.confidential


def test_the_page_shows_the_latest_rejections():
    """Ten of them, and how many there were in all."""
    rejected = tuple(
        Rejected(name="decide_application", at=moment().at, reason=f"grunn {n}", confidential=False)
        for n in range(30)
    )
    page = page_of(received().model_copy(update={"rejected": rejected, "rejected_count": 99}))
    assert "### Messages that were not applied (99)" in page
    assert "grunn 29" in page
    assert "grunn 20" in page
    assert "grunn 19" not in page
    assert MEMBERSHIP_ID not in page.replace(f"(/desk/members/{MEMBERSHIP_ID})", "")


def test_who_may_be_the_same_stands_with_what_matched():
    """How sure it is and what is alike, and the surest five; in words that name nobody (N8)."""
    likeness = Likeness(certainty=Certainty.LIKELY, signs=(Sign.BIRTH_DATE, Sign.NAME_TYPO))
    kin = DuplicateCandidate(
        membership_id=MEMBERSHIP_ID,
        stage=Stage.ENDED,
        outcome=Outcome.RESIGNED,
        member_number="00000007",
        certain=False,
        likeness=likeness,
    )
    page = page_of(received(application(), kin=(kin,) * 7))
    line = (
        f"- **probably**: `{MEMBERSHIP_ID}`, resigned, member 00000007, alike in birth date, "
        "name but for a typing error"
    )
    assert page.count(line) == 5
    assert "- and 2 more: `medlemsflyt person` lists them" in page
