"""Each field that crosses to Temporal and takes any text is declared: what it holds, and where.

``fields.tsv`` beside this file has a line for each. What it says of a field's places is compared
with the contracts, so that a name that begins to stand in a record, an answer or another activity's
input is seen as well as a new field.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import pytest

from schemas.secrecy.contracts import TELLING
from tests.secrecy.contracts import figures, open_fields
from workflows.shared.search_attributes import ATTRIBUTES

KEPT = ("record", "answer")
"""Where something stays for as long as a membership does, and is shown."""


class Declared(NamedTuple):
    """A line: ``holds`` is ``-`` of what can tell nobody's name and nobody's words."""

    field: str
    holds: str
    places: frozenset[str]
    why: str


def _read() -> dict[str, Declared]:
    with Path(__file__).with_name("fields.tsv").open(newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    found = {
        row[0]: Declared(row[0], row[1], frozenset(row[2].replace("-", "").split()), row[3])
        for row in rows
    }
    assert len(found) == len(rows), "a field stands there twice"
    assert [row[0] for row in rows] == sorted(found), "the lines are in order"
    return found


DECLARED = _read()
MET = open_fields()


def declared_as(field: str) -> Declared | None:
    """Return the line of a field; of one that is the same everywhere that with a star."""
    return DECLARED.get(field) or DECLARED.get("*." + field.partition(".")[2])


def test_every_field_that_takes_any_text_is_declared():
    """A new one fails here by its name, until somebody says what it may hold, and where."""
    missing = sorted(field for field in MET if declared_as(field) is None)
    missing += sorted(f"figures.{name}" for name in figures() if f"figures.{name}" not in DECLARED)
    assert missing == []


def test_every_line_is_of_a_field_that_there_is():
    """What is gone is not declared."""
    ends = {"*." + field.partition(".")[2] for field in MET}
    gone = DECLARED.keys() - MET.keys() - ends
    # Figures that SQL makes too: tests.secrecy.test_canaries looks at those of letters.
    assert [field for field in sorted(gone) if not field.startswith("figures.")] == []


@pytest.mark.parametrize("field", sorted(f for f, line in DECLARED.items() if line.holds != "-"))
def test_what_tells_of_somebody_stands_where_it_is_said_to(field):
    """No more places, and no fewer."""
    assert MET[field] == DECLARED[field].places


def test_no_record_and_no_answer_names_anybody():
    """But for an employer who has no number (A28)."""
    telling = {
        field: line.holds
        for field, line in DECLARED.items()
        if line.holds not in {"-", "employer"}
        and any(p in KEPT or p.endswith(":answer") for p in line.places)
    }
    assert telling == {}


def test_a_message_in_somebodys_own_words_lets_its_run_be_deleted():
    """Whoever sends a field that tells of somebody ends the run that received it (ADR 75)."""
    exempt = {"DecideDeduction.reason", "recruited_by"}
    telling = {
        field.partition(".")[2]
        for field, line in DECLARED.items()
        if "message" in line.places
        and line.holds != "employer"
        and field not in exempt
        and field.partition(".")[0] not in {"Address", "ApplicantCorrection", "GuardianConsent"}
    }
    # Of a correction they stand in `applicant`, of a guardian's word in `guardian_consent`.
    assert telling <= TELLING
    assert {"applicant", "guardian_consent"} <= TELLING


def test_search_attributes_hold_choices_dates_and_counts():
    """Temporal keeps them in the clear, and they are no text of anybody's."""
    assert {key.name for key in ATTRIBUTES} == {
        "MembershipStage", "MemberCategory", "AwaitingRoles", "WaitingSince", "ReviewDue",
        "RejectedMessages",
    }  # fmt: skip
