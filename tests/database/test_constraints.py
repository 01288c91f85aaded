"""What the database itself refuses, whoever writes to it. Each test fails without its constraint.

Every statement runs on a database with one ordinary member, Kari, and one hidden one, Ola.
"""

import re

import asyncpg
import pytest

from activities.database.pool import open_pool
from activities.membership.activities import Persistence
from schemas.pricing.rulebook import Policies
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Category,
    Language,
    LineKind,
    Outcome,
    Payer,
    Stage,
)
from tests.membership.making import (
    KARI,
    KARIS_ID,
    OLA,
    approval,
    decision,
    intake,
    make_member,
    payment,
    standing,
)


@pytest.fixture(scope="module")
async def populated(postgres, migrated):
    """Connections to a database with an ordinary and a hidden member, for all of these tests."""
    url = await postgres.create_database("constraints", template=migrated)
    async with await open_pool(url) as pool:
        persistence = Persistence(pool, allow_synthetic_ids=True)
        receipt = await make_member(persistence, KARI, national_id=KARIS_ID)
        await persistence.record_decision(
            decision(3, payment=payment("B-1", 49500, receipt.invoice.kid))
        )
        await persistence.receive_application(
            intake(OLA, name="Ola Nordmann", email="ola@example.org", hidden=True)
        )
        await persistence.record_decision(approval(OLA, standing=standing(hidden=True), letters=()))
        yield pool


@pytest.fixture
async def database(populated):
    """A connection in a transaction of the test's own, which is rolled back."""
    async with populated.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield connection
        await transaction.rollback()


SOMEONE = "person-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0099"
WHO = "WHERE person_id = (SELECT person_id FROM memberships WHERE membership_id = $1)"

TERM = """
    INSERT INTO terms (membership_id, kind, amount_ore, cadence, payer, valid, decision)
    VALUES ($1, '{kind}', 100, '{cadence}', '{payer}', '{valid}', {decision})
"""


def adding_term(
    *,
    kind="local_dues",
    cadence="monthly",
    payer="direct",
    valid="[2026-11-01,)",
    decision=2,
):
    """SQL that adds a term to a member who has central dues, direct, from 2026-11-01 on."""
    return TERM.format(kind=kind, cadence=cadence, payer=payer, valid=valid, decision=decision)


LETTER = """
    INSERT INTO letters (membership_id, key, decision, template, audience, figures, status)
    VALUES ($1, 'key', 2, 'welcome', '{audience}', '{{}}', 'pending')
"""

INVOICE = """
    INSERT INTO invoices (number, kid, membership_id, serial, decision, period_from, issued_on,
                          due_on, total_ore, currency)
    VALUES ('{number}', '{kid}', $1, {serial}, {decision}, '{period}', '2026-11-22', '{due}',
            {total}, '{currency}')
"""


RIGHT_INVOICE = {
    "number": "X-9",
    "kid": "99",
    "serial": 9,
    "decision": 2,
    "period": "2027-01-01",
    "due": "2026-12-07",
    "total": 100,
    "currency": "NOK",
}


def adding_invoice(*, amount=100, **changed):
    """SQL that adds an invoice with one line for local dues."""
    values = {**RIGHT_INVOICE, **changed}
    return f"""
    WITH invoice AS ({INVOICE.format(**values)})
    INSERT INTO charges (invoice_number, membership_id, period_from, kind, amount_ore,
                               content_hash, person_id)
    VALUES ('{values["number"]}', $1, '{values["period"]}', 'local_dues', {amount},
            repeat('0', 64), '{SOMEONE}')
    """


def adding_charge(*, kind="local_dues", employer="NULL", period="2027-01-01"):
    """SQL that adds a line without an invoice."""
    return f"""
    INSERT INTO charges (membership_id, period_from, kind, amount_ore, content_hash, employer_orgnr,
                         person_id)
    VALUES ($1, '{period}', '{kind}', 100, repeat('0', 64), {employer}, '{SOMEONE}')
    """


def adding_entry(
    *,
    source="charge",
    debit="members",
    credit="local_dues",
    amount=100,
    period="'2027-01-01'",
    kind="'local_dues'",
    reference="NULL",
):
    """SQL that books local dues for a month that has not been booked."""
    return f"""
    INSERT INTO entries (booked_on, source, membership_id, period_from, kind, reference, debit,
                         credit, amount_ore)
    VALUES ('2026-11-22', '{source}', $1, {period}, {kind}, {reference}, '{debit}', '{credit}',
            {amount})
    """


ADDING_PAYMENT = """
    INSERT INTO payments (reference, membership_id, amount_ore, paid_on)
    VALUES ('B-2', $1, 100, '2026-11-22')
"""
"""SQL that adds money in suspense: 100 øre, as a file of the bank brings it."""

ADDING_REFUND = """
    WITH asked AS (
        INSERT INTO refunds (refund_id, membership_id, amount_ore, requested_on, requested_by,
                             reason, account, receiver, account_by)
        VALUES ('R0123456789ABCDEF', $1, 100, '2026-11-22', 'Ola N.', 'paid twice', '86011117947',
                'Kari', 'Ola N.'))
    INSERT INTO refund_parts (refund_id, serial, reference, amount_ore)
    VALUES ('R0123456789ABCDEF', 1, 'B-2', 100)
"""

APPROVING_REFUND = """;
    UPDATE refunds SET approved_on = '2026-11-23', approved_by = 'eva' WHERE $1 <> ''
"""

ADDING_LIST = """
    INSERT INTO employers (orgnr) SELECT '974760673' WHERE $1 <> '' ON CONFLICT DO NOTHING;
    INSERT INTO deduction_lists (number, kid, employer_orgnr, serial, period_from, made_on,
                                 report_due_on, total_ore, line_count)
    SELECT '00000001-1', '26', '974760673', 1, '2026-11-01', '2026-11-22', '2026-12-15', 100, 1
    WHERE $1 <> ''; INSERT INTO deduction_lines
    VALUES ('00000001-1', $1, 100, 0, 0, 100, 'START')
"""
"""SQL that adds an employer's deduction list with one line of 100 øre."""

ADDING_TASK = """
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    VALUES ('suspense/B-2', 'suspense', 'x', $1, '2026-11-22')
"""

ADDING_FILE = """
    INSERT INTO inbound_files (file_id, kind, name, content, received_on)
    SELECT repeat('0', 64), 'payments', 'x', '', '2026-11-22' WHERE $1 <> ''
"""


def adding_allocation(
    *,
    reference="'B-1'",
    credit="NULL",
    serial=None,
    invoice="(SELECT min(number) FROM invoices WHERE membership_id = $1 AND serial = 1)",
    list_number="NULL",
    amount=100,
):
    """SQL that allocates to Kari's invoice, which B-1 has paid whole; without a serial the next."""
    serial = serial or (2 if reference == "'B-1'" else 1)
    return f"""
    INSERT INTO allocations (reference, credit_number, serial, invoice_number, list_number,
                             amount_ore, allocated_on, allocated_by)
    SELECT {reference}, {credit}, {serial}, {invoice}, {list_number}, {amount}, '2026-11-22', 'kid'
    WHERE $1 <> ''
    """


def adding_reversal(reference):
    """SQL that adds the bank's report that it took payment B-1 back."""
    return f"""
    INSERT INTO payments (reference, reverses, membership_id, amount_ore, paid_on)
    VALUES ('{reference}', 'B-1', $1, 49500, '2026-11-22')
    """


def adding_correction(
    *, period="2026-11-01", kind="central_dues", reason="reassessed", was=2, is_=1
):
    """SQL that corrects a charge of November in January."""
    return f"""
    INSERT INTO corrections (membership_id, charged_in, period_from, kind, reason, was_ore, is_ore)
    VALUES ($1, '2027-01-01', '{period}', '{kind}', '{reason}', {was}, {is_})
    """


def adding_redirection(*, amount=100, total=100, number="X-9", serial=9):
    """SQL that invoices Kari for what the employer of the list did not deduct."""
    values = {**RIGHT_INVOICE, "number": number, "kid": f"9{serial}", "serial": serial}
    return f"""
    WITH invoice AS ({INVOICE.format(**{**values, "total": total})})
    INSERT INTO redirections (list_number, membership_id, invoice_number, amount_ore, reason)
    VALUES ('00000001-1', $1, '{number}', {amount}, 'UNPAID_LEAVE')
    """


ALLOWED = {
    "an allocation taken back": adding_allocation(amount=-49500),
    "a payment allocated in two parts": ";".join(
        (
            adding_allocation(amount=-100),
            ADDING_PAYMENT,
            adding_allocation(reference="'B-2'", amount=40),
            adding_allocation(reference="'B-2'", serial=2, amount=60),
        )
    ),
    "a credit note that pays an invoice": ";".join(
        (
            adding_invoice(total=-100, amount=-100),
            adding_allocation(amount=-100),
            adding_allocation(reference="NULL", credit="'X-9'", amount=100),
        )
    ),
    "a payment taken back by the bank": adding_reversal("R-1"),
    "a refund of money in suspense": ADDING_PAYMENT + ";" + ADDING_REFUND,
    "a list paid with more than it asks": ";".join(
        (
            ADDING_LIST,
            """INSERT INTO payments (reference, amount_ore, paid_on)
               SELECT 'B-3', 500, '2026-11-22' WHERE $1 <> ''""",
            adding_allocation(
                reference="'B-3'", invoice="NULL", list_number="'00000001-1'", amount=500
            ),
        )
    ),
    "a correction of the months before": adding_correction(),
    "an invoice of what an employer did not deduct": ADDING_LIST + ";" + adding_redirection(),
    "a letter that a run ordered": """
        INSERT INTO letters (membership_id, key, batch, ordered_on, template, audience, figures,
                             status)
        VALUES ($1, 'x', 'run', '2026-11-22', 'welcome', 'member', '{}', 'pending')
    """,
    "a line that an employer deducts": adding_charge(employer="'974760673'"),
    "an entry between two accounts": adding_entry(),
    "a term that goes with the others": adding_term(),
    "a yearly term through another payer": adding_term(cadence="yearly", payer="payroll"),
    "a central term that follows on the last": """
        UPDATE terms SET superseded_by = 3 WHERE membership_id = $1;
        INSERT INTO terms (membership_id, kind, amount_ore, cadence, payer, valid, decision)
        VALUES ($1, 'central_dues', 1, 'monthly', 'direct', '[2026-11-01,2027-01-01)', 3),
               ($1, 'central_dues', 2, 'monthly', 'payroll', '[2027-01-01,)', 3)
    """,
    "a letter to an open member's employer": LETTER.format(audience="employer"),
    "an invoice that adds up": adding_invoice(),
    "a letter marked sent": """
        UPDATE letters SET status = 'sent', sent_on = '2026-11-22' WHERE membership_id = $1
    """,
    "a sent letter that bounces": """
        UPDATE letters SET status = 'sent', sent_on = '2026-11-22' WHERE membership_id = $1;
        UPDATE letters SET status = 'bounced' WHERE membership_id = $1
    """,
}

REFUSED = {
    # Invariant 1
    "a second line for a month and kind": (
        "charges_unbuilt_one_per_kind_and_month",
        """INSERT INTO charges SELECT invoice_number, membership_id, period_from, kind, 1,
           content_hash, employer_orgnr, cadence, person_id FROM charges
           WHERE membership_id = $1""",
    ),
    # Invariant 10
    "a month that the person was charged for under another membership": (
        "charges_unbuilt_one_per_person_and_month",
        """INSERT INTO charges SELECT NULL, 'membership-of-before', period_from, kind, amount_ore,
           content_hash, '974760673', cadence, person_id FROM charges WHERE membership_id = $1""",
    ),
    "a person merged into nobody else": (
        "people_merged_into_others",
        f"UPDATE people SET merged_into = person_id, merged_on = '2026-11-22' {WHO}",
    ),
    "a membership that is nobody's": (
        "memberships_have_a_person",
        "UPDATE memberships SET person_id = NULL WHERE membership_id = $1",
    ),
    "a person's id that says something": (
        "people_person_id_check",
        f"""INSERT INTO people (person_id, name, name_key, birth_date, email, email_key, language)
            SELECT 'person-kari', name, name_key, birth_date, email, email_key, language
            FROM people {WHO}""",
    ),
    "a total that is not the sum": ("invoice_total_is_sum_of_lines", adding_invoice(total=101)),
    "a line added to an issued invoice": (
        "invoice_total_is_sum_of_lines",
        """INSERT INTO charges SELECT invoice_number, membership_id, period_from,
           'local_dues', 1, content_hash, employer_orgnr, cadence, person_id FROM charges
           WHERE membership_id = $1""",
    ),
    "an invoice without lines": ("invoice_total_is_sum_of_lines", INVOICE.format(**RIGHT_INVOICE)),
    "a serial used twice": ("invoices_serial_membership_id_key", adding_invoice(serial=1)),
    "a KID used twice": (
        "invoices_kid_key",
        """INSERT INTO invoices SELECT 'X-9', kid, membership_id, 9, decision, period_from,
           issued_on, due_on, 0, currency FROM invoices WHERE membership_id = $1""",
    ),
    "an invoice due before it is issued": (
        "invoices_due_after_issue",
        adding_invoice(due="2026-11-21"),
    ),
    "an invoice changed": (
        "invoices_append_only",
        "UPDATE invoices SET due_on = '2027-01-01' WHERE membership_id = $1",
    ),
    "an invoice line deleted": (
        "charges_append_only",
        "DELETE FROM charges WHERE membership_id = $1",
    ),
    "a charge by nobody": ("charges_have_one_payer", adding_charge()),
    "a charge by an invoice and an employer": (
        "charges_have_one_payer",
        """INSERT INTO charges SELECT invoice_number, membership_id, period_from, 'local_dues', 1,
           content_hash, '974760673', cadence, person_id FROM charges
           WHERE membership_id = $1""",
    ),
    "a charge by an employer whose number has a letter": (
        "charges_employer_orgnr_check",
        adding_charge(employer="'12345678x'"),
    ),
    "a line that an employer was to deduct as well": (
        "charges_unbuilt_one_per_kind_and_month",
        adding_charge(kind="central_dues", employer="'974760673'", period="2026-11-01"),
    ),
    # Invariant 2
    "an entry on one account alone": (
        "entries_between_two_accounts",
        adding_entry(debit="members", credit="members"),
    ),
    "an entry of nothing": ("entries_amount_ore_check", adding_entry(amount=0)),
    "an entry on an unknown account": ("entries_debit_known", adding_entry(debit="purse")),
    "an entry from an unknown account": ("entries_credit_known", adding_entry(credit="purse")),
    "an entry out of nowhere": (
        "entries_source_check",
        adding_entry(source="gift", period="NULL", kind="NULL", reference="'B-9'"),
    ),
    "a charge's entry without its month": (
        "entries_name_their_source",
        adding_entry(period="NULL"),
    ),
    "a payment's entry without its reference": (
        "entries_name_their_source",
        adding_entry(source="payment", period="NULL", kind="NULL"),
    ),
    "a charge's entry with a reference": (
        "entries_name_their_source",
        adding_entry(reference="'B-9'"),
    ),
    "a charge entered twice": (
        "entries_unbuilt_one_per_charge",
        adding_entry(period="'2026-11-01'", kind="'central_dues'"),
    ),
    "a payment entered twice": (
        "entries_one_per_source",
        adding_entry(source="payment", period="NULL", kind="NULL", reference="'B-1'"),
    ),
    "an allocation entered twice": (
        "entries_one_per_source",
        adding_entry(source="allocation", period="NULL", kind="NULL", reference="'B-1/1'"),
    ),
    "a refund entered twice": (
        "entries_one_per_source",
        adding_entry(
            source="refund",
            debit="suspense",
            credit="refunds",
            period="NULL",
            kind="NULL",
            reference="'B-9'",
        )
        + ";"
        + adding_entry(
            source="refund",
            debit="suspense",
            credit="refunds",
            period="NULL",
            kind="NULL",
            reference="'B-9'",
        ),
    ),
    "an entry about nobody": (
        "entries_membership_id_fkey",
        """INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit,
                                amount_ore)
           SELECT booked_on, source, 'nobody', 'B-2', debit, credit, amount_ore
           FROM entries WHERE membership_id = $1 AND source = 'payment'""",
    ),
    "an entry changed": (
        "entries_append_only",
        "UPDATE entries SET amount_ore = 1 WHERE membership_id = $1",
    ),
    "an entry deleted": ("entries_append_only", "DELETE FROM entries WHERE membership_id = $1"),
    "a payment booked twice": (
        "payments_pkey",
        "INSERT INTO payments SELECT * FROM payments WHERE membership_id = $1",
    ),
    "more allocated than the invoice": (
        "allocations_within_invoice_total",
        ADDING_PAYMENT + ";" + adding_allocation(reference="'B-2'", amount=1),
    ),
    "more allocated than the payment brought": (
        "allocations_within_payment",
        adding_invoice() + ";" + adding_allocation(invoice="'X-9'", amount=1),
    ),
    "more taken back than was allocated": (
        "allocations_within_invoice_total",
        adding_allocation(amount=-49501),
    ),
    "more taken back from an invoice than a payment gave it": (
        "allocations_within_payment",
        ADDING_PAYMENT
        + ";"
        + adding_allocation(serial=2, amount=-100)
        + ";"
        + adding_allocation(reference="'B-2'", amount=100)
        + ";"
        + adding_allocation(reference="'B-2'", serial=2, amount=-101),
    ),
    "an allocation of nothing": ("allocations_amount_ore_check", adding_allocation(amount=0)),
    "an allocation out of nowhere": (
        "allocations_from_one_source",
        adding_allocation(reference="NULL"),
    ),
    "an allocation of a payment and a credit note": (
        "allocations_from_one_source",
        adding_allocation(credit="(SELECT number FROM invoices WHERE membership_id = $1)"),
    ),
    "an allocation to nothing": ("allocations_to_one_claim", adding_allocation(invoice="NULL")),
    "an allocation to an invoice and a list": (
        "allocations_to_one_claim",
        ADDING_LIST + ";" + adding_allocation(list_number="'00000001-1'", amount=-1),
    ),
    "an allocation counted twice": (
        "allocations_once_of_payment",
        adding_allocation(serial=1, amount=-1),
    ),
    "a credit note's allocation counted twice": (
        "allocations_once_of_credit",
        adding_invoice(total=-100, amount=-100)
        + ";"
        + adding_allocation(serial=2, amount=-500)
        + ";"
        + adding_allocation(reference="NULL", credit="'X-9'", amount=50)
        + ";"
        + adding_allocation(reference="NULL", credit="'X-9'", amount=50),
    ),
    "more allocated than the credit note gives": (
        "allocations_within_invoice_total",
        adding_invoice(total=-100, amount=-100)
        + ";"
        + adding_allocation(serial=2, amount=-500)
        + ";"
        + adding_allocation(reference="NULL", credit="'X-9'", amount=101),
    ),
    "money for a credit note": (
        "allocations_within_invoice_total",
        adding_invoice(total=-100, amount=-100)
        + ";"
        + ADDING_PAYMENT
        + ";"
        + adding_allocation(reference="'B-2'", invoice="'X-9'", amount=1),
    ),
    "an allocation changed": (
        "allocations_append_only",
        """UPDATE allocations SET amount_ore = 1 WHERE invoice_number IN
           (SELECT number FROM invoices WHERE membership_id = $1)""",
    ),
    "an allocation deleted": (
        "allocations_append_only",
        """DELETE FROM allocations WHERE invoice_number IN
           (SELECT number FROM invoices WHERE membership_id = $1)""",
    ),
    "a payment reversed twice": (
        "payments_reversed_once",
        adding_reversal("R-1") + ";" + adding_reversal("R-2"),
    ),
    "a payment that reverses itself": (
        "payments_reverse_another",
        adding_reversal("B-1").replace("'B-1', 'B-1'", "'R-1', 'R-1'"),
    ),
    "more paid back than there is": (
        "refunds_within_credit",
        ADDING_PAYMENT
        + ";"
        + ADDING_REFUND
        + ";"
        + ADDING_REFUND.replace("R0123456789ABCDEF", "R0000000000000000"),
    ),
    "a refund of nothing": (
        "refunds_amount_ore_check",
        ADDING_PAYMENT + ";" + ADDING_REFUND.replace("100,", "0,"),
    ),
    "a refund of more than its parts": (
        "refunds_are_sums_of_parts",
        ADDING_PAYMENT + ";" + ADDING_REFUND.replace("$1, 100,", "$1, 200,"),
    ),
    "a refund approved by who asked for it": (
        "refunds_by_two",
        ADDING_PAYMENT + ";" + ADDING_REFUND + APPROVING_REFUND.replace("'eva'", "' OLA  n'"),
    ),
    "a refund to nobody approved": (
        "refunds_to_somebody",
        ADDING_PAYMENT
        + ";"
        + ADDING_REFUND.replace("'86011117947',", "NULL,").replace("'Kari', 'Ola N.'", "NULL, NULL")
        + APPROVING_REFUND,
    ),
    "a refund that is told before it is approved": (
        "refunds_in_order",
        ADDING_PAYMENT
        + ";"
        + ADDING_REFUND
        + "; UPDATE refunds SET instructed_on = '2026-11-23' WHERE $1 <> ''",
    ),
    "a refund changed": (
        "refunds_filled_once",
        ADDING_PAYMENT + ";" + ADDING_REFUND + "; UPDATE refunds SET reason = $1",
    ),
    "another account of an approved refund": (
        "refunds_filled_once",
        ADDING_PAYMENT
        + ";"
        + ADDING_REFUND
        + APPROVING_REFUND
        + "; UPDATE refunds SET account = '12345678903' WHERE $1 <> ''",
    ),
    "a file of refunds that was changed": (
        "refund_files_are_as_written",
        """INSERT INTO refund_files SELECT 'M', repeat('0', 64), 'a', '2026-11-23', 'eva'
           WHERE $1 <> ''""",
    ),
    # Corrections and redirections
    "a correction that changes nothing": ("corrections_change_something", adding_correction(was=1)),
    "a correction of a month to come": (
        "corrections_look_back",
        adding_correction(period="2027-01-01"),
    ),
    "a correction for no reason": ("corrections_reason_check", adding_correction(reason="why")),
    "a correction of a correction": (
        "corrections_kind_check",
        adding_correction(kind="correction"),
    ),
    "a correction twice": (
        "corrections_pkey",
        adding_correction() + ";" + adding_correction(is_=3),
    ),
    "a correction changed": (
        "corrections_append_only",
        adding_correction() + "; UPDATE corrections SET was_ore = 7 WHERE membership_id = $1",
    ),
    "a redirection of nothing": (
        "redirections_of_something",
        ADDING_LIST + ";" + adding_redirection(amount=0),
    ),
    "a redirection from no list": (
        "redirections_list_number_fkey",
        adding_redirection(),
    ),
    "a redirection of a member who is not on the list": (
        "redirections_list_number_membership_id_fkey",
        ADDING_LIST.replace("; INSERT INTO deduction_lines", "; SELECT '', $1::text; --")
        + ";"
        + adding_redirection(),
    ),
    "a member redirected twice": (
        "redirections_pkey",
        ADDING_LIST + ";" + adding_redirection() + ";" + adding_redirection(number="X-8", serial=8),
    ),
    "an invoice that is not the sum of its redirections": (
        "invoice_total_is_sum_of_lines",
        ADDING_LIST + ";" + adding_redirection(total=101),
    ),
    "a redirection deleted": (
        "redirections_append_only",
        ADDING_LIST
        + ";"
        + adding_redirection()
        + "; DELETE FROM redirections WHERE membership_id = $1",
    ),
    # Deduction lists
    "a second list for a month": (
        "deduction_lists_one_a_month",
        ADDING_LIST
        + ";"
        + ADDING_LIST.replace("00000001-1", "00000001-2")
        .replace("'26'", "'27'")
        .replace("', 1,", "', 2,"),
    ),
    "a list for a day within a month": (
        "deduction_lists_period_from_check",
        ADDING_LIST.replace("'2026-11-01'", "'2026-11-02'"),
    ),
    "a list without a line": (
        "deduction_lists_line_count_check",
        ADDING_LIST.replace("100, 1\n", "100, 0\n"),
    ),
    "a list line that does not add up": (
        "deduction_lines_add_up",
        ADDING_LIST.replace("100, 'START'", "101, 'START'"),
    ),
    "a list line below zero": (
        "deduction_lines_never_below_zero",
        ADDING_LIST.replace("100, 0, 0, 100, 'START'", "-100, 0, 0, -100, 'START'"),
    ),
    "what is carried over from no line": (
        "carried_over_list_number_membership_id_fkey",
        "INSERT INTO carried_over VALUES ('00000001-1', $1, '2026-11-01', 100)",
    ),
    "nothing carried over": (
        "carried_over_amount_ore_check",
        ADDING_LIST + "; INSERT INTO carried_over VALUES ('00000001-1', $1, '2026-11-01', 0)",
    ),
    "what is carried over changed": (
        "carried_over_append_only",
        ADDING_LIST
        + "; INSERT INTO carried_over VALUES ('00000001-1', $1, '2026-11-01', 100)"
        + "; DELETE FROM carried_over WHERE membership_id = $1",
    ),
    "a list line with an unknown code": (
        "deduction_lines_code_check",
        ADDING_LIST.replace("'START'", "'BEGIN'"),
    ),
    "a list changed": (
        "deduction_lists_append_only",
        ADDING_LIST + "; UPDATE deduction_lists SET total_ore = 1 WHERE kid <> $1",
    ),
    "a list line changed": (
        "deduction_lines_append_only",
        ADDING_LIST + "; UPDATE deduction_lines SET total_ore = 1 WHERE membership_id = $1",
    ),
    # Tasks and files
    "a matter that is two tasks": ("tasks_key_key", ADDING_TASK + ";" + ADDING_TASK),
    "a task closed by nobody": (
        "tasks_closed_by_somebody",
        ADDING_TASK + "; UPDATE tasks SET closed_on = '2026-11-23' WHERE membership_id = $1",
    ),
    "a task about nobody we know": (
        "tasks_membership_id_fkey",
        ADDING_TASK.replace("$1", "$1 || 'x'"),
    ),
    "a file that is not named by its hash": (
        "inbound_files_file_id_check",
        ADDING_FILE.replace("repeat('0', 64)", "repeat('x', 64)"),
    ),
    "a file of an unknown kind": (
        "inbound_files_kind_check",
        ADDING_FILE.replace("'payments'", "'letters'"),
    ),
    "a file changed": (
        "inbound_files_append_only",
        ADDING_FILE + "; UPDATE inbound_files SET name = $1",
    ),
    "an outcome of no file": (
        "file_outcomes_file_id_fkey",
        """INSERT INTO file_outcomes
           SELECT repeat('1', 64), 'applied', '{}', '2026-11-22' WHERE $1 <> ''""",
    ),
    "a letter that nobody ordered": (
        "letters_ordered_by_somebody",
        """INSERT INTO letters (membership_id, key, template, audience, figures, status)
           VALUES ($1, 'x', 'welcome', 'member', '{}', 'pending')""",
    ),
    "a letter ordered by a decision and a run": (
        "letters_ordered_by_somebody",
        """INSERT INTO letters (membership_id, key, decision, batch, ordered_on, template,
                                audience, figures, status)
           VALUES ($1, 'x', 2, 'run', '2026-11-22', 'welcome', 'member', '{}', 'pending')""",
    ),
    "a payment changed": (
        "payments_append_only",
        "UPDATE payments SET amount_ore = 1 WHERE membership_id = $1",
    ),
    # Invariant 3
    "two terms of a kind in one month": (
        "terms_one_per_kind_and_month",
        adding_term(kind="central_dues", valid="[2027-05-01,2027-06-01)"),
    ),
    "two payers in one month": ("terms_one_payer_per_month", adding_term(payer="payroll")),
    "a gap in the central dues": (
        "terms_without_gap",
        """UPDATE terms SET superseded_by = 3 WHERE membership_id = $1;
           INSERT INTO terms (membership_id, kind, amount_ore, cadence, payer, valid, decision)
           VALUES ($1, 'central_dues', 1, 'monthly', 'direct', '[2026-11-01,2026-12-01)', 3),
                  ($1, 'central_dues', 1, 'monthly', 'direct', '[2027-01-01,)', 3)""",
    ),
    "a gap that superseding leaves": (
        "terms_without_gap",
        """UPDATE terms SET superseded_by = 3 WHERE membership_id = $1;
           INSERT INTO terms (membership_id, kind, amount_ore, cadence, payer, valid, decision)
           VALUES ($1, 'central_dues', 1, 'monthly', 'direct', '[2026-11-01,2026-12-01)', 2),
                  ($1, 'central_dues', 2, 'monthly', 'direct', '[2026-12-01,2027-01-01)', 2),
                  ($1, 'central_dues', 3, 'monthly', 'direct', '[2027-01-01,)', 2);
           UPDATE terms SET superseded_by = 3 WHERE amount_ore = 2 AND membership_id = $1""",
    ),
    "half a month": ("terms_whole_months", adding_term(valid="[2026-11-15,)")),
    "an end within a month": (
        "terms_whole_months",
        adding_term(valid="[2026-11-01,2026-12-15)"),
    ),
    "no month at all": ("terms_whole_months", adding_term(valid="empty")),
    "a term without a beginning": ("terms_whole_months", adding_term(valid="(,2026-12-01)")),
    "a term changed": (
        "terms_append_only",
        "UPDATE terms SET amount_ore = 1 WHERE membership_id = $1",
    ),
    "a term superseded twice": (
        "terms_append_only",
        """UPDATE terms SET superseded_by = 3 WHERE membership_id = $1;
           UPDATE terms SET superseded_by = NULL WHERE membership_id = $1""",
    ),
    "a term superseded by an earlier decision": (
        "terms_superseded_later",
        "UPDATE terms SET superseded_by = 1 WHERE membership_id = $1",
    ),
    "a term deleted": ("terms_append_only", "DELETE FROM terms WHERE membership_id = $1"),
    # Invariant 4
    "a branch for a hidden member": (
        "memberships_hidden_without_branch",
        "UPDATE memberships SET hidden = true, branch = 'OSLO' WHERE membership_id = $1",
    ),
    "a disclosure without a basis": (
        "disclosures_basis_check",
        """INSERT INTO disclosures VALUES ($1, '0002-payroll_start', 'employer', '',
           '2026-11-22')""",
    ),
    "a disclosure about nobody": (
        "disclosures_membership_id_fkey",
        "INSERT INTO disclosures VALUES ($1 || 'x', 'key', 'employer', 'S26', '2026-11-22')",
    ),
    "a disclosure deleted": (
        "disclosures_append_only",
        """INSERT INTO disclosures VALUES ($1, '0002-payroll_start', 'employer', 'S26',
           '2026-11-22');
           DELETE FROM disclosures WHERE membership_id = $1""",
    ),
    # Invariant 5
    "a decision changed": (
        "decisions_append_only",
        "UPDATE decisions SET decided_by = 'x' WHERE membership_id = $1",
    ),
    "a decision deleted": (
        "decisions_append_only",
        "DELETE FROM decisions WHERE membership_id = $1",
    ),
    "two decisions with one number": (
        "decisions_pkey",
        "INSERT INTO decisions SELECT * FROM decisions WHERE membership_id = $1",
    ),
    "a letter deleted": (
        "letters_append_only",
        "DELETE FROM letters WHERE membership_id = $1",
    ),
    "a letter ordered twice": (
        "letters_pkey",
        "INSERT INTO letters SELECT * FROM letters WHERE membership_id = $1",
    ),
    "a sent letter made pending": (
        "letters_never_unsent",
        """UPDATE letters SET status = 'sent', sent_on = '2026-11-22' WHERE membership_id = $1;
           UPDATE letters SET status = 'pending' WHERE membership_id = $1""",
    ),
    "a sent letter without its date": (
        "letters_dated_when_sent",
        "UPDATE letters SET status = 'sent' WHERE membership_id = $1",
    ),
    "a rejected intake without a fault": (
        "rejected_intakes_faults_check",
        """INSERT INTO rejected_intakes VALUES ($1, '2026-11-22T10:00Z', '2026-11-22',
           '{}')""",
    ),
    # Never two memberships
    "the same national id twice": (
        "members_one_per_national_id",
        f"""UPDATE members SET number_print = fingerprint_of_number('{KARIS_ID}')
           WHERE membership_id <> $1""",
    ),
    "the same person twice": (
        "members_one_per_person",
        """UPDATE members AS other
           SET person_print = (SELECT person_print FROM members WHERE membership_id = $1)
           WHERE other.membership_id <> $1""",
    ),
    "a member number twice": (
        "memberships_member_number_key",
        """UPDATE memberships SET member_number = (SELECT member_number FROM memberships
           WHERE membership_id = $1) WHERE membership_id <> $1""",
    ),
    "a member without a number": (
        "memberships_member_is_complete",
        "UPDATE memberships SET member_number = NULL WHERE membership_id = $1",
    ),
    "an end without an outcome": (
        "memberships_outcome_when_ended",
        "UPDATE memberships SET stage = 'ended' WHERE membership_id = $1",
    ),
    # Nothing hangs in the air
    "a term of no decision": ("terms_membership_id_decision_fkey", adding_term(decision=99)),
    "an invoice line of no such invoice": (
        "charges_invoice_number_membership_id_period_from_fkey",
        f"""INSERT INTO charges VALUES ('none', $1, '2027-01-01', 'local_dues', 1,
           repeat('0', 64), NULL, 'monthly', '{SOMEONE}')""",
    ),
    "an invoice line for another month than its invoice": (
        "charges_invoice_number_membership_id_period_from_fkey",
        """INSERT INTO charges SELECT invoice_number, membership_id, '2027-01-01', kind,
           1, content_hash, employer_orgnr, cadence, person_id FROM charges
           WHERE membership_id = $1""",
    ),
    "a letter of no decision": (
        "letters_membership_id_decision_fkey",
        """INSERT INTO letters SELECT membership_id, 'x', 99, template, NULL, 'member', figures,
           'pending' FROM letters WHERE membership_id = $1 LIMIT 1""",
    ),
    "a message id used twice": (
        "letters_message_id_key",
        """INSERT INTO letters SELECT membership_id, key || 'x', decision, template, NULL,
           'member', figures, 'pending', 0, message_id FROM letters WHERE membership_id = $1""",
    ),
    "a term superseded by no decision": (
        "terms_membership_id_superseded_by_fkey",
        "UPDATE terms SET superseded_by = 99 WHERE membership_id = $1",
    ),
    "an invoice of no decision": (
        "invoices_membership_id_decision_fkey",
        adding_invoice(decision=99),
    ),
    "a payment of no decision": (
        "payments_membership_id_decision_fkey",
        """INSERT INTO payments SELECT 'B-2', membership_id, 99, 1, paid_on, kid
           FROM payments WHERE membership_id = $1""",
    ),
    "a payment of no file": (
        "payments_file_id_fkey",
        """INSERT INTO payments SELECT 'B-2', membership_id, NULL, 1, paid_on, kid, repeat('0', 64)
           FROM payments WHERE membership_id = $1""",
    ),
    "an allocation of no payment": (
        "allocations_reference_fkey",
        adding_allocation(reference="'none'", amount=-1),
    ),
    "an allocation to no invoice": (
        "allocations_invoice_number_fkey",
        adding_allocation(invoice="'none'", amount=-1),
    ),
    "an allocation to no list": (
        "allocations_list_number_fkey",
        adding_allocation(invoice="NULL", list_number="'none'", amount=-1),
    ),
    "a report of no payment": (
        "payment_reports_reference_fkey",
        "INSERT INTO payment_reports (reference, membership_id) VALUES ('none', $1)",
    ),
    "a reversal of nothing": (
        "awaited_reversals_amount_ore_check",
        "INSERT INTO awaited_reversals VALUES ('R-9', 'B-9', $1, 0, '2026-11-22', NULL)",
    ),
    "a refund of no payment": (
        "refund_parts_reference_fkey",
        ADDING_REFUND,
    ),
    "a decision about nobody": (
        "decisions_membership_id_fkey",
        """INSERT INTO decisions (membership_id, number, event, decided_at, decided_on,
                                  decided_by, rules, content_hash, receipt)
           SELECT 'nobody', number, event, decided_at, decided_on, decided_by, rules,
                  content_hash, receipt FROM decisions
           WHERE membership_id = $1 AND number = 1""",
    ),
    "a branch that does not exist": (
        "memberships_branch_fkey",
        "UPDATE memberships SET branch = 'NOWHERE' WHERE membership_id = $1",
    ),
    # Values that can only be mistakes
    "a letter of unknown status": (
        "letters_status_check",
        "UPDATE letters SET status = 'lost' WHERE membership_id = $1",
    ),
    "a letter to an employer whose number has a letter": (
        "letters_employer_orgnr_check",
        "UPDATE letters SET employer_orgnr = '12345678x' WHERE membership_id = $1",
    ),
    "a letter before the first place": (
        "letters_place_check",
        "UPDATE letters SET place = -1 WHERE membership_id = $1",
    ),
    "an invoice in another currency": (
        "invoices_currency_check",
        adding_invoice(currency="SEK"),
    ),
    "a member number of seven digits": (
        "memberships_member_number_check",
        "UPDATE memberships SET member_number = '1234567' WHERE membership_id = $1",
    ),
    "a national id with a letter": (
        "people_national_id_check",
        f"UPDATE people SET national_id = '1234567890x' {WHO}",
    ),
    "more than a whole position": (
        "memberships_position_percent_check",
        "UPDATE memberships SET position_percent = 100.01 WHERE membership_id = $1",
    ),
    "a KID with a letter": ("invoices_kid_check", adding_invoice(kid="12a")),
    "an invoice from within a month": (
        "invoices_period_from_check",
        adding_invoice(period="2027-01-02"),
    ),
    "a serial that the KID has no place for": (
        "invoices_serial_check",
        adding_invoice(serial=1_000_000),
    ),
    "a payment of nothing": (
        "payments_amount_ore_check",
        """INSERT INTO payments SELECT 'B-2', membership_id, decision, 0, paid_on, kid
           FROM payments WHERE membership_id = $1""",
    ),
    "a disclosure to the member": (
        "disclosures_audience_check",
        "INSERT INTO disclosures VALUES ($1, '0002-welcome', 'member', 'x', '2026-11-22')",
    ),
    "an employer's number with a letter": (
        "employers_orgnr_check",
        "INSERT INTO employers SELECT '12345678x' FROM memberships WHERE membership_id = $1",
    ),
    # The rulebook
    "a misspelt policy": (
        "policies_name_known",
        "INSERT INTO policies VALUES ('window_dais', '2027-01-01', '30', $1)",
    ),
}


async def run(database, script, *arguments):
    """Run a script for one membership, and every check that a commit would make."""
    for statement in script.split(";"):
        await database.execute(statement, *arguments)
    await database.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("script", ALLOWED.values(), ids=ALLOWED.keys())
async def test_what_is_right_is_accepted(database, script):
    """The constraints stop wrong rows only: these are right and pass."""
    await run(database, script, KARI)


@pytest.mark.parametrize(("constraint", "script"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_wrong_is_refused(database, constraint, script):
    """Each of these breaks an invariant, and the constraint that keeps it says so by name."""
    with pytest.raises(asyncpg.PostgresError) as caught:
        await run(database, script, KARI)
    assert caught.value.constraint_name == constraint


@pytest.mark.parametrize("audience", ["employer", "branch", "recruiter"])
async def test_no_letter_about_a_hidden_member(database, audience):
    """Nothing about a hidden member can be ordered for those who must not know (invariant 4)."""
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await run(database, LETTER.format(audience=audience), OLA)
    assert caught.value.constraint_name == "letters_protect_hidden_members"


GOES_OUT = "UPDATE letters SET status = 'sending'"
WHILE_HIDING = {
    "a request": ("payroll_start", "employer", "", False),
    "a STOP in our words": ("payroll_stop", "employer", "", False),
    "a STOP by way of the caseworkers": ("payroll_stop", "employer", ", forwarded = true", True),
    "a goodbye to the branch": ("branch_member_left", "branch", "", True),
    "news for the branch": ("branch_member_changed", "branch", ", forwarded = true", False),
    "the recruiter's thanks": ("recruiter_thanks", "recruiter", "", False),
}


@pytest.mark.parametrize(
    ("template", "audience", "how", "goes"), WHILE_HIDING.values(), ids=WHILE_HIDING
)
async def test_an_answered_wish_lets_out_only_what_it_needs(
    database, template, audience, how, goes
):
    """Invariant 12: by the row alone, what was ordered before a wish to be hidden stays here."""
    await run(database, LETTER.format(audience=audience), KARI)
    await run(database, f"UPDATE letters SET template = '{template}' WHERE key = 'key'")
    await run(database, "UPDATE memberships SET hiding = true WHERE membership_id = $1", KARI)
    if goes:
        await run(database, f"{GOES_OUT}{how} WHERE key = 'key'")
        return
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await run(database, f"{GOES_OUT}{how} WHERE key = 'key'")
    assert caught.value.constraint_name == "letters_protect_hidden_members"


@pytest.mark.parametrize("audience", ["member", "caseworkers", "insurance_office"])
async def test_hidden_member_still_gets_letters(database, audience):
    """A hidden member, the caseworkers and the insurance office are written to (S9, S34)."""
    await run(database, LETTER.format(audience=audience), OLA)


@pytest.mark.parametrize(
    "change", ["status = 'sending'", "audience = 'branch'"], ids=["sending", "readdressing"]
)
async def test_waiting_letter_is_stopped_once_the_member_is_hidden(database, change):
    """A letter ordered while the member was open can't begin to go out after that."""
    await run(database, LETTER.format(audience="employer"), KARI)
    await run(database, "UPDATE memberships SET hidden = true WHERE membership_id = $1", KARI)
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await run(database, f"UPDATE letters SET {change} WHERE key = 'key'")
    assert caught.value.constraint_name == "letters_protect_hidden_members"


@pytest.mark.parametrize(
    "table",
    [
        "decisions",
        "terms",
        "invoices",
        "charges",
        "entries",
        "payments",
        "allocations",
        "refunds",
        "refund_parts",
        "refund_files",
        "bank_charges",
        "corrections",
        "redirections",
        "deduction_lists",
        "deduction_lines",
        "inbound_files",
        "bank_entries",
        "letters",
        "disclosures",
    ],
)
async def test_history_is_never_emptied(database, table):
    """TRUNCATE, which fires no row trigger, is refused as well."""
    with pytest.raises(asyncpg.RestrictViolationError) as caught:
        await database.execute(f"TRUNCATE {table} CASCADE")
    assert caught.value.constraint_name == f"{table}_append_only"


@pytest.mark.parametrize("stage", [s for s in Stage if s is not Stage.ENDED])
async def test_outcome_belongs_to_the_end(database, stage):
    """Only an ended membership has an outcome."""
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await database.execute(
            "UPDATE memberships SET stage = $2, outcome = 'resigned' WHERE membership_id = $1",
            KARI,
            stage,
        )
    assert caught.value.constraint_name == "memberships_outcome_when_ended"


VOCABULARY = {
    "memberships_stage_check": Stage,
    "memberships_outcome_check": Outcome,
    "memberships_category_check": Category,
    "benefits_category_check": Category,
    "people_language_check": Language,
    "terms_kind_check": LineKind,
    "terms_cadence_check": Cadence,
    "terms_payer_check": Payer,
    "charges_kind_check": LineKind,
    "charges_cadence_check": Cadence,
    "letters_audience_check": Audience,
}


@pytest.mark.parametrize(("constraint", "words"), VOCABULARY.items(), ids=VOCABULARY.keys())
async def test_database_knows_the_words_of_the_contract(database, constraint, words):
    """A word added to the vocabulary needs a migration; no other word can be written."""
    definition = await database.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1", constraint
    )
    assert set(re.findall(r"'(\w+)'", definition)) == set(words)


async def test_database_knows_every_policy(database):
    """The closed list of policies is the contract's."""
    definition = await database.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1",
        "policies_name_known",
    )
    assert set(re.findall(r"'(\w+)'", definition)) == set(Policies.model_fields) - {"valid_from"}
