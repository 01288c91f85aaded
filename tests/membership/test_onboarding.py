"""From application to active member, on the real server with time skipped."""

from datetime import date, timedelta

import pytest

from tests.clock import this_year
from tests.life import Refusal, application, synthetic_id


def terms_of(state):
    """Return (kind, øre, cadence, payer, valid_from, valid_to) of each term."""
    names = ("kind", "amount_ore", "cadence", "payer", "valid_from", "valid_to")
    return [tuple(term[name] for name in names) for term in state["terms"]]


def first_of_month(day: date, later: int = 0) -> str:
    """Return the first of the month, some months later, as ISO text."""
    months = day.year * 12 + day.month - 1 + later
    return str(date(months // 12, months % 12 + 1, 1))


async def test_an_ordinary_member_joins_through_payroll(apply):
    """Approval, first invoice, notice, deduction and cover: the whole way of the contract."""
    life = await apply(application())
    await life.approve(branch="OSLO")
    state, today = await life.state(), await life.today()
    assert (state["stage"], state["member_since"]) == ("onboarding", str(today))
    # A21: 30 days from the proof that the notice was sent, which is our own letter of today.
    deadline = today + timedelta(days=30)
    assert state["insurance"]["status"] == "window_open"
    assert state["insurance"]["reservation_deadline"] == str(deadline)
    # S2 495.00 + OSLO's own 50.00 (S3); the premium waits for the window (A18).
    assert state["first_invoice"]["total_ore"] == 49500 + 5000
    assert state["payroll"]["status"] == "requested"

    period = first_of_month(today, 2)[:7]
    await life.update("answer_payroll_request", {"answer": "accepted", "first_period": period})
    await life.days(31)
    state = await life.state()
    assert state["stage"] == "active"
    assert state["insurance"]["status"] == "covered"
    assert state["insurance"]["covered_from"] == str(deadline + timedelta(days=1))
    start, deducted = first_of_month(today), first_of_month(today, 2)
    assert terms_of(state)[:2] == [
        ("central_dues", 49500, "monthly", "direct", start, deducted),
        ("central_dues", 49500, "monthly", "payroll", deducted, None),
    ]
    assert terms_of(state)[-2:] == [
        ("local_dues", 5000, "monthly", "direct", start, deducted),
        ("local_dues", 5000, "monthly", "payroll", deducted, None),
    ]
    premium = [term for term in terms_of(state) if term[0] == "insurance_premium"]
    assert {term[1] for term in premium} == {20000}
    assert await life.decisions() == [
        "application_received",
        "application_approved",
        "payroll_accepted",
        "insurance_covered",
    ]


async def test_everybody_is_told_and_nobody_else(apply):
    """The letters of M1, M3 and M4, each once; START waits for the national id (N3)."""
    life = await apply(application())
    await life.approve(branch="OSLO")
    await life.state()
    assert sorted(await life.letters()) == sorted(
        [
            ("member", "application_received", "sent"),
            ("caseworkers", "caseworker_task", "sent"),
            ("member", "welcome", "sent"),
            ("member", "first_invoice", "sent"),
            ("insurance_office", "insurance_new_member", "sent"),
            ("branch", "branch_new_member", "sent"),
            ("employer", "payroll_start", "held"),
        ]
    )
    waits = {(w["role"], w["what"]) for w in (await life.state())["awaiting"]}
    assert ("applicant", "supply_information") in waits
    await life.update(
        "supply_information",
        {"information": "Her er nummeret", "applicant": {"national_id": synthetic_id()}},
    )
    await life.state()
    letters = await life.letters()
    assert ("employer", "payroll_start", "sent") in letters
    assert len(await life.mails()) == len({(a, t) for a, t, _ in letters})


async def test_the_first_invoice_comes_as_a_pdf_under_a_neutral_subject(apply):
    """The member gets one mail with the invoice attached; its subject tells nothing."""
    life = await apply(application())
    await life.approve()
    mail = (await life.mails())["member/first_invoice"]
    (attachment,) = mail.iter_attachments()
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content().startswith(b"%PDF")
    state = await life.state()
    assert state["first_invoice"]["kid"] in mail.get_body(("plain",)).get_content()
    for word in ("Lederne", "medlem", "kontingent", state["member_number"]):
        assert word.lower() not in mail["Subject"].lower()


@pytest.mark.parametrize(
    ("changes", "stage", "terms", "invoice"),
    [
        pytest.param(
            # S5: 495.00 / 2; no reservation yet, so the window is open. A15: no half past 67.
            {"employment": {"employer_orgnr": "974760673", "position_percent": "50"}},
            "onboarding",
            [
                ("central_dues", 24750, "monthly", "direct"),
                ("central_dues", 49500, "monthly", "direct"),
            ],
            24750,
            id="half-time",
        ),
        pytest.param(
            # S12: ceil10(297) = 300 a year, whole on joining (A13); S8: no package to wait for.
            {
                "category": "student",
                "employment": None,
                "study": {"school": "UiB", "ends_on": f"{this_year(3)}-06-15"},
            },
            "active",
            [("central_dues", 30000, "yearly", "direct")],
            30000,
            id="student",
        ),
        pytest.param(
            # S14: free, so nothing is invoiced and nobody is waited for (A7 opt-in).
            {"category": "apprentice", "apprenticeship": {"ends_on": f"{this_year(3)}-07-31"}},
            "active",
            [("central_dues", 0, "monthly", "direct")],
            None,
            id="apprentice",
        ),
        pytest.param(
            # S21: a quarter of 495.00 is 123.75, unrounded (A2). S18: from 67 10 % of 5,940.00,
            # 594.00, up to the next ten: 600.00 a year.
            {
                "category": "early_pensioner",
                "employment": None,
                "applicant": {"birth_date": f"{this_year(-64)}-06-01"},
                "pension": {"kind": "afp", "from": f"{this_year(-1)}-07-01"},
            },
            "onboarding",
            [
                ("central_dues", 12375, "monthly", "direct"),
                ("central_dues", 60000, "yearly", "direct"),
            ],
            12375,
            id="early pensioner",
        ),
        pytest.param(
            # A23, S33: direct, without local dues.
            {"hidden": True},
            "onboarding",
            [("central_dues", 49500, "monthly", "direct")],
            49500,
            id="hidden",
        ),
        pytest.param(
            # A28: no employer known, so nobody is asked; reserved at once (S10).
            {"employment": None, "insurance_reservation": True},
            "active",
            [("central_dues", 49500, "monthly", "direct")],
            49500,
            id="no employer, reserves",
        ),
    ],
)
async def test_each_kind_of_applicant_gets_the_terms_of_the_dues_table(
    apply, changes, stage, terms, invoice
):
    """Amount, cadence, payer and stage right after the approval, with what is certain to come."""
    life = await apply(application(**changes))
    await life.approve()
    state = await life.state()
    assert state["stage"] == stage
    assert [term[:4] for term in terms_of(state)] == terms
    found = state["first_invoice"]
    assert (found and found["total_ore"]) == invoice


async def test_a_pensioner_pays_the_months_that_remain(apply):
    """Joining in month m costs (13 - m) x 50.00 of the 600.00 a year (S18, A13)."""
    life = await apply(
        application(
            category="pensioner",
            employment=None,
            applicant={"birth_date": "1950-01-31"},
            pension={"kind": "old_age", "from": "2017-02-01"},
        )
    )
    await life.approve()
    state, today = await life.state(), await life.today()
    assert state["stage"] == "active"
    assert state["first_invoice"]["total_ore"] == (13 - today.month) * 5000
    assert terms_of(state)[0][:4] == ("central_dues", 60000, "yearly", "direct")


async def test_nothing_about_a_hidden_member_leaves_for_the_employer(apply):
    """S30, invariant 4: through the whole onboarding only member, office and caseworkers hear."""
    life = await apply(application(hidden=True))
    with pytest.raises(Exception, match="S33"):
        await life.approve(branch="OSLO")
    await life.approve()
    await life.days(31)
    state = await life.state()
    assert (state["stage"], state["payroll"]["status"]) == ("active", "not_applicable")
    assert {audience for audience, _, _ in await life.letters()} == {
        "member",
        "caseworkers",
        "insurance_office",
    }
    orders = await life.pool.fetchval(
        "SELECT count(*) FROM disclosures WHERE membership_id = $1 AND audience = 'employer'",
        life.id,
    )
    assert orders == 0


async def test_somebody_hides_between_application_and_approval(apply):
    """S30: a signal or an update before the decision is enough; the employer never hears."""
    life = await apply(application())
    today = str(await life.today())
    await life.signal("set_hidden", {"hidden": True, "effective_on": today})
    with pytest.raises(Refusal, match="says so already"):
        await life.update("set_hidden", {"hidden": True, "effective_on": today})
    await life.approve()
    state = await life.state()
    assert (state["hidden"], state["payroll"]["status"]) == (True, "not_applicable")
    assert {audience for audience, _, _ in await life.letters()} == {
        "member",
        "caseworkers",
        "insurance_office",
    }
    assert "hidden_changed" in await life.decisions()


async def test_a_reservation_within_the_window_means_no_premium_ever(apply):
    """A21: within the window it counts from the start."""
    life = await apply(application(employment=None))
    await life.approve()
    await life.days(10)
    await life.update("reserve_insurance", {"received_on": str(await life.today())})
    state = await life.state()
    assert (state["stage"], state["insurance"]["status"]) == ("active", "reserved")
    assert state["insurance"]["reserved_from"] == state["member_since"]
    assert not [t for t in state["terms"] if t["kind"] == "insurance_premium"]


async def test_a_reservation_after_the_window_ends_the_premium_with_its_month(apply):
    """A21: later it takes effect at the end of the month received, without a refund."""
    life = await apply(application(employment=None))
    await life.approve()
    await life.days(100)
    today = await life.today()
    await life.update("reserve_insurance", {"received_on": str(today)})
    state = await life.state()
    (premium,) = [t for t in state["terms"] if t["kind"] == "insurance_premium"]
    assert state["insurance"]["status"] == "reserved"
    assert premium["valid_to"] == first_of_month(today, 1) == state["insurance"]["reserved_from"]


async def test_the_insurance_offices_later_notice_gives_the_longer_window(apply):
    """A21: the window runs from the later proof; a notice that came back opens it again."""
    life = await apply(application(employment=None))
    await life.approve()
    await life.days(5)
    today = await life.today()
    await life.update("record_insurance_notice", {"outcome": "delivered", "on": str(today)})
    state = await life.state()
    assert state["insurance"]["reservation_deadline"] == str(today + timedelta(days=30))
    await life.update("record_insurance_notice", {"outcome": "bounced", "on": str(today)})
    state = await life.state()
    assert state["insurance"]["reservation_deadline"] is None
    assert [w["role"] for w in state["awaiting"]] == ["insurance_office"]
    await life.days(60)
    assert (await life.state())["insurance"]["status"] == "window_open"


async def test_an_employer_that_does_not_answer_is_reminded_and_then_left_behind(apply):
    """A34: reminder after 14 days, direct invoices after 30; a late yes still counts."""
    life = await apply(application(applicant={"national_id": synthetic_id()}))
    await life.approve()
    await life.days(15)
    assert ("employer", "payroll_reminder", "sent") in await life.letters()
    await life.days(17)
    state = await life.state()
    assert (state["stage"], state["payroll"]["status"]) == ("active", "requested")
    assert [(w["role"], w["deadline"]) for w in state["awaiting"]] == [("employer", None)]
    await life.update("answer_payroll_request", {"answer": "accepted"})
    state = await life.state()
    assert state["payroll"]["status"] == "active"
    assert {t["payer"] for t in state["terms"] if t["valid_to"] is None} == {"payroll"}


async def test_a_month_is_never_paid_twice(apply):
    """S26: deduction can't begin in the month that was invoiced; the reason names the earliest."""
    life = await apply(application())
    await life.approve()
    today = await life.today()
    with pytest.raises(Exception, match=first_of_month(today, 1)[:7]):
        await life.update(
            "answer_payroll_request",
            {"answer": "accepted", "first_period": f"{today:%Y-%m}"},
        )


async def test_a_payment_counts_once(apply):
    """P3: exact KID and sum pay the invoice; the same reference again changes nothing."""
    life = await apply(application())
    await life.approve()
    invoice = (await life.state())["first_invoice"]
    payment = {
        "reference": f"bank-{life.id}",
        "amount_ore": invoice["total_ore"],
        "paid_on": str(await life.today()),
        "kid": invoice["kid"],
    }
    for _ in range(3):
        await life.signal("record_payment", payment)
    state = await life.state()
    assert state["first_invoice"]["status"] == "paid"
    assert state["first_invoice"]["paid_ore"] == invoice["total_ore"]
    assert [r["name"] for r in state["rejected_messages"]] == ["record_payment"] * 2
    kept = await life.pool.fetchval("SELECT count(*) FROM payments WHERE membership_id=$1", life.id)
    assert kept == 1


async def test_money_without_an_invoice_goes_to_suspense_and_a_caseworker(apply):
    """P3: nothing is dropped, whatever the KID says and whenever it comes."""
    life = await apply(application())
    payment = {"reference": f"early-{life.id}", "amount_ore": 100, "paid_on": "2026-01-01"}
    await life.signal("record_payment", payment)
    await life.state()
    assert "payment_recorded" in await life.decisions()
    row = await life.pool.fetchrow(
        "SELECT suspense_ore, allocated_ore FROM payment_balances WHERE reference = $1",
        payment["reference"],
    )
    assert tuple(row) == (100, 0)
    tasks = [letter for letter in await life.letters() if letter[0] == "caseworkers"]
    assert len(tasks) == 2


async def test_every_amount_and_wait_is_explained_by_a_rule(apply):
    """``explain`` names rule, decider and moment for each term, wait and decision."""
    life = await apply(application())
    await life.approve()
    lines = await life.explain()
    assert all(line["rules"] and line["decided_by"] and line["at"] for line in lines)
    assert {"central_dues", "waiting", "application_approved"} <= {line["about"] for line in lines}
