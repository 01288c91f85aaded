-- ===== Letters and their way

-- name: lock_case(membership_id)^
-- Lock a membership, and read all that its letters may need.
SELECT * FROM lock_letter_case(:membership_id);

-- name: lock_case_and_claim(membership_id, key)^
-- Lock a membership and then a letter of it, and read both; the letter's key is NULL when it is not
-- to be sent any more.
SELECT cases.*, claimed.*
FROM lock_letter_case(:membership_id) AS cases
LEFT JOIN LATERAL claim_letter(cases.membership_id, :key) AS claimed ON true;

-- name: read_case(membership_id)^
-- Read all that a membership's letters may need, for somebody to read and nobody to send.
SELECT * FROM letter_cases WHERE membership_id = :membership_id;

-- name: read_written(membership_id, message_id)^
-- Read a letter of a membership as it stands, whatever became of it.
SELECT * FROM written_letters
WHERE membership_id = :membership_id AND message_id = :message_id;

-- name: read_contacts(employer_orgnr, branch, today)^
-- Read how an employer and a branch are reached, and how long an employer has for an answer.
SELECT employers.orgnr AS employer_orgnr, employers.name AS employer_name,
       employers.email AS employer_email, branches.code AS branch_code,
       branches.name AS branch_name, branches.email AS branch_email,
       policy_on('payroll_reminder_days', :today, '14')::integer AS answer_days
FROM (SELECT :employer_orgnr::bpchar AS orgnr, :branch::text AS code) AS wanted
LEFT JOIN employers ON employers.orgnr = wanted.orgnr
LEFT JOIN branches ON branches.code = wanted.code;

-- name: is_read_at_work(address, domains)$
-- Tell whether an employer may read an address: its own, or one at its domain that is no provider's.
SELECT EXISTS (
    SELECT FROM employers
    WHERE lower(email) = lower(:address)
       OR substring(lower(email) FROM '@([^@]*)$') = ANY(:domains::text[])
          AND NOT EXISTS (
            SELECT FROM public_mail_domains WHERE domain = ANY(:domains::text[])));

-- name: find_recruiters(membership_id, email_key, member_number)
-- Find the members somebody named as recruiter, by member number or e-mail address.
SELECT people.email
FROM memberships JOIN people USING (person_id)
WHERE memberships.stage IN ('onboarding', 'active', 'on_leave')
  AND memberships.membership_id <> :membership_id
  AND (memberships.member_number = :member_number
       OR people.email_key = :email_key)
LIMIT 2;

-- name: list_open(membership_id)
-- List the letters that are still to be sent; of a mailing's own only what it had to hold back.
SELECT key, decision, place, template FROM letters
WHERE membership_id = :membership_id
  AND (status IN ('pending', 'sending') AND batch IS NULL OR status = 'held');

-- name: claim_for_answer(membership_id, key, timeout)^
-- Lock a letter that is still to be sent, and let the transaction wait for the mail server's answer
-- to it for so long.
SELECT claimed.*, set_config('idle_in_transaction_session_timeout', :timeout, true)
FROM claim_letter(:membership_id, :key) AS claimed;

-- name: read_dealings_with_employer(membership_id, key)^
-- Read what the employer a letter is for has heard before it, and whether that is over since.
WITH letter AS (
    -- One that no decision ordered comes after all that had been decided on its day.
    SELECT membership_id, employer_orgnr,
           CASE WHEN decision IS NULL THEN 2147483647 ELSE place END AS place,
           coalesce(decision, (SELECT max(number) FROM decisions
                               WHERE decisions.membership_id = letters.membership_id
                                 AND decided_on <= letters.ordered_on)) AS decision
    FROM letters WHERE membership_id = :membership_id AND key = :key
), starts AS (
    SELECT earlier.*, disclosures.key IS NOT NULL AS disclosed
    FROM letter JOIN letters AS earlier USING (membership_id)
    LEFT JOIN disclosures ON disclosures.membership_id = earlier.membership_id
                         AND disclosures.key = earlier.key
    WHERE earlier.template = 'payroll_start' AND earlier.audience = 'employer'
      AND (earlier.decision, earlier.place) < (letter.decision, letter.place)
), answers AS (
    -- An answer is given by the employer that was asked last before it.
    SELECT number, event, coalesce(
        (SELECT employer_orgnr FROM starts WHERE starts.decision < decisions.number
         ORDER BY starts.decision DESC, starts.place DESC LIMIT 1),
        letter.employer_orgnr) AS employer_orgnr
    FROM letter JOIN decisions USING (membership_id)
    WHERE event IN ('payroll_accepted', 'payroll_refused', 'payroll_stopped')
)
SELECT
    EXISTS (SELECT FROM starts
            WHERE starts.employer_orgnr = letter.employer_orgnr AND disclosed)
    OR EXISTS (SELECT FROM answers
               WHERE answers.employer_orgnr = letter.employer_orgnr
                 AND number <= letter.decision)
    -- Who deducted when the member was carried over knows from the other system (L11).
    OR EXISTS (SELECT FROM decisions JOIN terms
                 ON terms.membership_id = decisions.membership_id
                AND terms.decision = decisions.number
               WHERE decisions.membership_id = letter.membership_id
                 AND event = 'membership_imported' AND payer = 'payroll'
                 AND terms.employer_orgnr = letter.employer_orgnr) AS told,
    (SELECT CASE status WHEN 'sent' THEN sent_on END FROM starts
     WHERE starts.employer_orgnr = letter.employer_orgnr
     ORDER BY decision DESC, place DESC LIMIT 1) AS asked_on,
    EXISTS (SELECT FROM letters AS later
            WHERE later.membership_id = letter.membership_id
              AND later.audience = 'employer' AND later.template = 'payroll_stop'
              AND later.employer_orgnr = letter.employer_orgnr
              AND (later.decision, later.place) > (letter.decision, letter.place))
    OR EXISTS (SELECT FROM decisions
               WHERE decisions.membership_id = letter.membership_id
                 AND event IN ('payroll_refused', 'payroll_stopped')
                 AND number > letter.decision) AS overtaken
FROM letter;

-- name: read_dealings_with_branch(membership_id, key)^
-- Read what the branch a letter is for has heard before it, and whether that is over since.
WITH letter AS (
    SELECT membership_id, key, figures,
           CASE WHEN decision IS NULL THEN 2147483647 ELSE place END AS place,
           coalesce(decision, (SELECT max(number) FROM decisions
                               WHERE decisions.membership_id = letters.membership_id
                                 AND decided_on <= letters.ordered_on)) AS decision
    FROM letters WHERE membership_id = :membership_id AND key = :key
), others AS (
    SELECT other.template, disclosures.key IS NOT NULL AS disclosed,
        (other.decision, other.place) < (letter.decision, letter.place) AS earlier
    FROM letter JOIN letters AS other USING (membership_id)
    LEFT JOIN disclosures ON disclosures.membership_id = other.membership_id
                         AND disclosures.key = other.key
    WHERE other.audience = 'branch' AND other.key <> letter.key
      AND other.figures ->> 'branch' = letter.figures ->> 'branch'
)
SELECT
    -- A branch nobody was to tell knew the member before we did.
    coalesce((SELECT bool_or(disclosed) FROM others
              WHERE template = 'branch_new_member' AND earlier), true) AS told,
    EXISTS (SELECT FROM others
            WHERE template = 'branch_member_left' AND NOT earlier) AS overtaken;

-- name: read_dealings_with_recruiter(membership_id, key)^
-- Read whether the member has asked to be hidden since the recruiter's letter was ordered.
SELECT EXISTS (
    SELECT FROM decisions
    WHERE decisions.membership_id = letters.membership_id AND number > letters.decision
      AND event IN ('hiding_prepared', 'hidden_changed'))
OR EXISTS (
    SELECT FROM letters AS noted
    WHERE noted.membership_id = letters.membership_id AND noted.decision > letters.decision
      AND noted.template = 'change_noted' AND noted.figures ->> 'change' = 'set_hidden'
) AS overtaken
FROM letters
WHERE membership_id = :membership_id AND key = :key;

-- name: mark_sending!
-- Note that a letter may go out from now on, and the day its Date header shows. The STOP of a
-- member who has asked to be hidden goes by way of the caseworkers, whoever ordered it (L5).
UPDATE letters
SET status = 'sending', attempts = attempts + 1, sent_on = :sent_on, note = NULL,
    forwarded = forwarded OR :forwarded
WHERE membership_id = :membership_id AND key = :key;

-- name: mark_some_sending(ids, keys, today, moment)
-- Note that letters to members and caseworkers may go out from now on, the day their Date headers
-- show, and whether an earlier attempt was cut off; a letter that somebody else holds is left alone.
-- The gate is asked when each is handed over.
UPDATE letters
SET status = 'sending', attempts = letters.attempts + 1,
    sent_on = coalesce(letters.sent_on, :today), note = NULL
FROM (SELECT membership_id, key, status
      FROM unnest(:ids::text[], :keys::text[]) AS wanted (membership_id, key)
      JOIN letters USING (membership_id, key)
      WHERE letters.status IN ('pending', 'sending') AND letters.audience IN ('member', 'caseworkers')
        AND (letters.not_before IS NULL OR letters.not_before <= :moment)
      FOR UPDATE OF letters SKIP LOCKED) AS free
WHERE letters.membership_id = free.membership_id AND letters.key = free.key
RETURNING letters.membership_id, letters.key, letters.attempts, free.status = 'sending' AS doubtful;

-- name: unmark_sending(ids, keys, attempts)!
-- Take back marks of letters that were certainly not handed over.
UPDATE letters
SET status = 'pending', sent_on = NULL
FROM unnest(:ids::text[], :keys::text[], :attempts::integer[])
    AS marked (membership_id, key, attempts)
WHERE letters.membership_id = marked.membership_id AND letters.key = marked.key
  AND letters.attempts = marked.attempts AND letters.status = 'sending';

-- name: list_to_post(note)
-- List the letters that wait to be printed and posted, member by member.
SELECT membership_id, key FROM letters
WHERE status = 'held' AND audience = 'member' AND note = :note
ORDER BY membership_id, decision, place, key;

-- name: mark_held!
-- Hold a letter back, and note why.
UPDATE letters SET status = 'held', sent_on = NULL, note = :note
WHERE membership_id = :membership_id AND key = :key;

-- name: mark_refused!
-- Keep a letter that was not taken for a later attempt.
UPDATE letters
SET status = :status,
    sent_on = CASE WHEN :status = 'sending' THEN sent_on END,
    note = :note,
    refusals = refusals + 1,
    refused_at = :refused_at,
    not_before = :not_before
WHERE membership_id = :membership_id AND key = :key;

-- name: mark_doubtful!
-- Keep a letter that nobody answered for a later attempt, when it may have arrived and been seen.
UPDATE letters
SET note = :note, unanswered = unanswered + 1, not_before = :not_before
WHERE membership_id = :membership_id AND key = :key;

-- name: mark_sent!
-- Note that the mail server has taken a letter.
UPDATE letters
SET status = 'sent', sent_on = :sent_on, template_version = :template_version, note = :note,
    refusals = 0, refused_at = NULL, unanswered = 0, not_before = NULL
WHERE membership_id = :membership_id AND key = :key;

-- name: mark_closed!
-- Note that a letter will not be sent, and why.
UPDATE letters
SET status = :status, sent_on = NULL, note = :note
WHERE membership_id = :membership_id AND key = :key;

-- name: log_disclosure!
-- Log that somebody outside was told, and by what right; once for a letter.
INSERT INTO disclosures (membership_id, key, audience, basis, disclosed_on)
VALUES (:membership_id, :key, :audience, :basis, :disclosed_on)
ON CONFLICT (membership_id, key) DO NOTHING;

-- name: list_outcome(membership_id, signature)
-- List what an order has closed so far, over all its attempts, and what is held back, of the
-- letters that the membership itself ordered.
SELECT key, template, status FROM letters
WHERE membership_id = :membership_id AND batch IS NULL
  AND (status = 'held'
       OR status IN ('sent', 'suppressed', 'bounced', 'unanswered')
          AND starts_with(note, :signature::text))
ORDER BY decision, place, key;

-- name: close_tasks_of_letter!
-- Close the tasks about a letter that has gone out after all.
UPDATE tasks SET closed_on = :closed_on, closed_by = 'delivery'
WHERE membership_id = :membership_id AND closed_on IS NULL
  AND starts_with(key, 'letter/' || :message_id::text);

-- ===== What invoices and statements say

-- name: read_invoice(membership_id, number)^
-- Read an invoice by its number, or the membership's first one when no number is given.
SELECT
    invoices.number,
    invoices.series_number,
    invoices.kid,
    invoices.period_from,
    invoices.issued_on,
    invoices.due_on,
    invoices.total_ore,
    invoices.open_ore,
    debited_on(invoices.number) AS debited_on,
    EXISTS (SELECT FROM charges
            WHERE invoice_number = invoices.number AND period_from = invoices.period_from
              AND cadence = 'yearly') AS yearly,
    CASE WHEN invoices.total_ore < 0
         THEN gets_no_next_invoice(invoices.membership_id, invoices.issued_on)
         ELSE false END AS paid_out,
    invoices.open_ore > 0
        AND NOT EXISTS (SELECT FROM mandates
                        WHERE mandates.membership_id = invoices.membership_id AND ended_on IS NULL)
        AND EXISTS (SELECT FROM memberships
                    WHERE memberships.membership_id = invoices.membership_id AND stage <> 'ended')
        AS offers_mandate,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'kind', kind, 'amount_ore', amount_ore, 'cadence', cadence)
                ORDER BY array_position(
                    ARRAY['central_dues', 'local_dues', 'insurance_premium', 'correction'], kind))
         FROM charges
         WHERE invoice_number = invoices.number AND period_from = invoices.period_from),
        '[]') AS lines,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'kind', corrections.kind, 'period_from', corrections.period_from,
                    'reason', reason, 'was_ore', was_ore, 'is_ore', is_ore,
                    'amount_ore', corrections.amount_ore,
                    'invoice', coalesce(
                        (SELECT coalesce(series_number(corrected.issued_on, series_no), corrected.number)
                         FROM charges AS first JOIN invoices AS corrected
                           ON corrected.number = first.invoice_number
                         WHERE first.membership_id = corrections.membership_id
                           AND first.period_from = corrections.period_from
                           AND first.kind = corrections.kind),
                        -- What its employer did not deduct was invoiced in its place.
                        (SELECT coalesce(series_number(corrected.issued_on, series_no), corrected.number)
                         FROM redirections JOIN deduction_lists ON deduction_lists.number = list_number
                         JOIN invoices AS corrected ON corrected.number = invoice_number
                         WHERE redirections.membership_id = corrections.membership_id
                           AND deduction_lists.period_from = corrections.period_from
                           AND amount_ore > 0
                         ORDER BY redirections.serial LIMIT 1)))
                ORDER BY corrections.period_from, array_position(
                    ARRAY['central_dues', 'local_dues', 'insurance_premium'], corrections.kind))
         FROM charges JOIN corrections
           ON corrections.membership_id = charges.membership_id
          AND corrections.charged_in = charges.period_from
         WHERE charges.invoice_number = invoices.number
           AND charges.period_from = invoices.period_from AND charges.kind = 'correction'),
        '[]') AS corrections,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'period_from', deduction_lists.period_from, 'reason', reason,
                    'amount_ore', redirections.amount_ore,
                    'invoice', CASE WHEN redirections.amount_ore < 0 THEN (
                        SELECT coalesce(series_number(corrected.issued_on, series_no), corrected.number)
                        FROM redirections AS earlier JOIN invoices AS corrected
                          ON corrected.number = earlier.invoice_number
                        WHERE earlier.list_number = redirections.list_number
                          AND earlier.membership_id = redirections.membership_id
                          AND earlier.amount_ore > 0
                        ORDER BY earlier.serial LIMIT 1) END))
         FROM redirections JOIN deduction_lists ON deduction_lists.number = list_number
         WHERE invoice_number = invoices.number),
        '[]') AS redirected,
    coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'paid_on', payments.paid_on, 'taken_back_on', back.paid_on,
                    'amount_ore', recoveries.amount_ore))
         FROM recoveries
         JOIN payments USING (reference)
         JOIN payments AS back ON back.reverses = recoveries.reference
         WHERE invoice_number = invoices.number),
        '[]') AS recovered
FROM invoice_balances AS invoices
WHERE invoices.membership_id = :membership_id
  AND invoices.number = coalesce(:number::text, invoices.number)
ORDER BY invoices.serial
LIMIT 1;

-- name: read_merge(membership_id)^
-- Read which membership goes on in the place of one that a merge has ended, and what the merge found
-- charged twice.
SELECT
    (SELECT member_number FROM memberships WHERE membership_id = goes_on) AS goes_on,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'kind', kind, 'period_from', period_from, 'amount_ore', amount_ore - stays_ore)
                ORDER BY period_from, kind), '[]')
     FROM double_charges JOIN charges USING (membership_id, period_from, kind)
     WHERE double_charges.merge_id = standing_merges.merge_id) AS doubles
FROM standing_merges
WHERE ends = :membership_id
ORDER BY merge_id DESC
LIMIT 1;

-- name: read_tax_cap(year)^
-- Read the latest cap of dues that is certain, of a year or one before it.
SELECT year, cap_ore, confirmed, source FROM tax_caps
WHERE confirmed AND year <= :year ORDER BY year DESC LIMIT 1;

-- name: read_balance(membership_id)$
-- Tell what a member owes: what is open of all invoices, less credit notes and money in suspense.
SELECT (SELECT coalesce(sum(open_ore), 0) FROM invoice_balances
        WHERE membership_id = :membership_id)
     - (SELECT coalesce(sum(suspense_ore), 0) FROM payment_balances
        WHERE membership_id = :membership_id);

-- name: read_credit(membership_id)$
-- Tell what a member has with us, as a balance: less than nothing, whatever is owed beside it.
SELECT (SELECT coalesce(sum(open_ore), 0) FROM invoice_balances
        WHERE membership_id = :membership_id AND open_ore < 0)
     - (SELECT coalesce(sum(suspense_ore), 0) FROM payment_balances
        WHERE membership_id = :membership_id);

-- name: read_overdue(membership_id, today)
-- List what a member owes past its due date, the oldest first.
SELECT number, series_number, kid, period_from, issued_on, due_on, total_ore, open_ore,
       EXISTS (SELECT FROM charges
               WHERE invoice_number = invoice_balances.number
                 AND period_from = invoice_balances.period_from AND cadence = 'yearly') AS yearly
FROM invoice_balances
WHERE membership_id = :membership_id AND open_ore > 0 AND due_on < :today
ORDER BY due_on, serial;

-- name: is_paid(membership_id, number, today)$
-- Tell whether nothing is open of an invoice any more, or nobody is to be reminded of it yet.
SELECT open_ore <= 0 OR is_held(membership_id, :today) FROM invoice_balances
WHERE membership_id = :membership_id AND number = :number;

-- name: is_held(membership_id, today)$
-- Tell whether somebody has decided that a member is not to be warned yet.
SELECT is_held(:membership_id, :today);

-- name: is_placed(membership_id, decision, reference)$
-- Tell whether nothing is in suspense any more of the payment that a task is about: the one it
-- names, or else the one its decision recorded.
SELECT suspense_ore <= 0 FROM payment_balances
WHERE reference = coalesce(:reference::text, (
    SELECT reference FROM payments
    WHERE payments.membership_id = :membership_id AND payments.decision = :decision));

-- ===== Mailings

-- name: count_open(batch)$
-- Count the letters of a batch that are still to be sent.
SELECT count(*) FROM letters WHERE batch = :batch AND status IN ('pending', 'sending');

-- name: list_pages(batch, page_size, most)
-- Split what is still to be sent of a batch into pages, each known by its last letter. It reads no
-- further than the last page that is asked for, and the batch's last letter.
WITH ends AS (
    (SELECT membership_id, key
     FROM (
         SELECT membership_id, key, row_number() OVER (ORDER BY membership_id, key) AS place
         FROM letters
         WHERE batch = :batch AND status IN ('pending', 'sending')
     ) AS numbered
     WHERE place % :page_size::bigint = 0
     ORDER BY membership_id, key
     LIMIT :most)
    UNION
    (SELECT membership_id, key FROM letters
     WHERE batch = :batch AND status IN ('pending', 'sending')
     ORDER BY membership_id DESC, key DESC
     LIMIT 1)
)
SELECT membership_id, key FROM ends ORDER BY membership_id, key LIMIT :most;

-- name: list_page(batch, after_id, after_key, upto_id, upto_key)
-- List the letters of a page that are still to be sent.
SELECT membership_id, key FROM letters
WHERE batch = :batch AND status IN ('pending', 'sending')
  AND (membership_id, key) > (:after_id, :after_key)
  AND (membership_id, key) <= (:upto_id, :upto_key)
ORDER BY membership_id, key;

-- name: count_closed(batch, after_id, after_key, upto_id, upto_key, signature)
-- Count what an order has closed of a page, over all its attempts.
SELECT status, count(*) AS letters FROM letters
WHERE (membership_id, key) > (:after_id, :after_key)
  AND (membership_id, key) <= (:upto_id, :upto_key)
  AND batch = :batch AND status IN ('sent', 'suppressed', 'bounced', 'unanswered')
  AND starts_with(note, :signature::text)
GROUP BY status;

-- ===== Sent again, and come back

-- name: find_letter(message_id, membership_id, key)^
-- Find a letter by its opaque id, or by membership and key, and lock it.
SELECT membership_id, key, message_id, status, template FROM letters
WHERE message_id = :message_id OR (membership_id, key) = (:membership_id, :key)
FOR UPDATE;

-- name: is_under_way(membership_id, key)$
-- Tell whether a letter is being sent again already.
SELECT EXISTS (
    SELECT FROM letter_resends JOIN letters USING (membership_id, key)
    WHERE letter_resends.membership_id = :membership_id AND letter_resends.of_key = :key
      AND letters.status IN ('pending', 'sending', 'held'));

-- name: list_held(employer_orgnr, note)
-- List an employer's letters that are held back for one reason, as they were ordered.
SELECT message_id FROM letters
WHERE employer_orgnr = :employer_orgnr AND status = 'held' AND note = :note
ORDER BY membership_id, decision, place, key;

-- name: close_held(membership_id, key)!
-- Close a letter that was held back: its copy goes out in its place.
UPDATE letters SET status = 'suppressed', note = 'ordered again'
WHERE membership_id = :membership_id AND key = :key;

-- name: copy_letter(membership_id, key, batch, ordered_on)^
-- Order a letter once more: the same reader, template and figures, a Message-ID of its own.
INSERT INTO letters
    (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on,
     forwarded, employer_orgnr, employer_name, reference)
SELECT membership_id, copy.key, template, audience, figures, 'pending',
       letter_message_id(membership_id, copy.key), :batch, :ordered_on, forwarded, employer_orgnr,
       employer_name, coalesce(reference, message_id)
FROM letters, LATERAL (
    SELECT letters.key || '-again-' || 1 + count(*) AS key FROM letter_resends
    WHERE letter_resends.membership_id = letters.membership_id
      AND letter_resends.of_key = letters.key) AS copy
WHERE letters.membership_id = :membership_id AND letters.key = :key
RETURNING key, message_id;

-- name: log_resend(membership_id, key, of_key, requested_by, requested_at)!
-- Log who had a letter sent again.
INSERT INTO letter_resends (membership_id, key, of_key, requested_by, requested_at)
VALUES (:membership_id, :key, :of_key, :requested_by, :requested_at);

-- name: close_tasks(membership_id, message_id, closed_on, closed_by)!
-- Close the tasks about a letter that somebody has seen to.
UPDATE tasks SET closed_on = :closed_on, closed_by = :closed_by, note = 'sent again'
WHERE membership_id = :membership_id AND closed_on IS NULL
  AND (starts_with(key, 'letter/' || :message_id::text)
       OR key = 'audit/letter_lost/' || :message_id::text);

-- name: reset_list(list_number)^
-- Let a list that was not answered, or not taken, go out again; return its month.
WITH reset AS (
    DELETE FROM list_hand_overs WHERE list_number = :list_number RETURNING list_number
)
SELECT to_char(period_from, 'YYYY-MM') AS period, EXISTS (SELECT FROM reset) AS waited,
       EXISTS (SELECT FROM list_deliveries
               WHERE list_deliveries.list_number = deduction_lists.number) AS delivered
FROM deduction_lists WHERE number = :list_number;

-- name: find_returned(message_ids)
-- Find the letter that a report is about, and lock it; of a copy and its first one the copy.
SELECT membership_id, key, message_id, status, template, attempts FROM letters
WHERE message_id = ANY (:message_ids::text[])
ORDER BY array_position(:message_ids::text[], message_id)
FOR UPDATE;

-- name: mark_returned(membership_id, key, note)!
-- Note that a letter has come back after the mail server had taken it.
UPDATE letters SET status = 'bounced', note = :note
WHERE membership_id = :membership_id AND key = :key;

-- name: count_report(report_id, membership_id, key, outcome, read_on)$
-- Count a report of a mail server, once; return whether it is new.
WITH counted AS (
    INSERT INTO mail_reports (report_id, membership_id, key, outcome, read_on)
    VALUES (:report_id, :membership_id, :key, :outcome, :read_on)
    ON CONFLICT (report_id) DO NOTHING
    RETURNING 1
)
SELECT EXISTS (SELECT FROM counted);

-- name: list_lost_letters(membership_id, most)
-- List the letters that came back or were never answered, and were not sent again: of one
-- membership, or of all.
SELECT letters.message_id AS letter, letters.membership_id, letters.key, letters.status,
       coalesce(letters.ordered_on, decisions.decided_on) AS ordered_on,
       -- The note of a closed letter begins with the order that closed it.
       regexp_replace(coalesce(letters.note, ''), '^order [^ ]+: ', '') AS why
FROM letters
LEFT JOIN decisions ON decisions.membership_id = letters.membership_id
                   AND decisions.number = letters.decision
WHERE letters.status IN ('bounced', 'unanswered')
  AND letters.membership_id = coalesce(:membership_id, letters.membership_id)
  AND NOT EXISTS (
    SELECT FROM letter_resends
    WHERE letter_resends.membership_id = letters.membership_id
      AND letter_resends.of_key = letters.key)
ORDER BY ordered_on DESC, letters.membership_id, letters.key
LIMIT :most;
