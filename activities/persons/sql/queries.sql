-- ===== Who was known

-- name: find_known(membership_id)$
-- Find the person whose memberships have all ended and who certainly is the one who applies again.
SELECT known.person_id
FROM memberships AS own
JOIN people AS applicant ON applicant.person_id = own.person_id
JOIN people AS known
  ON known.person_id <> applicant.person_id AND known.merged_into IS NULL
 AND (known.national_id = applicant.national_id
      OR known.name_key = applicant.name_key AND known.birth_date = applicant.birth_date
         AND known.email_key = applicant.email_key
         AND coalesce(known.national_id = applicant.national_id, true))
JOIN memberships AS former ON former.person_id = known.person_id
WHERE own.membership_id = :membership_id
GROUP BY known.person_id
HAVING bool_and(former.stage = 'ended')
ORDER BY bool_or(former.member_number IS NOT NULL) DESC, min(former.received_at), known.person_id
LIMIT 1;

-- name: find_charged(membership_id, known, month, kinds)
-- Find what a person was charged for a month under memberships of theirs, of some kinds.
SELECT DISTINCT charges.kind
FROM charges JOIN memberships USING (membership_id)
WHERE memberships.person_id = coalesce(:known, (
        SELECT person_id FROM memberships AS own WHERE own.membership_id = :membership_id))
  AND membership_id <> :membership_id
  AND charges.kind = ANY(:kinds::text[])
  AND (charges.period_from = :month
       OR charges.cadence = 'yearly' AND charges.period_from < :month
          AND charges.period_from >= date_trunc('year', :month::date))
ORDER BY charges.kind;

-- name: become_known!
-- Let a membership be the person's who was known, who is as the application says from now on.
WITH applicant AS (
    SELECT people.* FROM people JOIN memberships USING (person_id)
    WHERE membership_id = :membership_id
), known AS (
    SELECT * FROM people WHERE person_id = :known FOR UPDATE
), new AS (
    SELECT applicant.name, applicant.name_key, applicant.birth_date,
           coalesce(applicant.national_id, known.national_id) AS national_id,
           applicant.email, applicant.email_key,
           coalesce(applicant.phone, known.phone) AS phone,
           coalesce(applicant.address, known.address) AS address,
           applicant.language
    FROM applicant, known
), renamed AS (
    INSERT INTO earlier_names (person_id, name, name_key, until_on)
    SELECT known.person_id, known.name, known.name_key, :today
    FROM known, new WHERE known.name <> new.name
), moved AS (
    INSERT INTO earlier_contacts (person_id, email, email_key, phone, address, until_on)
    SELECT known.person_id, known.email, known.email_key, known.phone, known.address, :today
    FROM known, new
    WHERE (known.email, known.phone, known.address)
          IS DISTINCT FROM (new.email, new.phone, new.address)
), brought_up_to_date AS (
    UPDATE people
    SET (name, name_key, birth_date, national_id, email, email_key, phone, address, language)
      = (new.name, new.name_key, new.birth_date, new.national_id, new.email, new.email_key,
         new.phone, new.address, new.language)
    FROM new
    WHERE people.person_id = :known
), said AS (
    INSERT INTO consents (person_id, kind, given, stated_on, how)
    SELECT :known, kind, given, stated_on, how
    FROM present_consents WHERE person_id = (SELECT person_id FROM applicant)
), merged AS (
    UPDATE people SET merged_into = :known, merged_on = :today
    WHERE person_id = (SELECT person_id FROM applicant)
)
UPDATE memberships SET person_id = :known WHERE membership_id = :membership_id;
