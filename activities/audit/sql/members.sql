-- name: last_member()$
-- Read the highest member number there is, as a number.
SELECT coalesce(max(member_number), '0')::bigint FROM memberships;

-- name: read_months(since)^
-- Read the months from one on, or from the oldest that somebody is held for, that were charged.
SELECT least(:since::date, (SELECT min(about) FROM holds)) AS first,
       (SELECT coalesce(array_agg(period_from ORDER BY period_from), '{}') FROM dues_runs
        WHERE period_from >= least(:since::date, (SELECT min(about) FROM holds))) AS charged;

-- name: count_page(first, last)$
-- Count the members of a page.
SELECT count(*) FROM memberships WHERE member_number BETWEEN :first AND :last;

-- name: count_charged(month)$
-- Count the members who were charged for a month.
SELECT count(DISTINCT membership_id) FROM charges WHERE period_from = :month;

-- name: find_amounts(month, most)
-- Compare what members were charged for a month, in all, with their terms.
WITH sides AS (
    SELECT membership_id, kind, 0 AS was_ore, amount_ore AS is_ore FROM terms_due(:month)
    UNION ALL
    SELECT membership_id, kind, amount_ore, 0
    FROM charges WHERE period_from = :month AND kind <> 'correction'
    UNION ALL
    SELECT membership_id, kind, amount_ore, 0
    FROM corrections WHERE period_from = :month AND reason = 'reassessed'
), differing AS (
    SELECT membership_id, kind, sum(was_ore)::bigint AS was_ore, sum(is_ore)::bigint AS is_ore
    FROM sides
    GROUP BY membership_id, kind HAVING sum(was_ore) <> sum(is_ore)
)
SELECT name, membership_id || '/' || to_char(:month, 'YYYY-MM') AS subject, membership_id,
       :month::date AS about, says, count(*) OVER (PARTITION BY name) AS drifted
FROM (
    SELECT membership_id,
           CASE WHEN bool_and(was_ore = 0 AND is_ore > 0) THEN 'not_charged'
                ELSE 'charged_otherwise' END AS name,
           string_agg(format('%s of %s was charged as %s øre and by the terms is %s', kind,
                             to_char(:month, 'YYYY-MM'), was_ore, is_ore), '; ' ORDER BY kind)
               AS says
    FROM differing
    -- The next run compares these itself, or has said why it can't charge them.
    WHERE NOT EXISTS (
        SELECT FROM reassessments
        WHERE reassessments.membership_id = differing.membership_id)
      AND NOT EXISTS (
        SELECT FROM dues_quarantine
        WHERE dues_quarantine.membership_id = differing.membership_id
          AND dues_quarantine.period_from = :month)
    GROUP BY membership_id
) AS found
ORDER BY name, membership_id
LIMIT :most;

-- name: find_standing(first, last, today, this_month, next_month, most)
-- Compare the terms of the members of a page with how they stand, and who was told of them.
WITH page AS MATERIALIZED (
    SELECT membership_id, stage, hidden, received_on FROM memberships
    WHERE member_number BETWEEN :first AND :last
), closed AS MATERIALIZED (
    SELECT membership_id, coalesce(
        -- The decision that rests on S31 is the one that made it so.
        (SELECT max(decided_on) FROM decisions
         WHERE decisions.membership_id = page.membership_id AND 'S31' = ANY (rules)),
        received_on) AS since
    FROM page WHERE hidden
), found (name, subject, membership_id, says) AS (
    SELECT 'ended_terms', membership_id, membership_id,
           'the membership has ended, and terms run on'
    FROM page
    WHERE stage = 'ended' AND EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = page.membership_id AND superseded_by IS NULL
          AND coalesce(upper(valid) > :next_month, true))
    UNION ALL
    SELECT 'no_dues', membership_id, membership_id, 'a member without central dues'
    FROM page
    WHERE stage IN ('onboarding', 'active', 'on_leave') AND NOT EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = page.membership_id AND superseded_by IS NULL
          AND kind = 'central_dues'
          -- Who is about to end is looked at again tomorrow.
          AND coalesce(upper(valid) > :today::date - 7, true))
    UNION ALL
    SELECT 'terms_not_allowed', membership_id, membership_id,
           'a term is none that this membership may have'
    FROM closed
    WHERE EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = closed.membership_id AND superseded_by IS NULL
          AND (payer = 'payroll' OR kind = 'local_dues' AND amount_ore <> 0)
          -- This month may have begun before; the next may be after.
          AND valid @> :this_month::date AND valid @> :next_month::date)
    UNION ALL
    SELECT 'list_not_allowed', membership_id || '/' || list_number, membership_id,
           format('a line stands on list %s, and may not', list_number)
    FROM closed
    JOIN deduction_lines USING (membership_id)
    JOIN deduction_lists ON deduction_lists.number = list_number
    WHERE deduction_lists.made_on > closed.since
    UNION ALL
    SELECT 'disclosure_not_allowed', membership_id || '/' || disclosures.key, membership_id,
           format('%s went where it may not go: see to it at once', disclosures.key)
    FROM closed JOIN disclosures USING (membership_id)
    WHERE disclosures.audience IN ('employer', 'branch', 'recruiter')
      AND disclosures.disclosed_on > closed.since
    UNION ALL
    SELECT 'disclosure_not_allowed', membership_id || '/' || disclosures.key, membership_id,
           format('%s may have shown a line that was withheld: see to it at once', disclosures.key)
    FROM page
    JOIN withheld_lines USING (membership_id)
    JOIN disclosures USING (membership_id)
    WHERE disclosures.key = 'deduction-list-' || withheld_lines.list_number
)
SELECT name, subject, membership_id, NULL::date AS about, min(says) AS says,
       count(*) OVER (PARTITION BY name) AS drifted
FROM found
GROUP BY name, subject, membership_id
ORDER BY name, subject
LIMIT :most;

-- name: read_sample(salt, version, size)
-- Read a few members' facts and terms, others each time, and those whose terms were found wrong.
SELECT membership_id, facts::text AS facts, (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'kind', kind, 'amount_ore', amount_ore, 'cadence', cadence, 'payer', payer,
        'valid_from', lower(valid), 'valid_to', upper(valid), 'employer_orgnr', employer_orgnr,
        'prorated', prorated)), '[]')::text
    FROM terms WHERE terms.membership_id = chosen.membership_id AND superseded_by IS NULL
) AS terms
FROM (
    SELECT membership_id, facts FROM (
        SELECT membership_id, facts FROM memberships
        WHERE stage IN ('onboarding', 'active', 'on_leave') AND facts IS NOT NULL
        ORDER BY md5(membership_id || :salt) LIMIT :size
    ) AS sampled
    -- Planned by the rulebook as it stands; who has not heard of a new one is not to blame.
    WHERE :version = (
        SELECT rulebook_version FROM decisions
        WHERE decisions.membership_id = sampled.membership_id AND rulebook_version IS NOT NULL
        ORDER BY number DESC LIMIT 1)
    UNION
    SELECT membership_id, facts FROM memberships JOIN holds USING (membership_id)
    WHERE check_name = 'terms_as_planned' AND facts IS NOT NULL
) AS chosen
ORDER BY membership_id;

-- name: mark_for_reassessment(memberships)!
-- Have the next dues run compare what members were charged with their terms.
INSERT INTO reassessments (membership_id)
SELECT DISTINCT unnest(:memberships::text[]) ORDER BY 1
ON CONFLICT (membership_id) DO NOTHING;
