"""Texts that hide what they say are refused when they come in, and read back where they stand."""

import pytest

from schemas.membership.messages import MESSAGES
from schemas.shared.texts import INVISIBLE, NONCHARACTERS, TURNING, fault_of, faults_in_texts, seen
from tests.builders import application, received
from workflows.membership.record import MembershipRecord

FAULTS = {
    "U+FFFE": ("Kari\ufffe", NONCHARACTERS),
    "U+FFFF": ("\uffffKari", NONCHARACTERS),
    "a noncharacter of another plane": ("Kari\U0001fffe", NONCHARACTERS),
    "a noncharacter within Arabic": ("Kari\ufdd0", NONCHARACTERS),
    "right-to-left override": ("Kari \u202egnusnaH", TURNING),
    "an isolate": ("Kari \u2067x\u2069", TURNING),
    "a right-to-left mark": ("Kari\u200f", TURNING),
    "a left-to-right mark": ("Kari\u200e", TURNING),
    "an Arabic letter mark": ("Kari\u061c", TURNING),
    "zero width space": ("\u200b", INVISIBLE),
    "a byte order mark and a joiner": ("\ufeff\u200d \u2060", INVISIBLE),
    "a Hangul filler": ("\u3164 \uffa0", INVISIBLE),
    "marks on nothing": ("\u0301\u0308", INVISIBLE),
    "an empty braille": ("\u2800", INVISIBLE),
}

TAKEN = (
    "Kari Nordmann",
    "Åse-Ødegård d’Arc",
    "李小龙",
    "محمد",
    "نی\u200cکی",  # Persian is written with it
    "क\u094d\u200dष",
    "O\u0308zdemir",
    "\ufeffLars Lie",
    "👩\u200d🚒",
)


@pytest.mark.parametrize("case", FAULTS)
def test_a_text_that_hides_what_it_says(case):
    """No character at all, turned around, or nothing to be seen."""
    text, fault = FAULTS[case]
    assert fault_of(text) == fault


@pytest.mark.parametrize("text", TAKEN)
def test_a_text_of_any_script(text):
    """What can't be seen within a text is harmless, and some scripts need it."""
    assert fault_of(text) is None


def test_what_can_be_seen_of_a_name():
    """Names that look the same are the same."""
    assert seen("\ufeffLa\u200brs\u00ad Lie\u3164") == "Lars Lie"
    plain = "".join(map(chr, range(128)))
    assert seen(plain) == plain == seen(f"{plain}\u3164")


def test_each_field_is_named():
    """By its name in the contract, and nothing of what stood in it."""
    form = application()
    applicant = form.applicant.model_copy(update={"name": "\u202eKari"})
    hostile = form.model_copy(update={"applicant": applicant, "additional_information": "\u200b"})
    assert faults_in_texts(hostile) == [
        f"applicant.name: {TURNING}",
        f"additional_information: {INVISIBLE}",
    ]
    assert faults_in_texts(form) == []


def test_what_was_taken_before_is_read_back():
    """A record carried on from a run of old, and a message in its history, are what they were."""
    record, form = received(), application()
    applicant = form.applicant.model_copy(update={"name": "Kari \u202egnusnaH\ufffe"})
    old = form.model_copy(update={"applicant": applicant}).model_dump(mode="json")
    written = record.model_dump(mode="json") | {"application": old}
    assert MembershipRecord.model_validate(written) == record
    said = '{"received_on": "2026-11-22", "reason": "\u202e"}'
    resigned = MESSAGES["resign"].model_validate_json(said)
    assert resigned.model_dump()["reason"] == "\u202e"
