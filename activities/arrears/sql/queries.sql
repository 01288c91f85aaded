-- name: open_round(first, last, today, grace_days, listed_before, only_warned, limits)^
-- Work out, for the members of a page, which steps of the ladder are due on a day (A30); or for
-- those of them alone who can be struck off, since a step that comes before that was taken.
CREATE TEMPORARY TABLE arrears_round ON COMMIT DROP AS
WITH plans AS MATERIALIZED (
    SELECT membership_id, decided_on FROM plans_standing(:first, :last, :today, :grace_days)
    WHERE kept
), due AS MATERIALIZED (
    SELECT number, membership_id, person_id, stage
    FROM memberships JOIN overdue_invoices USING (membership_id)
    WHERE memberships.member_number BETWEEN :first AND :last
    UNION
    SELECT number, membership_id, person_id, stage
    FROM memberships JOIN invoices USING (membership_id)
    WHERE memberships.member_number BETWEEN :first AND :last
      AND invoices.due_on >= :listed_before
), looked_at AS MATERIALIZED (
    SELECT * FROM due
    -- A step about a member stands for each invoice that was overdue then.
    WHERE NOT :only_warned OR membership_id IN (
        SELECT warned.membership_id
        FROM due AS warned
        JOIN arrears_steps ON arrears_steps.invoice_number = warned.number
        JOIN arrears_ladder AS ladder
          ON ladder.step = 'struck_off' AND ladder.after_step = arrears_steps.step)
), overdue AS MATERIALIZED (
    SELECT balances.membership_id, balances.number, balances.serial, asked.due_on,
           balances.total_ore, balances.open_ore, looked_at.stage <> 'ended' AS member,
           -- As months_covered says it, but without a call for each.
           (SELECT coalesce(max(months_of_fee(charges.cadence, charges.period_from)),
                            CASE WHEN EXISTS (SELECT FROM recoveries
                                              WHERE invoice_number = balances.number)
                                 THEN 0 ELSE 1 END)
            FROM charges
            WHERE charges.invoice_number = balances.number
              AND charges.period_from = balances.period_from) AS covers,
           -- What a payment plan is about, for as long as it is kept.
           EXISTS (SELECT FROM plans WHERE plans.membership_id = balances.membership_id
                                       AND balances.issued_on <= plans.decided_on) AS planned,
           months_passed(asked.due_on, :today) AS passed
    FROM looked_at
    CROSS JOIN LATERAL (
        -- One by one by their numbers, and never all invoices there are.
        SELECT * FROM invoice_balances WHERE invoice_balances.number = looked_at.number OFFSET 0
    ) AS balances
    LEFT JOIN LATERAL (
        SELECT max(due_on) AS due_on FROM claims WHERE claims.invoice_number = balances.number
    ) AS claims ON true
    LEFT JOIN claim_returns ON claim_returns.invoice_number = balances.number
    CROSS JOIN LATERAL (
        -- What the bank was to collect its member is asked for later, by a letter of its own (P9).
        SELECT greatest(balances.due_on, claims.due_on, claim_returns.pay_by) AS due_on
    ) AS asked
    -- Nothing is pursued after a death, whichever membership it was recorded of (M17).
    WHERE looked_at.person_id NOT IN (SELECT person_id FROM members_who_died())
      AND asked.due_on < :today AND balances.open_ore > 0
), absurd AS MATERIALIZED (
    -- Nobody owes that much: a caseworker looks before anybody is written to about anything.
    SELECT DISTINCT membership_id FROM overdue WHERE open_ore > largest_line_ore()
), overdrawn AS MATERIALIZED (
    SELECT balance.membership_id, balance.suspense_ore
    FROM (SELECT DISTINCT reference FROM refund_parts) AS refunded
    JOIN payments AS back ON back.reverses = refunded.reference
    JOIN payment_balances AS balance ON balance.reference = refunded.reference
    WHERE balance.suspense_ore < 0
), suspense AS (
    -- Of all that was ever paid these alone can leave something; less than nothing is left of a
    -- payment that was paid back and then taken back by the bank.
    SELECT noted.membership_id, balance.suspense_ore
    FROM payments_in_suspense AS noted
    CROSS JOIN LATERAL (
        SELECT suspense_ore FROM payment_balances
        WHERE payment_balances.reference = noted.reference
    ) AS balance
    WHERE balance.suspense_ore > 0
    UNION ALL
    SELECT membership_id, suspense_ore FROM overdrawn
), money AS MATERIALIZED (
    -- Whatever was paid and pays nothing yet counts, whatever KID it came with; of another membership
    -- of the same person what it does not need itself.
    SELECT overdue.membership_id,
           coalesce(sum(open_ore) FILTER (WHERE NOT planned), 0)::bigint AS open_ore,
           greatest(0, (SELECT coalesce(sum(greatest(0, held.ore - coalesce(other.open_ore, 0))), 0)
            FROM memberships AS own
            JOIN memberships AS others ON others.person_id = own.person_id
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(suspense_ore), 0) AS ore FROM suspense
                WHERE suspense.membership_id = others.membership_id
            ) AS held
            CROSS JOIN LATERAL (
                SELECT sum(balances.open_ore) AS open_ore FROM (
                    SELECT open_ore FROM invoice_balances AS credits
                    WHERE credits.membership_id = others.membership_id
                      AND credits.total_ore < 0 AND credits.open_ore < 0
                    UNION ALL
                    SELECT open_ore FROM invoice_balances AS claims
                    WHERE claims.membership_id = others.membership_id
                      AND others.membership_id <> own.membership_id AND claims.open_ore > 0
                ) AS balances
            ) AS other
            WHERE own.membership_id = overdue.membership_id)
            - coalesce(sum(open_ore) FILTER (WHERE planned), 0))::bigint AS in_hand_ore
    FROM overdue
    WHERE NOT EXISTS (SELECT FROM absurd WHERE absurd.membership_id = overdue.membership_id)
    GROUP BY overdue.membership_id
), laid AS (
    -- Money pays the oldest; so what is owed net of it is of the newest, as far as they ask it.
    SELECT overdue.*, money.in_hand_ore, money.open_ore - money.in_hand_ore AS net_ore,
           sum(overdue.open_ore) OVER oldest <= money.in_hand_ore AS covered,
           greatest(0, least(overdue.total_ore,
               money.open_ore - money.in_hand_ore
               - (sum(overdue.total_ore) OVER newest - overdue.total_ore))) AS owed_of_it
    FROM overdue JOIN money USING (membership_id)
    WHERE NOT planned
    WINDOW oldest AS (PARTITION BY membership_id ORDER BY due_on, serial),
           newest AS (PARTITION BY membership_id ORDER BY due_on DESC, serial DESC)
), pursued AS (
    SELECT laid.*,
           months_owed(covers, passed, total_ore, owed_of_it::bigint) AS months,
           (SELECT jsonb_object_agg(step, taken_on) FROM arrears_steps
            WHERE invoice_number = number) AS taken
    FROM laid
), taken_about AS (
    -- A step about a member stands for all that is overdue, and holds while one is unpaid.
    SELECT membership_id, jsonb_object_agg(step, last_on) AS taken
    FROM (
        SELECT membership_id, step, max(taken_on) AS last_on
        FROM pursued CROSS JOIN LATERAL jsonb_each_text(taken) AS each (step, taken_on)
        GROUP BY membership_id, step
    ) AS steps
    GROUP BY membership_id
), members AS (
    SELECT membership_id, bool_and(member) AS member, max(net_ore) <= 0 AS in_hand,
           CASE WHEN max(net_ore) > 0 THEN max(net_ore) ELSE sum(open_ore) END::bigint AS owed_ore,
           sum(months)::integer AS owed_months,
           (array_agg(number ORDER BY due_on, serial))[1] AS oldest
    FROM pursued GROUP BY membership_id
), judged AS MATERIALIZED (
    SELECT members.*, taken_about.taken,
           -- As is_held says it, but without a call for each.
           coalesce((SELECT until_on > :today FROM reminder_holds
                     WHERE reminder_holds.membership_id = members.membership_id
                     ORDER BY hold_id DESC LIMIT 1), false) AS held
    FROM members LEFT JOIN taken_about USING (membership_id)
)
SELECT pursued.membership_id, pursued.number, pursued.open_ore,
       judged.owed_ore, judged.owed_months, judged.oldest, due.step
FROM pursued JOIN judged USING (membership_id)
CROSS JOIN LATERAL (
    SELECT ladder.step
    FROM arrears_ladder AS ladder
    CROSS JOIN LATERAL (
        SELECT CASE ladder.about WHEN 'invoice' THEN pursued.taken
                                 WHEN 'member' THEN judged.taken END AS taken
    ) AS before
    WHERE ladder.in_hand = judged.in_hand AND NOT judged.held
      AND (judged.member OR NOT ladder.members_only)
      AND NOT (ladder.about = 'invoice' AND pursued.covered)
      AND (ladder.repeats OR before.taken ->> ladder.step IS NULL)
      -- Who was taken up again has the time that follows a step anew (L9).
      AND (ladder.after_step IS NULL OR NOT EXISTS (
          SELECT FROM decisions
          WHERE decisions.membership_id = pursued.membership_id
            AND decisions.event = 'membership_reopened'
            AND :today::date - decisions.decided_on
                < (:limits::jsonb ->> ladder.gap_days)::integer))
      -- A policy that there is not says nothing, and then nothing is due.
      AND (ladder.overdue_days IS NULL
           OR :today::date - due_on >= (:limits::jsonb ->> ladder.overdue_days)::integer)
      AND (ladder.owed_months IS NULL
           OR judged.owed_months
              >= (:limits::jsonb ->> ladder.owed_months)::integer + ladder.more_months)
      AND (ladder.after_step IS NULL
           OR :today::date - (before.taken ->> ladder.after_step)::date
              >= (:limits::jsonb ->> ladder.gap_days)::integer
                 - coalesce((:limits::jsonb ->> ladder.less_days)::integer, 0))
    UNION ALL
    -- Nothing is due: still counted among what is owed.
    SELECT NULL
) AS due
UNION ALL
SELECT membership_id, number, open_ore, 0, 0, number, NULL
FROM overdue WHERE planned
UNION ALL
SELECT membership_id, number, 0, 0, 0, number, 'quarantined'
FROM overdue JOIN absurd USING (membership_id);

-- name: count_steps
-- Count how many invoices or members each step is due about, before anything has been written.
SELECT ladder.step,
       count(DISTINCT CASE about WHEN 'invoice' THEN number WHEN 'member' THEN membership_id END)
           AS counted
FROM arrears_round JOIN arrears_ladder AS ladder USING (step)
-- What is repeated is counted once.
WHERE NOT EXISTS (
    SELECT FROM arrears_steps WHERE invoice_number = number AND arrears_steps.step = ladder.step)
GROUP BY ladder.step;

-- name: count_round^
-- Count what is owed in all, and who can't be pursued.
SELECT count(DISTINCT membership_id) FILTER (WHERE step = 'quarantined') AS quarantined,
       coalesce(sum(open_ore) FILTER (WHERE step IS NULL), 0)::bigint AS owed_ore
FROM arrears_round;

-- name: take_steps(today, batch, struck_off_months, warning_days, pay_by)!
-- Write down what is due, order its letters and open its tasks, in one statement.
WITH taken AS (
    INSERT INTO arrears_steps (invoice_number, step, membership_id, taken_on)
    SELECT number, step, membership_id, :today
    FROM arrears_round JOIN arrears_ladder USING (step)
    ON CONFLICT (invoice_number, step) DO NOTHING
    RETURNING invoice_number, step
), new AS MATERIALIZED (
    -- A step about a member is one, whatever the number of its invoices.
    SELECT DISTINCT due.membership_id, about, template, letter_key, task_kind, task_key,
           format(task_says, due.owed_ore, due.owed_months) AS says,
           CASE about WHEN 'invoice' THEN number WHEN 'member' THEN oldest END AS invoice
    FROM taken
    JOIN arrears_ladder AS ladder USING (step)
    JOIN arrears_round AS due ON due.number = taken.invoice_number AND due.step = taken.step
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, letter_key || invoice, template, 'member',
           CASE about
               WHEN 'invoice' THEN jsonb_build_object(
                   'invoice', invoice, 'pay_by', :pay_by::date::text,
                   'struck_off_months', :struck_off_months::integer)
               WHEN 'member' THEN jsonb_build_object(
                   'struck_off_months', :struck_off_months::integer,
                   'earliest_on', (:today::date + :warning_days::integer)::text) END,
           'pending', letter_message_id(membership_id, letter_key || invoice), :batch, :today
    FROM new WHERE template IS NOT NULL
    ON CONFLICT DO NOTHING
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT task_key || invoice, task_kind, says, membership_id, :today::date
FROM new WHERE task_kind IS NOT NULL
UNION ALL
SELECT DISTINCT 'arrears-quarantine/' || membership_id || '/' || to_char(:today::date, 'YYYY-MM'),
       'arrears_quarantine',
       'What is overdue could not be pursued: an amount that can''t be meant. Nobody was '
       'written to.',
       membership_id, :today::date
FROM arrears_round WHERE step = 'quarantined'
ON CONFLICT (key) DO NOTHING;

-- name: close_settled(first, last, today)!
-- Close the tasks of members who owe nothing past its due date any more, and of the dead: of none
-- of them is anything in the round.
UPDATE tasks
SET closed_on = :today, closed_by = 'rule', note = 'nothing is overdue any more', settled = true
FROM memberships
WHERE tasks.membership_id = memberships.membership_id
  AND tasks.closed_on IS NULL
  AND tasks.kind IN (SELECT task_kind FROM arrears_ladder)
  AND memberships.member_number BETWEEN :first AND :last
  -- Looked up in a hash, however few tasks there are taken to be: the round has no statistics.
  AND tasks.membership_id NOT IN (SELECT membership_id FROM arrears_round);

-- name: reopen_unsettled(today)!
-- Open the tasks again that were closed as nothing was overdue, or as somebody was dead, and that
-- is so no more: each step is taken once, and nobody would ask a second time.
UPDATE tasks SET (opened_on, announced_on, closed_on, closed_by, note, settled)
               = (:today, NULL, NULL, NULL, NULL, false)
FROM arrears_ladder, arrears_round
WHERE tasks.settled AND tasks.kind = arrears_ladder.task_kind
  AND tasks.key = arrears_ladder.task_key || arrears_round.number
  AND tasks.membership_id = arrears_round.membership_id;

-- name: recover_overdrawn(today, due_on, batch)$
-- Ask members by an invoice for what was paid back to them and then taken back by the bank.
SELECT recover_overdrawn(NULL, :today, :due_on, :batch);

-- name: tell_of_overpayments(first, last, today, batch)!
-- Tell members once of each payment of which something is left: while they owe nothing, or when an
-- invoice was paid twice.
WITH noted AS MATERIALIZED (
    -- Those of the page, and who has not been told: what follows is a query for each of them.
    SELECT membership_id, person_id, reference, key
    FROM memberships
    JOIN payments_in_suspense USING (membership_id)
    CROSS JOIN LATERAL (SELECT 'overpayment-' || reference AS key) AS named
    WHERE memberships.member_number BETWEEN :first AND :last
      -- Whoever has left is asked for an account when all is settled (A37).
      AND memberships.stage <> 'ended'
      AND NOT EXISTS (
        SELECT FROM letters
        WHERE letters.membership_id = memberships.membership_id AND letters.key = named.key)
), held AS MATERIALIZED (
    SELECT noted.*, balance.kid
    FROM noted
    CROSS JOIN LATERAL (
        SELECT kid, suspense_ore FROM payment_balances
        WHERE payment_balances.reference = noted.reference
    ) AS balance
    WHERE balance.suspense_ore > 0
)
INSERT INTO letters
    (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
SELECT membership_id, key, 'overpayment', 'member', jsonb_build_object('payment', reference),
       'pending', letter_message_id(membership_id, key), :batch, :today
FROM held
WHERE (held.kid IS NULL OR of_one_person(membership_of_kid(held.kid), membership_id))
  -- Whoever gets no next invoice is asked for an account.
  AND NOT gets_no_next_invoice(membership_id, :today)
  -- Hardly anybody owes as well: whether it is a double is asked of nobody else.
  AND (NOT EXISTS (
    SELECT FROM memberships AS theirs JOIN invoice_balances USING (membership_id)
    WHERE theirs.person_id = held.person_id AND open_ore > 0)
    OR waits_as_double(held.reference))
ON CONFLICT DO NOTHING;

-- ===== Money that is left over

-- name: close_final_settlements(first, last, today, least_ore)!
-- Close what nothing is left of, or that another invoice can use; and of which more is left by now.
WITH asked AS MATERIALIZED (
    -- Those of the page, before anything is worked out: it would be of all there are on every page.
    SELECT settlement.membership_id, serial, asked
    FROM memberships JOIN final_settlements AS settlement USING (membership_id)
    WHERE memberships.member_number BETWEEN :first AND :last AND settlement.closed_on IS NULL
), looked_at AS MATERIALIZED (
    -- Once for each: as a condition of the update it was worked out before the join and after it.
    SELECT asked.*, credit_of(membership_id) AS ore,
           gets_no_next_invoice(membership_id, :today) AS stays
    FROM asked
), over AS (
    UPDATE final_settlements AS settlement SET closed_on = :today
    FROM looked_at
    WHERE settlement.membership_id = looked_at.membership_id
      AND settlement.serial = looked_at.serial
      AND settlement.closed_on IS NULL
      AND (ore = 0 OR NOT stays OR (looked_at.asked = 'nobody' AND ore >= :least_ore))
    RETURNING settlement.membership_id, settlement.serial
)
UPDATE tasks
SET closed_on = coalesce(closed_on, :today), closed_by = coalesce(closed_by, 'rule'), settled = true
FROM over
WHERE tasks.kind = 'final_settlement' AND NOT tasks.settled
  AND tasks.key LIKE 'settlement/' || over.membership_id || '/' || over.serial || '/%';

-- name: open_final_settlements(first, last, today, least_ore, answer_days, batch)!
-- Ask for an account whoever has money with us that no invoice will use: the member by letter, of
-- somebody who has died the estate through a caseworker; below what is worth asking for nobody.
WITH held AS MATERIALIZED (
    SELECT membership_id FROM memberships JOIN payments_in_suspense USING (membership_id)
    WHERE member_number BETWEEN :first AND :last
    UNION
    SELECT membership_id FROM memberships JOIN invoices USING (membership_id)
    WHERE member_number BETWEEN :first AND :last AND invoices.total_ore < 0
), unasked AS MATERIALIZED (
    -- Before anything is worked out: who has been asked is on the list until they have answered.
    SELECT membership_id FROM held
    WHERE NOT EXISTS (SELECT FROM final_settlements AS earlier
                      WHERE earlier.membership_id = held.membership_id AND closed_on IS NULL)
), credit AS MATERIALIZED (
    SELECT membership_id, credit_of(membership_id) AS ore FROM unasked
    WHERE gets_no_next_invoice(membership_id, :today)
), settlement AS (
    INSERT INTO final_settlements (membership_id, serial, asked_on, amount_ore, asked)
    SELECT membership_id,
           1 + coalesce((SELECT max(serial) FROM final_settlements AS earlier
                         WHERE earlier.membership_id = credit.membership_id), 0),
           :today, ore,
           CASE WHEN ore < :least_ore THEN 'nobody'
                WHEN EXISTS (
                    SELECT FROM memberships
                    WHERE memberships.membership_id = ANY (all_of_person(ARRAY[credit.membership_id]))
                      AND memberships.outcome = 'deceased') THEN 'estate'
                WHEN ore >= :least_ore THEN 'member' END
    FROM credit
    WHERE ore > 0 AND NOT owes_something(membership_id)
    RETURNING *
), written AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, named.key, 'overpayment', 'member',
           jsonb_build_object('settlement', serial,
                              'answer_by', (:today::date + :answer_days::integer)::text), 'pending',
           letter_message_id(membership_id, named.key), :batch, :today
    FROM settlement CROSS JOIN LATERAL (SELECT 'settlement-' || serial AS key) AS named
    WHERE asked = 'member'
    ON CONFLICT DO NOTHING
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'settlement/' || membership_id || '/' || serial || '/estate', 'final_settlement',
       'Somebody who has died has money with us. Ask the estate for its account, and enter it with '
       'refund --member NUMBER --account NUMBER --to NAME.',
       membership_id, :today
FROM settlement WHERE asked = 'estate'
ON CONFLICT (key) DO NOTHING;

-- name: remind_of_settlements(first, last, today, answer_days)!
-- Open a task for each account that was asked for and has not been named in time.
WITH late AS (
    UPDATE final_settlements AS settlement SET late_on = :today
    FROM memberships
    WHERE memberships.membership_id = settlement.membership_id
      AND memberships.member_number BETWEEN :first AND :last
      AND settlement.closed_on IS NULL AND settlement.late_on IS NULL
      AND asked <> 'nobody' AND asked_on + :answer_days::integer < :today::date
    RETURNING settlement.*
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'settlement/' || membership_id || '/' || serial || '/late', 'final_settlement',
       'Nobody has named the account that money left over is to be paid to, since '
       || asked_on || '. Ask again, by telephone or post, and enter the answer with refund '
       '--member NUMBER --account NUMBER.',
       membership_id, :today
FROM late
ON CONFLICT (key) DO NOTHING;

-- ===== What somebody decided about a debt

-- name: find_member(membership_id)^
-- Find a member, or one who has left, by its id.
SELECT stage, outcome FROM memberships
WHERE membership_id = :membership_id AND member_number IS NOT NULL
FOR NO KEY UPDATE;

-- name: hold_reminders!
-- Write down until when nobody is reminded.
INSERT INTO reminder_holds (membership_id, until_on, decided_on, decided_by, reason)
VALUES (:membership_id, :until_on, :today, :by, :reason);

-- name: read_net_owed(membership_id, today)$
-- Tell what a member owes by a day, net of money in hand.
SELECT net_owed_ore(:membership_id, :today);

-- name: find_plan(membership_id)$
-- Find the payment plan of a member that nobody has ended.
SELECT plan_id FROM payment_plans
WHERE membership_id = :membership_id
  AND net_owed_ore(membership_id, decided_on) > 0
  AND NOT EXISTS (
    SELECT FROM payment_plan_ends WHERE payment_plan_ends.plan_id = payment_plans.plan_id);

-- name: make_plan!
-- Write down a payment plan, and close the tasks that asked for one.
WITH plan AS (
    INSERT INTO payment_plans (membership_id, owed_ore, decided_on, decided_by, reason)
    VALUES (:membership_id, :owed_ore, :today, :by, :reason)
    RETURNING plan_id
), closed AS (
    UPDATE tasks SET closed_on = :today, closed_by = :by, note = 'a payment plan'
    WHERE membership_id = :membership_id AND closed_on IS NULL
      AND kind IN (SELECT task_kind FROM arrears_ladder)
)
INSERT INTO payment_plan_instalments (plan_id, due_on, amount_ore)
SELECT plan_id, due_on, amount_ore
FROM plan, unnest(:days::date[], :amounts::bigint[]) AS instalment (due_on, amount_ore);

-- name: end_plan!
-- Write down that a plan does not stand any more.
INSERT INTO payment_plan_ends (plan_id, outcome, ended_on, ended_by, reason)
VALUES (:plan_id, 'withdrawn', :today, :by, :reason);

-- name: tell_of_plans(first, last, today, grace_days, pay_by, batch)!
-- End the plans that are paid, and with a task those that are broken; tell who has a new plan, and
-- whose is broken.
WITH standing AS MATERIALIZED (
    SELECT * FROM plans_standing(:first, :last, :today, :grace_days)
), ended AS (
    INSERT INTO payment_plan_ends (plan_id, outcome, ended_on, ended_by, reason)
    SELECT plan_id, CASE WHEN kept THEN 'kept' ELSE 'broken' END, :today, 'rule',
           CASE WHEN kept THEN 'all is paid' ELSE 'an instalment was not paid in time' END
    FROM standing WHERE NOT kept OR owed_ore = 0
    RETURNING plan_id, outcome
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, template, 'member', figures, 'pending',
           letter_message_id(membership_id, key), :batch, :today
    FROM (
        SELECT membership_id, 'payment-plan-' || plan_id AS key, 'payment_plan' AS template,
               jsonb_build_object('instalments', (
                   SELECT jsonb_agg(jsonb_build_object('due_on', due_on, 'amount_ore', amount_ore)
                                    ORDER BY due_on)
                   FROM payment_plan_instalments AS instalments
                   WHERE instalments.plan_id = standing.plan_id)) AS figures
        FROM standing WHERE kept
        UNION ALL
        SELECT membership_id, 'payment-plan-broken-' || plan_id, 'payment_plan_broken',
               jsonb_build_object('instalment', to_jsonb(missed), 'left_ore', owed_ore,
                                  'pay_by', :pay_by::date::text)
        FROM standing CROSS JOIN LATERAL missed_instalment(plan_id, owed_ore) AS missed
        WHERE NOT kept
    ) AS told
    ON CONFLICT DO NOTHING
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'payment-plan/' || ended.plan_id, 'payment_plan',
       'A payment plan is broken: an instalment was not paid in time. What is owed is pursued '
       'again. Get in touch.', membership_id, :today
FROM ended JOIN standing USING (plan_id) WHERE outcome = 'broken'
ON CONFLICT (key) DO NOTHING;

-- name: find_struck_off(membership_id)^
-- Read what a member owes who is to be struck off.
SELECT owed_ore, owed_months FROM arrears_round
WHERE membership_id = :membership_id AND step = 'struck_off' LIMIT 1;

-- name: list_struck_off
-- List who is to be struck off, and what they owe.
SELECT DISTINCT membership_id, owed_ore, owed_months FROM arrears_round
WHERE step = 'struck_off' ORDER BY membership_id;

-- name: open_reinstatements
-- Find who was struck off and owes nothing any more, and note that they come back, once each time.
WITH paid AS (
    SELECT memberships.membership_id, open_until, struck_off_by(facts) AS struck_off_by, (
        SELECT coalesce(reference, credit_number)
        FROM allocations JOIN invoices ON invoices.number = allocations.invoice_number
        WHERE invoices.membership_id = memberships.membership_id AND amount_ore > 0
        ORDER BY allocation_id DESC LIMIT 1) AS paid_by
    FROM memberships JOIN applications USING (membership_id)
    WHERE outcome = 'struck_off'
      -- Whoever has come back meanwhile pays what was owed, and no more follows from it.
      AND NOT EXISTS (
        SELECT FROM memberships AS later
        WHERE later.person_id = memberships.person_id
          AND later.membership_id <> memberships.membership_id
          AND later.member_since >= memberships.member_since)
      AND NOT EXISTS (SELECT FROM reinstatements
                      WHERE reinstatements.membership_id = memberships.membership_id
                        AND reinstatements.struck_off_by = struck_off_by(facts))
      AND memberships.person_id NOT IN (SELECT person_id FROM members_who_died())
      AND NOT EXISTS (SELECT FROM invoice_balances
                      WHERE invoice_balances.membership_id = memberships.membership_id
                        AND open_ore > 0)
)
SELECT membership_id, struck_off_by, paid_by, open_until FROM paid
WHERE paid_by IS NOT NULL ORDER BY membership_id;

-- name: add_reinstatement(membership_id, struck_off_by, new_membership_id, paid_by, today)!
-- Note that somebody comes back.
INSERT INTO reinstatements (membership_id, struck_off_by, new_membership_id, paid_by, opened_on)
VALUES (:membership_id, :struck_off_by, :new_membership_id, :paid_by, :today)
ON CONFLICT (membership_id, struck_off_by) DO NOTHING;

-- name: close_late(membership_id, today)!
-- Close the tasks about each payment that came late: one about the person has come of them all.
UPDATE tasks
SET closed_on = :today, closed_by = 'arrears', note = 'all of it is paid', settled = true
WHERE kind = 'late' AND membership_id = :membership_id AND closed_on IS NULL;

-- name: list_to_be_reopened(today)
-- List the memberships that are taken up again, for as long as they owe nothing and can be.
SELECT membership_id
FROM reinstatements JOIN memberships USING (membership_id)
WHERE new_membership_id = membership_id AND outcome = 'struck_off' AND open_until >= :today
  AND reinstatements.struck_off_by = struck_off_by(facts)
  AND person_id NOT IN (SELECT person_id FROM members_who_died())
  AND NOT EXISTS (SELECT FROM invoice_balances
                  WHERE invoice_balances.membership_id = memberships.membership_id
                    AND open_ore > 0)
ORDER BY membership_id;

-- name: list_unstarted
-- List the new memberships that have not been received, with the application that was kept, the
-- person as known now, and the last facts.
SELECT reinstatements.membership_id, new_membership_id, memberships.facts::text AS facts,
       (content || jsonb_build_object('applicant', content -> 'applicant' || jsonb_build_object(
           'name', name, 'birth_date', birth_date, 'national_id', national_id, 'email', email,
           'phone', phone, 'address', address, 'language', language)))::text AS application
FROM reinstatements
JOIN applications USING (membership_id)
JOIN memberships USING (membership_id)
JOIN people USING (person_id)
WHERE NOT EXISTS (SELECT FROM memberships
                  WHERE memberships.membership_id = new_membership_id)
  AND memberships.person_id NOT IN (SELECT person_id FROM members_who_died())
ORDER BY reinstatements.membership_id;

-- ===== What is overdue

-- name: read_watch^
-- Read how far the list of what is overdue goes.
SELECT listed_before, added_before FROM overdue_watch;

-- name: watch_until(today)!
-- Let what is issued too late be listed as it is issued; nobody waits, and if something is being
-- issued just now, the next run does it.
UPDATE overdue_watch SET added_before = :today
WHERE added_before < :today AND pg_try_advisory_xact_lock(hashtext('medlemsflyt.overdue'));

-- name: list_overdue(since, until)!
-- List what fell due in some days and is open.
INSERT INTO overdue_invoices (number, membership_id)
SELECT invoices.number, invoices.membership_id
FROM invoices LEFT JOIN allocations ON allocations.invoice_number = invoices.number
WHERE invoices.due_on >= :since AND invoices.due_on < :until AND invoices.total_ore > 0
GROUP BY invoices.number
HAVING invoices.total_ore <> coalesce(sum(allocations.amount_ore), 0)
ON CONFLICT (number) DO NOTHING;

-- name: listed_until(until)!
-- Note up to which day all is listed.
UPDATE overdue_watch SET listed_before = greatest(listed_before, :until);

-- name: lock_settled
-- Find what is listed and paid; whoever takes money back just now keeps it on the list.
SELECT overdue_invoices.number
FROM overdue_invoices JOIN invoices USING (number)
-- Exactly, and however much that is: a row that can't be right is looked at, and stops nobody.
WHERE invoices.total_ore = (SELECT sum(amount_ore) FROM allocations
                            WHERE allocations.invoice_number = invoices.number)
FOR UPDATE OF overdue_invoices SKIP LOCKED;

-- name: unlist_settled(numbers)!
-- Take what is still paid off the list, of what has been locked.
DELETE FROM overdue_invoices USING invoices
WHERE overdue_invoices.number = ANY (:numbers::text[])
  AND invoices.number = overdue_invoices.number
  AND invoices.total_ore = (SELECT sum(amount_ore) FROM allocations
                            WHERE allocations.invoice_number = invoices.number);
