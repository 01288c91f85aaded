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

-- name: note_approval(effective_on, rulebook_version, change, approved_by, approved_on)!
-- Note who approved a change, once.
INSERT INTO repricings (effective_on, rulebook_version, change, approved_by, approved_on)
VALUES (:effective_on, :rulebook_version, :change, :approved_by, :approved_on)
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
    SELECT code, valid_from FROM jsonb_to_recordset(:changes) AS change(code text, valid_from date)
), marked AS (
    INSERT INTO reassessments (membership_id)
    SELECT DISTINCT membership_id
    FROM terms JOIN changed ON changed.code = terms.rate
    WHERE superseded_by IS NULL AND EXISTS (
        SELECT FROM dues_runs
        WHERE period_from >= changed.valid_from AND valid @> period_from)
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

-- name: read_terms(after, size)
-- Read the facts and the terms of the members after one, by number.
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
    ORDER BY member_number
    LIMIT :size
) AS page
ORDER BY member_number;

-- name: put_branch(code, name, email)!
-- Keep a branch's name and contact.
INSERT INTO branches (code, name, email) VALUES (:code, :name, :email)
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email;

-- name: read_branch_dues(code)
-- Read all that a branch charges, from each day on.
SELECT valid_from, local_ore, halves FROM branch_dues WHERE code = :code ORDER BY valid_from;
