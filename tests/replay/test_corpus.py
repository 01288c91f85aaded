"""The corpus is complete, says what it covers, and names nobody and no machine."""

import inspect
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from activities.declarations.deduction import DeductionActivities, ListDeliveryActivities
from activities.declarations.letters import NotificationActivities
from activities.declarations.membership import PersistenceActivities
from schemas.deduction.contracts import LOOK, DecideDeduction
from schemas.membership.messages import MESSAGES
from schemas.shared.vocabulary import Event
from tests.replay.contents import (
    activities,
    answered,
    events,
    given,
    passed,
    payloads,
    refused_updates,
    said,
    signals,
    updates,
    workflow_type,
)
from tests.replay.corpus import CORPUS, HISTORIES, RECORDED, history_of
from workers.demo.settled import rings_at_once
from workflows.membership.deadlines import DEADLINES
from workflows.membership.decisions.dispatch import AFTER

README = Path(__file__).with_name("README.md")

LIVES = [path for path in CORPUS if workflow_type(path) == "Membership"]
LISTS = [path for path in CORPUS if workflow_type(path) == "DeductionSettlement"]


def in_any(paths, found):
    """Return all that a reader finds in any of some histories."""
    return set().union(*map(found, paths))


def test_the_table_names_every_history_and_no_other():
    """What is recorded is explained, with the number of its runs."""
    rows = re.findall(r"^\| `(\w+)` \| (\d) \| (.+) \|$", README.read_text("utf-8"), re.MULTILINE)
    recorded = Counter(re.sub(r"-\d$", "", path.stem) for path in CORPUS)
    assert {name: int(runs) for name, runs, _ in rows} == recorded
    assert len(rows) == len(recorded), "one row each"


def test_every_message_was_sent_in_both_ways():
    """Each message of the contract came as a signal, and as an update that was let in."""
    assert in_any(LIVES, signals) >= set(MESSAGES)
    assert in_any(LIVES, updates) == set(MESSAGES)
    assert in_any(LIVES, signals) - set(MESSAGES) == {"nobody_knows_this"}
    assert sum(map(refused_updates, LIVES)) > 0, "let in, and refused"


def test_every_message_was_applied():
    """Each was an update that a decision records as applied, so none was only ever refused."""
    applied = {
        decision["applies"]["name"]
        for path in LIVES
        for decision in given(path, "record_decision")
        if decision.get("applies")
    }
    assert applied == set(MESSAGES)


def test_every_deadline_has_passed():
    """For each name a timer rang in some life; so it did when no deadline could be told."""
    assert in_any(LIVES, passed) >= {*AFTER, DEADLINES}


NOT_DECIDED = {
    Event.APPLICATION_RECEIVED,  # kept by an activity of its own
    Event.MEMBERSHIP_IMPORTED,  # its rows are written before its workflow begins
    Event.PAYROLL_REQUESTED,  # no decision has this event: it comes with the approval
}


def test_every_event_was_decided():
    """Whatever a membership can decide, it has decided in some history."""
    decided = {d["event"] for path in LIVES for d in given(path, "record_decision")}
    assert decided == set(Event) - NOT_DECIDED


def test_decisions_were_sent_back_and_made_again():
    """For money that goes elsewhere, a newer rulebook, a duplicate, and what the books deny."""
    receipts = [r for path in LIVES for r in answered(path, "record_decision")]
    assert any((r.get("payment") or {}).get("otherwise") for r in receipts)
    assert any((r.get("payment") or {}).get("allocated") is False for r in receipts), "in suspense"
    for field in ("rulebook", "duplicate_of", "refused"):
        assert any(r.get(field) for r in receipts), field


@pytest.mark.parametrize("name", ["one_trip", "one_trip_by_update"])
def test_a_payment_took_one_trip_wherever_it_went(name):
    """One activity each: on the first invoice, which starts payroll (A20), another, in suspense."""
    path = HISTORIES / f"{name}.json"
    asked = [d["payment"] for d in given(path, "record_decision") if d.get("payment")]
    told = [r["payment"] for r in answered(path, "record_decision") if r.get("payment")]
    assert len({payment["reference"] for payment in asked}) == len(asked) == len(told) == 3
    assert {receipt["went_to"] for receipt in told} == {"first_invoice", "invoice", "suspense"}
    assert {receipt["reason"] for receipt in told} >= {"kid", "oldest"}
    (settles,) = (
        payment["outcomes"]["first_invoice"]
        for payment, receipt in zip(asked, told, strict=True)
        if receipt["went_to"] == "first_invoice"
    )
    assert settles["rules"] == ["P3", "A20"]


@pytest.mark.parametrize(
    ("paths", "declared"),
    [
        (LIVES, [PersistenceActivities, NotificationActivities]),
        (LISTS, [ListDeliveryActivities, DeductionActivities]),
    ],
    ids=["Membership", "DeductionSettlement"],
)
def test_every_activity_was_asked_for(paths, declared):
    """All that a workflow can ask of the queues stands in a history."""
    names = {
        name
        for cls in declared
        for name, member in inspect.getmembers(cls)
        if hasattr(member, "__temporal_activity_definition")
    }
    assert in_any(paths, activities) >= names - OF_OTHERS


OF_OTHERS = {"make_deduction_lists", "start_settlements", "take_deduction_report"}
"""Declared beside a settlement's own, and asked for by the runs that come before."""


def test_a_settlement_heard_every_signal_and_decision():
    """Look, decide as a signal and as an update, refused ones and an unknown name."""
    assert in_any(LISTS, signals) == {LOOK, DecideDeduction.card.name, "nobody_knows_this"}
    assert in_any(LISTS, updates) == {DecideDeduction.card.name}
    assert sum(map(refused_updates, LISTS)) > 0


def test_every_patch_stands_in_a_history():
    """A branch that older code did not take is guarded on its new side as well."""
    patches = {
        re.sub(r"-\d+$", "", text)
        for path in LIVES
        for kind, event in events(path)
        if kind == "MARKER_RECORDED"
        for text in re.findall(r'"id":"([^"]+)"', " ".join(payloads(event)))
    }
    assert patches == {
        "hidden-before-approval",
        "texts",
        "lingers",
        "death-confirmed",
        "asks-about-work",
    }


def test_runs_go_on_from_one_another():
    """After the onboarding, after a year, for a newer build; to a third run as well."""
    later = [path for path in CORPUS if re.search(r"-[2-9]$", path.stem)]
    assert all(said(events(path)[0][1])["continuedExecutionRunId"] for path in later)
    assert {workflow_type(path) for path in later} == {"Membership", "DeductionSettlement"}
    assert any(path.stem.endswith("-3") for path in later)
    assert "the" in in_any(LIVES, passed), "the run is a year old"


def test_a_moment_that_has_passed_is_waited_for():
    """Between a timer of no time and its ring a server has nothing to do: it is no rest yet."""
    events = history_of(HISTORIES / "hides-2.json").events
    resting = [not rings_at_once(events[:length]) for length in range(len(events) + 1)]
    assert [length for length, rests in enumerate(resting) if not rests] == [25]


def test_every_recorded_workflow_is_replayed():
    """The replayer knows each type, and each of its types is recorded."""
    assert {workflow_type(path) for path in CORPUS} == {cls.__name__ for cls in RECORDED}


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_history_names_nobody_and_no_machine(path):
    """Only test persons, whose numbers are synthetic (month + 80); no host, no path, no trace."""
    text = path.read_text("utf-8")
    assert set(re.findall(r'"identity": "([^"]*)"', text)) <= {"1@worker", "15165@vm", "12534@vm"}
    assert "stackTrace" not in text
    said = "\n".join(payloads(json.loads(text)))
    assert re.findall(r"/(?:root|home|tmp|usr)\b", said) == []
    assert set(re.findall(r"[\w.+-]+@([\w.-]+)", said)) <= {"example.org"}
    assert all("8" <= number[2] <= "9" for number in re.findall(r'"national_id":"(\d+)"', said))
    names = re.findall(r'"applicant":\{[^{}]*(?:\{[^{}]*\})?[^{}]*"name":"([^"]*)"', said)
    assert all(re.fullmatch(r"Kari [0-9a-f]{8}", name) for name in names)
