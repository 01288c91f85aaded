-- ===== The file of a month

-- name: read_office_file(period_from)^
-- Read the file of a month, if it was made.
SELECT made_on, file_id, content, report::text AS report FROM insurance_files
WHERE period_from = :period_from;

-- name: latest_office_file$
-- Tell the latest month a file was made for.
SELECT max(period_from) FROM insurance_files;

-- name: lock_office_files!
-- Let nobody else make a file meanwhile.
LOCK TABLE insurance_files IN SHARE ROW EXCLUSIVE MODE;

-- name: read_insured(month, last)
-- List whom the insurance package is charged for, or was told of, or who has reserved: what the
-- office may be told of them, and nothing of branch, employer or hiding.
WITH paid AS (
    SELECT membership_id,
           json_agg(json_build_object('valid_from', lower(valid), 'valid_to', upper(valid))
                    ORDER BY lower(valid)) AS spans,
           sum(coalesce(amount_ore, rate_in(rate, :month)))
               FILTER (WHERE valid @> :month::date) AS premium_ore
    FROM terms
    WHERE kind = 'insurance_premium' AND superseded_by IS NULL AND lower(valid) <= :last::date + 1
    GROUP BY membership_id
), numbers AS (
    SELECT DISTINCT ON (membership_id) membership_id, number
    FROM insurance_numbers WHERE valid_from <= :last
    ORDER BY membership_id, valid_from DESC
)
SELECT memberships.membership_id, memberships.member_number,
       coalesce(numbers.number, memberships.member_number) AS number,
       people.birth_date, memberships.covered_from, paid.spans::text AS paid,
       coalesce(paid.premium_ore, 0)::bigint AS premium_ore, told.told::text AS told,
       CASE WHEN insurance_status = 'reserved' AND (ended.ended_on IS NULL OR ended.ended_on > :last)
            THEN reserved_from END AS reserved_from,
       ended.ended_on
FROM memberships
JOIN people USING (person_id)
LEFT JOIN paid USING (membership_id)
LEFT JOIN numbers USING (membership_id)
LEFT JOIN insurance_told AS told USING (membership_id)
CROSS JOIN LATERAL (
    SELECT min((notice ->> 'effective_on')::date) AS ended_on
    FROM jsonb_array_elements(memberships.facts -> 'notices') AS notice
    WHERE notice ->> 'kind' IN ('resign', 'report_arrears', 'record_death', 'end_duplicate')
) AS ended
WHERE member_number IS NOT NULL
  AND (paid.spans IS NOT NULL OR told.told IS NOT NULL OR insurance_status = 'reserved')
ORDER BY member_number;

-- name: write_office_file(period_from, made_on, file_id, content, report)!
-- Keep the file of a month.
INSERT INTO insurance_files (period_from, made_on, file_id, content, report)
VALUES (:period_from, :made_on, :file_id, :content, :report);

-- name: write_told(period_from, memberships, told)!
-- Note what the office knows now.
INSERT INTO insurance_told (membership_id, period_from, told)
SELECT membership_id, :period_from, told::jsonb
FROM unnest(:memberships::text[], :told::text[]) AS news (membership_id, told)
ON CONFLICT (membership_id) DO UPDATE SET period_from = excluded.period_from, told = excluded.told;

-- name: log_disclosed(memberships, key, basis, disclosed_on)!
-- Log that the office learns of members by a file.
INSERT INTO disclosures (membership_id, key, audience, basis, disclosed_on)
SELECT membership_id, :key, 'insurance_office', :basis, :disclosed_on
FROM unnest(:memberships::text[]) AS told (membership_id)
ON CONFLICT (membership_id, key) DO NOTHING;

-- ===== The answer

-- name: write_number(membership_id, number, valid_from)$
-- Note the number that the office has given a member; return 1 if it is news.
WITH given AS (
    INSERT INTO insurance_numbers (membership_id, number, valid_from)
    VALUES (:membership_id, :number, :valid_from)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM given;

-- name: find_members(numbers)
-- Find members by our numbers, which have lost the zeros in front.
SELECT membership_id, ltrim(member_number, '0') AS number, birth_date
FROM memberships JOIN people USING (person_id)
WHERE member_number = ANY(
    SELECT lpad(number, 8, '0') FROM unnest(:numbers::text[]) AS number WHERE length(number) <= 8);

-- name: latest_answer$
-- Tell the latest month that the office has answered on.
SELECT max(period_from) FROM insurance_answers;

-- name: write_answer(file_id, period_from, taken_on)!
-- Note that an answer was taken.
INSERT INTO insurance_answers (file_id, period_from, taken_on)
VALUES (:file_id, :period_from, :taken_on);

-- name: open_differences
-- List the differences that no answer has settled yet.
SELECT key FROM tasks WHERE kind = 'insurance_answer' AND NOT settled ORDER BY key;
