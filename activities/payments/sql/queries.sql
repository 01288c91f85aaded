-- ===== Files of the bank

-- name: begin_import#
-- Give one import the time it takes; another one waits for it: what each format calls equal
-- payments is counted by their order.
SET LOCAL statement_timeout = '10min';
SET LOCAL lock_timeout = '5min';
SET LOCAL idle_in_transaction_session_timeout = '10min';
SET LOCAL work_mem = '64MB';
SELECT pg_advisory_xact_lock(hashtext('medlemsflyt.bank_import'));

-- name: open_bank_transactions#
-- Make room for what a file brings, for the length of the transaction.
CREATE TEMP TABLE bank_transactions (
    position bigint NOT NULL,
    place text NOT NULL,
    reference text NOT NULL,
    amount_ore bigint NOT NULL,
    paid_on date NOT NULL,
    kid text,
    reversal boolean NOT NULL,
    takes_back text,
    name text
) ON COMMIT DROP;

-- name: analyze_bank_transactions#
-- Let the planner know what a file has brought.
ANALYZE bank_transactions;

-- name: find_twins(most)
-- Find references that stand more than once in the file, as places.
SELECT max(place) FILTER (WHERE nth = 2) AS place, min(place) FILTER (WHERE nth = 1) AS first
FROM (
    SELECT place, reference, row_number() OVER (PARTITION BY reference ORDER BY position) AS nth
    FROM bank_transactions
) AS counted
GROUP BY reference
HAVING max(nth) > 1
ORDER BY min(place)
LIMIT :most;

-- name: find_contradictions(most)
-- Find what is known under the same reference as something else, as places.
SELECT place
FROM bank_transactions
LEFT JOIN payments USING (reference)
LEFT JOIN awaited_reversals USING (reference)
WHERE (payments.reference IS NOT NULL
       AND (payments.amount_ore, payments.kid, payments.reverses IS NOT NULL)
           IS DISTINCT FROM (bank_transactions.amount_ore, bank_transactions.kid, reversal))
   OR (awaited_reversals.reference IS NOT NULL
       AND (awaited_reversals.amount_ore, awaited_reversals.kid, true)
           IS DISTINCT FROM (bank_transactions.amount_ore, bank_transactions.kid, reversal))
ORDER BY position
LIMIT :most;

-- name: read_batches(size)
-- Read what a file brings in batches of at least so many, a person's whole money in one of them,
-- in the bank's order: so what it comes to is the same as if all were booked at once. A reversal
-- stands with what it takes back.
WITH meant AS (
    SELECT one.*, coalesce(inside.kid, booked.kid, one.kid) AS meant_kid
    FROM bank_transactions AS one
    LEFT JOIN bank_transactions AS inside ON inside.reference = one.takes_back
    LEFT JOIN payments AS booked ON booked.reference = one.takes_back
), kids AS (
    SELECT kid FROM meant UNION SELECT meant_kid FROM meant
), owners AS (
    -- As membership_of_kid has it, for all of them at once.
    SELECT kids.kid, coalesce(asked.membership_id, numbered.membership_id) AS membership_id
    FROM kids
    LEFT JOIN invoices AS asked ON asked.kid = kids.kid
    LEFT JOIN memberships AS numbered
      ON numbered.member_number = substr(kids.kid, 2, 8)::char(8)
     AND CASE WHEN kids.kid ~ '^1[0-9]{15}$'
              THEN with_mod10(left(kids.kid, 15)) = kids.kid ELSE false END
), placed AS (
    SELECT meant.*, own.membership_id,
           coalesce(
               min(payers.member_number::text) OVER (PARTITION BY payers.person_id),
               payers.person_id, meant_kid, takes_back, reference) AS payer
    FROM meant
    LEFT JOIN owners AS own ON own.kid = meant.kid
    LEFT JOIN owners AS meant_for ON meant_for.kid = meant_kid
    LEFT JOIN memberships AS payers ON payers.membership_id = meant_for.membership_id
)
SELECT (rank() OVER (ORDER BY payer) - 1) / :size AS batch,
       place, reference, membership_id, amount_ore, paid_on, kid, reversal, takes_back, name
FROM placed
ORDER BY payer, position;

-- name: give_batch_time#
-- Let a batch find rows by their keys: it looks a few up in tables of any size. It is as large as all
-- that one person has paid, at least.
SET LOCAL statement_timeout = '10min';
SET LOCAL enable_seqscan = off;

-- name: book_transactions(file_id, format, today, allocate, references, owners, amounts, days, kids, reversals, takes_back, names)^
-- Book a batch of a file; return what became of it, counted.
SELECT * FROM book_transactions(
    :file_id, :format, :today, :allocate, :references::text[], :owners::text[],
    :amounts::bigint[], :days::date[], :kids::text[], :reversals::boolean[],
    :takes_back::text[], :names::text[]);

-- name: decide_file!
-- Note what became of a file; one that was refused may be tried again.
INSERT INTO file_outcomes (file_id, outcome, report, decided_on)
VALUES (:file_id, :outcome, :report, :decided_on)
ON CONFLICT (file_id) DO UPDATE
SET outcome = excluded.outcome, report = excluded.report, decided_on = excluded.decided_on
WHERE file_outcomes.outcome = 'refused';

-- name: read_untold(after, most)
-- Read payments of first invoices that no membership has been told of.
SELECT reference, payment_reports.membership_id, amount_ore, paid_on, kid
FROM payment_reports JOIN payments USING (reference)
WHERE told_on IS NULL AND payment_reports.decision IS NULL AND reference > :after
ORDER BY reference
LIMIT :most;

-- name: mark_told!
-- Note that memberships have been told.
UPDATE payment_reports SET told_on = :today WHERE reference = ANY (:references);

-- name: read_settlements(file_id)
-- Read which deduction lists a file has paid, or has taken a payment back from.
SELECT DISTINCT number, to_char(period_from, 'YYYY-MM') AS period
FROM payments
JOIN allocations ON allocations.reference IN (payments.reference, payments.reverses)
JOIN deduction_lists ON deduction_lists.number = allocations.list_number
WHERE payments.file_id = :file_id
ORDER BY number;

-- name: apply_credits(first, last, today)$
-- Pay the oldest open invoices of a range of members with their credit notes.
SELECT apply_credits(:first, :last, :today);

-- name: use_suspense(first, last, today)$
-- Pay the oldest open invoices of a range of members with what they have in suspense.
SELECT use_suspense_of(:first, :last, :today);

-- name: use_money(membership_ids, today)$
-- Use whatever members have with us for what they owe.
SELECT use_money_of(:membership_ids::text[], :today);

-- ===== Suspense, allocated by hand

-- name: list_suspense(most)
-- List what is in suspense, the oldest first, with what may be open for it.
SELECT suspended.reference, suspended.membership_id, suspended.paid_on,
       suspended.kid, suspended.amount_ore, suspended.suspense_ore,
       ARRAY(SELECT number FROM invoice_balances
             WHERE invoice_balances.membership_id
                   = ANY (all_of_person(ARRAY[suspended.membership_id]))
               AND open_ore > 0
             ORDER BY issued_on, serial, number LIMIT 5) AS open_invoices
FROM (SELECT * FROM suspended_payments ORDER BY paid_on, reference LIMIT :most) AS suspended
ORDER BY paid_on, reference;

-- name: lock_invoice(number)$
-- Lock an invoice against everybody else who allocates to it.
SELECT number FROM invoices WHERE number = :number FOR NO KEY UPDATE;

-- name: lock_payment(reference)$
-- Lock a payment against everybody else who allocates or refunds it.
SELECT reference FROM payments
WHERE reference = :reference AND reverses IS NULL FOR NO KEY UPDATE;

-- name: read_payment(reference)^
-- Read what is left of a payment.
SELECT membership_id, suspense_ore, reversed FROM payment_balances WHERE reference = :reference;

-- name: read_invoice(number)^
-- Read what is open of an invoice.
SELECT membership_id, open_ore FROM invoice_balances WHERE number = :number;

-- name: allocate!
-- Allocate part of a payment to an invoice, by hand, with its entry.
WITH given AS (
    INSERT INTO allocations
        (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT :reference,
           coalesce((SELECT max(serial) FROM allocations WHERE reference = :reference), 0) + 1,
           :number, :amount_ore, :today, :by
    RETURNING serial
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT :today, 'allocation', membership_id, :reference || '/' || given.serial, 'suspense',
       'members', :amount_ore
FROM given, invoices WHERE invoices.number = :number;

-- name: refund!
-- Ask for money in suspense to be paid back, with its entry.
WITH refund AS (
    INSERT INTO refunds (reference, amount_ore, requested_on, requested_by, reason)
    VALUES (:reference, :amount_ore, :today, :by, :reason)
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT :today, 'refund', membership_id, reference, 'suspense', 'refunds', :amount_ore
FROM payments WHERE reference = :reference;

-- name: write_off!
-- Write off part of an invoice, or take that back, with its entry.
WITH decided AS (
    INSERT INTO write_offs (invoice_number, serial, amount_ore, decided_on, decided_by, reason)
    SELECT :number, coalesce(max(serial), 0) + 1, :amount_ore, :today, :by, :reason
    FROM write_offs WHERE invoice_number = :number
    RETURNING *
), given AS (
    INSERT INTO allocations
        (write_off, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT serial, serial, invoice_number, amount_ore, decided_on, decided_by FROM decided
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT decided_on, 'write_off', invoices.membership_id,
       invoice_number || '/' || decided.serial,
       CASE WHEN amount_ore > 0 THEN 'losses' WHEN amount_ore < 0 THEN 'members' END,
       CASE WHEN amount_ore > 0 THEN 'members' WHEN amount_ore < 0 THEN 'losses' END,
       abs(amount_ore)
FROM decided JOIN invoices ON invoices.number = invoice_number;

-- name: read_written_off(number)$
-- Tell how much of an invoice is written off.
SELECT coalesce(sum(amount_ore), 0)::bigint FROM write_offs WHERE invoice_number = :number;

-- ===== What a membership is told was paid

-- name: write_payment(reference, membership_id, number, amount_ore, paid_on, kid)$
-- Write a payment and its entry, unless its reference is known; return whether it is new.
WITH payment AS (
    INSERT INTO payments (reference, membership_id, decision, amount_ore, paid_on, kid)
    VALUES (:reference, :membership_id, :number, :amount_ore, :paid_on, :kid)
    ON CONFLICT (reference) DO NOTHING
    RETURNING *
), booked AS (
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT paid_on, 'payment', membership_id, reference, 'bank', 'suspense', amount_ore
    FROM payment
)
SELECT EXISTS (SELECT FROM payment);

-- name: settle_payment(reference, today)$
-- Allocate a payment that has just been written.
SELECT settle_payments(ARRAY[:reference::text], :today);

-- name: find_payment(reference, membership_id, first_invoice)^
-- Find a payment by the bank's reference: where it went, else what it is for and what that asks.
SELECT
    coalesce(of_one_person(payments.membership_id, :membership_id), false) AS own,
    payments.amount_ore,
    payments.paid_on,
    payments.kid,
    payments.file_id IS NOT NULL AND payments.decision IS NULL
        AND payments.reverses IS NULL AS from_file,
    coalesce(payment_balances.suspense_ore, 0) AS suspense_ore,
    allocated.invoice_number,
    allocated.allocated_by,
    coalesce(allocated.others, 0) AS others,
    coalesce(paid.open_ore <= 0, false) AS settled,
    coalesce(paid.paid_ore, named.paid_ore, 0) AS paid_ore,
    claims.open_ore AS claimed_ore,
    payments.kid IS NULL
        OR coalesce(of_one_person(membership_of_kid(payments.kid), payments.membership_id), false)
        AS own_kid
FROM payments
LEFT JOIN payment_balances USING (reference)
LEFT JOIN LATERAL (
    SELECT invoice_number, (array_agg(allocated_by ORDER BY serial DESC))[1] AS allocated_by,
           count(*) OVER () - 1 AS others
    FROM allocations
    WHERE allocations.reference = payments.reference AND invoice_number IS NOT NULL
    GROUP BY invoice_number
    HAVING sum(amount_ore) > 0
    -- Something follows from the first invoice.
    ORDER BY (invoice_number = :first_invoice) IS TRUE DESC, min(serial)
    LIMIT 1
) AS allocated ON true
LEFT JOIN invoice_balances AS paid ON paid.number = allocated.invoice_number
LEFT JOIN invoice_balances AS named
       ON named.kid = payments.kid
      AND of_one_person(named.membership_id, payments.membership_id)
LEFT JOIN LATERAL claim_of(payments.membership_id, payments.kid) AS claims ON true
WHERE payments.reference = :reference;

-- name: adopt_payment(reference, membership_id, number)$
-- Note the decision that took in a payment of a file; return whether it is the first.
WITH adopted AS (
    INSERT INTO payment_reports (reference, membership_id, decision)
    VALUES (:reference, :membership_id, :number)
    ON CONFLICT (reference) DO UPDATE SET decision = excluded.decision
    WHERE payment_reports.decision IS NULL
    RETURNING 1
)
SELECT EXISTS (SELECT FROM adopted);

-- ===== Paid months

-- name: memberships_of_person(membership_id)
-- List the memberships of the person whose membership this is.
SELECT mine.membership_id
FROM memberships AS one JOIN memberships AS mine USING (person_id)
WHERE one.membership_id = :membership_id AND mine.member_since IS NOT NULL
ORDER BY mine.membership_id;

-- name: list_months(membership_ids, today)
-- List each month that memberships have terms for until a day, and whether its central dues are
-- paid: the invoice that charges them, the employer's deduction, or the invoice in its place. A
-- year's fee is for the months of its term in that year. NULL: nothing is charged for the month.
SELECT terms.membership_id, months.month::date AS month,
       memberships.facts::text AS facts,
       CASE WHEN coalesce(terms.amount_ore, rate_in(terms.rate, months.month::date)) = 0 THEN NULL ELSE EXISTS (
           SELECT FROM charges
           LEFT JOIN deduction_lists AS lists
             ON lists.employer_orgnr = charges.employer_orgnr
            AND lists.period_from = charges.period_from
           LEFT JOIN deductions
             ON deductions.list_number = lists.number
            AND deductions.membership_id = charges.membership_id
           LEFT JOIN redirections
             ON redirections.list_number = lists.number
            AND redirections.membership_id = charges.membership_id
           LEFT JOIN invoice_balances AS invoice
             ON invoice.number = coalesce(charges.invoice_number, redirections.invoice_number)
           WHERE charges.membership_id = terms.membership_id
             AND charges.kind = 'central_dues'
             AND charges.period_from BETWEEN CASE terms.cadence
                     WHEN 'monthly' THEN months.month
                     WHEN 'quarterly' THEN date_trunc('quarter', months.month)
                     WHEN 'yearly' THEN date_trunc('year', months.month) END
                 AND months.month
             AND (invoice.open_ore <= 0 OR deductions.outcome IN ('deducted', 'over'))
       ) END AS paid
FROM memberships
JOIN terms USING (membership_id)
CROSS JOIN LATERAL generate_series(
    lower(terms.valid)::timestamp, least(upper(terms.valid) - 1, :today::date)::timestamp,
    interval '1 month') AS months (month)
WHERE terms.membership_id = ANY(:membership_ids::text[])
  AND terms.kind = 'central_dues' AND terms.superseded_by IS NULL
ORDER BY months.month, terms.membership_id;

-- name: list_transfers(membership_ids)
-- List the months of full dues that were paid to another union before a membership (L10).
SELECT (facts ->> 'since')::date AS since,
       (facts #>> '{beginning,transferred,paid_months}')::integer AS paid_months
FROM memberships
WHERE membership_id = ANY(:membership_ids::text[])
  AND facts #> '{beginning,transferred}' <> 'null'::jsonb;
