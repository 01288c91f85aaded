-- What a letter is written from, locked before it is read.

CREATE VIEW letter_cases AS
SELECT
    memberships.membership_id,
    memberships.stage,
    memberships.outcome,
    -- Whoever died as a member of another time, or as an applicant, is dead for each (L7); who
    -- applies afterwards is answered: deaths are recorded by mistake.
    coalesce(memberships.outcome = 'deceased', false)
        OR memberships.person_id IS NOT NULL AND has_died(memberships.person_id)
           AND (memberships.member_number IS NOT NULL OR EXISTS (
                SELECT FROM certainly_same(memberships.person_id) AS same
                JOIN memberships AS theirs ON theirs.person_id = same.person_id
                JOIN decisions ON decisions.membership_id = theirs.membership_id
                WHERE theirs.outcome = 'deceased' AND decisions.event = 'membership_ended'
                  AND decisions.decided_at >= memberships.received_at)) AS dead,
    memberships.hidden,
    memberships.hiding,
    memberships.member_number,
    memberships.member_since,
    people.person_id IS NOT NULL AS has_person,
    people.name,
    people.birth_date,
    people.national_id,
    people.email,
    people.phone,
    people.address,
    people.language,
    memberships.recruited_by,
    memberships.transferred_from,
    coalesce((SELECT given FROM present_consents
              WHERE present_consents.person_id = people.person_id AND kind = 'tell_recruiter'), false)
        AS tell_recruiter,
    (SELECT stated_on FROM present_consents
     WHERE present_consents.person_id = people.person_id AND kind = 'terms' AND given)
        AS consented_on,
    coalesce(memberships.deductor_orgnr, memberships.employer_orgnr) AS deductor_orgnr,
    memberships.branch
FROM memberships
LEFT JOIN people USING (person_id);
COMMENT ON VIEW letter_cases IS 'All that a membership''s letters may need of it.';

CREATE FUNCTION lock_letter_case(membership_id text) RETURNS SETOF letter_cases
    LANGUAGE plpgsql ROWS 1 AS $$
BEGIN
    PERFORM FROM memberships WHERE memberships.membership_id = lock_letter_case.membership_id
    FOR SHARE;
    RETURN QUERY SELECT * FROM letter_cases
        WHERE letter_cases.membership_id = lock_letter_case.membership_id;
END $$;
COMMENT ON FUNCTION lock_letter_case(text) IS
    'Locks a membership, so that neither its hidden flag nor its stage can change meanwhile, and '
    'reads it afterwards, as whoever held the lock before has left it.';

CREATE VIEW written_letters AS
SELECT
    letters.membership_id,
    letters.key,
    letters.template,
    letters.audience,
    -- What people wrote stands with the decision that it led to, until it is taken away.
    CASE WHEN letters.figures ? 'quotes' THEN
        letters.figures || jsonb_build_object('reason', (
            SELECT content FROM remarks
            WHERE remarks.membership_id = letters.membership_id
              AND remarks.number = (letters.figures ->> 'quotes')::integer))
    ELSE letters.figures END AS figures,
    letters.status,
    letters.attempts,
    letters.message_id,
    letters.sent_on,
    letters.forwarded,
    letters.employer_orgnr,
    coalesce(employers.name, letters.employer_name) AS employer_name,
    employers.email AS employer_email,
    CASE employers.list_channel WHEN 'folder' THEN employers.payer_number END AS employer_folder,
    CASE employers.list_channel WHEN 'email' THEN employers.list_password END AS employer_password,
    employers.agreement AS employer_agreement,
    employers.agreed_on AS employer_agreed_on,
    branches.code AS branch_code,
    branches.name AS branch_name,
    branches.email AS branch_email,
    letters.batch,
    letters.decision,
    letters.refusals,
    letters.unanswered,
    letters.reference,
    letters.note,
    letters.refused_at,
    letters.not_before,
    CASE letters.template
        WHEN 'payroll_start' THEN
            policy_on('payroll_reminder_days', letters.ordered_on, '14')::integer
        WHEN 'payroll_reminder' THEN
            policy_on('payroll_timeout_days', letters.ordered_on, '30')::integer
            - policy_on('payroll_reminder_days', letters.ordered_on, '14')::integer
    END AS answer_days,
    CASE WHEN letters.reference IS NOT NULL THEN
        (SELECT first.sent_on FROM letters AS first
         WHERE first.membership_id = letters.membership_id
           AND first.message_id = letters.reference)
    END AS first_sent_on,
    -- A letter that no decision ordered has the day's first moment for its own.
    coalesce(decisions.decided_at, letters.ordered_on::timestamp AT TIME ZONE 'Europe/Oslo')
        AS decided_at,
    -- Letters that repeat a state go one after the other: an earlier one that came later would undo
    -- the last word. One that no decision ordered has no place among the others: it waits for
    -- nobody, and nobody waits for it.
    letters.audience IN ('employer', 'branch', 'insurance_office') AND EXISTS (
        SELECT FROM letters AS earlier
        WHERE earlier.membership_id = letters.membership_id
          AND earlier.audience = letters.audience
          AND (earlier.decision, earlier.place) < (letters.decision, letters.place)
          AND earlier.status IN ('pending', 'sending')) AS awaits_turn
FROM letters
LEFT JOIN decisions ON decisions.membership_id = letters.membership_id
                   AND decisions.number = letters.decision
LEFT JOIN employers ON employers.orgnr = letters.employer_orgnr
LEFT JOIN branches ON branches.code = letters.figures ->> 'branch' AND letters.audience = 'branch';
COMMENT ON VIEW written_letters IS 'Every letter with what it is written from, and who it is for.';

CREATE VIEW open_letters AS
SELECT * FROM written_letters WHERE status IN ('pending', 'sending', 'held');
COMMENT ON VIEW open_letters IS 'A letter that is still to be sent, and who it is for.';

CREATE FUNCTION claim_letter(membership_id text, key text) RETURNS SETOF open_letters
    LANGUAGE plpgsql ROWS 1 AS $$
BEGIN
    PERFORM FROM letters
    WHERE letters.membership_id = claim_letter.membership_id AND letters.key = claim_letter.key
      AND letters.status IN ('pending', 'sending', 'held')
    FOR UPDATE;
    RETURN QUERY SELECT * FROM open_letters
        WHERE open_letters.membership_id = claim_letter.membership_id
          AND open_letters.key = claim_letter.key;
END $$;
COMMENT ON FUNCTION claim_letter(text, text) IS
    'Locks a letter, waiting for whoever is sending it, and reads it afterwards.';
