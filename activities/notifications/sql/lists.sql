-- name: lock_deduction_list(list_number)^
-- Lock a list, so that it goes out by one at a time, and read it with its employer's channel.
SELECT lists.number, lists.kid, lists.employer_orgnr, lists.period_from, lists.made_on,
       employers.payer_number, employers.email, employers.list_channel, employers.list_password,
       deliveries.shown_count AS delivered_count,
       (SELECT count(*) FROM withheld_lines
        WHERE withheld_lines.list_number = lists.number) AS withheld,
       reminders.list_number IS NOT NULL AS reminded
FROM deduction_lists AS lists
JOIN employers ON employers.orgnr = lists.employer_orgnr
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = lists.number
LEFT JOIN list_reminders AS reminders ON reminders.list_number = lists.number
WHERE lists.number = :list_number
FOR UPDATE OF lists;

-- name: lock_listed(list_number)!
-- Lock the listed memberships, so that none can be hidden while its line goes out.
SELECT FROM memberships
WHERE membership_id IN (
    SELECT membership_id FROM deduction_lines WHERE list_number = :list_number)
ORDER BY membership_id
FOR SHARE;

-- name: read_listed(list_number)
-- Read the lines that have not been withheld, with what the gate needs to know.
SELECT lines.membership_id, lines.code, lines.central_ore, lines.local_ore, lines.premium_ore,
       lines.total_ore, memberships.member_number, memberships.stage, memberships.outcome,
       memberships.hidden, memberships.hiding, people.name, people.national_id
FROM deduction_lines AS lines
JOIN memberships USING (membership_id)
LEFT JOIN people USING (membership_id)
WHERE lines.list_number = :list_number
  AND NOT EXISTS (
    SELECT FROM withheld_lines AS withheld
    WHERE withheld.list_number = lines.list_number
      AND withheld.membership_id = lines.membership_id)
ORDER BY memberships.member_number;

-- name: withhold(list_number, memberships, reasons, withheld_on)!
-- Keep lines from the employer, and open a task for each.
WITH line AS (
    SELECT * FROM unnest(:memberships::text[], :reasons::text[]) AS line (membership_id, reason)
), kept AS (
    INSERT INTO withheld_lines (list_number, membership_id, reason, withheld_on)
    SELECT :list_number, membership_id, reason, :withheld_on FROM line
    ON CONFLICT (list_number, membership_id) DO NOTHING
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'withheld/' || :list_number || '/' || membership_id, 'deduction_withheld',
       'This member''s line was left out of list ' || :list_number || '. What it asks for is '
       'invoiced to the member. See why, and whether the payroll deduction is to go on.',
       membership_id, :withheld_on
FROM line
ON CONFLICT (key) DO NOTHING;

-- name: log_list_disclosures(key, memberships, basis, disclosed_on)!
-- Log each line that an employer is shown, and by what right; once for a list.
INSERT INTO disclosures (membership_id, key, audience, basis, disclosed_on)
SELECT membership_id, :key, 'employer', :basis, :disclosed_on
FROM unnest(:memberships::text[]) AS membership_id
ON CONFLICT (membership_id, key) DO NOTHING;

-- name: mark_delivered(list_number, channel, delivered_on, shown_ore, shown_count)!
-- Note that a list has reached its employer.
INSERT INTO list_deliveries (list_number, channel, delivered_on, shown_ore, shown_count)
VALUES (:list_number, :channel, :delivered_on, :shown_ore, :shown_count)
ON CONFLICT (list_number) DO NOTHING;

-- name: mark_reminded(list_number, reminded_on)!
-- Note that an employer has been reminded of its report.
INSERT INTO list_reminders (list_number, reminded_on) VALUES (:list_number, :reminded_on)
ON CONFLICT (list_number) DO NOTHING;

-- name: read_hand_over(list_number, about)^
-- Read how often the mail of a list was not taken or not answered, and when it is due again.
SELECT refusals, refused_at, unanswered, not_before FROM list_hand_overs
WHERE list_number = :list_number AND about = :about;

-- name: note_hand_over(list_number, about, refusals, refused_at, unanswered, not_before)!
-- Note that the mail of a list was not taken, or not answered.
INSERT INTO list_hand_overs (list_number, about, refusals, refused_at, unanswered, not_before)
VALUES (:list_number, :about, :refusals, :refused_at, :unanswered, :not_before)
ON CONFLICT (list_number, about) DO UPDATE
SET refusals = excluded.refusals, refused_at = excluded.refused_at,
    unanswered = excluded.unanswered, not_before = excluded.not_before;

-- name: wait_for_answer_to_list(timeout)!
-- Let a transaction wait for the mail server's answer to a list for so long.
SELECT set_config('idle_in_transaction_session_timeout', :timeout, true);
