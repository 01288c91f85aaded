-- name: lock_list(list_number)^
-- Lock a list, so that it is settled by one at a time, and read it.
SELECT deduction_lists.number AS list_number, deduction_lists.period_from,
       deduction_lists.report_due_on, employers.payer_number, deliveries.delivered_on
FROM deduction_lists
JOIN employers ON employers.orgnr = deduction_lists.employer_orgnr
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = deduction_lists.number
WHERE deduction_lists.number = :list_number
FOR UPDATE OF deduction_lists;

-- name: settle(list_number, period_from, batch, today, due_on)$
-- Settle every line that can be settled, with all that follows; return how many letters it orders.
WITH line AS MATERIALIZED (
    SELECT lines.*, memberships.member_number, memberships.stage,
           coalesce(memberships.outcome = 'deceased', false) AS died,
           coalesce(decision IN ('invoice', 'write_off'), false) AS decided
    FROM settlement_lines AS lines JOIN memberships USING (membership_id)
    WHERE list_number = :list_number
), complete AS (
    -- One answer for each line: then no other order of arrival would have given another outcome.
    SELECT coalesce(bool_and(decided OR outcome IS NOT NULL OR NOT (unanswered OR contradicted)),
                    true) AS complete
    FROM line
), taken AS (
    SELECT line.*, complete,
           CASE WHEN shown AND answers = 1 THEN deducted_ore ELSE 0 END AS taken_ore
    FROM line CROSS JOIN complete
    WHERE outcome IS NULL
), judged AS MATERIALIZED (
    SELECT taken.*,
           CASE
               WHEN shown AND NOT complete AND NOT decided THEN NULL
               WHEN taken_ore = expected_ore THEN 'deducted'
               WHEN taken_ore > expected_ore THEN 'over'
               WHEN decision = 'invoice' THEN 'redirected'
               WHEN decision = 'write_off' THEN 'written_off'
               WHEN died THEN NULL
               WHEN NOT shown THEN 'redirected'
               WHEN reason IN ('LEFT', 'UNPAID_LEAVE', 'LAID_OFF', 'NAV', 'PENSION', 'NO_PAY')
                   THEN 'redirected'
           END AS verdict
    FROM taken
), billed AS MATERIALIZED (
    SELECT membership_id, member_number || '-' || serial AS number,
           with_mod10('1' || member_number || lpad(serial::text, 6, '0')) AS kid,
           serial, expected_ore - taken_ore AS amount_ore,
           coalesce(CASE WHEN NOT shown THEN 'withheld' WHEN decided THEN 'decided' END, reason)
               AS reason
    FROM (
        SELECT judged.*, (SELECT coalesce(max(serial), 0) + 1 FROM invoices
                          WHERE invoices.membership_id = judged.membership_id) AS serial
        FROM judged WHERE verdict = 'redirected'
    ) AS short
), settled AS (
    INSERT INTO deductions
        (list_number, membership_id, outcome, expected_ore, deducted_ore, reason, decided_by,
         settled_on)
    SELECT list_number, membership_id, verdict, expected_ore, taken_ore,
           CASE WHEN shown THEN reason END,
           CASE WHEN decided THEN caseworker ELSE 'rule' END, :today
    FROM judged WHERE verdict IS NOT NULL
), invoice AS (
    INSERT INTO invoices
        (number, kid, membership_id, serial, period_from, issued_on, due_on, total_ore, currency)
    SELECT number, kid, membership_id, serial, :period_from, :today, :due_on, amount_ore, 'NOK'
    FROM billed
), redirected AS (
    INSERT INTO redirections (list_number, membership_id, invoice_number, amount_ore, reason)
    SELECT :list_number, membership_id, number, amount_ore, reason FROM billed
), over AS (
    INSERT INTO over_deductions
        (list_number, membership_id, period_from, deducted_ore, expected_ore)
    SELECT list_number, membership_id, :period_from, taken_ore, expected_ore
    FROM judged WHERE verdict = 'over'
), entry AS (
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT :today, booking.source, membership_id, list_number || '/' || member_number,
           booking.debit, booking.credit, abs(expected_ore - taken_ore)
    FROM judged JOIN (VALUES
        ('redirected', 'redirection', 'members', 'employers'),
        ('over', 'over_deduction', 'employers', 'correction'),
        ('written_off', 'write_off', 'correction', 'employers')
    ) AS booking (verdict, source, debit, credit) USING (verdict)
), asked AS (
    SELECT membership_id, lower(reason) AS hint FROM judged
    WHERE verdict IS NOT NULL AND shown AND answers = 1 AND reason IN ('LEFT', 'PENSION')
      AND code <> 'STOP' AND stage <> 'ended'
      -- One question is enough for a row of months that say the same.
      AND NOT EXISTS (
        SELECT FROM letters
        WHERE letters.membership_id = judged.membership_id
          AND letters.template = 'employment_question'
          AND letters.ordered_on > :today::date - interval '3 months')
), wanted AS (
    SELECT membership_id, 'invoice-' || number AS key, 'dues_invoice' AS template,
           jsonb_build_object('invoice', number) AS figures
    FROM billed
    UNION ALL
    SELECT membership_id, 'employment-question-' || :list_number, 'employment_question',
           jsonb_build_object('about', hint)
    FROM asked
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, template, 'member', figures, 'pending',
           letter_message_id(membership_id, key), :batch, :today
    FROM wanted
    ON CONFLICT (membership_id, key) DO NOTHING
    RETURNING 1
), task AS (
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    SELECT 'deduction/' || list_number || '/' || membership_id, 'deduction_undecided',
           'List ' || list_number || ': ' || (expected_ore - taken_ore) || ' øre were not deducted'
           || coalesce(' (' || reason || ')', '') || '. Decide it with decide_deduction on the '
           'settlement: invoice, write_off or wait.', membership_id, :today
    FROM judged
    WHERE verdict IS NULL AND (complete OR NOT shown)
    ON CONFLICT (key) DO NOTHING
), contradiction AS (
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    SELECT 'deduction-contradicted/' || list_number || '/' || membership_id,
           'deduction_contradicted',
           'List ' || list_number || ': the employer has reported different things of one line. '
           'Ask which is right; a line that is still open is decided with decide_deduction on '
           'the settlement.', membership_id, :today
    FROM line WHERE contradicted
    ON CONFLICT (key) DO NOTHING
)
SELECT count(*) FROM letter;

-- name: close_line_tasks(list_number, today)!
-- Close the tasks of lines that have been settled.
UPDATE tasks SET closed_on = :today, closed_by = 'settlement'
FROM deductions
WHERE deductions.list_number = :list_number AND tasks.closed_on IS NULL
  AND (tasks.key = 'deduction/' || deductions.list_number || '/' || deductions.membership_id
       OR deductions.decided_by <> 'rule' AND tasks.key =
          'deduction-contradicted/' || deductions.list_number || '/' || deductions.membership_id);

-- name: read_figures(list_number)^
-- Read a list in figures.
WITH line AS MATERIALIZED (
    SELECT *, outcome IS NULL AND (unanswered OR contradicted) AS blocks
    FROM settlement_lines WHERE list_number = :list_number
)
SELECT count(*) AS lines,
       count(*) FILTER (WHERE NOT shown) AS withheld,
       coalesce(sum(expected_ore) FILTER (WHERE shown), 0)::bigint AS expected_ore,
       coalesce(sum(CASE WHEN NOT shown THEN 0
                         WHEN outcome IS NOT NULL THEN settled_ore
                         WHEN answers = 1 THEN deducted_ore ELSE 0 END), 0)::bigint AS reported_ore,
       count(*) FILTER (WHERE answers > 0) AS answers,
       count(*) FILTER (WHERE unanswered) AS unanswered,
       count(*) FILTER (WHERE contradicted AND outcome IS NULL) AS contradicted,
       count(*) FILTER (WHERE outcome IS NULL AND NOT blocks
                          AND (NOT shown OR NOT (SELECT bool_or(blocks) FROM line))) AS undecided,
       count(*) FILTER (WHERE outcome IS NULL) AS open_lines,
       (SELECT coalesce(sum(amount_ore), 0)::bigint FROM allocations
        WHERE allocations.list_number = :list_number) AS paid_ore,
       (SELECT coalesce(sum(amount_ore), 0)::bigint FROM list_write_offs
        WHERE list_write_offs.list_number = :list_number) AS accepted_ore
FROM line;

-- name: read_open_lines(list_number)
-- Find the lines that wait for a caseworker, the first twenty.
SELECT membership_id FROM settlement_lines
WHERE list_number = :list_number AND outcome IS NULL
  AND (contradicted OR NOT unanswered AND answers = 1 AND deducted_ore <> expected_ore
       OR NOT shown)
ORDER BY membership_id LIMIT 20;

-- name: find_line(list_number, membership_id)^
-- Read what has become of one line.
SELECT outcome, expected_ore FROM settlement_lines
WHERE list_number = :list_number AND membership_id = :membership_id;

-- name: keep_decision(list_number, membership_id, decision, caseworker, reason, key, today)!
-- Keep a caseworker's decision about a line; the same message counts once.
INSERT INTO line_decisions
    (list_number, membership_id, serial, decision, caseworker, reason, decided_on, key)
SELECT :list_number, :membership_id,
       (SELECT coalesce(max(serial), 0) + 1 FROM line_decisions
        WHERE list_number = :list_number AND membership_id = :membership_id),
       :decision, :caseworker, :reason, :today, :key
ON CONFLICT (key) DO NOTHING;

-- name: find_decision(key)$
-- Tell whether a message has been kept.
SELECT EXISTS (SELECT FROM line_decisions WHERE key = :key);

-- name: find_write_off(list_number)$
-- Tell whether a caseworker has let a list's difference stand.
SELECT EXISTS (SELECT FROM list_write_offs WHERE list_number = :list_number);

-- name: write_off_list(list_number, amount_ore, caseworker, reason, today)!
-- Let stand what an employer paid less, or more, than it reported; only less is booked.
WITH kept AS (
    INSERT INTO list_write_offs (list_number, amount_ore, caseworker, reason, decided_on)
    VALUES (:list_number, :amount_ore, :caseworker, :reason, :today)
    ON CONFLICT (list_number) DO NOTHING
    RETURNING amount_ore
)
INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
SELECT :today, 'write_off', :list_number, 'correction', 'employers', amount_ore
FROM kept WHERE amount_ore > 0;
