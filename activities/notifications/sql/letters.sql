-- name: lock_membership(membership_id)$
-- Lock a membership, so that neither its hidden flag nor its stage can change meanwhile.
SELECT membership_id FROM memberships WHERE membership_id = :membership_id FOR SHARE;

-- name: read_case(membership_id)^
-- Read all that a membership's letters may need.
SELECT
    memberships.stage,
    memberships.outcome,
    memberships.hidden,
    memberships.member_number,
    memberships.member_since,
    people.membership_id IS NOT NULL AS has_person,
    people.name,
    people.birth_date,
    people.national_id,
    people.email,
    people.phone,
    people.address,
    people.language,
    people.recruited_by,
    coalesce(people.tell_recruiter, false) AS tell_recruiter,
    people.employer_orgnr,
    coalesce(employers.name, people.employer_name) AS employer_name,
    employers.email AS employer_email,
    branches.code AS branch_code,
    branches.name AS branch_name,
    branches.email AS branch_email,
    (SELECT min(sent_on) FROM letters
     WHERE letters.membership_id = memberships.membership_id
       AND template = 'payroll_start' AND status = 'sent') AS start_sent_on
FROM memberships
LEFT JOIN people USING (membership_id)
LEFT JOIN employers ON employers.orgnr = people.employer_orgnr
LEFT JOIN branches ON branches.code = memberships.branch
WHERE memberships.membership_id = :membership_id;

-- name: find_recruiters(membership_id, recruited_by, member_number)
-- Find the members somebody named as recruiter, by member number or e-mail address.
SELECT people.email
FROM memberships JOIN people USING (membership_id)
WHERE memberships.stage IN ('onboarding', 'active', 'on_leave')
  AND memberships.membership_id <> :membership_id
  AND (memberships.member_number = :member_number
       OR people.email_key = lower(:recruited_by))
LIMIT 2;

-- name: read_invoice(membership_id, number)^
-- Read an invoice by its number, or the membership's first one when no number is given.
SELECT
    number,
    kid,
    period_from,
    EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = invoices.membership_id
          AND superseded_by IS NULL AND cadence = 'yearly' AND valid @> period_from
    ) AS yearly,
    issued_on,
    due_on,
    total_ore,
    (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'amount_ore', amount_ore)
                      ORDER BY array_position(
                          ARRAY['central_dues', 'local_dues', 'insurance_premium', 'correction'],
                          kind))
     FROM invoice_lines WHERE invoice_number = number) AS lines
FROM invoices
WHERE membership_id = :membership_id AND number = coalesce(:number::text, number)
ORDER BY serial
LIMIT 1;

-- name: list_open(membership_id)
-- List the letters that are still to be sent.
SELECT key, decision, template FROM letters
WHERE membership_id = :membership_id AND status IN ('pending', 'sending', 'held');

-- name: claim(membership_id, key)^
-- Lock a letter that is still to be sent; wait for whoever is sending it now.
SELECT
    letters.key,
    letters.template,
    letters.audience,
    letters.figures,
    letters.status,
    letters.attempts,
    letters.message_id,
    letters.sent_on,
    decisions.decided_at
FROM letters
JOIN decisions ON decisions.membership_id = letters.membership_id
              AND decisions.number = letters.decision
WHERE letters.membership_id = :membership_id AND letters.key = :key
  AND letters.status IN ('pending', 'sending', 'held')
FOR UPDATE OF letters;

-- name: mark_sending!
-- Note that a letter may go out from now on, and the day its Date header shows.
UPDATE letters
SET status = 'sending', attempts = attempts + 1, sent_on = :sent_on, note = NULL
WHERE membership_id = :membership_id AND key = :key;

-- name: mark_open!
-- Keep a letter for a later attempt, and note why.
UPDATE letters
SET status = :status,
    sent_on = CASE WHEN :status = 'sending' THEN sent_on END,
    note = :note
WHERE membership_id = :membership_id AND key = :key;

-- name: mark_sent!
-- Note that the mail server has taken a letter.
UPDATE letters
SET status = 'sent', sent_on = :sent_on, template_version = :template_version, note = :note
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
-- List what an order has closed so far, over all its attempts, and what is held back.
SELECT key, status FROM letters
WHERE membership_id = :membership_id
  AND (status = 'held'
       OR status IN ('sent', 'suppressed', 'bounced') AND starts_with(note, :signature::text))
ORDER BY decision, key;
