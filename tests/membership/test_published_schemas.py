"""The published schemas: true to the models, to the contract's examples, and to each other."""

import importlib
import json
import pkgutil
from datetime import date
from functools import cache
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import TypeAdapter, ValidationError
from typer.testing import CliRunner

import schemas as found
from schemas.membership.application import Application
from schemas.membership.messages import MESSAGES
from schemas.membership.published import URN, bundle
from schemas.membership.published import schemas as published
from schemas.membership.published_examples import EXAMPLE_APPLICATION
from schemas.shared.base import Inbound
from tests.builders import answered, member
from tests.commands import ROOT, run
from workers.cli import app
from workflows.membership.decisions.step import Refused

schemas = cache(published)
"""Made once: each takes a tenth of a second, and hundreds of values are held against one."""

MODELS: dict[str, type[Inbound]] = {
    "application": Application,
    **{str(name): model for name, model in MESSAGES.items()},
}
LEAST = {
    "applicant": {"name": "K", "birth_date": "1986-04-12", "email": "k@example.org"},
    "category": "ordinary",
    "consents": {"terms": True},
}
PAID = {"reference": "B-1", "amount_ore": 1, "paid_on": "2026-12-01"}
DECIDED = {"decision": "approve", "caseworker": "ola"}
STUDIES = {"category": "student", "effective_on": "2027-07-01"}
PENSION = {"kind": "afp", "from_on": "2027-03-01"}
LEAVE = {"from_on": "2027-02-01", "until_on": "2027-07-31", "caseworker": "ola"}
ARREARS = {"as_of": "2027-05-01", "owed_ore": 198000, "owed_months": 4}


def by_schema(name, value):
    """Whether the published schema takes a value, formats included."""
    return Draft202012Validator(schemas()[name], format_checker=FormatChecker()).is_valid(value)


def by_model(name, value):
    """Whether the service can read a value."""
    try:
        MODELS[name].model_validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True


def with_(base, path, value):
    """Return a copy of ``base`` with the field at ``a.b`` replaced."""
    copy = json.loads(json.dumps(base))
    *parents, last = path.split(".")
    place = copy
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    return copy


def without(base, field):
    """Return ``base`` without a field."""
    return {key: value for key, value in base.items() if key != field}


def all_nodes(value):
    """Yield every object inside a schema."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from all_nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from all_nodes(part)


@pytest.mark.parametrize("name", list(schemas()))
def test_each_is_a_schema_and_its_examples_are_valid(name):
    """What is published as an example must be a good one."""
    schema = schemas()[name]
    Draft202012Validator.check_schema(schema)
    assert schema["description"]
    for example in schema["examples"]:
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(example)


def test_the_contracts_examples_are_the_published_ones():
    """The Temporal UI, the documents and the schemas show the same examples."""
    file = json.loads((ROOT / "docs/examples/application.json").read_text(encoding="utf-8"))
    assert schemas()["application"]["examples"] == [file] == [EXAMPLE_APPLICATION]
    for name, message in MESSAGES.items():
        assert schemas()[name]["examples"] == [json.loads(message.card.example)]


@pytest.mark.parametrize("name", list(MODELS))
def test_what_enters_forbids_unknown_fields(name):
    """A misspelt field is noticed before anything is sent."""
    objects = [n for n in all_nodes(schemas()[name]) if n.get("type") == "object"]
    assert objects
    assert all(node["additionalProperties"] is False for node in objects)


@pytest.mark.parametrize("name", ["answer", "state", "explain", "forecast"])
def test_what_is_answered_may_gain_fields(name):
    """A reader that validates must not break when a field is added."""
    assert all("additionalProperties" not in node for node in all_nodes(schemas()[name]))


def all_that_enters():
    """Return each field that may be left out of what enters from outside, with its model."""
    for package in pkgutil.walk_packages(found.__path__, "schemas."):
        importlib.import_module(package.name)
    open_models, models = [Inbound], []
    while open_models:
        below = open_models.pop().__subclasses__()
        open_models += below
        models += below
    return [
        (model, name)
        for model in models
        for name, field in model.model_fields.items()
        if not field.is_required()
    ]


NULL_SAYS_NOTHING = {
    ("Application", "hidden"),  # whoever does not know must ask: the employer would be told
    ("Employment", "position_percent"),  # not known is not 100
    ("AuditOrder", "dry_run"),
}
"""What may be left out and is refused as null: a guess would cost somebody something."""


def test_null_is_a_field_left_out():
    """Temporal's own programs write an empty list as null: in no message is that a fault."""
    refused = set()
    for model, name in all_that_enters():
        field = model.model_fields[name]
        kind: Any = Annotated[field.annotation, field]
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        try:
            assert adapter.validate_json("null", strict=True) == field.default
        except ValidationError:
            refused.add((model.__name__, name))
    assert refused == NULL_SAYS_NOTHING


def test_an_application_with_every_null_there_can_be():
    """It is the one without those fields, by the schema and by the service."""
    nulls = dict.fromkeys(
        name
        for model, name in all_that_enters()
        if model is Application and (model.__name__, name) not in NULL_SAYS_NOTHING
    )
    nulled = with_(LEAST | nulls, "applicant.language", None)
    nulled["consents"] |= {"tell_recruiter": None, "guardian": None}
    assert by_schema("application", nulled)
    plain = Application.model_validate_json(json.dumps(LEAST))
    assert Application.model_validate_json(json.dumps(nulled)) == plain


def test_every_field_is_described():
    """A new field without words behind it fails here; they stand on one line, as Markdown."""
    for name, schema in schemas().items():
        for title, part in [(name, schema), *schema.get("$defs", {}).items()]:
            for field, about in part.get("properties", {}).items():
                says = about["description"]
                assert says.endswith("."), (title, field)
                assert "\n" not in says, (title, field)
                assert "``" not in says, (title, field)


def test_a_field_means_what_stands_behind_it():
    """Both where it refers to a model of its own and where it holds a value."""
    fields = schemas()["application"]["properties"]
    assert fields["applicant"]["description"] == "The person who applies."
    assert fields["category"]["description"].startswith("The kind of member applied for.")
    assert "gives `study`, an apprentice `apprenticeship`," in fields["category"]["description"]


def test_the_one_document_holds_every_schema_under_its_own_id():
    """A reference by `$id` resolves inside the one document."""
    document = bundle()
    Draft202012Validator.check_schema(document)
    for name, schema in document["$defs"].items():
        refers = {"$ref": f"{URN}:{name}", "$defs": {"contract": document}}
        assert Draft202012Validator(refers).is_valid(schema["examples"][0])
        assert not Draft202012Validator(refers).is_valid([])


ABROAD = {
    "care_of": "Anna Svensson",
    "line1": "Storgatan 1",
    "postcode": "411 05",
    "city": "Göteborg",
    "country": "SE",
}


IN_GOTHENBURG = {**ABROAD, "country": None}
"""As forms without a field for the country send it, and as it is read back."""


BY_POST = with_(EXAMPLE_APPLICATION, "applicant.email", None)

IN_HONG_KONG = {"line1": "1 Queen's Road", "city": "Hong Kong", "country": "HK"}
"""Where there are no postcodes."""


AGREED = [
    # application
    ("application", LEAST, True),
    ("application", EXAMPLE_APPLICATION, True),
    ("application", "hello", False),
    ("application", None, False),
    ("application", [LEAST], False),
    ("application", {}, False),
    *[("application", without(LEAST, field), False) for field in LEAST],
    ("application", with_(LEAST, "surprise", 1), False),
    ("application", with_(LEAST, "applicant.surprise", 1), False),
    ("application", with_(LEAST, "category", "boss"), False),
    ("application", with_(LEAST, "category", None), False),
    ("application", with_(LEAST, "hidden", "yes"), False),
    ("application", with_(LEAST, "hidden", 1), False),
    ("application", with_(LEAST, "hidden", None), False),
    ("application", with_(LEAST, "applicant.name", ""), False),
    ("application", with_(LEAST, "applicant.name", " "), False),
    ("application", with_(LEAST, "applicant.name", "a\nb"), False),
    ("application", with_(LEAST, "applicant.name", "a\u0000b"), False),
    ("application", with_(LEAST, "applicant.name", "x" * 201), False),
    ("application", with_(LEAST, "applicant.name", "Bjørk Ægir-Ødegård d'Él"), True),
    ("application", with_(LEAST, "applicant.birth_date", "1986-4-12"), False),
    ("application", with_(LEAST, "applicant.birth_date", "12.04.1986"), False),
    ("application", with_(LEAST, "applicant.birth_date", "1986-04-12T00:00:00Z"), False),
    ("application", with_(LEAST, "applicant.birth_date", "1986-02-30"), False),
    ("application", with_(LEAST, "applicant.birth_date", "1800-01-01"), False),
    ("application", with_(LEAST, "applicant.birth_date", 19860412), False),
    ("application", with_(LEAST, "applicant.national_id", "02013299997"), True),
    ("application", with_(LEAST, "applicant.national_id", 2013299997), False),
    ("application", with_(LEAST, "applicant.national_id", "0201329999"), False),
    ("application", with_(LEAST, "applicant.national_id", "٠٢٠١٣٢٩٩٩٩٧"), False),
    ("application", with_(LEAST, "applicant.email", "kari"), False),
    ("application", with_(LEAST, "applicant.email", None), False),
    ("application", with_(LEAST, "applicant.phone", "+4791234567"), True),
    ("application", with_(LEAST, "applicant.phone", "+46701234567"), True),
    ("application", with_(LEAST, "applicant.phone", "call me"), False),
    ("application", with_(LEAST, "applicant.phone", 91234567), False),
    ("application", with_(LEAST, "applicant.language", "en"), True),
    ("application", with_(LEAST, "applicant.language", "nn"), True),
    ("application", with_(LEAST, "applicant.language", "se"), False),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.postcode", "155"), False),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.postcode", None), False),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.postcode", "41105"), False),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.postcode", "NO-0155"), False),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.postcode", "411 05"), True),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.postcode", "SW1A 1AA"), True),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address", IN_GOTHENBURG), True),
    ("application", with_(BY_POST, "applicant.address", IN_GOTHENBURG), False),
    ("application", with_(BY_POST, "applicant.address.postcode", "411 05"), False),
    ("application", with_(BY_POST, "applicant.address", ABROAD), True),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.country", "NO"), True),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.country", "se"), False),
    # A Danish postcode has four digits as well.
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.country", None), False),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address", ABROAD), True),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address", IN_HONG_KONG), True),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.email", None), True),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.line2", None), True),
    ("application", with_(EXAMPLE_APPLICATION, "applicant.address.city", None), False),
    ("application", with_(LEAST, "employment", {}), True),
    ("application", with_(LEAST, "employment.employer_orgnr", "974760673"), True),
    ("application", with_(LEAST, "employment.employer_orgnr", "97476067"), False),
    ("application", with_(LEAST, "employment.employer_orgnr", 974760673), False),
    ("application", with_(LEAST, "employment.position_percent", "50.125"), True),
    ("application", with_(LEAST, "employment.position_percent", 50.5), True),
    ("application", with_(LEAST, "employment.position_percent", "100.000"), True),
    ("application", with_(LEAST, "employment.position_percent", "100.001"), False),
    ("application", with_(LEAST, "employment.position_percent", "50,5"), False),
    ("application", with_(LEAST, "employment.position_percent", 101), False),
    ("application", with_(LEAST, "employment.position_percent", -1), False),
    ("application", with_(LEAST, "employment.position_percent", None), False),
    ("application", with_(LEAST, "employment.position_percent", True), False),
    ("application", with_(LEAST, "additional_information", "a\nb"), True),
    ("application", with_(LEAST, "additional_information", "x" * 4001), False),
    ("application", with_(LEAST, "consents", {}), False),
    # messages
    ("decide_application", DECIDED, True),
    ("decide_application", with_(DECIDED, "decision", "aprove"), False),
    ("decide_application", with_(DECIDED, "decision", "reject"), False),
    ("decide_application", {**DECIDED, "decision": "reject", "reason": None}, False),
    ("decide_application", {**DECIDED, "decision": "reject", "reason": " "}, False),
    ("decide_application", {**DECIDED, "decision": "reject", "reason": "No"}, True),
    ("decide_application", {**DECIDED, "decision": "request_information"}, False),
    ("decide_application", without(DECIDED, "caseworker"), False),
    ("decide_application", without(DECIDED, "decision"), False),
    ("decide_application", with_(DECIDED, "branch", "x" * 21), False),
    ("decide_application", with_(DECIDED, "category", "student"), True),
    ("supply_information", {"information": "x"}, True),
    ("supply_information", {}, False),
    ("supply_information", {"information": "x", "applicant": {"name": "K"}}, True),
    ("supply_information", {"information": "x", "applicant": {"nam": "K"}}, False),
    ("withdraw_application", {}, True),
    ("withdraw_application", {"reason": None}, True),
    ("withdraw_application", {"reson": "x"}, False),
    ("record_insurance_notice", {"outcome": "delivered", "on": "2026-11-25"}, True),
    ("record_insurance_notice", {"outcome": "lost", "on": "2026-11-25"}, False),
    ("record_insurance_notice", {"outcome": "bounced"}, False),
    ("request_reservation_form", {}, True),
    ("request_reservation_form", {"received_on": "2026-12-01"}, False),
    ("reserve_insurance", {"received_on": "2026-12-01"}, True),
    ("reserve_insurance", {"received_on": None}, False),
    ("enroll_insurance", {"from_on": "2200-12-31"}, True),
    ("enroll_insurance", {"from_on": "2201-01-01"}, False),
    ("record_payment", PAID, True),
    *[("record_payment", without(PAID, field), False) for field in PAID],
    ("record_payment", with_(PAID, "amount_ore", 0), False),
    ("record_payment", with_(PAID, "amount_ore", "1"), False),
    ("record_payment", with_(PAID, "amount_ore", 1.5), False),
    ("record_payment", with_(PAID, "amount_ore", True), False),
    ("record_payment", with_(PAID, "amount_ore", 10**11 + 1), False),
    ("record_payment", with_(PAID, "kid", "1"), False),
    ("record_payment", with_(PAID, "kid", "1000123450000017"), True),
    ("answer_payroll_request", {"answer": "accepted", "first_period": "2027-01"}, True),
    ("answer_payroll_request", {"answer": "accepted", "first_period": "2027-13"}, False),
    ("answer_payroll_request", {"answer": "maybe"}, False),
    ("choose_payment", {"by": "avtalegiro"}, True),
    ("choose_payment", {"by": "efaktura"}, True),
    ("choose_payment", {"by": "cash"}, False),
    ("choose_payment", {}, False),
    ("request_erasure", {"requested_by": "dpo"}, True),
    ("request_erasure", {"requested_by": "dpo", "basis": None}, True),
    ("request_erasure", {"basis": "GDPR 17"}, False),
    ("change_employment", {"effective_on": "2027-02-01"}, False),
    ("change_employment", {"effective_on": "2027-02-01", "position_percent": None}, False),
    ("change_employment", {"effective_on": "2027-02-01", "position_percent": 0}, True),
    ("change_employment", {"effective_on": "2027-02-01", "position_percent": "100.5"}, False),
    ("change_employment", {"effective_on": "2027-02-01", "branch": "OSLO"}, True),
    ("change_employment", {"effective_on": "2027-02-01", "employer_name": "Fjord"}, True),
    ("change_employment", {"effective_on": "2027-02-01", "employer_orgnr": "31234567"}, False),
    ("change_employment", {"position_percent": 50}, False),
    ("change_category", {"category": "ordinary", "effective_on": "2027-07-01"}, True),
    ("change_category", {"category": "boss", "effective_on": "2027-07-01"}, False),
    ("change_category", {"category": "ordinary"}, False),
    ("change_category", {"effective_on": "2027-07-01"}, False),
    ("change_category", {**STUDIES, "ends_on": "2029-06-15"}, True),
    ("change_category", STUDIES, True),
    ("change_category", {**STUDIES, "evidence": " "}, False),
    ("report_pension", PENSION, True),
    *[("report_pension", without(PENSION, field), False) for field in PENSION],
    ("report_pension", {**PENSION, "kind": "AFP"}, False),
    ("report_pension", {**PENSION, "working_percent": "40"}, True),
    ("report_pension", {**PENSION, "working_percent": 40.5}, True),
    ("report_pension", {**PENSION, "working_percent": "140"}, False),
    ("report_pension", {**PENSION, "working_percent": -1}, False),
    ("set_hidden", {"hidden": True, "effective_on": "2027-01-15"}, True),
    ("set_hidden", {"hidden": "true", "effective_on": "2027-01-15"}, False),
    ("set_hidden", {"hidden": False, "effective_on": "2027-01-15", "consent": True}, True),
    ("set_hidden", {"hidden": True}, False),
    ("set_hidden", {"effective_on": "2027-01-15"}, False),
    ("grant_leave", LEAVE, True),
    *[("grant_leave", without(LEAVE, field), False) for field in LEAVE],
    ("grant_leave", {**LEAVE, "caseworker": ""}, False),
    ("withdraw_change", {"change": "resign", "effective_on": "2027-01-10"}, True),
    ("withdraw_change", {"change": "record_death", "effective_on": "2027-01-10"}, False),
    ("withdraw_change", {"change": "resign"}, False),
    ("withdraw_change", {"effective_on": "2027-01-10"}, False),
    ("resign", {"received_on": "2027-01-10"}, True),
    ("resign", {"received_on": "2027-01-10", "reason": "x"}, True),
    ("resign", {}, False),
    ("report_arrears", ARREARS, True),
    *[("report_arrears", without(ARREARS, field), False) for field in ARREARS],
    ("report_arrears", {**ARREARS, "owed_ore": 0}, False),
    ("report_arrears", {**ARREARS, "owed_months": -1}, False),
    ("report_arrears", {**ARREARS, "owed_months": 1201}, False),
    ("report_arrears", {**ARREARS, "owed_months": "4"}, False),
    ("record_death", {"died_on": "2027-01-10", "caseworker": "ola"}, True),
    ("record_death", {"died_on": "2027-01-10"}, False),
    ("record_death", {"caseworker": "ola"}, False),
    ("reprice", {"rulebook": "0f" * 32}, True),
    ("reprice", {"rulebook": "0F" * 32}, False),
    ("reprice", {"rulebook": "0f"}, False),
    ("reprice", {}, False),
]


@pytest.mark.parametrize(("name", "value", "good"), AGREED)
def test_schema_and_service_agree(name, value, good):
    """Who validates by the schema is not surprised by the service."""
    assert (by_schema(name, value), by_model(name, value)) == (good, good)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("application", with_(LEAST, "applicant.name", " Kari ")),
        ("application", with_(LEAST, "applicant.phone", "912 34 567")),
        ("application", with_(LEAST, "employment.employer_orgnr", "974 760 673")),
        ("application", with_(LEAST, "employment.position_percent", "5e1")),
    ],
)
def test_the_service_reads_other_spellings_too(name, value):
    """The schema asks for the canonical form; the service is kinder."""
    assert (by_schema(name, value), by_model(name, value)) == (False, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("application", with_(LEAST, "employment.employer_orgnr", "974760674")),
        ("application", with_(LEAST, "employment.position_percent", 50.0001)),
        ("application", with_(LEAST, "applicant.phone", "+47123456")),
        ("record_payment", with_(PAID, "amount_ore", 1.0)),
        ("grant_leave", {**LEAVE, "until_on": "2027-01-31"}),
    ],
)
def test_a_few_rules_no_schema_can_state(name, value):
    """Check digits, decimals, numbering plans and the order of dates stand in the descriptions."""
    assert (by_schema(name, value), by_model(name, value)) == (True, False)


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"category": "student"}, False),
        ({"category": "student", "study": None}, False),
        ({"category": "student", "study": {"school": "UiO", "ends_on": "2099-06-30"}}, True),
        ({"study": {"school": "UiO", "ends_on": "2099-06-30"}}, False),
        ({"category": "apprentice", "apprenticeship": {"ends_on": "2099-06-30"}}, True),
        ({"category": "apprentice"}, False),
        ({"category": "early_pensioner"}, False),
        (
            {
                "category": "early_pensioner",
                "pension": {"kind": "disability", "from": "2020-01-01"},
            },
            True,
        ),
        ({"pension": {"kind": "disability", "from": "2020-01-01"}}, False),
        ({"study": None, "pension": None}, True),
        ({"consents": {"terms": False}}, False),
    ],
)
async def test_schema_and_intake_agree_on_what_goes_together(cli, changes, good):
    """Rules between fields are judged by the membership itself, and by the schema alike."""
    value = {**LEAST, **changes}
    assert by_schema("application", value) is good
    ran = await cli("apply", "-", "--wait", "--json", stdin=json.dumps(value))
    assert (ran.code, ran.json["faults"] == []) == ((0, True) if good else (1, False))


UNTOLD = {"hidden": False, "effective_on": "2027-01-15"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("set_hidden", UNTOLD),
        ("set_hidden", {**UNTOLD, "consent": False}),
        ("set_hidden", {**UNTOLD, "consent": None}),
        ("change_category", {**STUDIES, "category": "ordinary", "ends_on": "2029-06-15"}),
    ],
)
def test_schema_and_decision_agree_on_what_goes_together(name, value):
    """What can be read but is refused whatever the membership is: the schema refuses it too."""
    assert (by_schema(name, value), by_model(name, value)) == (False, True)
    message = MODELS[name].model_validate_json(json.dumps(value))
    day = date(2027, 1, 10)
    with pytest.raises(Refused, match=r"^(consent|ends_on): "):
        answered(member(), message, day)


def test_the_command_prints_one_document():
    """`medlemsflyt schema` prints everything, and --json the same on one line."""
    assert run("schema").json == run("schema", "--json").json == bundle()
    assert run("schema", "--json").out.count("\n") == 1


def test_the_command_prints_one_schema_by_name():
    """A name prints that schema alone; a wrong one is answered with those there are."""
    assert run("schema", "decide_application").json == schemas()["decide_application"]
    wrong = run("schema", "decide")
    assert wrong.code == 2
    assert all(name in wrong.err for name in schemas())


def test_the_command_writes_one_file_each(tmp_path):
    """The folder is made when missing, and each file stands on its own."""
    ran = run("schema", "--out", str(tmp_path / "new" / "schemas"), "--json")
    files = {path.stem: path for path in (tmp_path / "new" / "schemas").glob("*.json")}
    assert sorted(ran.json["files"]) == sorted(str(path) for path in files.values())
    assert {name: json.loads(path.read_text()) for name, path in files.items()} == schemas()
    one = run("schema", "state", "--out", str(tmp_path))
    assert one.out == f"{tmp_path / 'state.json'}\n"
    (tmp_path / "file").touch()
    assert "can't be written to" in run("schema", "--out", str(tmp_path / "file")).err


def test_names_complete_in_the_shell():
    """The shell offers the names that begin as typed."""
    environ = {
        "_MEDLEMSFLYT_COMPLETE": "complete_bash",
        "COMP_WORDS": "medlemsflyt schema rec",
        "COMP_CWORD": "2",
    }
    offered = CliRunner().invoke(app, [], env=environ, prog_name="medlemsflyt").stdout.split()
    assert offered == ["record_insurance_notice", "record_payment", "record_death"]
