"""Whatever is sent is answered with what is wrong: no exception, and never the value itself."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

from schemas.membership.messages import MESSAGES
from schemas.secrecy.contracts import RunsToDelete
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Stage
from tests.builders import empty_record, moment
from tests.membership.decisions.garbage import FIELDS, KINDS, RIGHT, SECRET, WHOLES
from workflows.membership import intake
from workflows.shared.inbox import MAX_REASON, Unreadable, parsed

STARTED = RunsToDelete(workflow_id="membership-1", run_ids=("run-1",))

SENTENCE = re.compile(r"^(the message|[\w.?]+:|reason is required|and \d+ more) ?.+$")


def refusal(name: str, data: bytes) -> str:
    """Return what a sender is told; fail when the message is taken."""
    try:
        taken = parsed(MESSAGES[name], RawValue(Payload(data=data)))
    except Unreadable as refused:
        return str(refused)
    pytest.fail(f"{name} was taken as {taken!r}: {data[:200]!r}")


def check(answer: str) -> None:
    """Check that an answer can be read and tells nothing of what was sent."""
    assert answer
    assert len(answer) <= MAX_REASON
    for value in (SECRET, "86753", "867.5", "513648000", "9999", "0001-01", "2026-02-30", "22.11"):
        assert value not in answer
    assert "input should" not in answer.lower(), "pydantic's own words"
    assert answer.isprintable()
    if len(answer) < MAX_REASON:
        assert all(SENTENCE.match(sentence) for sentence in answer.split("; "))


def with_field(name: str, field: str, garbage: str) -> bytes:
    """Return a right message with one field's JSON replaced."""
    parts = [f'"{key}": {json.dumps(value)}' for key, value in RIGHT[name].items() if key != field]
    return ("{" + ", ".join([*parts, f'"{field}": {garbage}']) + "}").encode()


def test_the_tables_are_complete():
    """Every message and every field of it is thrown garbage at."""
    assert set(FIELDS) == set(RIGHT) == set(MESSAGES)
    for name, model in MESSAGES.items():
        assert set(FIELDS[name]) == set(model.model_fields)
        required = {field for field, info in model.model_fields.items() if info.is_required()}
        assert {field for field, (_, must) in FIELDS[name].items() if must} == required
        parsed(MESSAGES[name], RawValue(Payload(data=json.dumps(RIGHT[name]).encode())))


# Some two thousand ways to be wrong: a test for each message goes through all of its own.
@pytest.mark.parametrize("name", MESSAGES)
def test_garbage_in_a_field(name):
    """The field is named with what is wrong (invariant 5)."""
    for field, (kind, _) in FIELDS[name].items():
        for label, garbage in KINDS[kind].items():
            answer = refusal(name, with_field(name, field, garbage))
            check(answer)
            endless = len(garbage) > 4300 and garbage.isdecimal()
            named = "the message is not valid JSON" if endless else field
            assert answer.startswith(named), (field, label)


@pytest.mark.parametrize("name", MESSAGES)
def test_null_and_absence(name):
    """A required field can be neither null nor left out; any other can be both."""
    for field, (_, required) in FIELDS[name].items():
        null = with_field(name, field, "null")
        left_out = json.dumps({k: v for k, v in RIGHT[name].items() if k != field}).encode()
        if required:
            assert refusal(name, null).startswith(f"{field}: must be ")
            assert refusal(name, left_out) == f"{field}: is required"
        else:
            parsed(MESSAGES[name], RawValue(Payload(data=null)))
            parsed(MESSAGES[name], RawValue(Payload(data=left_out)))


@pytest.mark.parametrize("name", MESSAGES)
def test_garbage_instead_of_a_message(name):
    """What is no JSON object of this message is answered for each message alike."""
    for label, whole in WHOLES.items():
        answer = refusal(name, whole)
        if label == "nothing":
            assert answer.startswith("the message is empty; send JSON such as {")
        else:
            check(answer)


@pytest.mark.parametrize("name", MESSAGES)
def test_no_payload_at_all(name):
    """A signal without an argument is answered with an example."""
    with pytest.raises(Unreadable, match="the message is empty; send JSON such as"):
        parsed(MESSAGES[name], None)


def test_an_unknown_field_is_told():
    """The sender learns that nobody knows it; neither its name nor what it held is repeated."""
    answer = refusal("reserve_insurance", f'{{"mottatt": "{SECRET}"}}'.encode())
    assert answer == "received_on: is required; the message has a field that is not known"


@pytest.mark.parametrize("label", WHOLES)
def test_garbage_instead_of_an_application(label):
    """A start ends as invalid with its faults named, and is kept for the caseworker (contract)."""
    raw = RawValue(Payload(data=WHOLES[label]))
    kept = intake.read(raw, None, empty_record(), moment().at, STARTED)
    assert kept.application is None
    assert kept.letters == ()
    assert kept.faults
    assert len(kept.text) <= 4 * intake.MAX_TEXT
    assert kept.text.isascii()
    for fault in kept.faults:
        check(fault if "application is missing" not in fault else "the message is missing")


@pytest.mark.parametrize(
    ("raw", "argument_fault", "fault"),
    [
        (None, None, "the application is missing: the start takes exactly one JSON object"),
        (None, "takes exactly one JSON object; 2 arguments were given", "the start takes exactly"),
    ],
)
def test_a_start_with_the_wrong_number_of_arguments(raw, argument_fault, fault):
    """No argument and two arguments end as invalid too (contract)."""
    kept = intake.read(raw, argument_fault, empty_record(), moment().at, STARTED)
    assert kept.faults[0].startswith(fault)
    assert kept.application is None


def test_an_id_that_is_taken():
    """A start under a used id says so and disturbs nothing (contract)."""
    record = intake.taken(empty_record())
    assert record.stage is Stage.ENDED
    assert "start with a new one" in record.faults[0]


def outcome(name: str, data: bytes) -> Inbound | str:
    """Return the message that was sent, or what its sender is told."""
    try:
        message = parsed(MESSAGES[name], RawValue(Payload(data=data)))
    except Unreadable as refused:
        return str(refused)
    assert type(message) is MESSAGES[name]
    return message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(list(MESSAGES)), st.data())
def test_any_json_is_a_message_or_is_answered(name, data):
    """A message or a sentence: nothing else ever comes of what is sent (invariant 5)."""
    fields = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS[name], json_values)))
    sent = json.dumps(RIGHT[name] | fields).encode()
    assert outcome(name, sent)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(list(MESSAGES)), st.binary(max_size=60))
def test_any_bytes_are_answered(name, data):
    """Bytes that are no message never raise anything but the refusal."""
    assert outcome(name, data)
