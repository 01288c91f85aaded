-- ===== The file of a month

-- name: read_office_file(period_from)^
-- Read the file of a month, if it was made.
SELECT made_on, file_id, content, report::text AS report FROM insurance_files
WHERE period_from = :period_from;

-- name: latest_office_file$
-- Tell the latest month a file was made for.
SELECT max(period_from) FROM insurance_files;

-- name: lock_office_files!
-- Let nobody else make a file meanwhile.
LOCK TABLE insurance_files IN SHARE ROW EXCLUSIVE MODE;

-- name: read_insured(month, last)
-- List whom the insurance package is charged for, or was told of, or who has reserved: what the
-- office may be told of them, and nothing of branch, employer or hiding.
WITH paid AS (
    SELECT membership_id,
           json_agg(json_build_object('valid_from', lower(valid), 'valid_to', upper(valid))
                    ORDER BY lower(valid)) AS spans,
           sum(coalesce(amount_ore, rate_in(rate, :month)))
               FILTER (WHERE valid @> :month::date) AS premium_ore
    FROM terms
    WHERE kind = 'insurance_premium' AND superseded_by IS NULL AND lower(valid) <= :last::date + 1
    GROUP BY membership_id
), numbers AS (
    SELECT DISTINCT ON (membership_id) membership_id, number
    FROM insurance_numbers WHERE valid_from <= :last
    ORDER BY membership_id, entry DESC
)
SELECT memberships.membership_id, memberships.member_number,
       coalesce(numbers.number, memberships.member_number) AS number,
       people.birth_date, memberships.covered_from, paid.spans::text AS paid,
       coalesce(paid.premium_ore, 0)::bigint AS premium_ore, told.told::text AS told,
       CASE WHEN insurance_status = 'reserved' AND (ended.ended_on IS NULL OR ended.ended_on > :last)
            THEN reserved_from END AS reserved_from,
       ended.ended_on
FROM memberships
JOIN people USING (person_id)
LEFT JOIN paid USING (membership_id)
LEFT JOIN numbers USING (membership_id)
LEFT JOIN insurance_told AS told USING (membership_id)
CROSS JOIN LATERAL (
    SELECT min((notice ->> 'effective_on')::date) AS ended_on
    FROM jsonb_array_elements(memberships.facts -> 'notices') AS notice
    WHERE notice ->> 'kind' IN ('resign', 'report_arrears', 'record_death', 'end_duplicate')
) AS ended
WHERE member_number IS NOT NULL
  AND (paid.spans IS NOT NULL OR told.told IS NOT NULL OR insurance_status = 'reserved')
ORDER BY member_number;

-- name: write_office_file(period_from, made_on, file_id, content, report)!
-- Keep the file of a month.
INSERT INTO insurance_files (period_from, made_on, file_id, content, report)
VALUES (:period_from, :made_on, :file_id, :content, :report);

-- name: write_told(period_from, memberships, told)!
-- Note what the office knows now.
INSERT INTO insurance_told (membership_id, period_from, told)
SELECT membership_id, :period_from, told::jsonb
FROM unnest(:memberships::text[], :told::text[]) AS news (membership_id, told)
ON CONFLICT (membership_id) DO UPDATE SET period_from = excluded.period_from, told = excluded.told;

-- name: log_disclosed(memberships, key, basis, disclosed_on)!
-- Log that the office learns of members by a file.
INSERT INTO disclosures (membership_id, key, audience, basis, disclosed_on)
SELECT membership_id, :key, 'insurance_office', :basis, :disclosed_on
FROM unnest(:memberships::text[]) AS told (membership_id)
ON CONFLICT (membership_id, key) DO NOTHING;

-- ===== The answer

-- name: lock_answers#
-- Let one answer be taken in at a time: two could tell of the same members, each in its order.
SELECT pg_advisory_xact_lock(hashtext('medlemsflyt.insurance_answers'));

-- name: write_numbers(file_id, memberships, numbers, valid_from)
-- Note the numbers that the office has given members, in the order of its lines; return the news.
INSERT INTO insurance_numbers (membership_id, file_id, number, valid_from)
SELECT membership_id, :file_id, given.number, :valid_from
FROM unnest(:memberships::text[], :numbers::text[]) WITH ORDINALITY
    AS given (membership_id, number, place)
WHERE given.number IS DISTINCT FROM (
    SELECT before.number FROM insurance_numbers AS before
    WHERE before.membership_id = given.membership_id ORDER BY entry DESC LIMIT 1)
ORDER BY place
ON CONFLICT (membership_id, file_id) DO NOTHING
RETURNING membership_id;

-- name: holders_of(numbers)
-- Say who has a number, by our books or by the office's: as a spreadsheet leaves it.
WITH given AS (
    SELECT DISTINCT ON (membership_id) membership_id, number
    FROM insurance_numbers ORDER BY membership_id, entry DESC
), held AS (
    SELECT membership_id, member_number AS number FROM memberships
    WHERE member_number IS NOT NULL
    UNION ALL
    SELECT membership_id, number FROM given
)
SELECT DISTINCT membership_id, ltrim(number, '0') AS number FROM held
WHERE ltrim(number, '0') = ANY(:numbers::text[]);

-- name: find_members(numbers)
-- Find members by our numbers, which have lost the zeros in front.
SELECT membership_id, ltrim(member_number, '0') AS number, birth_date
FROM memberships JOIN people USING (person_id)
WHERE member_number = ANY(
    SELECT lpad(number, 8, '0') FROM unnest(:numbers::text[]) AS number WHERE length(number) <= 8);

-- name: latest_answer$
-- Tell the latest month that the office has answered on.
SELECT max(period_from) FROM insurance_answers;

-- name: write_answer(file_id, period_from, taken_on)!
-- Note that an answer was taken.
INSERT INTO insurance_answers (file_id, period_from, taken_on)
VALUES (:file_id, :period_from, :taken_on);

-- name: open_differences
-- List the differences that no answer has settled yet.
SELECT key FROM tasks WHERE kind = 'insurance_answer' AND NOT settled ORDER BY key;

-- ===== The settlement

-- name: latest_settlement$
-- Tell the latest month that premiums were settled for.
SELECT max(period_from) FROM insurance_settlements;

-- name: read_settlement(period_from)^
-- Read the settlement of a month, if it was made.
SELECT settled_on, amount_ore FROM insurance_settlements WHERE period_from = :period_from;

-- name: read_settled(period_from)
-- List what a settlement holds, by the month that was charged.
SELECT charged_from, amount_ore FROM insurance_settlement_lines
WHERE period_from = :period_from ORDER BY charged_from;

-- name: lock_settlements!
-- Let nobody else settle, or note a payment, meanwhile.
LOCK TABLE insurance_settlements IN SHARE ROW EXCLUSIVE MODE;

-- name: receive_premiums(last)
-- List what has been received as premium until a day and is not settled, by the month that was
-- charged. Of an invoice or a list that is paid in part, the premium is paid in the same part. What a
-- credit note gives back comes off as it is used, what the bank takes back as it is taken.
WITH lines AS (
    SELECT invoice_number, period_from, amount_ore AS premium_ore
    FROM charges WHERE kind = 'insurance_premium' AND invoice_number IS NOT NULL
    UNION ALL
    SELECT charges.invoice_number, charges.period_from, corrections.amount_ore
    FROM corrections
    JOIN charges ON charges.membership_id = corrections.membership_id
                AND charges.period_from = corrections.charged_in AND charges.kind = 'correction'
    WHERE corrections.kind = 'insurance_premium' AND charges.invoice_number IS NOT NULL
      AND corrections.reason NOT IN ('over_deducted', 'imported')
    UNION ALL
    -- Asked for by an invoice in place of an employer.
    SELECT redirections.invoice_number, lists.period_from,
           (line.premium_ore * redirections.amount_ore / nullif(line.total_ore, 0))
    FROM redirections
    JOIN deduction_lines AS line USING (list_number, membership_id)
    JOIN deduction_lists AS lists ON lists.number = redirections.list_number
), invoiced AS (
    SELECT invoice_number, period_from, sum(premium_ore) AS premium_ore
    FROM lines GROUP BY invoice_number, period_from
), paid AS (
    SELECT invoice_number, sum(amount_ore) AS ore FROM allocations
    WHERE invoice_number IS NOT NULL AND write_off IS NULL AND allocated_on <= :last
    GROUP BY invoice_number
), used AS (
    SELECT credit_number, sum(amount_ore) AS ore
    FROM (
        SELECT credit_number, amount_ore FROM allocations
        WHERE credit_number IS NOT NULL AND allocated_on <= :last
        UNION ALL
        SELECT credit_number, refund_parts.amount_ore
        FROM refund_parts JOIN refunds USING (refund_id)
        WHERE credit_number IS NOT NULL AND paid_on <= :last
          AND (returned_on IS NULL OR returned_on > :last)
    ) AS uses
    GROUP BY credit_number
), by_invoice AS (
    SELECT invoiced.period_from,
           CASE sign(invoices.total_ore)
               WHEN 1 THEN premium_ore * least(coalesce(paid.ore, 0), total_ore) / total_ore
               WHEN -1 THEN premium_ore * coalesce(used.ore, 0) / -total_ore
               ELSE premium_ore END AS ore
    FROM invoiced
    JOIN invoices ON invoices.number = invoiced.invoice_number AND invoices.issued_on <= :last
    LEFT JOIN paid ON paid.invoice_number = invoices.number
    LEFT JOIN used ON used.credit_number = invoices.number
), deducted AS (
    SELECT lists.number, lists.period_from,
           sum(CASE WHEN done.expected_ore = 0 THEN line.premium_ore
                    ELSE line.premium_ore * least(done.deducted_ore, done.expected_ore)
                         / done.expected_ore END) AS premium_ore,
           sum(least(done.deducted_ore, done.expected_ore)) AS total_ore
    FROM deductions AS done
    JOIN deduction_lines AS line USING (list_number, membership_id)
    JOIN deduction_lists AS lists ON lists.number = done.list_number
    WHERE done.settled_on <= :last
    GROUP BY lists.number, lists.period_from
), by_list AS (
    SELECT deducted.period_from,
           deducted.premium_ore * least(coalesce(sum(amount_ore), 0), total_ore) / total_ore AS ore
    FROM deducted
    LEFT JOIN allocations ON allocations.list_number = deducted.number AND allocated_on <= :last
    WHERE total_ore > 0
    GROUP BY deducted.number, deducted.period_from, deducted.premium_ore, total_ore
), received AS (
    SELECT period_from, sum(trunc(ore)) AS ore
    FROM (SELECT * FROM by_invoice UNION ALL SELECT * FROM by_list) AS parts
    GROUP BY period_from
), settled AS (
    SELECT charged_from AS period_from, sum(amount_ore) AS ore
    FROM insurance_settlement_lines GROUP BY charged_from
)
SELECT period_from AS charged_from,
       (coalesce(received.ore, 0) - coalesce(settled.ore, 0))::bigint AS amount_ore
FROM received FULL JOIN settled USING (period_from)
WHERE coalesce(received.ore, 0) <> coalesce(settled.ore, 0)
ORDER BY period_from;

-- name: write_settlement(period_from, settled_on, booked_on, amount_ore, months, amounts)!
-- Keep a settlement with its lines, and book it: what is owed to the office.
WITH settlement AS (
    INSERT INTO insurance_settlements (period_from, settled_on, amount_ore)
    VALUES (:period_from, :settled_on, :amount_ore)
), lines AS (
    INSERT INTO insurance_settlement_lines (period_from, charged_from, amount_ore)
    SELECT :period_from, charged_from, amount_ore
    FROM unnest(:months::date[], :amounts::bigint[]) AS line (charged_from, amount_ore)
)
INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
SELECT :booked_on, 'insurance_settlement', 'insurance-' || to_char(:period_from::date, 'YYYY-MM'),
       CASE WHEN :amount_ore > 0 THEN 'insurance_premium'
            WHEN :amount_ore < 0 THEN 'insurance_office' END,
       CASE WHEN :amount_ore > 0 THEN 'insurance_office'
            WHEN :amount_ore < 0 THEN 'insurance_premium' END,
       abs(:amount_ore)
WHERE :amount_ore <> 0;

-- name: owed_until(period_from)$
-- Tell what is owed to the office by the settlements until a month, less what the bank has paid or
-- is asked to pay.
SELECT coalesce((SELECT sum(amount_ore) FROM insurance_settlements
                 WHERE period_from <= :period_from), 0)::bigint
     - coalesce((SELECT sum(amount_ore) FROM insurance_payments), 0)::bigint
     - coalesce((SELECT sum(amount_ore) FROM refund_parts
                 WHERE insurance_from IS NOT NULL), 0)::bigint;

-- name: write_payment(entry, period_from, amount_ore, paid_on, noted_on, noted_by)!
-- Note by which debit of the bank the office was paid, and book it.
WITH payment AS (
    INSERT INTO insurance_payments (entry, period_from, amount_ore, paid_on, noted_on, noted_by)
    VALUES (:entry, :period_from, :amount_ore, :paid_on, :noted_on, :noted_by)
)
INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
VALUES (:paid_on, 'insurance_paid', :entry, 'insurance_office', 'bank', :amount_ore);

-- ===== Its payout

-- name: name_account(valid_from, account, receiver, named_by, named_on, subject)^
-- Keep the office's account from a day on; return the one that stands for that day.
WITH named AS (
    INSERT INTO insurance_accounts
        (valid_from, account, receiver, named_by, named_on, named_by_subject)
    VALUES (:valid_from, :account, :receiver, :named_by, :named_on, :subject)
    ON CONFLICT (valid_from) DO NOTHING
    RETURNING account, receiver
)
SELECT account, receiver FROM named
UNION ALL
SELECT account, receiver FROM insurance_accounts WHERE valid_from = :valid_from
LIMIT 1;

-- name: read_account(today)^
-- Read where the office's money goes on a day.
SELECT account, receiver, named_by, named_by_subject FROM insurance_accounts
WHERE valid_from <= :today ORDER BY valid_from DESC LIMIT 1;

-- name: owed_to_office(period_from)$
-- Tell what is owed to the office in all, less what is being paid out.
SELECT owed_to_office(:period_from::date);

-- name: find_payout(period_from)$
-- Find the payout of a settlement: the one that stands, else the last that was given free.
SELECT refund_id FROM refund_parts JOIN refunds USING (refund_id)
WHERE insurance_from = :period_from AND refund_parts.amount_ore > 0
ORDER BY released_on DESC NULLS FIRST, refund_id
LIMIT 1;

-- name: ask_payout!
-- Ask for the office to be paid what it is owed.
WITH asked AS (
    INSERT INTO refunds (refund_id, amount_ore, reason, requested_on, requested_by, account,
                         receiver, account_by, requested_by_subject, account_by_subject)
    VALUES (:refund_id, :amount_ore, :reason, :today, :by, :account, :receiver, :account_by,
            :subject, :account_by_subject)
)
INSERT INTO refund_parts (refund_id, serial, insurance_from, amount_ore)
VALUES (:refund_id, 1, :period_from, :amount_ore);
