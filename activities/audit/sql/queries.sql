-- ===== Runs and findings

-- name: keep_findings(run, today, check_name, subjects, memberships, abouts, says, mended, holds)!
-- Keep what was found; hold the members, and ask the caseworkers, unless it is mended.
WITH finding AS MATERIALIZED (
    SELECT subject, memberships.membership_id, about, given.says
    FROM unnest(:subjects::text[], :memberships::text[], :abouts::date[], :says::text[])
             AS given (subject, membership_id, about, says)
    LEFT JOIN memberships USING (membership_id)
), kept AS (
    INSERT INTO audit_findings
        (run, check_name, subject, found_on, membership_id, says, mended)
    SELECT :run, :check_name, subject, :today, membership_id, says, :mended FROM finding
    ON CONFLICT (run, check_name, subject) DO NOTHING
), held AS (
    INSERT INTO holds (membership_id, check_name, reason, held_on, about)
    SELECT membership_id, :check_name, min(says), :today, min(about) FROM finding
    WHERE membership_id IS NOT NULL AND :holds AND NOT :mended
    GROUP BY membership_id
    ORDER BY membership_id
    ON CONFLICT (membership_id, check_name) DO UPDATE
    SET reason = excluded.reason, about = least(holds.about, excluded.about)
    WHERE (holds.reason, holds.about)
          IS DISTINCT FROM (excluded.reason, least(holds.about, excluded.about))
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'audit/' || :check_name || '/' || subject, 'audit', 'Audit: ' || says || '.', membership_id,
       :today
FROM finding WHERE NOT :mended
ON CONFLICT (key) DO UPDATE
-- What was over, or was taken for it, has come again.
SET (says, opened_on, announced_on, closed_on, closed_by, note, settled)
  = (excluded.says, excluded.opened_on, NULL, NULL, NULL, NULL, false)
WHERE tasks.closed_on IS NOT NULL;

-- name: release(run, checks)$
-- Release whom nothing of some checks holds any more; the next dues run compares them.
WITH over AS (
    DELETE FROM holds
    -- Not by joins: the planner knows nothing yet of what this audit has written.
    WHERE check_name = ANY (:checks::text[]) AND (membership_id, check_name) NOT IN (
        SELECT membership_id, check_name FROM audit_findings
        WHERE run = :run AND membership_id IS NOT NULL AND NOT mended)
    RETURNING membership_id, check_name
), released AS (
    SELECT DISTINCT membership_id FROM over
    WHERE membership_id NOT IN (
        SELECT membership_id FROM holds
        WHERE (membership_id, check_name) NOT IN (SELECT membership_id, check_name FROM over))
), marked AS (
    -- What they were spared meanwhile comes as a correction.
    INSERT INTO reassessments (membership_id)
    SELECT membership_id FROM released ORDER BY membership_id
    ON CONFLICT (membership_id) DO UPDATE SET revision = reassessments.revision + 1
)
SELECT count(*) FROM released;

-- name: close_tasks(run, checks, since, today)!
-- Close the tasks of some checks that were not found again, of a time that was looked at.
UPDATE tasks SET closed_on = :today, closed_by = 'audit', note = 'it is not found any more'
WHERE tasks.kind = 'audit' AND tasks.closed_on IS NULL
  AND split_part(tasks.key, '/', 2) = ANY (:checks::text[])
  AND (split_part(tasks.key, '/', 2) <> 'entry_of_money' OR tasks.opened_on >= :since)
  AND tasks.key NOT IN (
    SELECT 'audit/' || check_name || '/' || subject FROM audit_findings
    WHERE run = :run AND NOT mended);

-- ===== The ledger

-- name: find_balances()
-- Compare each account with what charges, lists and payments add up to.
WITH standing AS MATERIALIZED (
    SELECT account, balance_ore FROM balances
), charged AS MATERIALIZED (
    SELECT kind, employer_orgnr IS NOT NULL AS by_list, sum(amount_ore) AS ore
    FROM charges GROUP BY kind, employer_orgnr IS NOT NULL
), settled AS MATERIALIZED (
    SELECT outcome, sum(difference_ore) AS ore FROM deductions GROUP BY outcome
), allocated AS MATERIALIZED (
    SELECT list_number IS NOT NULL AS by_list, sum(amount_ore) AS ore
    FROM allocations WHERE reference IS NOT NULL GROUP BY list_number IS NOT NULL
), parts (account, ore) AS (
    SELECT account, ore FROM charged JOIN payers USING (by_list)
    UNION ALL SELECT kind, -ore FROM charged
    UNION ALL SELECT 'members', sum(amount_ore) FROM redirections
    UNION ALL SELECT 'employers', -sum(amount_ore) FROM redirections
    UNION ALL SELECT 'members', sum(amount_ore) FROM recoveries WHERE invoice_number IS NOT NULL
    UNION ALL SELECT 'suspense', -sum(amount_ore) FROM recoveries WHERE invoice_number IS NOT NULL
    -- Over-deducted: less than nothing is different; then the employer owes what it took.
    UNION ALL SELECT 'employers', -ore FROM settled WHERE outcome IN ('over', 'written_off')
    UNION ALL SELECT 'correction', ore FROM settled WHERE outcome IN ('over', 'written_off')
    UNION ALL SELECT 'employers', -sum(amount_ore) FROM list_write_offs WHERE amount_ore > 0
    UNION ALL SELECT 'correction', sum(amount_ore) FROM list_write_offs WHERE amount_ore > 0
    UNION ALL SELECT 'members', -sum(amount_ore) FROM write_offs
    UNION ALL SELECT 'losses', sum(amount_ore) FROM write_offs
    UNION ALL SELECT account, -ore FROM allocated JOIN payers USING (by_list)
    UNION ALL SELECT 'suspense', ore FROM allocated
    UNION ALL SELECT 'bank', sum(CASE WHEN reverses IS NULL THEN amount_ore ELSE -amount_ore END)
        FROM payments
    UNION ALL SELECT 'suspense',
            -sum(CASE WHEN reverses IS NULL THEN amount_ore ELSE -amount_ore END)
        FROM payments
    UNION ALL SELECT 'bank', -sum(amount_ore) FROM awaited_reversals
    UNION ALL SELECT 'suspense', sum(amount_ore) FROM awaited_reversals
    UNION ALL SELECT account, sum(amount_ore) FROM booked_refund_parts GROUP BY account
    UNION ALL SELECT 'local_dues', sum(amount_ore) FROM branch_settlements
    UNION ALL SELECT 'branches', -sum(amount_ore) FROM branch_settlements
    UNION ALL SELECT 'refunds', -sum(amount_ore) FROM booked_refund_parts
    UNION ALL SELECT 'refunds', sum(amount_ore) FROM refunds WHERE paid_on IS NOT NULL
    UNION ALL SELECT 'bank', -sum(amount_ore) FROM refunds WHERE paid_on IS NOT NULL
    UNION ALL SELECT 'refunds', -sum(amount_ore) FROM refunds WHERE returned_on IS NOT NULL
    UNION ALL SELECT 'bank', sum(amount_ore) FROM refunds WHERE returned_on IS NOT NULL
    UNION ALL SELECT 'bank', -sum(amount_ore) FROM bank_charges
    UNION ALL SELECT 'bank_charges', sum(amount_ore) FROM bank_charges WHERE kind = 'fee'
    UNION ALL SELECT 'bank_interest', sum(amount_ore) FROM bank_charges WHERE kind = 'interest'
    UNION ALL SELECT 'insurance_premium', sum(amount_ore) FROM insurance_settlements
    UNION ALL SELECT 'insurance_office', -sum(amount_ore) FROM insurance_settlements
    UNION ALL SELECT 'insurance_office', sum(amount_ore) FROM insurance_payments
    UNION ALL SELECT 'bank', -sum(amount_ore) FROM insurance_payments
), expected AS (
    SELECT account, coalesce(sum(ore), 0) AS ore FROM parts GROUP BY account
)
SELECT 'balances' AS name, account AS subject, NULL AS membership_id, NULL::date AS about,
       format('account %s stands at %s øre, and what it stands for adds up to %s', account,
              coalesce(balance_ore, 0), coalesce(ore, 0)) AS says,
       count(*) OVER () AS drifted
FROM standing FULL JOIN expected USING (account)
WHERE coalesce(balance_ore, 0) <> coalesce(ore, 0)
UNION ALL
SELECT 'balances', 'all accounts', NULL, NULL,
       format('all accounts together stand at %s øre, and must at nothing', sum(balance_ore)), 1
FROM standing HAVING sum(balance_ore) <> 0;

-- name: count_series()$
-- Count the numbers that were given to invoices.
SELECT coalesce(sum(last_no), 0) FROM invoice_series;

-- name: find_series(most)
-- Find the numbers that are on no invoice and were given up by no run, and those nobody gave (P10).
WITH borne AS MATERIALIZED (
    SELECT extract(year FROM issued_on)::integer AS year, count(*) AS invoices,
           max(series_no) AS last_no
    FROM invoices WHERE series_no IS NOT NULL GROUP BY 1
), incomplete AS (
    SELECT year, coalesce(series.last_no, 0) AS last_no, coalesce(borne.last_no, 0) AS borne_no
    FROM invoice_series AS series FULL JOIN borne USING (year)
    WHERE coalesce(series.last_no, 0) <> coalesce(borne.invoices, 0)
       OR coalesce(series.last_no, 0) < borne.last_no
), missing AS (
    SELECT year, unnest(
        int4multirange(int4range(1, last_no + 1))
        - coalesce((SELECT range_agg(int4range(first_no, past_no)) FROM reserved_numbers
                    WHERE reserved_numbers.year = incomplete.year), '{}')
        - coalesce((SELECT range_agg(int4range(series_no, series_no, '[]')) FROM invoices
                    WHERE extract(year FROM issued_on)::integer = incomplete.year
                      AND series_no IS NOT NULL), '{}')) AS span
    FROM incomplete
), found AS (
    SELECT year, lower(span) AS first_no,
           format('numbers %s to %s of the invoices of %s are on none, and no run gave them up',
                  lower(span), upper(span) - 1, year) AS says
    FROM missing
    UNION ALL
    SELECT year, last_no + 1,
           format('the last number given in %s was %s, and an invoice has %s', year, last_no,
                  borne_no)
    FROM incomplete WHERE borne_no > last_no
)
SELECT 'invoice_series' AS name, year || '-' || first_no AS subject, NULL AS membership_id,
       NULL::date AS about, says, count(*) OVER () AS drifted
FROM found
ORDER BY year, first_no
LIMIT :most;

-- name: count_told()$
-- Count whom the insurance office was told of.
SELECT count(*) FROM insurance_told;

-- name: find_told(most)
-- Find who was charged for the package in the month of the office's last file and does not stand as
-- covered by it, and the reverse: of those about whom nothing was decided since it was made (M21).
WITH file AS (
    SELECT period_from, made_on FROM insurance_files ORDER BY period_from DESC LIMIT 1
), charged AS (
    SELECT membership_id FROM terms JOIN file ON valid @> period_from
    WHERE kind = 'insurance_premium' AND superseded_by IS NULL
), told AS (
    SELECT membership_id FROM insurance_told CROSS JOIN file
    WHERE EXISTS (
        SELECT FROM jsonb_array_elements(told -> 'stretches') AS stretch
        WHERE (stretch ->> 'valid_from')::date <= file.period_from
          AND coalesce((stretch ->> 'until')::date > file.period_from, true))
)
SELECT 'insurance_told' AS name, membership_id AS subject, membership_id,
       file.period_from AS about,
       CASE WHEN told.membership_id IS NULL
            THEN 'charged for the insurance package, and the office was not told of a cover'
            ELSE 'covered as the insurance office was told, and not charged for it' END AS says,
       count(*) OVER () AS drifted
FROM charged FULL JOIN told USING (membership_id) CROSS JOIN file
WHERE (charged.membership_id IS NULL) <> (told.membership_id IS NULL)
  AND NOT EXISTS (
    SELECT FROM decisions
    WHERE decisions.membership_id = coalesce(charged.membership_id, told.membership_id)
      AND decided_on >= file.made_on)
ORDER BY membership_id
LIMIT :most;

-- name: count_claims(since)$
-- Count the claims by AvtaleGiro since a day.
SELECT count(*) FROM claims WHERE claimed_on >= :since;

-- name: count_by_mandate(since)$
-- Count the invoices since a day that the bank is to collect.
SELECT count(*) FROM invoices_by_mandate WHERE issued_on >= :since;

-- name: find_claims(since, before, earliest, cancel_from, refused_before, most)
-- Compare the claims since a day with invoices, mandates and what has come of them (P9). What has
-- happened before a day is looked at: the day's own run may be yet to come.
WITH claim AS MATERIALIZED (
    SELECT claims.*, left(claims.kid, 9) AS payer,
           EXISTS (SELECT FROM claim_cancellations AS one
                   WHERE (one.invoice_number, one.nth) = (claims.invoice_number, claims.nth))
               AS cancelled
    FROM claims WHERE claimed_on >= :since
), made AS (
    SELECT claimed_on AS day, count(*) AS claims, sum(amount_ore)::bigint AS ore
    FROM claim GROUP BY claimed_on
), cancelled AS (
    SELECT cancelled_on AS day, count(*) AS cancellations FROM claim_cancellations
    WHERE cancelled_on >= :since GROUP BY cancelled_on
), open_invoice AS MATERIALIZED (
    SELECT due.number, due.membership_id, due.due_on, due.taken_on, balance.open_ore
    FROM (
        SELECT number, membership_id, due_on, NULL::date AS taken_on
        FROM invoices_by_mandate AS by_mandate
        WHERE issued_on >= :since AND issued_on < :before AND due_on < :earliest
          AND NOT EXISTS (SELECT FROM claims WHERE claims.invoice_number = number)
        UNION ALL
        SELECT invoice_number, membership_id, due_on, due_on FROM claim
        WHERE NOT cancelled AND due_on < :refused_before
    ) AS due
    CROSS JOIN LATERAL (SELECT open_ore FROM invoice_balances AS one WHERE one.number = due.number)
        AS balance
    WHERE balance.open_ore > 0 AND NOT is_in_instalments(due.number)
      AND NOT EXISTS (SELECT FROM claim_returns WHERE invoice_number = due.number)
), found (name, subject, membership_id, says) AS (
    SELECT 'claim_of_invoice', invoice_number, claim.membership_id,
           CASE WHEN invoices.number IS NULL
                THEN format('%s øre are claimed for an invoice that is not there', amount_ore)
                WHEN invoices.total_ore < amount_ore
                THEN format('%s øre are claimed, and the invoice asks %s', amount_ore, total_ore)
                ELSE 'it is claimed of somebody else than the invoice is to, or by another KID'
           END || CASE WHEN claim.due_on < :cancel_from THEN ': pay back what the bank collects'
                       ELSE ': have the bank cancel the claim' END
    FROM claim LEFT JOIN invoices ON invoices.number = invoice_number
    WHERE invoices.number IS NULL OR invoices.total_ore < amount_ore
       OR (invoices.membership_id, invoices.kid) <> (claim.membership_id, claim.kid)
    UNION ALL
    SELECT 'claim_of_invoice', max(invoice_number), max(membership_id),
           format('%s claims have its KID, of %s øre together: have the bank cancel all but one, or '
                  'pay back what is collected twice', count(*), sum(amount_ore))
    FROM claim WHERE NOT cancelled GROUP BY kid HAVING count(*) > 1
    UNION ALL
    SELECT 'claim_of_invoice', 'file/' || day, NULL,
           format('the file of %s tells of %s claims of %s øre and %s cancellations, and the books '
                  'of %s of %s øre and %s: compare it with the bank''s receipt', day, file.claims,
                  file.amount_ore, file.cancellations, coalesce(made.claims, 0),
                  coalesce(made.ore, 0), coalesce(cancelled.cancellations, 0))
    FROM claim_files AS file LEFT JOIN made USING (day) LEFT JOIN cancelled USING (day)
    WHERE day >= :since AND (file.claims, file.amount_ore, file.cancellations)
          <> (coalesce(made.claims, 0), coalesce(made.ore, 0), coalesce(cancelled.cancellations, 0))
    UNION ALL
    SELECT 'claim_missed', number, membership_id,
           CASE WHEN taken_on IS NULL
                THEN format('due %s, issued under a mandate and not claimed; the bank takes nothing '
                            'for that day any more: run medlemsflyt claims, which claims it for a '
                            'later day or asks the member to pay', due_on)
                ELSE format('the bank was to collect it on %s, %s øre are open, and the member was '
                            'not asked: run medlemsflyt claims', taken_on, open_ore) END
    FROM open_invoice
    UNION ALL
    SELECT 'claim_void', invoice_number, claim.membership_id,
           format('%s øre are to be collected on %s %s: run medlemsflyt claims, which tells the bank '
                  'not to', amount_ore, claim.due_on,
                  CASE WHEN mandates.payer IS NULL THEN 'and there has never been a mandate'
                       WHEN mandates.ended_on IS NOT NULL THEN 'by a mandate that has ended'
                       ELSE 'by a mandate that may not be used any more' END)
    FROM claim LEFT JOIN mandates USING (payer)
    WHERE NOT cancelled AND claim.due_on >= :cancel_from AND claim.claimed_on < :before
      AND (mandates.payer IS NULL OR mandates.ended_on < :before
           OR mandates.ended_on IS NULL AND is_withdrawn(payer) AND NOT EXISTS (
                SELECT FROM decisions
                WHERE decisions.membership_id = claim.membership_id AND decided_on >= :before))
)
SELECT name, subject, membership_id, NULL::date AS about, says,
       count(*) OVER (PARTITION BY name) AS drifted
FROM found
ORDER BY name, subject
LIMIT :most;

-- name: find_money(since, most)
-- Compare what moved since a day with its entries, which are dated as it is.
WITH money (source, reference, debit, credit, amount_ore, membership_id) AS (
    SELECT 'payment', reference, 'bank', 'suspense', amount_ore, membership_id
    FROM payments WHERE paid_on >= :since AND reverses IS NULL
    UNION ALL
    SELECT 'reversal', reference, 'suspense', 'bank', amount_ore, membership_id
    FROM payments WHERE paid_on >= :since AND reverses IS NOT NULL
    UNION ALL
    SELECT 'reversal', reference, 'suspense', 'bank', amount_ore, NULL
    FROM awaited_reversals WHERE paid_on >= :since
    UNION ALL
    SELECT 'allocation', reference || '/' || serial,
           CASE WHEN amount_ore > 0 THEN 'suspense' WHEN amount_ore < 0 THEN account END,
           CASE WHEN amount_ore > 0 THEN account WHEN amount_ore < 0 THEN 'suspense' END,
           abs(amount_ore), NULL
    FROM allocations JOIN payers ON payers.by_list = (list_number IS NOT NULL)
    WHERE allocated_on >= :since AND reference IS NOT NULL
    UNION ALL
    SELECT 'refund', reference,
           CASE WHEN amount_ore > 0 THEN account WHEN amount_ore < 0 THEN 'refunds' END,
           CASE WHEN amount_ore > 0 THEN 'refunds' WHEN amount_ore < 0 THEN account END,
           abs(amount_ore), NULL
    FROM booked_refund_parts WHERE booked_on >= :since
    UNION ALL
    SELECT 'branch_settlement', branch || '/' || period_from,
           CASE WHEN amount_ore > 0 THEN 'local_dues' WHEN amount_ore < 0 THEN 'branches' END,
           CASE WHEN amount_ore > 0 THEN 'branches' WHEN amount_ore < 0 THEN 'local_dues' END,
           abs(amount_ore), NULL
    FROM branch_settlements WHERE made_on >= :since AND amount_ore <> 0
    UNION ALL
    SELECT 'recovery', reference || '/' || recoveries.serial,
           CASE WHEN amount_ore > 0 THEN 'members' WHEN amount_ore < 0 THEN 'suspense' END,
           CASE WHEN amount_ore > 0 THEN 'suspense' WHEN amount_ore < 0 THEN 'members' END,
           abs(amount_ore), membership_id
    FROM recoveries JOIN invoices ON invoices.number = invoice_number
    WHERE recovered_on >= :since
    UNION ALL
    SELECT 'refund_paid', refund_id, 'refunds', 'bank', amount_ore, membership_id
    FROM refunds WHERE paid_on >= :since
    UNION ALL
    SELECT 'refund_returned', refund_id, 'bank', 'refunds', amount_ore, membership_id
    FROM refunds WHERE returned_on >= :since
    UNION ALL
    SELECT cost.source, reference,
           CASE WHEN amount_ore > 0 THEN cost.account WHEN amount_ore < 0 THEN 'bank' END,
           CASE WHEN amount_ore > 0 THEN 'bank' WHEN amount_ore < 0 THEN cost.account END,
           abs(amount_ore), NULL
    FROM bank_charges
    JOIN (VALUES
        ('fee', 'bank_charge', 'bank_charges'),
        ('interest', 'bank_interest', 'bank_interest')
    ) AS cost (kind, source, account) USING (kind)
    WHERE booked_on >= :since
    UNION ALL
    SELECT 'insurance_settlement', 'insurance-' || to_char(period_from, 'YYYY-MM'),
           CASE WHEN amount_ore > 0 THEN 'insurance_premium' WHEN amount_ore < 0 THEN 'insurance_office' END,
           CASE WHEN amount_ore > 0 THEN 'insurance_office' WHEN amount_ore < 0 THEN 'insurance_premium' END,
           abs(amount_ore), NULL
    FROM insurance_settlements
    WHERE amount_ore <> 0 AND (period_from + interval '1 month')::date > :since
    UNION ALL
    SELECT 'insurance_paid', entry, 'insurance_office', 'bank', amount_ore, NULL
    FROM insurance_payments WHERE paid_on >= :since
    UNION ALL
    SELECT booking.source, list_number || '/' || member_number, booking.debit, booking.credit,
           abs(difference_ore), membership_id
    FROM deductions
    JOIN memberships USING (membership_id)
    JOIN (VALUES
        ('redirected', 'redirection', 'members', 'employers'),
        ('over', 'over_deduction', 'employers', 'correction'),
        ('written_off', 'write_off', 'correction', 'employers')
    ) AS booking (verdict, source, debit, credit) ON booking.verdict = deductions.outcome
    WHERE settled_on >= :since
    UNION ALL
    SELECT 'redirection', list_number || '/' || member_number || '/' || serial,
           CASE WHEN was_ore > deducted_ore THEN 'members'
                WHEN was_ore < deducted_ore THEN 'employers' END,
           CASE WHEN was_ore > deducted_ore THEN 'employers'
                WHEN was_ore < deducted_ore THEN 'members' END,
           abs(was_ore - deducted_ore), membership_id
    FROM deduction_corrections JOIN memberships USING (membership_id)
    WHERE corrected_on >= :since
    UNION ALL
    SELECT 'carried_over', list_number || '/' || member_number, 'employers', 'correction',
           amount_ore, membership_id
    FROM carried_over
    JOIN memberships USING (membership_id)
    JOIN deduction_lists ON deduction_lists.number = carried_over.list_number
    WHERE made_on >= :since
    UNION ALL
    SELECT 'write_off', list_number, 'correction', 'employers', amount_ore, NULL
    FROM list_write_offs WHERE decided_on >= :since AND amount_ore > 0
    UNION ALL
    SELECT 'write_off', invoice_number || '/' || serial,
           CASE WHEN amount_ore > 0 THEN 'losses' WHEN amount_ore < 0 THEN 'members' END,
           CASE WHEN amount_ore > 0 THEN 'members' WHEN amount_ore < 0 THEN 'losses' END,
           abs(amount_ore), NULL
    FROM write_offs WHERE decided_on >= :since
), booked AS (
    SELECT source, reference, debit, credit, amount_ore, entry_id
    FROM entries WHERE source <> 'charge' AND booked_on >= :since
)
SELECT 'entry_of_money' AS name, source || '/' || reference AS subject, money.membership_id,
       NULL::date AS about,
       CASE WHEN booked.entry_id IS NULL THEN format('%s %s has no entry', source, reference)
            WHEN money.amount_ore IS NULL
                THEN format('the entry of %s %s is of nothing there is', source, reference)
            ELSE format('the entry of %s %s is %s øre from %s to %s, and ought to be %s from %s '
                        'to %s', source, reference, booked.amount_ore, booked.credit, booked.debit,
                        money.amount_ore, money.credit, money.debit)
       END AS says,
       count(*) OVER () AS drifted
FROM money FULL JOIN booked USING (source, reference)
WHERE (money.debit, money.credit, money.amount_ore)
      IS DISTINCT FROM (booked.debit, booked.credit, booked.amount_ore)
ORDER BY subject
LIMIT :most;

-- name: count_money(since)$
-- Count the entries of money since a day.
SELECT count(*) FROM entries WHERE source <> 'charge' AND booked_on >= :since;

-- name: count_month(month)^
-- Count what there is of a month.
SELECT (SELECT count(*) FROM charges WHERE period_from = :month) AS charges,
       (SELECT count(*) FROM invoices WHERE period_from = :month) AS invoices,
       (SELECT count(DISTINCT membership_id) FROM corrections
        WHERE charged_in = :month) AS corrections,
       (SELECT count(*) FROM deduction_lists WHERE period_from = :month) AS lists,
       (SELECT count(*) FROM deduction_lists JOIN deduction_lines ON list_number = number
        WHERE period_from = :month) AS lines,
       (SELECT count(*) FROM charges
        WHERE period_from = :month AND employer_orgnr IS NOT NULL) AS deducted;

-- name: find_charges(month, most)
-- Compare the charges of a month with their entries, their hashes, and what explains them.
-- A month is more than the memory holds: read again it costs less than written down and read.
WITH charge AS NOT MATERIALIZED (
    SELECT charges.*, payers.account AS owing
    FROM charges JOIN payers ON payers.by_list = (employer_orgnr IS NOT NULL)
    WHERE period_from = :month
), booked AS NOT MATERIALIZED (
    SELECT * FROM entries WHERE source = 'charge' AND period_from = :month
), explained AS MATERIALIZED (
    SELECT membership_id, sum(amount_ore)::bigint AS ore
    FROM corrections WHERE charged_in = :month GROUP BY membership_id
), found (name, subject, membership_id, says) AS (
    SELECT 'entry_of_charge', membership_id || '/' || to_char(:month, 'YYYY-MM') || '/' || kind,
           membership_id,
           CASE WHEN booked.entry_id IS NULL
                    THEN format('%s of %s has no entry', kind, to_char(:month, 'YYYY-MM'))
                WHEN charge.owing IS NULL
                    THEN format('an entry of %s of %s is of no charge', kind,
                                to_char(:month, 'YYYY-MM'))
                ELSE format('the entry of %s of %s is %s øre from %s to %s, and the charge %s øre '
                            'owed by %s', kind, to_char(:month, 'YYYY-MM'), booked.amount_ore,
                            booked.credit, booked.debit, charge.amount_ore, charge.owing)
           END
    FROM charge FULL JOIN booked USING (membership_id, kind)
    WHERE (booked.debit, booked.credit, booked.amount_ore) IS DISTINCT FROM (
        CASE WHEN charge.amount_ore > 0 THEN charge.owing WHEN charge.amount_ore < 0 THEN kind END,
        CASE WHEN charge.amount_ore > 0 THEN kind WHEN charge.amount_ore < 0 THEN charge.owing END,
        abs(charge.amount_ore))
       OR charge.owing IS NULL
    UNION ALL
    SELECT 'charge_hash', membership_id || '/' || to_char(:month, 'YYYY-MM') || '/' || kind,
           membership_id,
           format('%s of %s is not what its content hash says', kind, to_char(:month, 'YYYY-MM'))
    FROM charge
    WHERE content_hash <> charge_hash(membership_id, period_from, kind, amount_ore)
    UNION ALL
    SELECT 'correction_explained', membership_id || '/' || to_char(:month, 'YYYY-MM'),
           membership_id,
           format('the correction in %s is %s øre, and what explains it adds up to %s',
                  to_char(:month, 'YYYY-MM'), coalesce(line.amount_ore, 0),
                  coalesce(explained.ore, 0))
    FROM (SELECT membership_id, amount_ore FROM charge WHERE kind = 'correction') AS line
    FULL JOIN explained USING (membership_id)
    WHERE coalesce(line.amount_ore, 0) <> coalesce(explained.ore, 0)
    UNION ALL
    SELECT 'invoice_total', invoices.number, invoices.membership_id,
           format('invoice %s asks %s øre, and its lines add up to %s', invoices.number,
                  invoices.total_ore,
                  coalesce(lines.ore, redirections.amount_ore, recoveries.amount_ore, 0))
    FROM invoices
    LEFT JOIN (
        SELECT invoice_number, sum(amount_ore)::bigint AS ore FROM charge
        WHERE invoice_number IS NOT NULL GROUP BY invoice_number
    ) AS lines ON lines.invoice_number = invoices.number
    LEFT JOIN redirections ON redirections.invoice_number = invoices.number
    LEFT JOIN recoveries ON recoveries.invoice_number = invoices.number
    WHERE invoices.period_from = :month
      AND invoices.total_ore IS DISTINCT FROM coalesce(
          lines.ore, redirections.amount_ore, recoveries.amount_ore)
)
SELECT name, subject, membership_id, :month::date AS about, says,
       count(*) OVER (PARTITION BY name) AS drifted
FROM found
ORDER BY name, subject
LIMIT :most;

-- ===== Lists and payments

-- name: find_lists(month, most)
-- Compare the deduction lists of a month with the charges they ask for.
WITH list AS MATERIALIZED (
    SELECT * FROM deduction_lists WHERE period_from = :month
), line AS MATERIALIZED (
    SELECT lines.*, list.employer_orgnr,
           -- What is carried over from it would have been below zero (A37).
           lines.total_ore - coalesce(carried_over.amount_ore, 0) AS net_ore
    FROM list JOIN deduction_lines AS lines ON lines.list_number = list.number
    LEFT JOIN carried_over ON carried_over.list_number = lines.list_number
                          AND carried_over.membership_id = lines.membership_id
), asked AS MATERIALIZED (
    SELECT list_number, membership_id, sum(amount_ore)::bigint AS ore
    FROM (
        SELECT line.list_number, membership_id, charges.amount_ore
        FROM charges JOIN line USING (membership_id, employer_orgnr)
        -- Charged after its own list was made: it stands on a later one.
        WHERE charges.period_from = :month AND NOT EXISTS (
            SELECT FROM carried_charges
            WHERE carried_charges.membership_id = charges.membership_id
              AND carried_charges.period_from = charges.period_from
              AND carried_charges.kind = charges.kind)
        UNION ALL
        SELECT list_number, membership_id, carried_charges.amount_ore
        FROM carried_charges JOIN line USING (list_number, membership_id)
    ) AS amounts
    GROUP BY list_number, membership_id
), found (name, subject, membership_id, says) AS (
    SELECT 'list_lines', line.list_number || '/' || membership_id, membership_id,
           format('a line of list %s asks %s øre, and what was charged for it is %s',
                  line.list_number, line.net_ore,
                  CASE line.code WHEN 'STOP' THEN 0 ELSE coalesce(asked.ore, 0) END)
    FROM line LEFT JOIN asked USING (list_number, membership_id)
    -- A line that stops asks nothing; what comes for it afterwards is carried.
    WHERE line.net_ore
          <> CASE line.code WHEN 'STOP' THEN 0 ELSE coalesce(asked.ore, 0) END
    UNION ALL
    SELECT 'list_total', number, NULL,
           format('list %s asks %s øre in %s lines, and its lines are %s with %s øre', number,
                  list.total_ore, list.line_count, coalesce(lines.count, 0),
                  coalesce(lines.ore, 0))
    FROM list
    LEFT JOIN (
        SELECT list_number, count(*), sum(total_ore)::bigint AS ore FROM line GROUP BY list_number
    ) AS lines ON lines.list_number = list.number
    WHERE (list.total_ore, list.line_count) IS DISTINCT FROM (lines.ore, lines.count)
    UNION ALL
    SELECT 'charge_without_list', membership_id || '/' || to_char(:month, 'YYYY-MM'),
           membership_id,
           format('no deduction list asks for what was charged for %s', to_char(:month, 'YYYY-MM'))
    FROM charges
    WHERE charges.period_from = :month AND charges.employer_orgnr IS NOT NULL
      -- The latest month's lists may still be made, and carry what they lack on the next one.
      AND EXISTS (SELECT FROM dues_runs WHERE dues_runs.period_from > :month)
      AND NOT EXISTS (
        SELECT FROM line
        WHERE line.membership_id = charges.membership_id
          AND line.employer_orgnr = charges.employer_orgnr AND line.code <> 'STOP')
      AND NOT EXISTS (
        SELECT FROM carried_charges
        WHERE carried_charges.membership_id = charges.membership_id
          AND carried_charges.period_from = charges.period_from
          AND carried_charges.kind = charges.kind)
      -- Somebody has been asked about it.
      AND NOT EXISTS (
        SELECT FROM tasks
        WHERE tasks.key = 'charge-without-list/' || charges.membership_id || '/'
                          || to_char(:month, 'YYYY-MM'))
    GROUP BY membership_id
)
SELECT name, subject, membership_id,
       CASE name WHEN 'list_lines' THEN :month::date END AS about, says,
       count(*) OVER (PARTITION BY name) AS drifted
FROM found
ORDER BY name, subject
LIMIT :most;

-- name: find_unsettled(since, today)
-- Find the lists of the months from one on that are not settled, made before today.
SELECT lists.number, employers.payer_number, to_char(lists.period_from, 'YYYY-MM') AS period
FROM deduction_lists AS lists
JOIN employers ON employers.orgnr = lists.employer_orgnr
WHERE lists.period_from >= :since AND lists.made_on < :today
  AND (NOT EXISTS (SELECT FROM list_deliveries WHERE list_deliveries.list_number = lists.number)
       OR EXISTS (
            SELECT FROM deduction_lines AS lines
            WHERE lines.list_number = lists.number AND NOT EXISTS (
                SELECT FROM deductions
                WHERE deductions.list_number = lines.list_number
                  AND deductions.membership_id = lines.membership_id))
       OR (SELECT coalesce(sum(deducted_ore), 0) FROM present_deductions AS deductions
           WHERE deductions.list_number = lists.number)
          - (SELECT coalesce(sum(amount_ore), 0) FROM allocations
             WHERE allocations.list_number = lists.number)
          - (SELECT coalesce(sum(amount_ore), 0) FROM list_write_offs
             WHERE list_write_offs.list_number = lists.number) <> 0)
ORDER BY lists.number;

-- name: count_lists(since)$
-- Count the lists of the months from one on.
SELECT count(*) FROM deduction_lists WHERE period_from >= :since;

-- ===== Members and terms

-- name: read_months(since)^
-- Read the months from one on, or from the oldest that somebody is held for, that were charged.
SELECT least(:since::date, (SELECT min(about) FROM holds)) AS first,
       (SELECT coalesce(array_agg(period_from ORDER BY period_from), '{}') FROM dues_runs
        WHERE period_from >= least(:since::date, (SELECT min(about) FROM holds))) AS charged;

-- name: count_page(first, last)$
-- Count the members of a page.
SELECT count(*) FROM memberships WHERE member_number BETWEEN :first AND :last;

-- name: count_charged(month)$
-- Count the members who were charged for a month.
SELECT count(*)
FROM (SELECT DISTINCT membership_id FROM charges WHERE period_from = :month) AS charged;

-- name: find_amounts(month, most)
-- Compare what members were charged for a month, in all, with their terms.
WITH sides AS (
    SELECT membership_id, kind, 0 AS was_ore, amount_ore AS is_ore FROM terms_due(:month)
    UNION ALL
    SELECT membership_id, kind, amount_ore, 0
    FROM charges WHERE period_from = :month AND kind <> 'correction'
    UNION ALL
    SELECT membership_id, kind, amount_ore, 0
    FROM corrections WHERE period_from = :month AND reason = 'reassessed'
), differing AS (
    SELECT membership_id, kind, sum(was_ore)::bigint AS was_ore, sum(is_ore)::bigint AS is_ore
    FROM sides
    GROUP BY membership_id, kind HAVING sum(was_ore) <> sum(is_ore)
)
SELECT name, membership_id || '/' || to_char(:month, 'YYYY-MM') AS subject, membership_id,
       :month::date AS about, says, count(*) OVER (PARTITION BY name) AS drifted
FROM (
    SELECT membership_id,
           CASE WHEN bool_and(was_ore = 0 AND is_ore > 0) THEN 'not_charged'
                ELSE 'charged_otherwise' END AS name,
           string_agg(format('%s of %s was charged as %s øre and by the terms is %s', kind,
                             to_char(:month, 'YYYY-MM'), was_ore, is_ore), '; ' ORDER BY kind)
               AS says
    FROM differing
    -- The next run compares these itself, or has said why it can't charge them.
    WHERE NOT EXISTS (
        SELECT FROM reassessments
        WHERE reassessments.membership_id = differing.membership_id)
      AND NOT EXISTS (
        SELECT FROM dues_quarantine
        WHERE dues_quarantine.membership_id = differing.membership_id
          AND dues_quarantine.period_from = :month)
      -- Of one person's two memberships the one that goes on says what is owed (N9).
      AND NOT (was_ore = 0 AND EXISTS (
        SELECT FROM memberships
        WHERE memberships.membership_id = differing.membership_id AND outcome = 'duplicate'))
    GROUP BY membership_id
) AS found
ORDER BY name, membership_id
LIMIT :most;

-- name: find_standing(first, last, today, this_month, next_month, most)
-- Compare the terms of the members of a page with how they stand, and who was told of them.
WITH page AS MATERIALIZED (
    SELECT membership_id, stage, hidden, received_on FROM memberships
    WHERE member_number BETWEEN :first AND :last
), closed AS MATERIALIZED (
    SELECT membership_id, coalesce(
        -- The decision that rests on S31 is the one that made it so.
        (SELECT max(decided_on) FROM decisions
         WHERE decisions.membership_id = page.membership_id AND 'S31' = ANY (rules)),
        received_on) AS since
    FROM page WHERE hidden
), found (name, subject, membership_id, says) AS (
    SELECT 'ended_terms', membership_id, membership_id,
           'the membership has ended, and terms run on'
    FROM page
    WHERE stage = 'ended' AND EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = page.membership_id AND superseded_by IS NULL
          AND coalesce(upper(valid) > :next_month, true))
    UNION ALL
    SELECT 'no_dues', membership_id, membership_id, 'a member without central dues'
    FROM page
    WHERE stage IN ('onboarding', 'active', 'on_leave') AND NOT EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = page.membership_id AND superseded_by IS NULL
          AND kind = 'central_dues'
          -- Who is about to end is looked at again tomorrow.
          AND coalesce(upper(valid) > :today::date - 7, true))
    UNION ALL
    SELECT 'credit_unnoticed', membership_id, membership_id,
           'somebody who has left has money with us, and nobody has been asked for an account'
    FROM page
    WHERE stage = 'ended'
      -- What came last week may wait for the next run.
      AND (EXISTS (SELECT FROM payments_in_suspense JOIN payments USING (reference)
                   WHERE payments_in_suspense.membership_id = page.membership_id
                     AND payments.paid_on < :today::date - 7)
           OR EXISTS (SELECT FROM invoices
                      WHERE invoices.membership_id = page.membership_id AND total_ore < 0
                        AND issued_on < :today::date - 7))
      AND NOT EXISTS (SELECT FROM final_settlements
                      WHERE final_settlements.membership_id = page.membership_id
                        AND closed_on IS NULL)
      AND credit_of(membership_id) > 0 AND gets_no_next_invoice(membership_id, :today)
      AND NOT owes_something(membership_id)
    UNION ALL
    SELECT 'terms_not_allowed', membership_id, membership_id,
           'a term is none that this membership may have'
    FROM closed
    WHERE EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = closed.membership_id AND superseded_by IS NULL
          AND (payer IN (SELECT code FROM payers WHERE by_list)
               OR kind = 'local_dues'
                  AND coalesce(amount_ore, rate_in(rate, :this_month)) <> 0)
          -- This month may have begun before; the next may be after.
          AND valid @> :this_month::date AND valid @> :next_month::date)
    UNION ALL
    SELECT 'list_not_allowed', membership_id || '/' || list_number, membership_id,
           format('a line stands on list %s, and may not', list_number)
    FROM closed
    JOIN deduction_lines USING (membership_id)
    JOIN deduction_lists ON deduction_lists.number = list_number
    WHERE deduction_lists.made_on > closed.since
    UNION ALL
    SELECT 'disclosure_not_allowed', membership_id || '/' || disclosures.key, membership_id,
           format('%s went where it may not go: see to it at once', disclosures.key)
    FROM closed JOIN disclosures USING (membership_id)
    WHERE disclosures.audience IN ('employer', 'branch', 'recruiter')
      AND disclosures.disclosed_on > closed.since
    UNION ALL
    SELECT 'disclosure_not_allowed', membership_id || '/' || disclosures.key, membership_id,
           format('%s may have shown a line that was withheld: see to it at once', disclosures.key)
    FROM page
    JOIN withheld_lines USING (membership_id)
    JOIN disclosures USING (membership_id)
    WHERE disclosures.key = 'deduction-list-' || withheld_lines.list_number
)
SELECT name, subject, membership_id, NULL::date AS about, min(says) AS says,
       count(*) OVER (PARTITION BY name) AS drifted
FROM found
GROUP BY name, subject, membership_id
ORDER BY name, subject
LIMIT :most;

-- name: read_sample(salt, version, size)
-- Read a few members' facts and terms, others each time, and those whose terms were found wrong.
SELECT membership_id, facts::text AS facts, (
    -- By rate or by amount: the other one is left out.
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'kind', kind, 'rate', rate, 'amount_ore', amount_ore, 'cadence', cadence, 'payer', payer,
        'valid_from', lower(valid), 'valid_to', upper(valid), 'employer_orgnr', employer_orgnr,
        'prorated', prorated))), '[]')::text
    FROM terms WHERE terms.membership_id = chosen.membership_id AND superseded_by IS NULL
) AS terms
FROM (
    SELECT membership_id, facts FROM (
        SELECT membership_id, facts FROM memberships
        WHERE stage IN ('onboarding', 'active', 'on_leave') AND facts IS NOT NULL
        ORDER BY md5(membership_id || :salt) LIMIT :size
    ) AS sampled
    -- Planned by the rulebook as it stands; who has not heard of a new one is not to blame.
    WHERE :version = (
        SELECT rulebook_version FROM decisions
        WHERE decisions.membership_id = sampled.membership_id AND rulebook_version IS NOT NULL
        ORDER BY number DESC LIMIT 1)
    UNION
    SELECT membership_id, facts FROM memberships JOIN holds USING (membership_id)
    WHERE check_name = 'terms_as_planned' AND facts IS NOT NULL
) AS chosen
ORDER BY membership_id;

-- name: mark_for_reassessment(memberships)!
-- Have the next dues run compare what members were charged with their terms.
INSERT INTO reassessments (membership_id)
SELECT DISTINCT unnest(:memberships::text[]) ORDER BY 1
ON CONFLICT (membership_id) DO NOTHING;

-- ===== What was due

-- name: find_missed_months(today)
-- Find the months that were due and never charged: those after the first member's own.
SELECT month::date AS month
FROM (SELECT min(received_on) AS began_on FROM memberships WHERE member_number IS NOT NULL) AS first,
     generate_series(date_trunc('month', began_on) + interval '1 month',
                     :today::date - interval '1 day', interval '1 month') AS month
WHERE NOT EXISTS (SELECT FROM dues_runs WHERE period_from = month::date)
  AND EXISTS (SELECT FROM terms_due(month::date))
ORDER BY 1;

-- name: find_missed_years(today, since, month, day)
-- Find the years whose statements were due on a day of the next one and were never made.
SELECT year
FROM generate_series(extract(year FROM :since::date)::int, extract(year FROM :today::date)::int - 1)
     AS years (year)
WHERE :today > make_date(year + 1, :month, :day)
  AND NOT EXISTS (SELECT FROM tax_statements WHERE tax_statements.year = years.year)
  AND (EXISTS (SELECT FROM allocations JOIN payments USING (reference)
               WHERE paid_on >= make_date(year, 1, 1) AND paid_on < make_date(year + 1, 1, 1))
       OR EXISTS (SELECT FROM deductions JOIN deduction_lists
                    ON deduction_lists.number = deductions.list_number
                  WHERE period_from >= make_date(year, 1, 1)
                    AND period_from < make_date(year + 1, 1, 1)))
ORDER BY 1;

-- name: find_unended_runs(today)
-- Find the runs that were begun before today and have not ended. A later day's arrears run makes up
-- for the days before it.
SELECT workflow_id, workflow_type, begun_on FROM begun_runs
WHERE NOT ended AND begun_on < :today
  AND NOT (workflow_type IN ('ArrearsRun', 'DirectDebitRun') AND EXISTS (
      SELECT FROM begun_runs AS later
      WHERE later.workflow_type = begun_runs.workflow_type AND later.ended
        AND later.begun_on > begun_runs.begun_on))
ORDER BY workflow_id;

-- name: find_undecided_files(today)
-- Find the files that were kept before today and of which nothing has become.
SELECT file_id, kind, received_on FROM inbound_files
WHERE received_on < :today AND kind IN ('payments', 'deduction_report')
  AND NOT EXISTS (SELECT FROM file_outcomes WHERE file_outcomes.file_id = inbound_files.file_id)
ORDER BY file_id;

-- ===== What waits too long

-- name: read_waiting_batches(today)
-- Read which batches have letters that were ordered before today and wait to be sent.
SELECT batch, count(*) AS letters FROM letters
WHERE batch IS NOT NULL AND status IN ('pending', 'sending') AND ordered_on < :today
GROUP BY batch
ORDER BY batch;

-- name: read_told_consumers()
-- Read which other systems are told of events.
SELECT consumer FROM consumers WHERE paused_at IS NULL ORDER BY consumer;

-- name: read_waiting_letters(before, most)
-- Read which memberships have letters that a decision ordered long ago and that have not gone.
SELECT letters.membership_id, count(*) AS letters, count(*) OVER () AS memberships
FROM letters JOIN decisions
  ON decisions.membership_id = letters.membership_id AND decisions.number = letters.decision
WHERE letters.status IN ('pending', 'sending') AND decisions.decided_on < :before
GROUP BY letters.membership_id
ORDER BY letters.membership_id
LIMIT :most;

-- name: find_lost_letters(most)
-- Find letters that came back or were never answered, and that no task was ever about.
SELECT membership_id, key, message_id, status, count(*) OVER () AS lost
FROM letters
WHERE status IN ('bounced', 'unanswered') AND message_id IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM tasks
    WHERE tasks.membership_id = letters.membership_id
      AND (starts_with(tasks.key, 'letter/' || letters.message_id)
           -- Somebody has closed what an audit asked.
           OR tasks.key = 'audit/letter_lost/' || letters.message_id
              AND tasks.closed_on IS NOT NULL))
  AND NOT EXISTS (
    SELECT FROM letter_resends
    WHERE letter_resends.membership_id = letters.membership_id
      AND letter_resends.of_key = letters.key)
ORDER BY membership_id, key
LIMIT :most;

-- name: find_untold(today, most)
-- Find payments of first invoices, booked before today, that no membership was told of.
SELECT 'payment_untold' AS name, reference AS subject, payment_reports.membership_id,
       NULL::date AS about,
       format('nobody told the membership of payment %s', reference) AS says,
       payments.file_id, count(*) OVER () AS drifted
FROM payment_reports
JOIN payments USING (reference)
JOIN file_outcomes USING (file_id)
WHERE told_on IS NULL AND payment_reports.decision IS NULL AND file_outcomes.decided_on < :today
ORDER BY reference
LIMIT :most;

-- ===== Workflows

-- name: open_running#
-- Make room for the memberships that run, for as long as they are compared.
CREATE TEMP TABLE running (
    workflow_id text NOT NULL, stage text, category text
) ON COMMIT DROP;

-- name: index_running#
-- Let the planner know what there is.
ANALYZE running;

-- name: count_running()$
-- Count the memberships that run.
SELECT count(DISTINCT workflow_id) FROM running;

-- name: compare_running(most, today)
-- Find the memberships whose workflow and row differ, and how many they are. One that has ended
-- has a workflow for as long as it can be reopened (L9).
SELECT coalesce(running.workflow_id, memberships.membership_id) AS workflow_id,
       count(*) OVER () AS differing
FROM running FULL JOIN memberships ON memberships.membership_id = running.workflow_id
WHERE (memberships.stage IS NULL OR memberships.stage <> 'ended' OR running.workflow_id IS NOT NULL
       OR memberships.open_until >= :today)
  AND (running.workflow_id IS NULL
       OR (running.stage, running.category)
          IS DISTINCT FROM (memberships.stage, memberships.category)
       OR (memberships.stage = 'ended' AND memberships.open_until < :today))
ORDER BY 1
LIMIT :most;

-- name: choose_running(salt, size)
-- Choose a few to be asked all the same, others each time, and those that differed before.
(SELECT workflow_id FROM running ORDER BY md5(workflow_id || :salt) LIMIT :size)
UNION
SELECT membership_id FROM holds WHERE check_name LIKE 'workflow_%';

-- name: read_row(membership_id)^
-- Read how the database has a membership.
SELECT stage, category, open_until, last_decision, coalesce((
    SELECT jsonb_agg(jsonb_build_object(
        'kind', kind, 'cadence', cadence, 'payer', payer,
        'valid_from', lower(valid), 'valid_to', upper(valid),
        -- By which prices a sleeping membership planned is its own affair.
        'amounts', coalesce(
            (SELECT jsonb_agg(rate_amounts.amount_ore) FROM rate_amounts WHERE code = rate),
            jsonb_build_array(amount_ore))))
    FROM terms WHERE terms.membership_id = memberships.membership_id AND superseded_by IS NULL
), '[]')::text AS terms
FROM memberships WHERE membership_id = :membership_id;

-- name: find_kept_runs(before, most)
-- Find runs that should have been deleted by now, and how many there are.
SELECT run_id, count(*) OVER () AS kept FROM runs_to_delete
WHERE noted_on < :before
ORDER BY noted_on, run_id
LIMIT :most;

-- ===== What an operator sees

-- name: count_stages()
-- Count the memberships of each stage.
SELECT stage, count(*) AS memberships FROM memberships GROUP BY stage;

-- name: count_waiting()
-- Count who is waited for, and since when the oldest of them waits.
SELECT 'caseworker' AS role, 'application' AS what, count(*) AS cases, min(received_on) AS since
FROM memberships WHERE stage = 'under_review'
UNION ALL
SELECT 'applicant', 'information', count(*), min(received_on)
FROM memberships WHERE stage = 'awaiting_information'
UNION ALL
SELECT 'caseworker', 'task', count(*), min(opened_on) FROM tasks WHERE closed_on IS NULL;

-- name: read_escalation_days(today)$
-- Say after how many working days a review is raised (A33).
SELECT policy_on('escalation_working_days', :today, '10')::integer;

-- name: count_overdue_reviews(received_before)$
-- Count the reviews of applications that were received before a day.
SELECT count(*) FROM memberships
WHERE stage = 'under_review' AND received_on < :received_before;

-- name: count_letters()
-- Count the letters that have not gone out, and since when the oldest is to.
SELECT status, count(*) AS letters, min(coalesce(ordered_on, decided_on)) AS since
FROM letters
LEFT JOIN decisions
  ON decisions.membership_id = letters.membership_id AND decisions.number = letters.decision
WHERE status IN ('pending', 'sending', 'held')
GROUP BY status;

-- name: sum_suspense()
-- Sum what is in suspense, of members and of nobody.
SELECT CASE WHEN membership_id IS NULL THEN 'nobody' ELSE 'member' END AS owner,
       sum(suspense_ore)::bigint AS ore
FROM suspended_payments
GROUP BY owner;

-- name: count_set_aside^
-- Count who could not be charged, who is held by a finding, and the events that have no number yet.
SELECT (SELECT count(*) FROM dues_quarantine) AS quarantined,
       (SELECT count(DISTINCT membership_id) FROM holds) AS held,
       (SELECT count(*) FROM outbox) AS events;

-- name: count_for_consumers(most)
-- Count what waits for each consumer, up to a number, and since when it lacks something it should get.
SELECT consumer, waiting.events,
       CASE WHEN waiting.events > 0 AND paused_at IS NULL THEN caught_up_at END AS since
FROM consumers CROSS JOIN LATERAL (
    SELECT count(*) AS events FROM (
        SELECT FROM events JOIN memberships USING (membership_id)
        WHERE number > delivered_to
          AND (types IS NULL OR type = ANY (types) OR type = 'membership_erased')
          AND (cleared_by IS NOT NULL
               OR NOT (hidden OR hiding OR type IN ('hiding_prepared', 'hidden_changed')))
        LIMIT :most) AS found
) AS waiting;
