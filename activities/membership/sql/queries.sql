-- ===== Applications

-- name: find_kept(membership_id)^
-- Find what was answered when the application was first kept, and the rulebook's revision.
SELECT
    (SELECT revision FROM rulebook_revision) AS revision,
    (SELECT content_hash FROM decisions
     WHERE membership_id = :membership_id AND number = 1) AS content_hash,
    (SELECT receipt FROM decisions
     WHERE membership_id = :membership_id AND number = 1) AS receipt;

-- name: find_former(membership_id, national_id, name_key, birth_date, email_key, today)
-- Find the memberships of who certainly is the one who applies, the first one first, with what is
-- owed of all that the same person has had: net, and months as the arrears count them (A30).
SELECT
    memberships.membership_id, memberships.member_number, memberships.outcome,
    memberships.member_since, memberships.stage, memberships.facts::text AS facts,
    people.person_id, owed.ore AS owed_ore, owed.months AS owed_months,
    EXISTS (SELECT FROM letters
            WHERE letters.membership_id = memberships.membership_id
              AND letters.template = 'recruiter_thanks'
              AND letters.status NOT IN ('suppressed', 'bounced')) AS thanked,
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'kind', kind, 'amount_ore', coalesce(amount_ore, rate_in(rate, lower(valid))),
        'cadence', cadence, 'payer', payer,
        'valid_from', lower(valid), 'valid_to', upper(valid))), '[]')::text
     FROM terms
     WHERE terms.membership_id = memberships.membership_id AND superseded_by IS NULL) AS terms
FROM people JOIN memberships USING (person_id)
CROSS JOIN LATERAL owed_of_person(people.person_id, :today) AS owed
WHERE (people.national_id = :national_id::bpchar
       OR (people.name_key = :name_key AND people.birth_date = :birth_date
           AND people.email_key = :email_key
           AND coalesce(people.national_id = :national_id::bpchar, true)))
  AND memberships.member_since IS NOT NULL
  AND memberships.facts IS NOT NULL
  AND memberships.membership_id <> :membership_id
ORDER BY memberships.member_since, memberships.membership_id;

-- name: find_later(membership_id)^
-- Find a membership that a person has had since this one, and what is known of this one.
SELECT memberships.facts::text AS facts, later.membership_id AS later,
       later.member_since AS since
FROM memberships JOIN memberships AS later
  ON later.person_id = memberships.person_id AND later.member_since > memberships.member_since
 AND later.outcome IS DISTINCT FROM 'duplicate'
WHERE memberships.membership_id = :membership_id AND memberships.facts IS NOT NULL
ORDER BY later.member_since LIMIT 1;

-- name: keep_application!
-- Keep an application with its person, its faults, its place in the log and its letters.
WITH person AS (
    INSERT INTO people
    SELECT * FROM jsonb_populate_record(NULL::people, :person) WHERE person_id IS NOT NULL
), membership AS (
    INSERT INTO memberships
        (membership_id, person_id, stage, outcome, category, hidden, received_at, received_on,
         last_decision, employer_orgnr, employer_name, position, position_percent, recruited_by,
         transferred_from)
    SELECT :membership_id, :person::jsonb ->> 'person_id', :stage, :outcome, :category, :hidden,
           :received_at, :received_on, 1, work.employer_orgnr, work.employer_name, work.position,
           work.position_percent, work.recruited_by, work.transferred_from
    FROM jsonb_populate_record(NULL::memberships, :work) AS work
), application AS (
    INSERT INTO applications (membership_id, content)
    SELECT :membership_id, :application::jsonb WHERE :application::jsonb IS NOT NULL
), said AS (
    INSERT INTO consents (person_id, kind, given, stated_on, how)
    SELECT :person::jsonb ->> 'person_id', kind, given::boolean, :received_on, 'application'
    FROM jsonb_each_text(:consents) AS said (kind, given)
), rejected AS (
    INSERT INTO rejected_intakes (membership_id, received_at, received_on, faults)
    SELECT :membership_id, :received_at, :received_on, :faults::text[]
    WHERE cardinality(:faults::text[]) > 0
), remark AS (
    INSERT INTO remarks (membership_id, number, content)
    SELECT :membership_id, 1, :content::text WHERE :content::text <> ''
), held AS (
    INSERT INTO runs_to_delete (workflow_id, run_id, noted_on)
    SELECT :workflow_id, run_id, :received_on FROM unnest(:run_ids::text[]) AS held (run_id)
    ON CONFLICT DO NOTHING
), decision AS (
    INSERT INTO decisions
        (membership_id, number, event, decided_at, decided_on, decided_by, rules,
         content_hash, receipt)
    VALUES
        (:membership_id, 1, 'application_received', :received_at, :received_on, :started_by,
         '{S29}', :content_hash, :receipt)
)
INSERT INTO letters
    (membership_id, key, decision, place, template, audience, employer_orgnr, employer_name,
     forwarded, figures, status, message_id)
SELECT :membership_id, key, 1, place, template, audience, employer_orgnr, employer_name,
       forwarded, figures, 'pending', message_id
FROM jsonb_to_recordset(:letters) AS letter(
    key text, place integer, template text, audience text, employer_orgnr text,
    employer_name text, forwarded boolean, figures jsonb, message_id text);

-- ===== Decisions

-- name: lock_membership(membership_id, is_member, chosen, suffix, facts)^
-- Lock a membership, read what a decision builds on, and allot a member number to a new member.
SELECT
    last_decision,
    member_number,
    stage = 'ended' AS had_ended,
    CASE WHEN :is_member::boolean AND member_number IS NULL
         THEN lpad(nextval('member_numbers')::text, 8, '0') END AS allotted,
    greatest((SELECT coalesce(max(serial), 0) FROM (
              SELECT serial FROM invoices
              WHERE invoices.membership_id = memberships.membership_id OFFSET 0
          ) AS theirs),
             (SELECT serial FROM serials_given)) + 1 AS next_serial,
    EXISTS (SELECT FROM number_holds) AS numbers_held,
    coalesce(facts = :facts::jsonb, false) AS same_facts,
    (SELECT revision FROM rulebook_revision) AS revision,
    (SELECT applied FROM decisions
     WHERE decisions.membership_id = memberships.membership_id
       -- Under what was chosen one message counts, whichever, and whoever chose it.
       AND (update_id = :chosen OR starts_with(update_id, :chosen::text)
            AND substr(update_id, length(:chosen) + 1) ~ :suffix)
     ORDER BY number LIMIT 1) AS applied
FROM memberships
WHERE membership_id = :membership_id
-- Letters and disclosures may be written meanwhile: they only refer to the row.
FOR NO KEY UPDATE;

-- name: read_former_member(membership_id)^
-- Read how a membership stands that has ended, and whether the person is a member all the same.
SELECT memberships.outcome, memberships.category, memberships.hidden, memberships.branch,
       memberships.member_number, memberships.member_since, memberships.open_until,
       memberships.last_decision, memberships.facts, people.birth_date,
       EXISTS (
           SELECT FROM members JOIN memberships AS other USING (membership_id)
           WHERE other.person_id = memberships.person_id) AS is_member
FROM memberships JOIN people USING (person_id)
WHERE memberships.membership_id = :membership_id AND memberships.stage = 'ended'
  AND memberships.member_number IS NOT NULL AND memberships.facts IS NOT NULL;

-- name: find_decision(membership_id, number)^
-- Find a decision that has been recorded.
SELECT content_hash, receipt FROM decisions
WHERE membership_id = :membership_id AND number = :number;

-- name: read_application(membership_id)^
-- Read an application as it is kept, and who its person is now.
SELECT applications.content::text AS content,
       jsonb_build_object(
           'name', name, 'birth_date', birth_date, 'national_id', national_id, 'email', email,
           'phone', phone, 'address', address, 'language', language)::text AS applicant
FROM applications JOIN memberships USING (membership_id) JOIN people USING (person_id)
WHERE applications.membership_id = :membership_id;

-- name: correct_person!
-- Correct a person, also as a member, and keep what was so; reopen what came back from another
-- address.
WITH before AS (
    SELECT people.* FROM people JOIN memberships USING (person_id)
    WHERE memberships.membership_id = :membership_id
), new AS (
    SELECT * FROM jsonb_populate_record(NULL::people, :person)
), corrected AS (
    UPDATE people
    SET (name, name_key, birth_date, national_id, email, email_key, phone, address, language)
      = (new.name, new.name_key, new.birth_date, new.national_id, new.email, new.email_key,
         new.phone, new.address, new.language)
    FROM before, new
    WHERE people.person_id = before.person_id
    RETURNING people.*
), renamed AS (
    INSERT INTO earlier_names (person_id, name, name_key, until_on)
    SELECT before.person_id, before.name, before.name_key, :today
    FROM before, new WHERE before.name <> new.name
), moved AS (
    INSERT INTO earlier_contacts (person_id, email, email_key, phone, address, until_on)
    SELECT before.person_id, before.email, before.email_key, before.phone, before.address, :today
    FROM before, new
    WHERE (before.email, before.phone, before.address)
          IS DISTINCT FROM (new.email, new.phone, new.address)
), said AS (
    INSERT INTO consents (person_id, kind, given, stated_on, how)
    SELECT before.person_id, said.kind, said.given::boolean, :today, 'information_supplied'
    FROM before, jsonb_each_text(:consents) AS said (kind, given)
    WHERE NOT EXISTS (
        SELECT FROM present_consents
        WHERE present_consents.person_id = before.person_id AND present_consents.kind = said.kind
          AND present_consents.given = said.given::boolean)
), working AS (
    UPDATE memberships
    SET (employer_orgnr, employer_name, position, position_percent, recruited_by,
         transferred_from)
      = (work.employer_orgnr, work.employer_name, work.position, work.position_percent,
         work.recruited_by, work.transferred_from)
    FROM jsonb_populate_record(NULL::memberships, :work) AS work
    WHERE memberships.membership_id = :membership_id
), written AS (
    UPDATE applications SET content = :application
    WHERE applications.membership_id = :membership_id
), reopened AS (
    UPDATE letters
    SET status = 'held', note = 'goes to the corrected address', sent_on = NULL,
        refusals = 0, refused_at = NULL, unanswered = 0, not_before = NULL
    FROM before, corrected
    WHERE letters.membership_id = :membership_id
      AND before.email_key IS DISTINCT FROM corrected.email_key
      AND letters.audience = 'member' AND letters.status = 'bounced'
      AND coalesce(letters.ordered_on, (
            SELECT decided_on FROM decisions
            WHERE decisions.membership_id = letters.membership_id
              AND decisions.number = letters.decision)) >= :since
      AND NOT EXISTS (
            SELECT FROM letter_resends
            WHERE letter_resends.membership_id = letters.membership_id
              AND letter_resends.of_key = letters.key)
)
UPDATE members
SET (number_print, person_print)
  = (fingerprint_of_number(corrected.national_id),
     fingerprint_of_person(corrected.name_key, corrected.birth_date, corrected.email_key))
FROM corrected
WHERE members.membership_id = :membership_id;

-- name: write_decision!
-- Write a decision with its standing, terms, invoice and letters, in one statement. Terms that
-- change mark the membership by a trigger, for the next dues run (mark_for_reassessment).
WITH standing AS (
    UPDATE memberships
    SET stage = :stage, outcome = :outcome, category = :category, hidden = :hidden,
        hiding = coalesce(:hiding, hiding), branch = :branch, member_since = :member_since, member_number = :member_number,
        open_until = :open_until, deductor_orgnr = :deductor_orgnr,
        coming_premiums = :coming_premiums,
        (insurance_status, covered_from, reserved_from) = (
            SELECT coalesce(:insurance_status, insurance_status),
                   CASE WHEN :insurance_status::text IS NULL THEN covered_from
                        ELSE :covered_from END,
                   CASE WHEN :insurance_status::text IS NULL THEN reserved_from
                        ELSE :reserved_from END),
        last_decision = :number, facts = coalesce(:facts, facts)
    WHERE membership_id = :membership_id
), decision AS (
    INSERT INTO decisions
        (membership_id, number, event, message, says, decided_at, decided_on, decided_by, rules,
         rulebook_version, content_hash, receipt, update_id, applied, given_back_from)
    VALUES
        (:membership_id, :number, :event, :message, :says, :decided_at, :decided_on, :decided_by,
         :rules, :rulebook_version, :content_hash, :receipt, :update_id, :applied,
         :given_back_from)
), remark AS (
    INSERT INTO remarks (membership_id, number, content)
    SELECT :membership_id, :number, :reason::text WHERE :reason::text IS NOT NULL
), kept AS (
    INSERT INTO kept_records AS earlier (membership_id, number, content)
    SELECT :membership_id, :number, :kept::text WHERE :kept::text IS NOT NULL
    ON CONFLICT (membership_id) DO UPDATE SET number = excluded.number, content = excluded.content
), held AS (
    INSERT INTO runs_to_delete (workflow_id, run_id, noted_on)
    SELECT :workflow_id, run_id, :decided_on FROM unnest(:run_ids::text[]) AS held (run_id)
    ON CONFLICT DO NOTHING
), became_member AS (
    INSERT INTO members (membership_id, person_id, number_print, person_print)
    SELECT membership_id, person_id, fingerprint_of_number(national_id),
           fingerprint_of_person(name_key, birth_date, email_key)
    FROM people JOIN memberships USING (person_id)
    WHERE membership_id = :membership_id AND :joins::boolean
), was_member AS (
    DELETE FROM members WHERE membership_id = :membership_id AND :stage = 'ended'
), wanted AS (
    SELECT DISTINCT kind, coalesce(rate, amount_ore::text) AS charged, rate, amount_ore, cadence,
           payer, daterange(valid_from, valid_to) AS valid,
           coalesce(employer_orgnr, '') AS employer_orgnr, coalesce(prorated, false) AS prorated
    FROM jsonb_to_recordset(:terms) AS term(
        kind text, rate text, amount_ore bigint, cadence text, payer text, valid_from date, valid_to date,
        employer_orgnr text, prorated boolean)
), superseded AS (
    UPDATE terms SET superseded_by = :number
    WHERE membership_id = :membership_id AND superseded_by IS NULL
      AND :terms::jsonb IS NOT NULL
      AND (kind, coalesce(rate, amount_ore::text), cadence, payer, valid,
           coalesce(employer_orgnr, ''), prorated)
          NOT IN (SELECT kind, charged, cadence, payer, valid, employer_orgnr, prorated FROM wanted)
), added AS (
    INSERT INTO terms (membership_id, kind, rate, amount_ore, cadence, payer, valid, decision,
                       employer_orgnr, prorated)
    SELECT :membership_id, kind, rate, amount_ore, cadence, payer, valid, :number,
           nullif(employer_orgnr, ''), prorated
    FROM wanted
    WHERE (kind, charged, cadence, payer, valid, employer_orgnr, prorated) NOT IN (
        SELECT kind, coalesce(rate, amount_ore::text), cadence, payer, valid,
               coalesce(employer_orgnr, ''), prorated
        FROM terms
        WHERE membership_id = :membership_id AND superseded_by IS NULL)
), invoice AS (
    INSERT INTO invoices
        (number, kid, membership_id, serial, decision, period_from, issued_on, due_on,
         total_ore, currency)
    SELECT number, kid, :membership_id, serial, :number, period_from, issued_on, due_on,
           total_ore, 'NOK'
    FROM jsonb_to_recordset(:invoices) AS issued(
        number text, kid text, serial integer, period_from date, issued_on date, due_on date,
        total_ore bigint)
), line AS (
    INSERT INTO charges
        (invoice_number, membership_id, person_id, period_from, kind, amount_ore, content_hash,
         cadence)
    SELECT invoice_number, :membership_id, person_id, line.period_from, kind, amount_ore,
           content_hash, line.cadence
    FROM memberships CROSS JOIN jsonb_to_recordset(:lines) AS line(
        invoice_number text, period_from date, kind text, amount_ore bigint,
        content_hash text, cadence text)
    WHERE memberships.membership_id = :membership_id
), charged AS (
    INSERT INTO entries
        (booked_on, source, membership_id, period_from, kind, debit, credit, amount_ore)
    SELECT :decided_on, 'charge', :membership_id, period_from, kind, 'members', kind, amount_ore
    FROM jsonb_to_recordset(:lines) AS line(period_from date, kind text, amount_ore bigint)
)
INSERT INTO letters
    (membership_id, key, decision, place, template, audience, employer_orgnr, employer_name,
     forwarded, figures, status, message_id)
SELECT :membership_id, key, :number, place, template, audience, employer_orgnr, employer_name,
       forwarded, figures, 'pending', message_id
FROM jsonb_to_recordset(:letters) AS letter(
    key text, place integer, template text, audience text, employer_orgnr text,
    employer_name text, forwarded boolean, figures jsonb, message_id text);

-- name: find_death(membership_id)$
-- Find another membership, or application, of who certainly is the same, that somebody died as.
SELECT theirs.membership_id
FROM memberships AS own
CROSS JOIN LATERAL certainly_same(own.person_id) AS same
JOIN memberships AS theirs ON theirs.person_id = same.person_id
WHERE own.membership_id = :membership_id AND theirs.membership_id <> own.membership_id
  AND theirs.outcome = 'deceased'
ORDER BY theirs.membership_id
LIMIT 1;

-- name: find_duplicate(membership_id, person)$
-- Find the member who is the same person as a membership's, as corrected where that is given.
WITH person AS (
    SELECT fingerprint_of_number(national_id) AS number_print,
           fingerprint_of_person(name_key, birth_date, email_key) AS person_print
    FROM (
        SELECT people.* FROM people JOIN memberships USING (person_id)
        WHERE membership_id = :membership_id AND :person::jsonb IS NULL
        UNION ALL
        SELECT corrected.* FROM jsonb_populate_record(NULL::people, :person) AS corrected
        WHERE :person::jsonb IS NOT NULL
    ) AS whole
)
SELECT members.membership_id
FROM members, person
WHERE members.membership_id <> :membership_id
  AND (members.person_id = (SELECT person_id FROM memberships
                            WHERE membership_id = :membership_id)
       OR members.number_print = person.number_print
       OR (members.person_print = person.person_print
           AND coalesce(members.number_print = person.number_print, true)))
ORDER BY members.membership_id
LIMIT 1;

-- name: find_numbered(person_id)$
-- Find the member of a person's national id.
SELECT members.membership_id
FROM members JOIN people ON members.number_print = fingerprint_of_number(people.national_id)
WHERE people.person_id = :person_id;

-- ===== Open work, and the contacts of others

-- name: rejected_intakes(most)
-- List the applications that can't be read or break a rule, the latest first.
SELECT membership_id, received_on, faults
FROM rejected_intakes
ORDER BY received_on DESC, received_at DESC, membership_id
LIMIT :most;

-- name: undecided_applications(most)
-- List the applications that nobody has decided, the oldest first.
SELECT membership_id, received_on
FROM memberships
WHERE stage IN ('under_review', 'awaiting_information')
ORDER BY received_at, membership_id
LIMIT :most;

-- name: suspended_payments(most)
-- List the payments that no invoice could be found for, the oldest first.
SELECT reference, membership_id, suspense_ore AS amount_ore, paid_on
FROM suspended_payments
ORDER BY paid_on, reference
LIMIT :most;

-- name: count_open_work^
-- Count what waits for a caseworker beside the memberships themselves.
SELECT (SELECT count(*) FROM rejected_intakes) AS rejected_intakes,
       (SELECT count(*) FROM suspended_payments) AS suspended_payments,
       (SELECT count(*) FROM letters
        WHERE status IN ('bounced', 'unanswered')
          AND NOT EXISTS (
            SELECT FROM letter_resends
            WHERE letter_resends.membership_id = letters.membership_id
              AND letter_resends.of_key = letters.key)) AS lost_letters,
       (SELECT count(*) FROM memberships
        WHERE stage IN ('under_review', 'awaiting_information')) AS undecided;

-- ===== Who decided

-- name: keep_actor!
-- Keep who sent the message that a decision answers.
INSERT INTO decision_actors
    (membership_id, number, subject, name, roles, branch, named, issued_at, nonce, key_id, claims,
     signature)
VALUES
    (:membership_id, :number, :subject, :name, :roles, :branch, :named, :issued_at, :nonce, :key_id,
     :claims, :signature);

-- name: is_used(nonce)$
-- Tell whether a stamp has been used for a decision about anybody.
SELECT EXISTS (SELECT FROM decision_actors WHERE nonce = :nonce);

-- name: approve!
-- Keep that a decision approves what somebody else has asked for; constraints see to that.
INSERT INTO decision_approvals
    (membership_id, number, asked_for, asked_by, approved_by, approved_by_subject)
VALUES
    (:membership_id, :number, :asked_for, '', :approved_by, :approved_by_subject);

-- name: keep_consent!
-- Keep what a member has agreed to by a message: when, how and in which words.
INSERT INTO decision_consents (membership_id, number, kind, given_on, how, words)
VALUES (:membership_id, :number, :kind, :given_on, :how, :words);

-- ===== What is left when the run is gone

-- name: read_kept(membership_id)^
-- Read how a membership stands that has ended, with the erasure that made it nobody's.
SELECT outcome, open_until, category, hidden, branch, member_number, member_since,
       insurance_status, covered_from, reserved_from, faults, memberships.erased_on,
       erasures.erasure_id, requested_by,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'kind', kind, 'cadence', cadence, 'payer', payer, 'valid_from', lower(valid),
                   'valid_to', upper(valid),
                   'amount_ore', coalesce(amount_ore, rate_in(rate, lower(valid)), 0))
               ORDER BY lower(valid), kind), '[]')::text
        FROM terms
        WHERE terms.membership_id = memberships.membership_id AND superseded_by IS NULL) AS terms
FROM memberships
LEFT JOIN rejected_intakes USING (membership_id)
LEFT JOIN erased_memberships USING (membership_id)
LEFT JOIN erasures USING (erasure_id)
WHERE membership_id = :membership_id AND stage = 'ended';

-- name: read_kept_decisions(membership_id)
-- Read what was decided about a membership, in order.
SELECT event, message, says, rules, decided_by, decided_at FROM decisions
WHERE membership_id = :membership_id ORDER BY number;

-- ===== What a run is told that has lost all it knew

-- name: read_stored(membership_id)^
-- Read a membership with what its workflow knew at the last decision; not one that is erased.
SELECT memberships.membership_id, memberships.received_at, memberships.last_decision,
       latest.decided_on, kept_records.content AS kept, kept_records.number AS kept_with,
       latest.receipt -> 'payment' ->> 'went_to' AS went_to,
       stage, outcome, memberships.category, branch, member_number, member_since, open_until,
       insurance_status, covered_from, reserved_from,
       CASE WHEN imported_members.insurance = 'window_open' AND last_decision = 1
            THEN imported_members.insurance_on END AS reservation_deadline,
       memberships.facts::text AS facts, applications.content::text AS application, faults,
       (SELECT revision FROM rulebook_revision) AS revision,
       (SELECT asked.decided_on
        FROM letters AS asking JOIN decisions AS asked
          ON asked.membership_id = asking.membership_id AND asked.number = asking.decision
        WHERE asking.membership_id = memberships.membership_id
          AND asking.template = 'payroll_start'
          AND NOT EXISTS (
            SELECT FROM decisions AS answered
            WHERE answered.membership_id = asking.membership_id
              AND answered.number > asking.decision
              AND answered.message = 'answer_payroll_request')
        ORDER BY asking.decision DESC LIMIT 1) AS payroll_asked_on,
       ARRAY(SELECT reference FROM payments
             WHERE payments.membership_id = memberships.membership_id
             ORDER BY paid_on, reference) AS payments
FROM memberships
JOIN decisions AS latest
  ON latest.membership_id = memberships.membership_id AND latest.number = last_decision
LEFT JOIN kept_records ON kept_records.membership_id = memberships.membership_id
LEFT JOIN applications ON applications.membership_id = memberships.membership_id
LEFT JOIN rejected_intakes ON rejected_intakes.membership_id = memberships.membership_id
LEFT JOIN imported_members ON imported_members.membership_id = memberships.membership_id
WHERE memberships.membership_id = :membership_id AND erased_on IS NULL;

-- name: read_log(membership_id, most, beginnings)
-- Read the latest decisions, and those by which somebody became a member, in order.
SELECT number, event, message, says, rules, decided_by, decided_at, applied::text AS applied
FROM decisions
WHERE membership_id = :membership_id
  AND (event = ANY (:beginnings)
       OR number > (SELECT last_decision FROM memberships
                    WHERE memberships.membership_id = :membership_id) - :most)
ORDER BY number;

-- name: read_kin(membership_id)^
-- Read who was last found that may be the same person, and what the person was before.
SELECT
    (SELECT receipt -> 'kin' FROM decisions
     WHERE membership_id = :membership_id AND jsonb_typeof(receipt -> 'kin') = 'array'
     ORDER BY number DESC LIMIT 1)::text AS kin,
    (SELECT receipt -> 'former' FROM decisions
     WHERE membership_id = :membership_id
       AND (number = 1 OR (receipt ->> 'sought')::boolean)
     ORDER BY number DESC LIMIT 1)::text AS former;

-- name: read_first_invoice(membership_id)^
-- Read the invoice of the approval, and what is paid of it.
SELECT balance.number, balance.kid, balance.total_ore, balance.paid_ore, balance.open_ore,
       balance.issued_on, balance.due_on,
       (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'amount_ore', amount_ore)
                         ORDER BY array_position(
                            ARRAY['central_dues', 'local_dues', 'insurance_premium'], kind))
        FROM charges WHERE charges.invoice_number = balance.number)::text AS lines
FROM invoices
JOIN decisions
  ON decisions.membership_id = invoices.membership_id AND decisions.number = invoices.decision
JOIN invoice_balances AS balance ON balance.number = invoices.number
WHERE invoices.membership_id = :membership_id AND decisions.event = 'application_approved'
ORDER BY invoices.serial DESC LIMIT 1;

-- name: read_letters(membership_id, notices)
-- Read what became of the letters of decisions, and whether one says already that it came back.
SELECT key, template, status, sent_on, template = ANY (:notices) AS is_notice,
       EXISTS (
           SELECT FROM decisions
           WHERE decisions.membership_id = letters.membership_id
             AND event = 'letter_bounced' AND position(key IN says) > 0) AS told
FROM letters
WHERE membership_id = :membership_id AND decision IS NOT NULL
ORDER BY key;

-- name: read_kept_application(membership_id)$
-- Read an application as it is kept, of a membership that has not ended or can be reopened.
SELECT applications.content::text
FROM applications JOIN memberships USING (membership_id)
WHERE membership_id = :membership_id AND (stage <> 'ended' OR open_until IS NOT NULL);

-- name: open_memberships(after, most, today)
-- List memberships that must have a workflow, from an id on: those that go on, and those that can
-- be reopened (L9).
SELECT membership_id, last_decision, decided_at
FROM memberships
JOIN decisions USING (membership_id)
WHERE decisions.number = last_decision AND erased_on IS NULL
  AND (stage <> 'ended' OR open_until >= :today)
  AND membership_id > :after
ORDER BY membership_id
LIMIT :most;

-- name: named_memberships(ids, today)
-- List those of some memberships that must have a workflow.
SELECT membership_id, last_decision, decided_at
FROM memberships
JOIN decisions USING (membership_id)
WHERE decisions.number = last_decision AND erased_on IS NULL
  AND (stage <> 'ended' OR open_until >= :today)
  AND membership_id = ANY (:ids::text[]);

-- ===== After a restore

-- name: hold_numbers!
-- Let no number be given until somebody says what was restored: some may have been given before.
INSERT INTO number_holds (held_on) VALUES (:held_on) ON CONFLICT DO NOTHING;

-- name: note_restore(today, serials, numbers, invoices)^
-- Note a restore: numbers go on beyond whatever may have been given of them since, and may be given.
WITH let_go AS (
    DELETE FROM number_holds
), members AS (
    SELECT setval('member_numbers', last_value + :numbers, true) AS last_number FROM member_numbers
), payers AS (
    SELECT setval('payer_numbers', last_value + :numbers, true) FROM payer_numbers
), told AS (
    -- Nobody's cursor may be beyond what is told from now on, a thousand for each number.
    SELECT setval('event_numbers', last_value + 1000 * :numbers, true) FROM event_numbers
), passed AS (
    SELECT (count(*) * :invoices + :numbers)::integer AS how_many FROM memberships
), series AS (
    INSERT INTO reserved_numbers (year, first_no, past_no, reserved_on)
    SELECT year, first_no, first_no + how_many, :today
    FROM (
        SELECT year, how_many, take_numbers(make_date(year, 1, 1), how_many) AS first_no
        FROM passed, generate_series(extract(year FROM :today::date)::integer - 1,
                                     extract(year FROM :today::date)::integer) AS year
    ) AS given
    RETURNING year, past_no - 1 AS last_no
), noted AS (
    INSERT INTO restores (restored_on, last_member_number, last_serial)
    SELECT :today, last_number,
           greatest((SELECT coalesce(max(serial), 0) FROM invoices),
                    (SELECT coalesce(max(serial), 0) FROM deduction_lists),
                    (SELECT serial FROM serials_given)) + :serials
    FROM members, payers, told
    RETURNING last_member_number, last_serial
)
SELECT last_member_number, last_serial, json_object_agg(year, last_no)::text AS last_in_series
FROM noted, series GROUP BY last_member_number, last_serial;

-- ===== What has changed

-- name: list_changed
-- List how memberships stand, those first that were changed longest ago. Whose transaction, or an
-- earlier one, has not ended is left for the next time: nobody comes in before who was listed.
SELECT membership_id, stage, outcome, category, changed::text AS changed
FROM memberships
WHERE (changed, membership_id) > (:after::text::xid8, :after_id)
  AND changed < pg_snapshot_xmin(pg_current_snapshot())
  AND (:hidden OR NOT (hidden OR hiding))
ORDER BY memberships.changed, membership_id
LIMIT :most;
