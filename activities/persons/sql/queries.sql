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

-- name: find_charged(membership_id, known, month, kinds, yearly)
-- Find what a person was charged for a month under memberships of theirs, of some kinds. A month
-- that came back is charged anew as a correction; a fee for the year is, like any line. A fee of an
-- earlier month is for this one to whoever pays by the year, and covers no month to whoever does not.
SELECT DISTINCT charged.kind
FROM memberships CROSS JOIN LATERAL charged_in_all(memberships.membership_id) AS charged
WHERE memberships.person_id = coalesce(:known, (
        SELECT person_id FROM memberships AS own WHERE own.membership_id = :membership_id))
  AND membership_id <> :membership_id
  AND charged.kind = ANY(:kinds::text[])
  AND (charged.period_from = :month
       OR charged.cadence = 'yearly' AND charged.kind = ANY(:yearly::text[])
          AND charged.period_from < :month
          AND charged.period_from >= date_trunc('year', :month::date)
          AND charged.amount_ore <> charged.given_back_ore)
ORDER BY charged.kind;

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

-- ===== Who may be the same

-- name: find_alike(person_id, birth_date, national_id, email_keys, phones)
-- Find everybody who shares a birth date, a number or a way to be reached, with their memberships,
-- former ones as well; what is known of whoever was merged into somebody is known of them. It takes
-- an index for each (ADR 39); how alike they are is worked out of it.
WITH shared AS (
    SELECT person_id, merged_into FROM people WHERE birth_date = :birth_date
    UNION
    SELECT person_id, merged_into FROM people WHERE national_id = :national_id::bpchar
    UNION
    SELECT person_id, merged_into FROM people WHERE email_key = ANY(:email_keys::text[])
    UNION
    SELECT person_id, merged_into FROM people WHERE phone = ANY(:phones::text[])
    UNION
    SELECT person_id, merged_into FROM earlier_contacts JOIN people USING (person_id)
    WHERE earlier_contacts.email_key = ANY(:email_keys::text[])
    UNION
    SELECT person_id, merged_into FROM earlier_contacts JOIN people USING (person_id)
    WHERE earlier_contacts.phone = ANY(:phones::text[])
), alike AS (
    SELECT DISTINCT CASE WHEN merged_into IS NULL THEN person_id
                         ELSE present_person(merged_into) END AS person_id
    FROM shared
)
SELECT memberships.membership_id, memberships.stage, memberships.outcome,
       memberships.member_number, particulars.*
FROM alike
JOIN memberships USING (person_id)
CROSS JOIN LATERAL particulars_of(person_id) AS particulars
WHERE alike.person_id <> :person_id
  AND (stage <> 'ended' OR member_number IS NOT NULL)
ORDER BY stage = 'ended', received_at, membership_id;

-- name: find_person(wanted)^
-- Find a person by their id or that of a membership of theirs, with all that is known of them.
SELECT particulars.*
FROM (
    SELECT person_id FROM memberships WHERE membership_id = :wanted
    UNION
    SELECT present_person(:wanted)
) AS found
CROSS JOIN LATERAL particulars_of(found.person_id) AS particulars;

-- name: list_memberships(person_id)
-- List all memberships of a person and their applications, the oldest first.
SELECT membership_id, member_number, stage, outcome, category, hidden OR hiding AS hidden,
       member_since, received_on
FROM memberships
WHERE person_id = :person_id
ORDER BY received_at, membership_id;

-- name: read_owed(person_id, today)^
-- Tell what a person owes of all memberships, and for how many months (A30).
SELECT ore, months FROM owed_of_person(:person_id, :today);

-- ===== The newsletter

-- name: subscribe(email_key, email, name, language, today)!
-- Keep that somebody wants the newsletter; who does already keeps the day of the first consent.
INSERT INTO newsletter_subscriptions (email_key, email, name, language, consented_on)
VALUES (:email_key, :email, :name, :language, :today)
ON CONFLICT (email_key) DO UPDATE
SET email = excluded.email,
    name = coalesce(excluded.name, newsletter_subscriptions.name),
    language = excluded.language,
    consented_on = CASE WHEN newsletter_subscriptions.withdrawn_on IS NULL
                        THEN newsletter_subscriptions.consented_on ELSE excluded.consented_on END,
    withdrawn_on = NULL;

-- name: unsubscribe(email_key, today)!
-- Keep that nobody under an address wants the newsletter any more, whoever asked for it and how.
WITH withdrawn AS (
    UPDATE newsletter_subscriptions SET withdrawn_on = greatest(:today, consented_on)
    WHERE email_key = :email_key AND withdrawn_on IS NULL
)
INSERT INTO consents (person_id, kind, given, stated_on, how)
SELECT person_id, 'newsletter', false, :today, 'unsubscribed'
FROM present_consents JOIN people USING (person_id)
WHERE kind = 'newsletter' AND given AND email_key = :email_key;

-- name: newsletter_readers()
-- List who wants the newsletter, each address once, with nothing that tells who is a member.
SELECT DISTINCT ON (email_key) email, name, language
FROM (
    SELECT email_key, email, name, language, 0 AS place
    FROM newsletter_subscriptions WHERE withdrawn_on IS NULL
    UNION ALL
    SELECT email_key, email, name, language, 1
    FROM people JOIN present_consents USING (person_id)
    WHERE kind = 'newsletter' AND given AND merged_into IS NULL AND email IS NOT NULL
      AND NOT has_died(people.person_id)
) AS readers
ORDER BY email_key, place;

-- ===== Merging

-- name: find_whose(wanted)$
-- Find who somebody is now, by a person's id or that of a membership.
SELECT coalesce(
    (SELECT person_id FROM memberships WHERE membership_id = :wanted), present_person(:wanted));

-- name: lock_people(person_ids)
-- Lock two people, so that no other merge decides about them meanwhile.
SELECT person_id, national_id FROM people
WHERE person_id = ANY(:person_ids::text[]) ORDER BY person_id FOR UPDATE;

-- name: list_living(person_ids, today)
-- List the memberships of some people that go on, with what decides which may end.
SELECT memberships.membership_id, person_id, member_number, hidden OR hiding AS hidden,
       EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = memberships.membership_id AND superseded_by IS NULL
          AND kind = 'insurance_premium'
          AND coalesce(amount_ore, rate_in(rate, :today)) > 0
          AND valid @> date_trunc('month', :today::date)::date) AS covered
FROM memberships
WHERE person_id = ANY(:person_ids::text[]) AND stage IN ('onboarding', 'active', 'on_leave')
ORDER BY membership_id;

-- name: list_dead(person_ids)
-- List who of some people is recorded as dead.
SELECT person_id FROM people WHERE person_id = ANY(:person_ids::text[]) AND has_died(person_id);

-- name: find_double_charges(kept, given_back, goes_on, month)
-- Find what memberships were charged in all that others were charged as well, as far as their own
-- terms bear it out: what these do not is given back by the reassessment of the terms. Of a year's
-- fee it is the months that others are charged for too, all that are left of the year where they go
-- on; one that is whole whenever it begins comes back whole (A13).
WITH others AS MATERIALIZED (
    SELECT charged.* FROM unnest(:kept::text[]) AS kept(membership_id)
    CROSS JOIN LATERAL charged_in_all(kept.membership_id) AS charged
    -- What has come back, or comes back by a merge, is charged to nobody.
    WHERE charged.amount_ore > 0 AND NOT EXISTS (
        SELECT FROM merge_credits AS credits
        WHERE credits.membership_id = kept.membership_id AND credits.standing
          AND credits.period_from = charged.period_from AND credits.kind = charged.kind
          AND credits.stays_ore = 0)
), mine AS MATERIALIZED (
    SELECT given_back.membership_id, charged.*
    FROM unnest(:given_back::text[]) AS given_back(membership_id)
    CROSS JOIN LATERAL charged_in_all(given_back.membership_id) AS charged
    WHERE charged.amount_ore > 0 AND charged.period_from <= :month
)
SELECT mine.membership_id, member_number, mine.period_from, mine.kind,
       mine.amount_ore - stays.ore AS amount_ore, stays.ore AS stays_ore
FROM mine JOIN memberships USING (membership_id)
CROSS JOIN LATERAL (
    SELECT 13 - extract(month FROM mine.period_from)::integer AS spans,
           CASE WHEN :goes_on::boolean
                THEN 13 - extract(month FROM min(others.period_from))::integer
                ELSE sum(CASE others.cadence
                         WHEN 'yearly' THEN 13 - extract(month FROM others.period_from)::integer
                         WHEN 'quarterly' THEN 3
                         WHEN 'monthly' THEN 1 END)::integer END AS both
    FROM others
    WHERE others.kind = mine.kind
      AND others.period_from >= mine.period_from
      AND others.period_from < date_trunc('year', mine.period_from) + interval '1 year'
) AS months
CROSS JOIN LATERAL (
    SELECT CASE WHEN mine.cadence <> 'yearly' OR months.both IS NULL OR months.both >= spans
                     OR NOT EXISTS (
                        SELECT FROM terms
                        WHERE terms.membership_id = mine.membership_id
                          AND terms.kind = mine.kind AND superseded_by IS NULL
                          AND terms.valid @> mine.period_from AND prorated)
                THEN 0
                ELSE mine.amount_ore - div(mine.amount_ore * months.both, spans) END::bigint
           AS ore
) AS stays
WHERE EXISTS (
    SELECT FROM others
    WHERE others.kind = mine.kind
      AND (others.period_from = mine.period_from
           OR mine.cadence = 'yearly' AND others.period_from > mine.period_from
              AND others.period_from
                  < date_trunc('year', mine.period_from) + interval '1 year'
           OR others.cadence = 'yearly' AND others.period_from < mine.period_from
              AND others.period_from >= date_trunc('year', mine.period_from)))
  AND EXISTS (
    SELECT FROM terms
    WHERE terms.membership_id = mine.membership_id AND terms.kind = mine.kind
      AND superseded_by IS NULL AND terms.valid @> mine.period_from)
ORDER BY mine.membership_id, mine.period_from, mine.kind;

-- name: write_merge$
-- Write that two people are one, with what it moves; return the number of the merge.
WITH merge AS (
    INSERT INTO merges (person_id, merged_id, goes_on, ends, took_national_id, decided_on,
                        decided_by, reason, undo_until)
    VALUES (:person_id, :merged_id, :goes_on, :ends, :took_national_id, :today, :caseworker,
            :reason, :undo_until)
    RETURNING merge_id
), double AS (
    INSERT INTO double_charges (merge_id, membership_id, period_from, kind, stays_ore)
    SELECT merge_id, membership_id, period_from, kind, stays_ore
    FROM merge CROSS JOIN jsonb_to_recordset(:double_charges) AS double(
        membership_id text, period_from date, kind text, stays_ore bigint)
), moved AS (
    UPDATE memberships SET person_id = :person_id WHERE person_id = :merged_id
    RETURNING membership_id
), noted AS (
    INSERT INTO merged_memberships (merge_id, membership_id)
    SELECT merge_id, membership_id FROM merge CROSS JOIN moved
), merged AS (
    UPDATE people SET merged_into = :person_id, merged_on = :today WHERE person_id = :merged_id
), known AS (
    UPDATE people
    SET national_id = (SELECT national_id FROM people WHERE person_id = :merged_id)
    WHERE person_id = :person_id AND :took_national_id::boolean
)
SELECT merge_id FROM merge;

-- name: use_money(membership_ids, today)$
-- Use whatever one person has with us for what they owe (P3).
SELECT use_money_of(:membership_ids::text[], :today);

-- name: part_money(membership_ids, today)$
-- Lay anew what memberships have with us that are no more one person's (P3).
SELECT part_money(:membership_ids::text[], :today);

-- name: is_to_end(membership_id)$
-- Tell whether a merge that holds says that a membership ends.
SELECT EXISTS (SELECT FROM standing_merges WHERE ends = :membership_id);

-- name: find_merges_of(wanted)
-- Find the merges that hold of a person or a membership, the latest first.
SELECT merge_id, person_id, merged_id, goes_on, ends, undo_until,
       coalesce((SELECT hidden OR hiding FROM memberships WHERE membership_id = goes_on), false)
           AS quiet
FROM standing_merges
WHERE :wanted IN (person_id, merged_id)
   OR merge_id IN (SELECT merge_id FROM merged_memberships WHERE membership_id = :wanted)
   OR :wanted = ends OR :wanted = goes_on
ORDER BY merge_id DESC;

-- name: undo_merge!
-- Write that a merge was a mistake, and give back what it moved.
WITH undoing AS (
    INSERT INTO merge_undoings (merge_id, decided_on, decided_by, reason)
    VALUES (:merge_id, :today, :caseworker, :reason)
), merge AS (
    SELECT * FROM merges WHERE merge_id = :merge_id
), given_back AS (
    UPDATE memberships SET person_id = merge.merged_id
    FROM merge JOIN merged_memberships USING (merge_id)
    WHERE memberships.membership_id = merged_memberships.membership_id
      AND memberships.person_id = merge.person_id
), parted AS (
    UPDATE people SET merged_into = NULL, merged_on = NULL
    FROM merge WHERE people.person_id = merge.merged_id
), marked AS (
    -- What one was not charged, as the other was, each owes again.
    INSERT INTO reassessments (membership_id)
    SELECT membership_id FROM memberships JOIN merge
      ON memberships.person_id IN (merge.person_id, merge.merged_id)
    WHERE member_number IS NOT NULL
    ON CONFLICT (membership_id) DO UPDATE SET revision = reassessments.revision + 1
)
UPDATE people SET national_id = NULL
FROM merge
WHERE people.person_id = merge.person_id AND took_national_id;

-- name: drop_members!
-- Take the living memberships of some people from those who are members, to put them back as
-- they stand now.
DELETE FROM members USING memberships
WHERE members.membership_id = memberships.membership_id
  AND memberships.person_id = ANY(:person_ids::text[]);

-- name: keep_members!
-- Have the living memberships of some people stand among the members, but for one that is to end.
INSERT INTO members (membership_id, person_id, number_print, person_print)
SELECT membership_id, person_id, fingerprint_of_number(national_id),
       fingerprint_of_person(name_key, birth_date, email_key)
FROM memberships JOIN people USING (person_id)
WHERE person_id = ANY(:person_ids::text[]) AND stage IN ('onboarding', 'active', 'on_leave')
  AND NOT EXISTS (SELECT FROM standing_merges WHERE ends = memberships.membership_id);
