-- name: lock_rulebook!
-- Make changes of the rulebook take turns; whoever only reads it is not held up.
SELECT FROM rulebook_revision FOR UPDATE;

-- name: read_dues(effective_on)
-- Read the central rates in force on a day and those of that very day, the latest first.
SELECT * FROM dues_rates WHERE valid_from <= :effective_on ORDER BY valid_from DESC LIMIT 1;

-- name: write_dues(rates)!
-- Write the central rates of a day, in place of those that were planned for it.
INSERT INTO dues_rates SELECT * FROM jsonb_populate_record(NULL::dues_rates, :rates)
ON CONFLICT (valid_from) DO UPDATE
SET (full_central_ore, half_percent, quarter_percent, student_percent, pensioner_percent,
     half_at_most_percent)
  = (excluded.full_central_ore, excluded.half_percent, excluded.quarter_percent,
     excluded.student_percent, excluded.pensioner_percent, excluded.half_at_most_percent);

-- name: read_premium(effective_on)^
-- Read the premium in force on a day.
SELECT valid_from, premium_ore FROM premium_rates
WHERE valid_from <= :effective_on ORDER BY valid_from DESC LIMIT 1;

-- name: write_premium(effective_on, premium_ore)!
-- Write the premium of a day, in place of the one that was planned for it.
INSERT INTO premium_rates (valid_from, premium_ore) VALUES (:effective_on, :premium_ore)
ON CONFLICT (valid_from) DO UPDATE SET premium_ore = excluded.premium_ore;

-- name: list_branches
-- List the codes of all branches.
SELECT code FROM branches ORDER BY code;

-- name: read_branch(code, effective_on)^
-- Read what a branch charges on a day.
SELECT valid_from, local_ore, halves FROM branch_dues
WHERE code = :code AND valid_from <= :effective_on ORDER BY valid_from DESC LIMIT 1;

-- name: write_branch(code, effective_on, local_ore, halves)!
-- Write what a branch charges from a day on, in place of what was planned for it.
INSERT INTO branch_dues (code, valid_from, local_ore, halves)
VALUES (:code, :effective_on, :local_ore, :halves)
ON CONFLICT (code, valid_from) DO UPDATE
SET (local_ore, halves) = (excluded.local_ore, excluded.halves);

-- name: read_policy(name, effective_on)^
-- Read the value of a policy on a day.
SELECT valid_from, value, source FROM policies
WHERE name = :name AND valid_from <= :effective_on ORDER BY valid_from DESC LIMIT 1;

-- name: list_coverages
-- List the names of all coverages.
SELECT DISTINCT name FROM coverages ORDER BY name;

-- name: read_coverage(name, effective_on)^
-- Read until when a coverage holds, by what is in force on a day.
SELECT valid_from, ends_at_age, ends FROM coverages
WHERE name = :name AND valid_from <= :effective_on ORDER BY valid_from DESC LIMIT 1;

-- name: write_coverage(name, effective_on, ends_at_age, ends)!
-- Write until when a coverage holds from a day on, in place of what was planned for it.
INSERT INTO coverages (name, valid_from, ends_at_age, ends)
VALUES (:name, :effective_on, :ends_at_age, :ends)
ON CONFLICT (name, valid_from) DO UPDATE
SET (ends_at_age, ends) = (excluded.ends_at_age, excluded.ends);

-- name: read_benefits(category, effective_on)^
-- Read what a category of member is entitled to on a day.
SELECT valid_from, names FROM benefits
WHERE category = :category AND valid_from <= :effective_on ORDER BY valid_from DESC LIMIT 1;

-- name: write_benefits(category, effective_on, names)!
-- Write what a category is entitled to from a day on, in place of what was planned for it.
INSERT INTO benefits (category, valid_from, names) VALUES (:category, :effective_on, :names)
ON CONFLICT (category, valid_from) DO UPDATE SET names = excluded.names;

-- name: write_policy(name, effective_on, value, source)!
-- Write the value of a policy from a day on, in place of the one that was planned for it.
INSERT INTO policies (name, valid_from, value, source)
VALUES (:name, :effective_on, :value, :source)
ON CONFLICT (name, valid_from) DO UPDATE SET value = excluded.value;

-- name: note_approval(effective_on, rulebook_version, change, approved_by, approved_on, rates, announce_by, laid)!
-- Note who approved a change, once.
INSERT INTO repricings
    (effective_on, rulebook_version, change, approved_by, approved_on, rates, announce_by, laid)
VALUES (:effective_on, :rulebook_version, :change, :approved_by, :approved_on, :rates,
        :announce_by, :laid)
ON CONFLICT (effective_on, rulebook_version) DO NOTHING;

-- name: find_last_day_to_announce(effective_on, version)$
-- Return until when a change is to be announced, unless that has been done.
SELECT announce_by FROM repricings
WHERE effective_on = :effective_on AND rulebook_version = :version AND NOT EXISTS (
    SELECT FROM repricings_announced
    WHERE repricings_announced.effective_on = repricings.effective_on
      AND repricings_announced.rulebook_version = repricings.rulebook_version);

-- name: read_rows_of_day(effective_on)
-- Read what the rulebook has laid down for a day: the table, what it is about, and the row.
SELECT 'dues_rates' AS laid_in, '' AS key, to_jsonb(laid) AS row
FROM dues_rates AS laid WHERE valid_from = :effective_on
UNION ALL SELECT 'premium_rates', '', to_jsonb(laid)
FROM premium_rates AS laid WHERE valid_from = :effective_on
UNION ALL SELECT 'branch_dues', code, to_jsonb(laid)
FROM branch_dues AS laid WHERE valid_from = :effective_on
UNION ALL SELECT 'coverages', name, to_jsonb(laid)
FROM coverages AS laid WHERE valid_from = :effective_on
UNION ALL SELECT 'benefits', category, to_jsonb(laid)
FROM benefits AS laid WHERE valid_from = :effective_on
UNION ALL SELECT 'policies', name, to_jsonb(laid)
FROM policies AS laid WHERE valid_from = :effective_on;

-- name: take_out(effective_on, version, today)$
-- Take a change out of the rulebook again that nobody was told of in time, and tell whether it is.
SELECT take_out_prices(:effective_on, :version, :today);

-- name: note_announced(effective_on, version, today)!
-- Note that all letters about a change have been ordered, if it was approved here.
INSERT INTO repricings_announced (effective_on, rulebook_version, announced_on)
SELECT effective_on, rulebook_version, :today FROM repricings
WHERE effective_on = :effective_on AND rulebook_version = :version
ON CONFLICT (effective_on, rulebook_version) DO NOTHING;

-- name: months_charged(effective_on)
-- List the months from a day on for which the dues run has been opened, and when it was.
SELECT period_from, charged_on FROM dues_runs
WHERE period_from >= :effective_on ORDER BY period_from;

-- name: write_charged_year(year_from, charged_on, priced_on)!
-- Keep the prices that the fees of a year were charged by.
INSERT INTO charged_years (year_from, charged_on, priced_on)
VALUES (:year_from, :charged_on, :priced_on);

-- name: mark_for_reassessment(changes)$
-- Have the next dues run compare whoever is charged otherwise for a month that has been run (A40),
-- and return how many they are.
WITH changed AS (
    SELECT code, daterange(valid_from, valid_to) AS months
    FROM jsonb_to_recordset(:changes) AS change(code text, valid_from date, valid_to date)
), marked AS (
    INSERT INTO reassessments (membership_id)
    SELECT DISTINCT membership_id
    FROM terms JOIN changed ON changed.code = terms.rate
    WHERE superseded_by IS NULL AND EXISTS (
        SELECT FROM dues_runs
        WHERE changed.months @> period_from AND valid @> period_from)
    ORDER BY membership_id
    ON CONFLICT (membership_id) DO UPDATE SET revision = reassessments.revision + 1
    RETURNING 1
)
SELECT count(*) FROM marked;

-- name: latest_run()$
-- Return the latest month for which the dues run has been opened, or NULL.
SELECT max(period_from) FROM dues_runs;

-- name: count_members()$
-- Count the open memberships of members.
SELECT count(*) FROM memberships
WHERE stage IN ('onboarding', 'active', 'on_leave') AND member_number IS NOT NULL;

-- name: read_facts(after, size)
-- Read the facts of the members after one, by number.
SELECT membership_id, member_number, category, facts::text AS facts FROM memberships
WHERE stage IN ('onboarding', 'active', 'on_leave') AND member_number > :after
ORDER BY member_number
LIMIT :size;

-- name: read_terms(after, size, rules)
-- Read the facts and the terms of the members after one, by number; unless rules have changed only
-- of those whose facts or rates are not kept.
SELECT membership_id, member_number, facts::text AS facts, (
    -- By rate or by amount: the other one is left out.
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'kind', kind, 'rate', rate, 'amount_ore', amount_ore, 'cadence', cadence, 'payer', payer,
        'valid_from', lower(valid), 'valid_to', upper(valid), 'employer_orgnr', employer_orgnr,
        'prorated', prorated))), '[]')::text
    FROM terms WHERE terms.membership_id = page.membership_id AND superseded_by IS NULL
) AS terms
FROM (
    SELECT membership_id, member_number, facts FROM memberships
    WHERE stage IN ('onboarding', 'active', 'on_leave') AND member_number > :after
      AND (:rules OR facts IS NULL OR EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = memberships.membership_id AND superseded_by IS NULL
          AND rate IS NULL))
    ORDER BY member_number
    LIMIT :size
) AS page
ORDER BY member_number;

-- name: read_repricing(effective_on, version)^
-- Read a change as it was approved.
SELECT change FROM repricings
WHERE effective_on = :effective_on AND rulebook_version = :version;

-- name: read_page(first, last)
-- Read the facts and the terms of the members of a page.
SELECT membership_id, member_number, facts::text AS facts, (
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'kind', kind, 'rate', rate, 'amount_ore', amount_ore, 'cadence', cadence, 'payer', payer,
        'valid_from', lower(valid), 'valid_to', upper(valid), 'employer_orgnr', employer_orgnr,
        'prorated', prorated))), '[]')::text
    FROM terms WHERE terms.membership_id = memberships.membership_id AND superseded_by IS NULL
) AS terms
FROM memberships
WHERE stage IN ('onboarding', 'active', 'on_leave') AND member_number BETWEEN :first AND :last
ORDER BY member_number;

-- name: read_sleepers(effective_on, version, after, size)
-- Read the members after one who pay by a rate that a change makes something else, by number.
SELECT membership_id, member_number FROM memberships
WHERE stage IN ('onboarding', 'active', 'on_leave') AND member_number > :after
  AND EXISTS (
    SELECT FROM terms
    WHERE terms.membership_id = memberships.membership_id AND superseded_by IS NULL
      AND rate IN (SELECT code FROM rates_changed(:effective_on, :version)))
ORDER BY member_number
LIMIT :size;

-- name: announce(effective_on, version, batch, today, coming, first, last, left_out)$
-- Order the letters to the members of a page for whom a change makes a rate something else, and
-- what is told to the employers who deduct for them, or have been asked to.
WITH charged AS MATERIALIZED (
    SELECT membership_id, month
    FROM charged_otherwise(
        (SELECT rates FROM repricings
         WHERE effective_on = :effective_on AND rulebook_version = :version), :first, :last)
    WHERE membership_id <> ALL (:left_out::text[])
      -- Who pays by another rate since has been told of all of it.
      AND NOT EXISTS (
        SELECT FROM decisions
        WHERE decisions.membership_id = charged_otherwise.membership_id
          AND event = 'repriced' AND rulebook_version = :version)
), priced AS MATERIALIZED (
    SELECT month, code, ore
    FROM (
        SELECT month FROM charged UNION SELECT greatest(month, :coming::date) FROM charged
        UNION SELECT (month - interval '1 month')::date FROM charged
        UNION SELECT (month - interval '1 year')::date FROM charged
        UNION SELECT DISTINCT lower(valid) FROM terms JOIN charged USING (membership_id)
        WHERE superseded_by IS NULL AND payer = 'payroll' AND lower(valid) > month
    ) AS months
    CROSS JOIN LATERAL rates_in(month) AS rate(code, ore)
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, 'dues_changed', 'member',
           jsonb_build_object(
               'valid_from', month, 'terms', terms, 'before', before, 'reason', 'prices'),
           'pending', letter_message_id(membership_id, key), :batch, :today
    FROM (
        SELECT charged.membership_id, charged.month,
               'price-' || :effective_on::date || '-' || left(:version, 12) AS key,
               jsonb_agg(jsonb_build_object(
                   'kind', kind, 'amount_ore', coalesce(amount_ore, priced.ore),
                   'cadence', cadence, 'valid_from', lower(valid)) ORDER BY kind) AS terms,
               -- By the rates of the month before, or of a fee's year before, where the same was
               -- charged then.
               coalesce(jsonb_agg(jsonb_build_object(
                   'kind', kind, 'amount_ore', coalesce(amount_ore, was.ore),
                   'cadence', cadence, 'valid_from', lower(valid)) ORDER BY kind)
                   FILTER (WHERE lower(valid) < charged.month
                                 AND coalesce(amount_ore, was.ore) IS NOT NULL), '[]') AS before
        FROM charged JOIN terms USING (membership_id)
        LEFT JOIN priced ON code = rate AND priced.month = charged.month
        LEFT JOIN priced AS was
               ON was.code = rate
              AND was.month = (charged.month - CASE cadence WHEN 'yearly' THEN interval '1 year'
                                                             ELSE interval '1 month' END)::date
        WHERE superseded_by IS NULL
          AND lower(valid) <= charged.month AND coalesce(upper(valid) > charged.month, true)
        GROUP BY charged.membership_id, charged.month
    ) AS told
    ON CONFLICT DO NOTHING
    RETURNING 1
), open AS MATERIALIZED (
    -- What is charged already is corrected with the next list (A40).
    SELECT membership_id, greatest(month, :coming::date) AS month, employer_orgnr
    FROM charged JOIN memberships USING (membership_id)
    WHERE NOT hidden AND NOT hiding
), deducted AS MATERIALIZED (
    SELECT DISTINCT ON (open.membership_id) open.membership_id,
           greatest(month, lower(valid)) AS month,
           coalesce(terms.employer_orgnr, open.employer_orgnr) AS employer_orgnr,
           coalesce(terms.employer_orgnr = open.employer_orgnr, true) AS present
    FROM open JOIN terms USING (membership_id)
    WHERE superseded_by IS NULL AND payer = 'payroll' AND coalesce(upper(valid) > month, true)
    ORDER BY open.membership_id, lower(valid)
), by_employer AS MATERIALIZED (
    SELECT membership_id, month, employer_orgnr FROM deducted
    -- One that deducts only later may not know of the member yet.
    WHERE employer_orgnr IS NOT NULL AND (present OR EXISTS (
        SELECT FROM terms
        WHERE terms.membership_id = deducted.membership_id AND superseded_by IS NULL
          AND payer = 'payroll' AND terms.employer_orgnr = deducted.employer_orgnr
          AND valid @> :today::date))
    UNION ALL
    -- A late yes would deduct the amounts of the request.
    SELECT membership_id, month, employer_orgnr FROM open
    WHERE membership_id NOT IN (SELECT membership_id FROM deducted) AND EXISTS (
        SELECT FROM letters JOIN disclosures USING (membership_id, key)
        WHERE letters.membership_id = open.membership_id AND template = 'payroll_start'
          AND letters.employer_orgnr = open.employer_orgnr
          AND NOT EXISTS (
            SELECT FROM decisions
            WHERE decisions.membership_id = open.membership_id AND number > letters.decision
              AND event IN ('payroll_accepted', 'payroll_refused', 'payroll_stopped'))
          AND NOT EXISTS (
            SELECT FROM letters AS later
            WHERE later.membership_id = open.membership_id AND later.template = 'payroll_stop'
              AND later.employer_orgnr = open.employer_orgnr
              AND later.decision > letters.decision))
), employer AS (
    INSERT INTO employers (orgnr)
    SELECT DISTINCT employer_orgnr FROM by_employer
    WHERE employer_orgnr NOT IN (SELECT orgnr FROM employers)
    ORDER BY employer_orgnr
    ON CONFLICT (orgnr) DO NOTHING
), notice AS (
    INSERT INTO price_notices (effective_on, rulebook_version, employer_orgnr, ordered_on)
    SELECT DISTINCT :effective_on::date, :version, employer_orgnr, :today::date FROM by_employer
    ORDER BY employer_orgnr
    ON CONFLICT DO NOTHING
), line AS (
    INSERT INTO price_notice_lines
        (effective_on, rulebook_version, employer_orgnr, membership_id, valid_from, central_ore,
         local_ore, premium_ore)
    SELECT :effective_on, :version, by_employer.employer_orgnr, membership_id, by_employer.month,
           coalesce(sum(coalesce(amount_ore, ore)) FILTER (WHERE kind = 'central_dues'), 0),
           coalesce(sum(coalesce(amount_ore, ore)) FILTER (WHERE kind = 'local_dues'), 0),
           coalesce(sum(coalesce(amount_ore, ore)) FILTER (WHERE kind = 'insurance_premium'), 0)
    FROM by_employer JOIN terms USING (membership_id)
    LEFT JOIN priced ON code = rate AND priced.month = by_employer.month
    WHERE superseded_by IS NULL AND cadence = 'monthly'
      AND lower(valid) <= by_employer.month
      AND coalesce(upper(valid) > by_employer.month, true)
      AND NOT EXISTS (
        SELECT FROM price_notice_deliveries AS delivered
        WHERE delivered.effective_on = :effective_on AND delivered.rulebook_version = :version
          AND delivered.employer_orgnr = by_employer.employer_orgnr)
    GROUP BY by_employer.employer_orgnr, membership_id, by_employer.month
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM letter;

-- name: count_notices(effective_on, version)$
-- Count the employers who are told of a change.
SELECT count(*) FROM price_notices
WHERE effective_on = :effective_on AND rulebook_version = :version;

-- name: put_branch(code, name, email)!
-- Keep a branch's name and contact.
INSERT INTO branches (code, name, email) VALUES (:code, :name, :email)
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email;

-- name: read_branch_dues(code)
-- Read all that a branch charges, from each day on.
SELECT valid_from, local_ore, halves FROM branch_dues WHERE code = :code ORDER BY valid_from;

-- name: preview(changes, priced, start, until, january, largest)
-- Sum up what all members are charged before and after a change of prices, in its first month and
-- the twelve from it on, by category; with the largest changes.
WITH priced AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(:priced) AS price(
        code text, month date, before_ore bigint, after_ore bigint, before_sum bigint,
        after_sum bigint)
), parts AS (
    SELECT terms.membership_id, NULL::date AS changes_in, false AS by_list,
           begins = :start::date AND NOT yearly AS at_once,
           coalesce(amount_ore, first.before_ore) AS first_before,
           coalesce(amount_ore, first.after_ore) AS first_after,
           CASE WHEN NOT yearly THEN coalesce(
               amount_ore * months_between(begins, ends), past.before_sum - first.before_sum)
           ELSE in_january::integer * coalesce(amount_ore, january.before_ore)
                + part_of_year(coalesce(amount_ore, first.before_ore), share) END AS year_before,
           CASE WHEN NOT yearly THEN coalesce(
               amount_ore * months_between(begins, ends), past.after_sum - first.after_sum)
           ELSE in_january::integer * coalesce(amount_ore, january.after_ore)
                + part_of_year(coalesce(amount_ore, first.after_ore), share) END AS year_after
    FROM terms
    CROSS JOIN LATERAL (
        SELECT cadence = 'yearly' AS yearly, greatest(lower(valid), :start::date) AS begins,
               least(upper(valid), :until::date) AS ends
    ) AS spans
    CROSS JOIN LATERAL (
        SELECT begins <= :january::date AND ends > :january::date AS in_january,
               CASE WHEN NOT yearly OR lower(valid) < :start::date
                         OR lower(valid) = :january::date OR EXISTS (
                        SELECT FROM terms AS earlier
                        WHERE earlier.membership_id = terms.membership_id
                          AND earlier.cadence = 'yearly' AND earlier.superseded_by IS NULL
                          AND earlier.valid && daterange(
                              date_trunc('year', lower(terms.valid))::date, lower(terms.valid)))
                    THEN 0
                    WHEN prorated THEN 13 - extract(month FROM lower(valid))::integer
                    ELSE 12 END AS share
    ) AS fees
    LEFT JOIN priced AS first ON first.code = rate AND first.month = begins
    LEFT JOIN priced AS past ON past.code = rate AND past.month = ends
    LEFT JOIN priced AS january ON january.code = rate AND january.month = :january
    WHERE superseded_by IS NULL AND begins < ends
    UNION ALL
    SELECT membership_id, month, by_list, false, 0, 0, 0, 0
    FROM terms_charged_otherwise(:changes) LEFT JOIN payers ON payers.code = payer
), sums AS (
    SELECT membership_id,
           sum(first_before) FILTER (WHERE at_once) AS month_before,
           sum(first_after) FILTER (WHERE at_once) AS month_after,
           sum(year_before) AS year_before, sum(year_after) AS year_after,
           count(changes_in) > 0 AS changing,
           min(changes_in) FILTER (WHERE by_list) = min(changes_in) AS through_payroll
    FROM parts
    GROUP BY membership_id
), members AS MATERIALIZED (
    SELECT membership_id, category,
           coalesce(month_before, 0) AS month_before, coalesce(month_after, 0) AS month_after,
           coalesce(year_before, 0) AS year_before, coalesce(year_after, 0) AS year_after,
           coalesce(changing, false) AS changing,
           coalesce(through_payroll, false) AS through_payroll
    FROM memberships LEFT JOIN sums USING (membership_id)
    WHERE stage IN ('onboarding', 'active', 'on_leave') AND member_number IS NOT NULL
)
SELECT category, NULL AS membership_id, count(*) AS members,
       count(*) FILTER (WHERE changing) AS changing,
       count(*) FILTER (WHERE through_payroll) AS through_payroll,
       sum(month_before)::bigint AS month_before, sum(month_after)::bigint AS month_after,
       sum(year_before)::bigint AS year_before, sum(year_after)::bigint AS year_after
FROM members
GROUP BY category
UNION ALL
SELECT * FROM (
    SELECT category, membership_id, 1, 1, 0, 0, 0, year_before::bigint, year_after::bigint
    FROM members WHERE changing
    ORDER BY abs(year_after - year_before) DESC, membership_id
    LIMIT :largest
) AS largest;

-- name: count_charged(month)
-- Count the terms that charge for a month, by what they charge, and by category and branch; but the
-- premiums of those of whom more is known.
SELECT kind, category, branch, rate, amount_ore, months, count(*) AS terms
FROM terms_charged(:month) AS charged JOIN memberships USING (membership_id)
WHERE coming_premiums IS NULL OR facts IS NULL OR kind <> 'insurance_premium'
GROUP BY kind, category, branch, rate, amount_ore, months;

-- name: read_coming_premiums
-- Read the facts of those whose premium comes by itself, and for which months it does.
SELECT facts::text AS facts, coming_premiums::text AS premiums, category, branch
FROM memberships WHERE coming_premiums IS NOT NULL AND facts IS NOT NULL;
