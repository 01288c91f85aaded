"""Forms are read off the contract, and say in Norwegian what they ask for and what is wrong."""

import pytest

from schemas.access.roles import AccessRole, may_send
from schemas.desk.forms import FORMS, Control, fields_of, read_form
from schemas.membership.messages import MESSAGES
from schemas.names import WorkflowType
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Category,
    Event,
    InsuranceStatus,
    LineKind,
    Outcome,
    Payer,
    PayrollStatus,
    Role,
    Stage,
    Template,
)
from workers.gateway.desk.refusals_in_norwegian import Complaint, complaints
from workers.gateway.desk.texts import texts

WORDS = {
    "audience": Audience,
    "cadence": Cadence,
    "category": Category,
    "event": Event,
    "insurance": InsuranceStatus,
    "line": LineKind,
    "outcome": Outcome,
    "payer": Payer,
    "payroll": PayrollStatus,
    "role": Role,
    "stage": Stage,
    "template": Template,
}


@pytest.mark.parametrize("table", WORDS)
def test_every_word_is_said_in_norwegian(table):
    """A page that meets a word it does not know would break."""
    assert set(texts()[table]) == set(WORDS[table])


def test_no_text_is_called_as_a_method():
    """A template would read the table's own method in its place."""
    assert not {
        name for table in texts().values() if isinstance(table, dict) for name in table
        if hasattr(dict, name)
    } - {"from"}  # fmt: skip


def test_every_help_belongs_to_a_field():
    """By its name, or by that of its message and its own."""
    known = {
        name
        for form in FORMS.values()
        for one in fields_of(form.key)
        for leaf in one.all()
        for last in [leaf.path.rpartition(".")[2]]
        for name in (last, f"{form.message}.{last}")
    }
    assert set(texts()["help"]) <= known


def test_every_message_that_people_send_has_a_form():
    """Whoever may send it finds a page for it."""
    people = frozenset(AccessRole) - {AccessRole.SERVICE, AccessRole.SYSTEM}
    sent = {name for name in MESSAGES if may_send(people, WorkflowType.MEMBERSHIP, name)}
    assert sent <= {form.message for form in FORMS.values()}


@pytest.mark.parametrize("key", FORMS)
def test_every_field_has_a_label(key):
    """A button, a sentence, and for each field what it is called and what may be chosen."""
    assert texts()["forms"][key]["button"]
    for one in fields_of(key):
        for leaf in one.all():
            assert leaf.path.rpartition(".")[2] in texts()["label"], leaf.path
            assert set(leaf.options) <= set(texts()["option"]), leaf.path
            assert (leaf.control is Control.GROUP) == bool(leaf.inner)


def test_a_form_says_what_it_says_and_who_is_logged_in():
    """What is empty is left out; who decides is nobody's to type."""
    approval = read_form("approve", {"branch": "OSLO", "reason": "", "caseworker": "x"}, "Ola")
    assert approval == {"decision": "approve", "branch": "OSLO", "caseworker": "Ola"}
    moved = read_form(
        "moved",
        {"applicant.address.line1": " Nygata 2 ", "applicant.address.city": "Oslo",
         "applicant.address.postcode": "0155", "information": "ringte"},
        "Ola",
    )  # fmt: skip
    assert moved == {
        "applicant": {"address": {"line1": "Nygata 2", "city": "Oslo", "postcode": "0155"}},
        "information": "ringte",
    }
    job = read_form("employer", {"effective_on": "2026-01-15", "position_percent": "62,5 %",
                                 "employer_orgnr": "974 760 673"}, "Ola")  # fmt: skip
    assert job["position_percent"] == "62.5"
    assert job["employer_orgnr"] == "974760673"


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        (
            "effective_on: is required; employer_orgnr: is not a valid organisation number (MOD11)",
            [
                Complaint("effective_on", "må fylles ut", known=True),
                Complaint(
                    "employer_orgnr",
                    "er ikke et gyldig organisasjonsnummer (9 siffer med riktig kontrollsiffer)",
                    known=True,
                ),
            ],
        ),
        (
            "received_on: lies before the membership began, 2026-11-22",
            [Complaint("", "er før medlemskapet begynte, 22.11.2026", known=True)],
        ),
        (
            "has resigned already, on 2026-11-22; the last day is 2026-12-31",
            [
                Complaint(
                    "", "Medlemmet meldte seg ut 22.11.2026; siste dag er 31.12.2026", known=True
                )
            ],
        ),
        ("something new", [Complaint("", "something new", known=False)]),
    ],
)
def test_what_is_wrong_stands_beside_its_field(reason, found):
    """In Norwegian where it is known, and otherwise as the membership said it."""
    assert complaints(reason, ["effective_on", "employer_orgnr"]) == found
