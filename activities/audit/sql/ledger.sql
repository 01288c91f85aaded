-- name: find_balances()
-- Compare each account with what charges, lists and payments add up to.
WITH charged AS MATERIALIZED (
    SELECT kind, employer_orgnr IS NULL AS direct, sum(amount_ore) AS ore
    FROM charges GROUP BY kind, employer_orgnr IS NULL
), settled AS MATERIALIZED (
    SELECT outcome, sum(difference_ore) AS ore FROM deductions GROUP BY outcome
), allocated AS MATERIALIZED (
    SELECT invoice_number IS NULL AS to_list, sum(amount_ore) AS ore
    FROM allocations WHERE reference IS NOT NULL GROUP BY invoice_number IS NULL
), parts (account, ore) AS (
    SELECT CASE WHEN direct THEN 'members' ELSE 'employers' END, ore FROM charged
    UNION ALL SELECT kind, -ore FROM charged
    UNION ALL SELECT 'members', sum(amount_ore) FROM redirections
    UNION ALL SELECT 'employers', -sum(amount_ore) FROM redirections
    -- Over-deducted: less than nothing is different; then the employer owes what it took.
    UNION ALL SELECT 'employers', -ore FROM settled WHERE outcome IN ('over', 'written_off')
    UNION ALL SELECT 'correction', ore FROM settled WHERE outcome IN ('over', 'written_off')
    UNION ALL SELECT 'employers', -sum(amount_ore) FROM list_write_offs WHERE amount_ore > 0
    UNION ALL SELECT 'correction', sum(amount_ore) FROM list_write_offs WHERE amount_ore > 0
    UNION ALL SELECT CASE WHEN to_list THEN 'employers' ELSE 'members' END, -ore FROM allocated
    UNION ALL SELECT 'suspense', ore FROM allocated
    UNION ALL SELECT 'bank', sum(CASE WHEN reverses IS NULL THEN amount_ore ELSE -amount_ore END)
        FROM payments
    UNION ALL SELECT 'suspense',
            -sum(CASE WHEN reverses IS NULL THEN amount_ore ELSE -amount_ore END)
        FROM payments
    UNION ALL SELECT 'bank', -sum(amount_ore) FROM awaited_reversals
    UNION ALL SELECT 'suspense', sum(amount_ore) FROM awaited_reversals
    UNION ALL SELECT 'suspense', sum(amount_ore) FROM refunds
    UNION ALL SELECT 'refunds', -sum(amount_ore) FROM refunds
), expected AS (
    SELECT account, coalesce(sum(ore), 0) AS ore FROM parts GROUP BY account
)
SELECT 'balances' AS name, account AS subject, NULL AS membership_id, NULL::date AS about,
       format('account %s stands at %s øre, and what it stands for adds up to %s', account,
              coalesce(balance_ore, 0), coalesce(ore, 0)) AS says,
       count(*) OVER () AS drifted
FROM balances FULL JOIN expected USING (account)
WHERE coalesce(balance_ore, 0) <> coalesce(ore, 0)
UNION ALL
SELECT 'balances', 'all accounts', NULL, NULL,
       format('all accounts together stand at %s øre, and must at nothing', sum(balance_ore)), 1
FROM balances HAVING sum(balance_ore) <> 0;

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
           CASE WHEN amount_ore < 0 THEN owing ELSE 'suspense' END,
           CASE WHEN amount_ore < 0 THEN 'suspense' ELSE owing END, abs(amount_ore), NULL
    FROM (
        SELECT *, CASE WHEN list_number IS NULL THEN 'members' ELSE 'employers' END AS owing
        FROM allocations WHERE allocated_on >= :since AND reference IS NOT NULL
    ) AS given
    UNION ALL
    SELECT 'refund', reference, 'suspense', 'refunds', amount_ore, NULL
    FROM refunds WHERE requested_on >= :since
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
    SELECT 'write_off', list_number, 'correction', 'employers', amount_ore, NULL
    FROM list_write_offs WHERE decided_on >= :since AND amount_ore > 0
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
WITH charge AS MATERIALIZED (
    SELECT charges.*,
           CASE WHEN employer_orgnr IS NULL THEN 'members' ELSE 'employers' END AS owing
    FROM charges WHERE period_from = :month
), booked AS MATERIALIZED (
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
        CASE WHEN charge.amount_ore < 0 THEN kind ELSE charge.owing END,
        CASE WHEN charge.amount_ore < 0 THEN charge.owing ELSE kind END,
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
                  invoices.total_ore, coalesce(lines.ore, redirections.amount_ore, 0))
    FROM invoices
    LEFT JOIN (
        SELECT invoice_number, sum(amount_ore)::bigint AS ore FROM charge
        WHERE invoice_number IS NOT NULL GROUP BY invoice_number
    ) AS lines ON lines.invoice_number = invoices.number
    LEFT JOIN redirections ON redirections.invoice_number = invoices.number
    WHERE invoices.period_from = :month
      AND invoices.total_ore IS DISTINCT FROM coalesce(lines.ore, redirections.amount_ore)
)
SELECT name, subject, membership_id, :month::date AS about, says,
       count(*) OVER (PARTITION BY name) AS drifted
FROM found
ORDER BY name, subject
LIMIT :most;
