-- name: read_revision$
-- Tell which revision of the rulebook is in force.
SELECT revision FROM rulebook_revision;

-- name: read_rulebook^
-- Read the whole rulebook with its revision, in one statement and so from one moment.
SELECT
    (SELECT revision FROM rulebook_revision) AS revision,
    (SELECT jsonb_agg(jsonb_build_object(
        'valid_from', valid_from, 'full_central_ore', full_central_ore,
        'half_percent', half_percent::text, 'quarter_percent', quarter_percent::text,
        'student_percent', student_percent::text,
        'pensioner_percent', pensioner_percent::text,
        'half_at_most_percent', half_at_most_percent::text) ORDER BY valid_from)
     FROM dues_rates) AS dues,
    (SELECT jsonb_agg(to_jsonb(premium_rates) ORDER BY valid_from)
     FROM premium_rates) AS premiums,
    (SELECT jsonb_agg(to_jsonb(coverages) ORDER BY valid_from, name)
     FROM coverages) AS coverages,
    (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name, 'rates', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'valid_from', valid_from, 'local_ore', local_ore, 'halves', halves)
            ORDER BY valid_from), '[]')
        FROM branch_dues WHERE branch_dues.code = branches.code)) ORDER BY code)
     FROM branches) AS branches,
    (SELECT jsonb_agg(to_jsonb(benefits) ORDER BY valid_from, category)
     FROM benefits) AS benefits,
    (SELECT jsonb_agg(jsonb_build_object(
        'name', name, 'valid_from', valid_from, 'value', value) ORDER BY valid_from, name)
     FROM policies) AS policies;
