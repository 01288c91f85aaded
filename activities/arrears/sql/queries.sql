-- name: last_member()$
-- Read the highest member number there is, as a number.
SELECT coalesce(max(member_number), '0')::bigint FROM memberships;

-- name: open_round(first, last, today, first_days, second_days, task_months, struck_off_months, warning_days)!
-- Work out, for the members of a page, what is due on a day: the same as schemas.arrears.contracts.steps_due.
CREATE TEMPORARY TABLE arrears_round ON COMMIT DROP AS
WITH overdue AS MATERIALIZED (
    SELECT balances.membership_id, balances.number, balances.serial, balances.due_on,
           balances.open_ore, memberships.stage <> 'ended' AS member,
           CASE WHEN covers.months = 1 THEN 1 ELSE least(
               covers.months,
               (12 * (extract(year FROM :today::date) - extract(year FROM balances.due_on))
                + extract(month FROM :today::date) - extract(month FROM balances.due_on))::integer
               - (extract(day FROM :today::date) < extract(day FROM balances.due_on))::integer)
           END AS months
    FROM memberships
    JOIN invoice_balances AS balances USING (membership_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(max(CASE cadence WHEN 'yearly' THEN 12 WHEN 'quarterly' THEN 3 ELSE 1 END),
                        1) AS months
        FROM charges WHERE invoice_number = balances.number
    ) AS covers
    WHERE memberships.member_number BETWEEN :first AND :last
      AND memberships.outcome IS DISTINCT FROM 'deceased'
      AND balances.due_on < :today AND balances.open_ore > 0
), absurd AS MATERIALIZED (
    -- Nobody owes that much: a caseworker looks before anybody is written to about anything.
    SELECT DISTINCT membership_id FROM overdue WHERE open_ore > largest_line_ore()
), pursued AS (
    SELECT overdue.*,
           (SELECT taken_on FROM arrears_steps
            WHERE invoice_number = number AND step = 'first_reminder') AS first_on,
           (SELECT taken_on FROM arrears_steps
            WHERE invoice_number = number AND step = 'second_reminder') AS second_on,
           (SELECT taken_on FROM arrears_steps
            WHERE invoice_number = number AND step = 'caseworker') AS caseworker_on,
           (SELECT taken_on FROM arrears_steps
            WHERE invoice_number = number AND step = 'suspense') AS suspense_on,
           (SELECT taken_on FROM arrears_steps
            WHERE invoice_number = number AND step = 'warning') AS warned_on
    FROM overdue
    WHERE NOT EXISTS (SELECT FROM absurd WHERE absurd.membership_id = overdue.membership_id)
), members AS (
    SELECT membership_id, bool_and(member) AS member, sum(open_ore)::bigint AS owed_ore,
           sum(months)::integer AS owed_months, max(caseworker_on) AS caseworker_on,
           max(suspense_on) AS suspense_on, max(warned_on) AS warned_on,
           (array_agg(number ORDER BY due_on, serial))[1] AS oldest
    FROM pursued GROUP BY membership_id
), judged AS (
    SELECT members.*, (
        (SELECT coalesce(sum(suspense_ore), 0) FROM payment_balances
         WHERE payment_balances.membership_id = members.membership_id)
        - (SELECT coalesce(sum(open_ore), 0) FROM invoice_balances
           WHERE invoice_balances.membership_id = members.membership_id AND open_ore < 0)
        ) >= owed_ore AS in_hand
    FROM members
)
SELECT pursued.membership_id, pursued.number, pursued.open_ore,
       judged.owed_ore, judged.owed_months, judged.oldest, due.step
FROM pursued JOIN judged USING (membership_id)
CROSS JOIN LATERAL (
    SELECT 'suspense' AS step WHERE in_hand AND judged.suspense_on IS NULL
    UNION ALL
    SELECT 'first_reminder'
    WHERE NOT in_hand AND first_on IS NULL AND :today::date - due_on >= :first_days::integer
    UNION ALL
    SELECT 'second_reminder'
    WHERE NOT in_hand AND second_on IS NULL AND :today::date - due_on >= :second_days::integer
      AND :today::date - first_on >= :second_days::integer - :first_days::integer
    UNION ALL
    SELECT 'caseworker'
    WHERE NOT in_hand AND judged.caseworker_on IS NULL
      AND owed_months >= :task_months::integer
    UNION ALL
    SELECT 'warning'
    WHERE NOT in_hand AND judged.member AND judged.warned_on IS NULL
      AND owed_months >= :struck_off_months::integer
    UNION ALL
    SELECT 'struck_off'
    WHERE NOT in_hand AND judged.member AND owed_months > :struck_off_months::integer
      AND :today::date - judged.warned_on >= :warning_days::integer
    UNION ALL
    -- Nothing is due: still counted among what is owed.
    SELECT NULL
) AS due
UNION ALL
SELECT membership_id, number, 0, 0, 0, number, 'quarantined'
FROM overdue JOIN absurd USING (membership_id);

-- name: count_round^
-- Count what is due, before anything has been written.
SELECT count(*) FILTER (WHERE step = 'first_reminder') AS first_reminder,
       count(*) FILTER (WHERE step = 'second_reminder') AS second_reminder,
       count(DISTINCT membership_id) FILTER (WHERE step = 'caseworker') AS caseworker,
       count(DISTINCT membership_id) FILTER (WHERE step = 'suspense') AS suspense,
       count(DISTINCT membership_id) FILTER (WHERE step = 'warning') AS warning,
       count(DISTINCT membership_id) FILTER (
           WHERE step = 'struck_off' AND NOT EXISTS (
               SELECT FROM arrears_steps
               WHERE invoice_number = number AND arrears_steps.step = 'struck_off')
       ) AS struck_off,
       count(DISTINCT membership_id) FILTER (WHERE step = 'quarantined') AS quarantined,
       coalesce(sum(open_ore) FILTER (WHERE step IS NULL), 0)::bigint AS owed_ore
FROM arrears_round;

-- name: take_steps(today, batch, struck_off_months, warning_days)!
-- Write down what is due, order its letters and open its tasks, in one statement.
WITH taken AS (
    INSERT INTO arrears_steps (invoice_number, step, membership_id, taken_on)
    SELECT number, step, membership_id, :today FROM arrears_round WHERE step <> 'quarantined'
    ON CONFLICT (invoice_number, step) DO NOTHING
    RETURNING invoice_number, step, membership_id
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, template, 'member', figures, 'pending',
           letter_message_id(membership_id, key), :batch, :today
    FROM (
        SELECT membership_id,
               CASE step WHEN 'first_reminder' THEN 'reminder-1-' ELSE 'reminder-2-' END
                   || invoice_number AS key,
               CASE step WHEN 'first_reminder' THEN 'reminder_first' ELSE 'reminder_second' END
                   AS template,
               jsonb_build_object('invoice', invoice_number) AS figures
        FROM taken WHERE step IN ('first_reminder', 'second_reminder')
        UNION ALL
        SELECT DISTINCT membership_id, 'warning-' || oldest, 'struck_off_warning',
               jsonb_build_object(
                   'struck_off_months', :struck_off_months::integer,
                   'earliest_on', (:today::date + :warning_days::integer)::text)
        FROM taken JOIN arrears_round USING (membership_id, step)
        WHERE taken.step = 'warning'
    ) AS ordered
    ON CONFLICT DO NOTHING
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT DISTINCT
    CASE step WHEN 'caseworker' THEN 'arrears/' ELSE 'arrears-suspense/' END || oldest,
    CASE step WHEN 'caseworker' THEN 'arrears' ELSE 'arrears_suspense' END,
    CASE step WHEN 'caseworker'
        THEN 'Owes ' || owed_ore || ' øre for ' || owed_months
             || ' months. Get in touch, and find a way to pay.'
        ELSE 'Owes ' || owed_ore || ' øre, and has that much in suspense or in credit. Place it: '
             || 'nobody is reminded meanwhile.' END,
    membership_id, :today::date
FROM taken JOIN arrears_round USING (membership_id, step)
WHERE step IN ('caseworker', 'suspense')
UNION ALL
SELECT DISTINCT 'arrears-quarantine/' || membership_id || '/' || to_char(:today::date, 'YYYY-MM'),
       'arrears_quarantine',
       'What is overdue could not be pursued: an amount that can''t be meant. Nobody was '
       'written to.',
       membership_id, :today::date
FROM arrears_round WHERE step = 'quarantined'
ON CONFLICT (key) DO NOTHING;

-- name: close_settled(first, last, today)!
-- Close the tasks of members who owe nothing past its due date any more.
UPDATE tasks SET closed_on = :today, closed_by = 'rule', note = 'nothing is overdue any more'
FROM memberships
WHERE tasks.membership_id = memberships.membership_id
  AND tasks.closed_on IS NULL AND tasks.kind IN ('arrears', 'arrears_suspense')
  AND memberships.member_number BETWEEN :first AND :last
  AND NOT EXISTS (
    SELECT FROM invoice_balances
    WHERE invoice_balances.membership_id = tasks.membership_id
      AND due_on < :today AND open_ore > 0);

-- name: find_struck_off(membership_id)^
-- Read what a member owes who is to be struck off.
SELECT owed_ore, owed_months FROM arrears_round
WHERE membership_id = :membership_id AND step = 'struck_off' LIMIT 1;

-- name: list_struck_off
-- List who is to be struck off, and what they owe.
SELECT DISTINCT membership_id, owed_ore, owed_months FROM arrears_round
WHERE step = 'struck_off' ORDER BY membership_id;

-- name: open_reinstatements
-- Find who was struck off and owes nothing any more, and note that they come back, once each.
WITH paid AS (
    SELECT memberships.membership_id, (
        SELECT coalesce(reference, credit_number)
        FROM allocations JOIN invoices ON invoices.number = allocations.invoice_number
        WHERE invoices.membership_id = memberships.membership_id AND amount_ore > 0
        ORDER BY allocation_id DESC LIMIT 1) AS paid_by
    FROM memberships JOIN people USING (membership_id)
    WHERE outcome = 'struck_off'
      AND NOT EXISTS (SELECT FROM reinstatements
                      WHERE reinstatements.membership_id = memberships.membership_id)
      AND NOT EXISTS (SELECT FROM invoice_balances
                      WHERE invoice_balances.membership_id = memberships.membership_id
                        AND open_ore > 0)
)
SELECT membership_id, paid_by FROM paid WHERE paid_by IS NOT NULL ORDER BY membership_id;

-- name: add_reinstatement(membership_id, new_membership_id, paid_by, today)!
-- Note that somebody comes back.
INSERT INTO reinstatements (membership_id, new_membership_id, paid_by, opened_on)
VALUES (:membership_id, :new_membership_id, :paid_by, :today)
ON CONFLICT (membership_id) DO NOTHING;

-- name: list_unstarted
-- List the new memberships that have not been received, with the application that was kept.
SELECT reinstatements.membership_id, new_membership_id, application
FROM reinstatements JOIN people USING (membership_id)
WHERE NOT EXISTS (SELECT FROM memberships
                  WHERE memberships.membership_id = new_membership_id)
ORDER BY reinstatements.membership_id;

-- name: find_member(member_number)$
-- Find the membership of a member number.
SELECT membership_id FROM memberships WHERE member_number = :member_number;
