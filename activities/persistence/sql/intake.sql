-- name: find_kept(membership_id)^
-- Find what was answered when the application was first kept, and the rulebook's revision.
SELECT
    (SELECT revision FROM rulebook_revision) AS revision,
    (SELECT content_hash FROM decisions
     WHERE membership_id = :membership_id AND number = 1) AS content_hash,
    (SELECT receipt FROM decisions
     WHERE membership_id = :membership_id AND number = 1) AS receipt;

-- name: find_kin(membership_id, national_id, name_key, birth_date, email_key)
-- Find live applications and members that may be the same person; the certain ones first.
SELECT
    memberships.membership_id,
    memberships.stage,
    memberships.member_number,
    coalesce(people.national_id = :national_id::bpchar, false)
    OR (people.name_key = :name_key AND people.birth_date = :birth_date
        AND people.email_key = :email_key
        AND coalesce(people.national_id = :national_id::bpchar, true)) AS certain
FROM people JOIN memberships USING (membership_id)
WHERE (people.national_id = :national_id::bpchar
       OR (people.name_key = :name_key AND people.birth_date = :birth_date))
  AND memberships.stage <> 'ended'
  AND memberships.membership_id <> :membership_id
ORDER BY certain DESC, memberships.received_at, memberships.membership_id;

-- name: keep_application!
-- Keep an application with its person, its faults, its place in the log and its letters.
WITH membership AS (
    INSERT INTO memberships
        (membership_id, stage, outcome, category, hidden, received_at, received_on,
         last_decision)
    VALUES
        (:membership_id, :stage, :outcome, :category, :hidden, :received_at, :received_on, 1)
), person AS (
    INSERT INTO people
    SELECT * FROM jsonb_populate_record(NULL::people, :person) WHERE membership_id IS NOT NULL
), rejected AS (
    INSERT INTO rejected_intakes (membership_id, received_at, received_on, content, faults)
    SELECT :membership_id, :received_at, :received_on, :content::text, :faults::text[]
    WHERE cardinality(:faults::text[]) > 0
), decision AS (
    INSERT INTO decisions
        (membership_id, number, event, decided_at, decided_on, decided_by, rules,
         content_hash, receipt)
    VALUES
        (:membership_id, 1, 'application_received', :received_at, :received_on, 'applicant',
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
