"""The application: what its fields take, what they make of it, and the way there and back."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.membership.application import Applicant, Application, Employment
from schemas.shared.faults import MAX_FAULTS, faults_of
from schemas.shared.vocabulary import Category, Language, PensionKind
from tests.builders import PEOPLE

CONTRACT_EXAMPLE = """
{"applicant": {"name": "Kari Nordmann", "birth_date": "1986-04-12", "national_id": null,
               "email": "kari@example.org", "phone": "+4791234567",
               "address": {"line1": "Storgata 1", "postcode": "0155", "city": "Oslo"},
               "language": "nb"},
 "category": "ordinary",
 "employment": {"employer_orgnr": "974760673", "employer_name": "Eksempel AS",
                "position": "Formann", "position_percent": "100"},
 "hidden": false,
 "insurance_reservation": false,
 "recruited_by": null,
 "additional_information": null,
 "newsletter": false,
 "consents": {"terms": true, "tell_recruiter": false}}
"""

SMALLEST: dict[str, Any] = {
    "applicant": {"name": "Ola", "birth_date": "1990-01-01", "email": "ola@example.org"},
    "category": "ordinary",
    "consents": {"terms": True},
}


def parse(form: dict[str, Any]) -> Application:
    """Return the application in what another system would send."""
    return Application.model_validate_json(json.dumps(form))


def faults(model: Any, values: dict[str, Any]) -> list[str]:
    """Return what is wrong with values; fail when nothing is."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(values))
    return faults_of(caught.value)


def test_the_contracts_example_is_an_application():
    """The JSON of the contract, letter by letter."""
    form = Application.model_validate_json(CONTRACT_EXAMPLE)
    assert form.applicant.name == "Kari Nordmann"
    assert form.applicant.birth_date == date(1986, 4, 12)
    assert form.category is Category.ORDINARY
    assert form.employment.position_percent == Decimal(100)
    assert form.consents.terms


def test_the_contracts_example_comes_back_as_it_was():
    """Dumped by alias, the example is the same JSON again, absent fields as null."""
    sent = json.loads(CONTRACT_EXAMPLE)
    back = json.loads(Application.model_validate_json(CONTRACT_EXAMPLE).model_dump_json())
    sent["applicant"]["address"] |= {"line2": None, "care_of": None, "country": "NO"}
    sent["consents"] |= {"guardian": None}
    assert back == sent | {"study": None, "apprenticeship": None, "pension": None}


def test_what_may_be_left_out_has_its_default():
    """Norwegian letters, not hidden, no reservation, no recruiter (S28), who is not told (A27)."""
    form = parse(SMALLEST)
    assert form.applicant.language is Language.NB
    assert form.employment is None
    assert (form.hidden, form.insurance_reservation, form.newsletter) == (False, False, False)
    assert form.recruited_by is None
    assert not form.consents.tell_recruiter


def test_each_part_of_the_form_has_its_place():
    """Person, enrolment, employer and hiding, recruiter, additional information (S27)."""
    form = parse(json.loads(CONTRACT_EXAMPLE))
    parts = ("applicant", "category", "employment", "hidden", "recruited_by")
    assert {*parts, "additional_information"} <= form.model_dump().keys()


@pytest.mark.parametrize("who", sorted(PEOPLE))
def test_every_kind_of_applicant_survives_the_journey(who):
    """Dump by alias, parse: equal. What a workflow stores, a later one reads."""
    form = PEOPLE[who]
    assert Application.model_validate_json(form.model_dump_json()) == form
    assert Application.model_validate_json(form.model_dump_json(by_alias=True)) == form


def test_a_pension_says_from_and_not_from_on():
    """The contract's word is ``from``, in and out; our own name for it is a fault."""
    form = parse(SMALLEST | {"pension": {"kind": "afp", "from": "2026-01-01"}})
    assert (form.pension.kind, form.pension.from_on) == (PensionKind.AFP, date(2026, 1, 1))
    dumped = json.loads(form.model_dump_json())
    assert dumped["pension"] == {"kind": "afp", "from": "2026-01-01"}
    wrong = SMALLEST | {"pension": {"kind": "afp", "from_on": "2026-01-01"}}
    assert faults(Application, wrong) == [
        "pension.from: is required",
        "pension.from_on: is not a known field",
    ]


def applicant(**changes: Any) -> dict[str, Any]:
    """Return the smallest applicant with fields replaced."""
    return {**SMALLEST["applicant"], **changes}


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        pytest.param("name", "  Kari  ", "Kari", id="trimmed"),
        pytest.param("name", "Kåre", "Kåre", id="NFC"),  # a + combining ring becomes å
        pytest.param("name", "Madonna", "Madonna", id="a-mononym"),
        pytest.param("name", "李小龍", "李小龍", id="another-script"),
        pytest.param("name", "X" * 200, "X" * 200, id="200-characters"),
        pytest.param("phone", "91234567", "+4791234567", id="a-Norwegian-number"),
        pytest.param("phone", "+47 912 34 567", "+4791234567", id="with-spaces"),
        pytest.param("phone", "0046 70 123 45 67", "+46701234567", id="another-country"),
        pytest.param("email", "Kari <kari@example.org>", "kari@example.org", id="with-a-name"),
        pytest.param("email", "kåre@example.org", "kåre@example.org", id="international"),
        pytest.param("national_id", "12848600006", "12848600006", id="eleven-digits"),
        pytest.param("language", "en", "en", id="English"),
        pytest.param("language", None, "nb", id="none-chosen"),
        pytest.param("birth_date", "1900-01-01", date(1900, 1, 1), id="the-earliest-date"),
        pytest.param("birth_date", "2200-12-31", date(2200, 12, 31), id="the-latest-date"),
    ],
)
def test_what_a_person_may_send(field, sent, kept):
    """Names are NFC and trimmed, phones E.164 (N5)."""
    found = Applicant.model_validate_json(json.dumps(applicant(**{field: sent})))
    assert getattr(found, field) == kept


@pytest.mark.parametrize(
    ("field", "sent", "fault"),
    [
        ("name", "", "must not be empty"),
        ("name", "   ", "must not be empty"),
        ("name", "X" * 201, "must be at most 200 characters"),
        ("name", "Kari\nBcc: x@example.org", "must stand on one line"),
        ("name", "Kari\rX", "must stand on one line"),
        ("name", "Kari\tX", "must stand on one line"),
        ("name", "Kari\u2028X", "must stand on one line"),
        ("name", "Kari\x00", "holds control characters"),
        ("name", "Kari\x85X", "holds control characters"),
        ("name", None, "must be text"),
        ("name", 5, "must be text"),
        ("birth_date", "12.04.1986", "must be a date, YYYY-MM-DD"),
        ("birth_date", "1986-02-30", "must be a date, YYYY-MM-DD"),
        ("birth_date", "19860412", "must be a date, YYYY-MM-DD"),
        ("birth_date", "1986-W15-6", "must be a date, YYYY-MM-DD"),
        ("birth_date", "1986-04-12T00:00:00Z", "must be a date, YYYY-MM-DD"),
        ("birth_date", "513648000", "must be a date, YYYY-MM-DD"),
        ("birth_date", 513648000, "must be a date, YYYY-MM-DD"),
        ("birth_date", "1899-12-31", "must be greater than or equal to 1900-01-01"),
        ("birth_date", "2201-01-01", "must be less than or equal to 2200-12-31"),
        ("national_id", "1284860000", "must match ^[0-9]{11}$"),
        ("national_id", "128486 0000", "must match ^[0-9]{11}$"),
        ("national_id", "12848600006\n", "must match ^[0-9]{11}$"),
        ("national_id", "١٢٨٤٨٦٠٠٠٠٦", "must match ^[0-9]{11}$"),
        ("national_id", 12848600006, "must be text"),
        ("email", "kari", "is not a valid e-mail address"),
        ("email", "kari@", "is not a valid e-mail address"),
        ("email", "kari@example", "is not a valid e-mail address"),
        ("email", "kari@@example.org", "is not a valid e-mail address"),
        ("email", "kari@example.org\nBcc: x@example.org", "is not a valid e-mail address"),
        ("email", "kari@example.org, ola@example.org", "is not a valid e-mail address"),
        ("phone", "ring meg", "is not a phone number; write it as +4791234567"),
        ("phone", "12", "is not a possible phone number; write it as +4791234567"),
        ("language", "da", "must be one of nb, nn, en"),
        ("address", "Storgata 1", "must be a JSON object"),
    ],
)
def test_what_a_person_may_not_send(field, sent, fault):
    """Each wrong field is named with what is wrong, and never with what was sent (R1)."""
    assert faults(Applicant, applicant(**{field: sent})) == [f"{field}: {fault}"]


@pytest.mark.parametrize(
    ("orgnr", "valid"),
    [
        ("974760673", True),
        ("974 760 673", True),
        ("974760674", False),  # the check digit is wrong
        ("97476067", False),
        ("9747606730", False),
        ("٩٧٤٧٦٠٦٧٣", False),
        ("abcdefghi", False),
        ("", False),
    ],
)
def test_organisation_numbers(orgnr, valid):
    """9 digits, MOD11 (N4)."""
    # 974760673: 9x3+7x2+4x7+7x6+6x5+0x4+6x3+7x2 = 173; 173 mod 11 = 8; 11 - 8 = 3.
    sent = {"employer_orgnr": orgnr}
    if valid:
        found = Employment.model_validate_json(json.dumps(sent))
        assert found.employer_orgnr == "974760673"
    else:
        assert len(faults(Employment, sent)) == 1


@pytest.mark.parametrize(
    ("sent", "percent"),
    [
        ('"100"', "100"),
        ("100", "100"),
        ("50.01", "50.01"),  # S5: not 50.00999…
        ('"50.01"', "50.01"),
        ('"50.001"', "50.001"),
        ("0", "0"),
    ],
)
def test_a_percentage_is_exact(sent, percent):
    """Text or number, it is read as a decimal: 50.01 is more than 50 (S5)."""
    found = Employment.model_validate_json(f'{{"position_percent": {sent}}}')
    assert found.position_percent == Decimal(percent)


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ("-1", "must be greater than or equal to 0"),
        ("100.001", "must be less than or equal to 100"),
        ('"50,5"', "must be a number"),
        ('"halv"', "must be a number"),
        ("NaN", "must be a number"),
        ('"Infinity"', "must be a number"),
        ("1e999", "must be a number"),
        ("true", "must be a number"),
        ("null", "must be a number"),
        ("50.1234", "has too many decimals"),
        ("50.12345", "has too many digits"),
    ],
)
def test_what_is_no_percentage(sent, fault):
    """0 to 100 with three decimals; anything else is named (A5)."""
    with pytest.raises(ValidationError) as caught:
        Employment.model_validate_json(f'{{"position_percent": {sent}}}')
    assert faults_of(caught.value) == [f"position_percent: {fault}"]


ABROAD = {"line1": "Storgatan 1", "postcode": "411 05", "city": "Göteborg", "country": "SE"}


def test_an_address_abroad():
    """Its postcode is written as it is there; care of and a second line are its own."""
    more = {"care_of": "Anna Svensson", "line2": "2 tr"}
    form = parse(SMALLEST | {"applicant": applicant(address=ABROAD | more)})
    assert form.applicant.address.model_dump() == ABROAD | more


def test_an_address_where_there_are_no_postcodes():
    """Hong Kong has none."""
    there = {"line1": "1 Queen's Road", "city": "Hong Kong", "country": "HK"}
    assert parse(SMALLEST | {"applicant": applicant(address=there)}).applicant.address.country


def test_an_address_is_norwegian_unless_it_says_so():
    """What was sent before there was a country is read as it was."""
    here = {"line1": "Storgata 1", "postcode": "0155", "city": "Oslo"}
    assert parse(SMALLEST | {"applicant": applicant(address=here)}).applicant.address.country == (
        "NO"
    )


def test_an_address_abroad_that_names_no_country():
    """A form without that field keeps nobody out; by post nobody would be reached."""
    there = {"line1": "Storgatan 1", "postcode": "411 05", "city": "Göteborg"}
    form = parse(SMALLEST | {"applicant": applicant(address=there)})
    assert form.applicant.address.country is None
    assert Application.model_validate_json(form.model_dump_json()) == form
    assert faults(Applicant, applicant(email=None, address=there)) == [
        "address.country is required, since letters go by post"
    ]


NORWEGIAN = "address: postcode must be four digits in Norway; name the country if abroad"
COUNTRY = "address.country: is no country; write it as two letters, such as SE"


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ({"country": "NO"}, NORWEGIAN),
        ({"country": "NO", "postcode": None}, NORWEGIAN),
        ({"country": "ZZ"}, COUNTRY),
        (
            {"country": None, "postcode": "0155"},
            "address: country must be named where the postcode doesn't say it is abroad",
        ),
        (
            {"country": "SE", "postcode": "4" * 21},
            "address.postcode: must be at most 20 characters",
        ),
    ],
)
def test_what_is_no_address(address, fault):
    """The country says how a postcode is written."""
    assert faults(Applicant, applicant(address=ABROAD | address)) == [fault]


def test_letters_by_post():
    """Without an e-mail address there is a postal one, or nobody could be written to."""
    by_post = applicant(email=None, address=ABROAD)
    assert parse(SMALLEST | {"applicant": by_post}).applicant.email is None
    for nowhere in (applicant(email=None), {k: v for k, v in applicant().items() if k != "email"}):
        assert faults(Application, SMALLEST | {"applicant": nowhere}) == [
            "applicant: email is required, or a postal address in its place"
        ]


def test_every_fault_is_named_at_once():
    """The sender mends everything in one go."""
    assert faults(Application, {}) == [
        "applicant: is required",
        "category: is required",
        "consents: is required",
    ]


def test_a_long_list_of_faults_is_cut_and_counted():
    """A reason must stay readable: 20 sentences and the number of the others."""
    found = faults(Application, SMALLEST | {f"unknown_{n}": n for n in range(100)})
    assert len(found) == MAX_FAULTS + 1
    assert found[-1] == "and 80 more faults"


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("sex", "has a field that is not known"),  # N7: never asked
        ("Kari Nordmann", "has a field that is not known"),
        ("12848600006", "has a field that is not known"),
        ("a\x00\nb" + "x" * 99, "has a field that is not known"),
        ("postCode", "has a field that is not known; did you mean postcode?"),
    ],
)
def test_an_unknown_fields_name_is_not_repeated(field, says):
    """It is the sender's own and may name somebody; what it may be meant for is ours."""
    assert faults(Applicant, applicant(**{field: 1})) == [f"the message {says}"]
    person = applicant(**{field: 1})
    assert faults(Application, SMALLEST | {"applicant": person}) == [f"applicant: {says}"]


texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1)


@settings(deadline=None, max_examples=100)
@given(texts.filter(lambda t: len(t) <= 60), texts.filter(lambda t: len(t) <= 60))
def test_any_name_survives_the_journey(name, school):
    """Unicode in, the same Unicode out: reading again what was written changes nothing."""
    study = {"school": school, "ends_on": "2028-06-15"}
    once = parse(SMALLEST | {"applicant": applicant(name=name), "study": study})
    assert Application.model_validate_json(once.model_dump_json()) == once


WORK = {"employer_orgnr": "312345676", "position_percent": "20"}


@pytest.mark.parametrize(("listed", "count"), [([WORK], 1), ([], 0), (None, 0)])
def test_employments_beside_the_first_are_read(listed, count):
    """As they come in JSON; null, which Temporal's own programs write for none, is none (A5)."""
    plain = {**json.loads(CONTRACT_EXAMPLE), "other_employments": listed}
    form = Application.model_validate_json(json.dumps(plain))
    assert [job.position_percent for job in form.other_employments] == [Decimal(20)] * count
