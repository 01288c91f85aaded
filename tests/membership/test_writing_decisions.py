"""Writing decisions: once, whole, and with the identities that persistence allots."""

import asyncio
from datetime import timedelta

import pytest

from activities.membership import decisions as implementation
from activities.shared.errors import (
    DatabaseRefused,
    DecisionConflict,
    InvoiceLineConflict,
    MembershipUnknown,
)
from activities.shared.hashes import content_hash
from schemas.access.update_ids import bound_to
from schemas.membership.decision import Applied
from schemas.membership.form import Form
from schemas.membership.messages import Answer
from schemas.membership.notices import Employer
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Event,
    LineKind,
    Payer,
    Stage,
    Template,
)
from tests.kids import is_valid_kid
from tests.membership.making import (
    JANUARY,
    KARI,
    KARIS_ID,
    NOVEMBER,
    OLA,
    OTHER_ID,
    TODAY,
    application,
    approval,
    decision,
    intake,
    letter,
    make_member,
    order,
    standing,
    supplied,
    term,
)

TABLES = ("memberships", "members", "decisions", "terms", "invoices", "charges", "letters")


async def rows(pool):
    """Everything a decision writes, to compare before and after."""
    return {name: await pool.fetch(f"SELECT * FROM {name} ORDER BY 1, 2") for name in TABLES}


async def current_terms(pool):
    """The terms in force: kind, øre, payer, from, to."""
    found = await pool.fetch(
        "SELECT * FROM terms WHERE superseded_by IS NULL ORDER BY kind, lower(valid)"
    )
    return [
        (t["kind"], t["amount_ore"], t["payer"], t["valid"].lower, t["valid"].upper) for t in found
    ]


async def test_approval_makes_a_member(persistence, pool):
    """An approval allots number and KID, and writes standing, terms, invoice and letters."""
    receipt = await make_member(persistence)
    assert receipt.recorded
    assert receipt.member_number == "00000001"
    assert receipt.invoice.number == "00000001-1"
    # Type 1, member 00000001, serial 000001, check digit.
    assert receipt.invoice.kid[:15] == "100000001000001"
    assert is_valid_kid(receipt.invoice.kid)
    written = await rows(pool)
    [membership] = written["memberships"]
    assert (membership["stage"], membership["member_since"]) == ("onboarding", TODAY)
    assert await current_terms(pool) == [("central_dues", 49500, "direct", NOVEMBER, None)]
    [invoice] = written["invoices"]
    assert (invoice["serial"], invoice["total_ore"], invoice["currency"]) == (1, 49500, "NOK")
    assert [row["key"] for row in written["letters"]] == [
        "0001-application_received",
        "0002-payroll_start",
        "0002-welcome",
    ]
    assert len(written["members"]) == 1


async def test_who_deducts_in_place_of_the_employer_stands_in_the_row(persistence, pool):
    """NAV while it does, nobody afterwards: the gate of letters goes by it (A36)."""
    await make_member(persistence)
    for number, deductor in ((3, "889640782"), (4, None)):
        now = standing(deductor_orgnr=deductor)
        await persistence.record_decision(decision(number, standing=now))
        found = await pool.fetchval("SELECT deductor_orgnr FROM memberships")
        assert found == deductor


async def test_recording_again_answers_the_same_and_adds_nothing(persistence, pool):
    """A retry of an approval is answered with the number and KID of the first attempt."""
    first = await make_member(persistence)
    before = await rows(pool)
    assert await persistence.record_decision(approval()) == first
    assert await rows(pool) == before


async def test_retry_is_answered_even_when_later_decisions_stand(persistence):
    """A zombie attempt that arrives after the next decision still gets its own receipt."""
    first = await make_member(persistence)
    await persistence.record_decision(decision(3))
    assert await persistence.record_decision(approval()) == first


def applies(update_id, name="record_payment", says="it was recorded"):
    """What an update asks for, and is answered."""
    answer = Answer(applied=True, stage="active", says=says)
    return Applied(update_id=update_id, name=name, answer=answer)


async def test_an_update_id_counts_once_for_a_life(persistence, pool):
    """150 updates later the first one is answered as it was then, and nothing is recorded."""
    await make_member(persistence)
    first = applies("u-0", "resign", "the membership ends")
    for n in range(150):
        asked = first if n == 0 else applies(f"u-{n}")
        assert (await persistence.record_decision(decision(3 + n, applies=asked))).recorded
    before = await rows(pool)
    receipt = await persistence.record_decision(decision(153, applies=applies("u-0", "reprice")))
    assert (receipt.repeats, receipt.recorded) == (first, False)
    assert await rows(pool) == before
    # Through the gateway an id says whose it is; what was chosen counts once all the same.
    theirs = applies(bound_to("g_0%", "kari", "resign", "0" * 16), "resign")
    assert (await persistence.record_decision(decision(153, applies=theirs))).recorded
    for taken in ("g_0%", bound_to("g_0%", "ola", "reprice", "f" * 16)):
        receipt = await persistence.record_decision(decision(154, applies=applies(taken)))
        assert (receipt.repeats, receipt.recorded) == (theirs, False)
    past = applies(bound_to("u-0", "kari", "resign", "0" * 16), "resign")
    assert (await persistence.record_decision(decision(154, applies=past))).repeats == first
    # One that only begins like it is another.
    longer = applies(bound_to("g_0%~1", "kari", "resign", "0" * 16), "resign")
    assert (await persistence.record_decision(decision(154, applies=longer))).recorded
    # A retry of the first is a retry, and answered as one.
    assert (await persistence.record_decision(decision(3, applies=first))).recorded


async def test_an_update_id_is_one_membership_s(persistence):
    """Two senders who number their updates from 1 don't disturb each other."""
    for membership_id, national_id in ((KARI, KARIS_ID), (OLA, OTHER_ID)):
        await make_member(persistence, membership_id, national_id=national_id)
        receipt = await persistence.record_decision(
            decision(3, membership_id, applies=applies("u-1"))
        )
        assert receipt.recorded


async def test_what_an_older_worker_recorded_is_known_without_its_update(persistence):
    """An attempt that went to a worker of before, and is made again by this one, is the same."""
    await make_member(persistence)
    first = await persistence.record_decision(decision(3))
    assert await persistence.record_decision(decision(3, applies=applies("u-1"))) == first


async def test_attempts_at_once_record_one_decision(persistence, pool):
    """Attempts that run side by side wait for each other: one writes, all get its receipt."""
    await persistence.receive_application(intake())
    receipts = await asyncio.gather(*(persistence.record_decision(approval()) for _ in range(6)))
    assert all(receipt == receipts[0] for receipt in receipts)
    written = await rows(pool)
    assert [len(written[name]) for name in ("decisions", "terms", "invoices")] == [2, 1, 1]


async def test_attempt_cut_off_before_the_end_leaves_nothing(persistence, pool, monkeypatch):
    """A worker that dies in the middle leaves no half decision; the retry writes all of it."""
    await persistence.receive_application(intake())
    before = await rows(pool)
    write = implementation._write

    async def write_and_die(*arguments):
        await write(*arguments)
        raise asyncio.CancelledError

    monkeypatch.setattr(implementation, "_write", write_and_die)
    with pytest.raises(asyncio.CancelledError):
        await persistence.record_decision(approval())
    assert await rows(pool) == before
    monkeypatch.undo()
    assert (await persistence.record_decision(approval())).recorded


async def test_what_an_older_version_recorded_is_recognised(persistence):
    """A decision recorded before letters knew employers is no conflict when it is retried."""
    start = letter("0002-payroll_start", Template.PAYROLL_START, Audience.EMPLOYER)
    terms = [{"kind": "central_dues", "amount_ore": 49500}]
    decided = approval(letters=(start.model_copy(update={"figures": {"terms": terms}}),))
    # Both computed by the version before, from the same content.
    assert (content_hash(intake()), content_hash(decided)) == (
        "ca72c97a7fdcbcd91d81c1d935701a9acf380f0876e424986cb7a893d4f82201",
        "ab71bcaf9fd01431b94f65542e84f16ef338e104c3572886434284c464eac790",
    )
    await persistence.receive_application(intake())
    first = await persistence.record_decision(decided)
    assert await persistence.record_decision(decided) == first


@pytest.mark.parametrize(
    "change",
    [{"forwarded": True}, {"employer": Employer(orgnr="312345676")}],
    ids=["forwarded", "employer"],
)
async def test_another_way_of_a_letter_is_another_decision(persistence, change):
    """Who a letter goes to is content: it can't change under a recorded number."""
    await make_member(persistence)
    stop = letter("0003-payroll_stop", Template.PAYROLL_STOP, Audience.EMPLOYER)
    await persistence.record_decision(decision(3, letters=(stop,)))
    with pytest.raises(DecisionConflict):
        await persistence.record_decision(decision(3, letters=(stop.model_copy(update=change),)))


async def test_letters_keep_their_order_their_employer_and_their_way(persistence, pool):
    """STOP to the old employer before START to the new one, who the person row names by then."""
    await make_member(persistence)
    old = Employer(orgnr="974760673", name="Eksempel AS")
    stop = letter("0003-payroll_stop", Template.PAYROLL_STOP, Audience.EMPLOYER)
    start = letter("0003-payroll_start", Template.PAYROLL_START, Audience.EMPLOYER)
    moved = {"employer_orgnr": "312345676", "employer_name": "Fjord Drift AS"}
    await persistence.record_decision(
        decision(
            3,
            form=Form.of(application(employment=moved)),
            letters=(
                stop.model_copy(update={"employer": old, "forwarded": True}),
                start,
                letter("0003-dues_changed", Template.DUES_CHANGED),
            ),
        )
    )
    found = await pool.fetch(
        "SELECT place, template, employer_orgnr, employer_name, forwarded FROM letters"
        " WHERE decision = 3 ORDER BY place"
    )
    assert [tuple(row) for row in found] == [
        (1, "payroll_stop", "974760673", "Eksempel AS", True),
        (2, "payroll_start", "312345676", "Fjord Drift AS", False),
        (3, "dues_changed", None, None, False),
    ]


async def test_other_decision_under_a_taken_number_is_a_conflict(persistence, pool):
    """The log never changes its mind about what decision 2 was."""
    await make_member(persistence)
    before = await rows(pool)
    with pytest.raises(DecisionConflict):
        await persistence.record_decision(approval(reason="something else"))
    assert await rows(pool) == before


async def test_decision_that_skips_a_number_is_a_conflict(persistence):
    """The log has no holes: a number that does not follow the last one is refused."""
    await make_member(persistence)
    with pytest.raises(DecisionConflict, match="does not follow"):
        await persistence.record_decision(decision(4))


async def test_decision_about_nobody_is_refused(persistence):
    """A decision needs an application that was received."""
    with pytest.raises(MembershipUnknown):
        await persistence.record_decision(decision())


async def test_outdated_rulebook_records_nothing_and_hands_over_the_current_one(persistence, pool):
    """A decision computed with rates that have changed is not recorded; with the new ones it is."""
    receipt = await persistence.receive_application(intake())
    old = receipt.rulebook.version
    await pool.execute("INSERT INTO branch_dues VALUES ('OSLO', $1, 6000, false)", JANUARY)
    before = await rows(pool)
    answer = await persistence.record_decision(approval(rulebook_version=old))
    assert not answer.recorded
    assert answer.rulebook.version != old
    assert answer.rulebook.branch("OSLO").rates[-1].local_ore == 6000
    assert await rows(pool) == before
    again = approval(rulebook_version=answer.rulebook.version)
    assert (await persistence.record_decision(again)).recorded


async def test_recorded_decision_stays_recorded_when_the_rulebook_changes(persistence, pool):
    """A retry is answered from the log before anybody asks how old its rulebook is."""
    receipt = await persistence.receive_application(intake())
    decided = approval(rulebook_version=receipt.rulebook.version)
    first = await persistence.record_decision(decided)
    await pool.execute("UPDATE premium_rates SET premium_ore = 21000")
    assert await persistence.record_decision(decided) == first


async def test_same_person_is_never_a_member_twice(persistence, pool):
    """The second approval of one person records nothing and names the first membership."""
    await make_member(persistence, KARI)
    await persistence.receive_application(intake(OLA))
    before = await rows(pool)
    receipt = await persistence.record_decision(approval(OLA))
    assert (receipt.duplicate_of, receipt.recorded) == (KARI, False)
    assert await rows(pool) == before


async def test_same_person_approved_twice_at_once_becomes_one_member(persistence, pool):
    """Two caseworkers who approve the same person at the same moment make one member."""
    for membership_id in (KARI, OLA):
        await persistence.receive_application(intake(membership_id))
    receipts = await asyncio.gather(
        *(persistence.record_decision(approval(one)) for one in (KARI, OLA))
    )
    assert sorted(receipt.recorded for receipt in receipts) == [False, True]
    assert await pool.fetchval("SELECT count(*) FROM members") == 1


async def test_two_national_ids_are_two_members(persistence):
    """Namesakes born on one day who share an e-mail address may both be members."""
    await make_member(persistence, KARI, national_id=KARIS_ID)
    assert (await make_member(persistence, OLA, national_id=OTHER_ID)).recorded


async def test_correction_changes_the_person_and_what_a_duplicate_is_measured_by(persistence, pool):
    """A national id that arrives after the approval counts from then on."""
    await make_member(persistence, KARI)
    corrected = supplied(national_id=KARIS_ID, email="new@example.org")
    receipt = await persistence.record_decision(
        decision(3, event=Event.INFORMATION_SUPPLIED, **corrected)
    )
    assert receipt.changed == ("applicant.national_id", "applicant.email")
    person = await pool.fetchrow("SELECT * FROM people")
    assert (person["national_id"], person["email_key"]) == (KARIS_ID, "new@example.org")
    receipt = await make_member(persistence, OLA, national_id=KARIS_ID, name="Kari Hansen")
    assert receipt.duplicate_of == KARI


@pytest.mark.parametrize(
    ("changes", "days", "status"),
    [
        ({"email": "new@example.org"}, 0, "held"),
        # Three months: a letter from before is of no use to anybody.
        ({"email": "new@example.org"}, 92, "held"),
        ({"email": "new@example.org"}, 93, "bounced"),
        ({"name": "Kari Hansen"}, 0, "bounced"),
        # The same address in other letters.
        ({"email": "KARI@example.org"}, 0, "bounced"),
    ],
)
async def test_letters_that_came_back_are_open_again_for_a_corrected_address(
    persistence, pool, changes, days, status
):
    """Those to the member, not too old: they go out with the next delivery, past the gate."""
    await make_member(persistence, KARI)
    await pool.execute("UPDATE letters SET status = 'bounced', note = 'order 1: refused'")
    audiences = await pool.fetch("SELECT key, audience FROM letters")
    later = TODAY + timedelta(days=days)
    await persistence.record_decision(decision(3, decided_on=later, **supplied(**changes)))
    rows = await pool.fetch("SELECT key, audience, status FROM letters")
    assert {(row["key"], row["status"]) for row in rows} == {
        (row["key"], status if row["audience"] == "member" else "bounced") for row in audiences
    }
    assert any(row["audience"] == "member" for row in audiences)


async def test_a_correction_says_what_is_another(persistence, pool):
    """By what is kept, and not by what was sent: a field sent as it is has not changed (M2)."""
    await make_member(persistence, KARI)
    patch = {"applicant": {"name": "Kari Nordmann", "phone": "+4798765432"}}
    says = "the applicant supplied information: applicant.name, applicant.phone; and more"
    answer = Answer(applied=True, stage="onboarding", says=says)
    applies = Applied(update_id="u-1", name="supply_information", answer=answer)
    receipt = await persistence.record_decision(
        decision(3, form=Form.of(application()), supplied=patch, applies=applies)
    )
    assert receipt.changed == ("applicant.phone",)
    applied = await pool.fetchval("SELECT applied FROM decisions WHERE number = 3")
    assert Applied.model_validate(applied).answer.says == (
        "the applicant supplied information: applicant.phone; and more"
    )
    kept = await pool.fetchval("SELECT content -> 'applicant' ->> 'phone' FROM applications")
    assert kept == "+4798765432"


async def test_nobody_becomes_unreachable_by_a_correction(persistence, pool):
    """The membership does not know that the address it relies on is gone: the books do (M20)."""
    await make_member(persistence, KARI)
    form, removed = Form.of(application()), {"applicant": {"email": None}}
    receipt = await persistence.record_decision(decision(3, form=form, supplied=removed))
    assert receipt.refused == "applicant: email is required, or a postal address in its place"
    assert await pool.fetchval("SELECT email FROM people") == "kari@example.org"


async def test_an_older_workers_correction_is_written(persistence, pool):
    """It hands over the whole application, which takes the place of what is kept."""
    await make_member(persistence, KARI)
    corrected = application(name="Kari Hansen")
    receipt = await persistence.record_decision(decision(3, corrected=corrected))
    assert (receipt.recorded, receipt.changed) == (True, None)
    assert await pool.fetchval("SELECT name FROM people") == "Kari Hansen"


async def test_correction_to_another_members_national_id_records_nothing(persistence, pool):
    """A member can't become somebody else who is a member."""
    await make_member(persistence, KARI, national_id=KARIS_ID)
    await make_member(persistence, OLA, name="Ola Nordmann", email="ola@example.org")
    before = await pool.fetch("SELECT * FROM people ORDER BY 1")
    corrected = supplied(name="Ola Nordmann", email="ola@example.org", national_id=KARIS_ID)
    receipt = await persistence.record_decision(decision(3, membership_id=OLA, **corrected))
    assert receipt.duplicate_of == KARI
    assert await pool.fetch("SELECT * FROM people ORDER BY 1") == before


async def test_new_terms_replace_only_what_differs(persistence, pool):
    """Payroll from January: the dues are split, the row of the old term stays, superseded."""
    await make_member(persistence)
    premium = term(20000, kind=LineKind.INSURANCE_PREMIUM)
    await persistence.record_decision(decision(3, terms=(term(), premium)))
    split = (
        term(valid_to=JANUARY),
        term(payer=Payer.PAYROLL, valid_from=JANUARY),
        premium.model_copy(update={"valid_to": JANUARY}),
        premium.model_copy(update={"valid_from": JANUARY, "payer": Payer.PAYROLL}),
    )
    await persistence.record_decision(decision(4, terms=split))
    assert await current_terms(pool) == [
        ("central_dues", 49500, "direct", NOVEMBER, JANUARY),
        ("central_dues", 49500, "payroll", JANUARY, None),
        ("insurance_premium", 20000, "direct", NOVEMBER, JANUARY),
        ("insurance_premium", 20000, "payroll", JANUARY, None),
    ]
    history = await pool.fetch("SELECT decision, superseded_by FROM terms ORDER BY term_id")
    assert [tuple(row) for row in history] == [(2, 4), (3, 4)] + [(4, None)] * 4


async def test_unchanged_terms_keep_their_rows(persistence, pool):
    """Stating the same set again writes no term and supersedes none."""
    await make_member(persistence)
    before = await pool.fetch("SELECT * FROM terms")
    await persistence.record_decision(decision(3, terms=(term(),)))
    assert await pool.fetch("SELECT * FROM terms") == before


async def test_decision_without_terms_leaves_them(persistence, pool):
    """None is no change; the empty set ends them all."""
    await make_member(persistence)
    await persistence.record_decision(decision(3))
    assert len(await current_terms(pool)) == 1
    await persistence.record_decision(decision(4, terms=()))
    assert await current_terms(pool) == []


async def test_second_invoice_has_the_next_serial(persistence):
    """A member's invoices are counted without a gap, each with a KID of its own."""
    first = await make_member(persistence)
    second = await persistence.record_decision(decision(3, invoice=order(period_from=JANUARY)))
    assert second.invoice.number == "00000001-2"
    assert second.invoice.kid != first.invoice.kid


@pytest.mark.parametrize("amount_ore", [49500, 24750])
async def test_month_is_never_billed_twice(persistence, pool, amount_ore):
    """A second line for the same period and kind stops with a reason, whatever its amount."""
    await make_member(persistence)
    before = await rows(pool)
    with pytest.raises(InvoiceLineConflict):
        await persistence.record_decision(
            decision(3, invoice=order((LineKind.CENTRAL_DUES, amount_ore)))
        )
    assert await rows(pool) == before


async def test_applicant_is_not_invoiced(persistence):
    """An invoice needs a member number, and so an approval."""
    await persistence.receive_application(intake())
    reviewed = standing(Stage.UNDER_REVIEW, member_since=None)
    with pytest.raises(DecisionConflict, match="only a member"):
        await persistence.record_decision(decision(standing=reviewed, invoice=order()))


@pytest.mark.parametrize("audience", [Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER])
async def test_letter_about_a_hidden_member_is_refused_whole(persistence, pool, audience):
    """An order to write to an employer about a hidden member is an error, never dropped."""
    await persistence.receive_application(intake(hidden=True))
    before = await rows(pool)
    with pytest.raises(DatabaseRefused, match="letters_protect_hidden_members"):
        await persistence.record_decision(
            approval(
                standing=standing(hidden=True),
                letters=(letter("0002-x", Template.PAYROLL_START, audience),),
            )
        )
    assert await rows(pool) == before


async def test_hiding_and_writing_to_the_employer_in_one_decision_is_refused(persistence):
    """The membership as it is after the decision counts."""
    await make_member(persistence)
    with pytest.raises(DatabaseRefused, match="letters_protect_hidden_members"):
        await persistence.record_decision(
            decision(
                3,
                standing=standing(hidden=True),
                letters=(letter("0003-x", Template.PAYROLL_CHANGE, Audience.EMPLOYER),),
            )
        )


async def test_an_answered_wish_to_be_hidden_stands_on_the_row(persistence, pool):
    """Invariant 12: from the decision on; a worker that knows of no wish leaves the row alone."""
    await make_member(persistence)
    said = []
    for number, hiding in ((3, True), (4, None), (5, False)):
        await persistence.record_decision(decision(number, standing=standing(hiding=hiding)))
        said.append(await pool.fetchval("SELECT hiding FROM memberships"))
    assert said == [True, True, False]
    # What an older worker recorded is recognised when a newer one repeats it.
    await persistence.record_decision(decision(4, standing=standing(hiding=False)))


async def test_refusal_names_the_constraint_and_nobody(persistence):
    """A failure stands in a workflow's history, so it quotes no row (invariant 8)."""
    await make_member(persistence)
    with pytest.raises(DatabaseRefused) as caught:
        await persistence.record_decision(decision(3, standing=standing(branch="NOWHERE")))
    assert "memberships_branch_fkey" in str(caught.value)
    assert "NOWHERE" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_line_has_the_cadence_of_its_month(persistence, pool):
    """A13, S21: a quarter a month, though the plan holds the yearly fee of later; and the fee."""
    later = term(60000, valid_from=JANUARY, cadence=Cadence.YEARLY)
    quarter = term(12375, valid_to=JANUARY)
    premium = term(20000, kind=LineKind.INSURANCE_PREMIUM)
    lines = ((LineKind.CENTRAL_DUES, 12375), (LineKind.INSURANCE_PREMIUM, 20000))
    fee = term(30000, cadence=Cadence.YEARLY)
    plans = [
        (KARI, KARIS_ID, (quarter, later, premium), order(*lines)),
        (OLA, OTHER_ID, (fee,), order((LineKind.CENTRAL_DUES, 30000))),
    ]
    for membership_id, national_id, terms, invoice in plans:
        await persistence.receive_application(intake(membership_id, national_id=national_id))
        approved = approval(membership_id).model_copy(update={"terms": terms, "invoice": invoice})
        await persistence.record_decision(approved)
    found = await pool.fetch("SELECT kind, amount_ore, cadence FROM charges ORDER BY amount_ore")
    assert [tuple(row) for row in found] == [
        ("central_dues", 12375, "monthly"),
        ("insurance_premium", 20000, "monthly"),
        ("central_dues", 30000, "yearly"),
    ]
