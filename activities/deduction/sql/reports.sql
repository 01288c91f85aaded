-- name: find_list(number, kid)^
-- Find a list by its number or its KID, with what its file shows.
SELECT deduction_lists.number, kid, employer_orgnr, period_from,
       coalesce(deliveries.shown_ore, total_ore) AS shown_ore,
       coalesce(deliveries.shown_count, line_count) AS shown_count,
       deliveries.list_number IS NOT NULL AS delivered
FROM deduction_lists
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = deduction_lists.number
WHERE deduction_lists.number = :number OR :number IS NULL AND kid = :kid;

-- name: open_returned()!
-- Open a table for the lines of a report, gone with the transaction.
CREATE TEMPORARY TABLE returned (
    line integer NOT NULL, number text, national_id text, asked_ore bigint, deducted_ore bigint,
    reason text, fault text
) ON COMMIT DROP;

-- name: match_returned(file_id, list_number)^
-- Match the lines of a report with a list, keep the answers, and say what does not count.
WITH listed AS MATERIALIZED (
    SELECT lines.membership_id, lines.total_ore, memberships.member_number, people.national_id
    FROM deduction_lines AS lines
    JOIN memberships USING (membership_id)
    LEFT JOIN people USING (membership_id)
    WHERE lines.list_number = :list_number
      AND NOT EXISTS (SELECT FROM withheld_lines AS withheld
                      WHERE withheld.list_number = lines.list_number
                        AND withheld.membership_id = lines.membership_id)
), named AS (
    SELECT returned.*, listed.membership_id, listed.total_ore
    FROM returned LEFT JOIN listed
      ON listed.member_number = returned.number
     AND (returned.national_id IS NULL OR returned.national_id = listed.national_id)
    WHERE returned.number IS NOT NULL
    UNION ALL
    SELECT returned.*, listed.membership_id, listed.total_ore
    FROM returned LEFT JOIN listed ON listed.national_id = returned.national_id
    WHERE returned.number IS NULL
), judged AS MATERIALIZED (
    SELECT line, membership_id, deducted_ore, reason,
           CASE WHEN membership_id IS NULL THEN 'unknown_person'
                WHEN fault IS NOT NULL THEN fault
                WHEN asked_ore <> total_ore THEN 'asked_changed'
                WHEN deducted_ore < least(total_ore, 0) THEN 'negative'
                WHEN deducted_ore < total_ore AND reason IS NULL THEN 'reason_missing'
           END AS fault
    FROM named
), kept AS (
    INSERT INTO report_lines (file_id, line, list_number, membership_id, deducted_ore, reason)
    SELECT :file_id, line, :list_number, membership_id, deducted_ore, reason
    FROM judged WHERE fault IS NULL AND deducted_ore IS NOT NULL
    RETURNING 1
), contradicting AS (
    SELECT membership_id FROM judged
    WHERE fault IS NULL AND deducted_ore IS NOT NULL
    GROUP BY membership_id
    HAVING min(deducted_ore) <> max(deducted_ore)
        OR min(coalesce(reason, '')) <> max(coalesce(reason, ''))
), faulty AS (
    SELECT line, fault FROM judged WHERE fault IS NOT NULL
    UNION ALL
    SELECT line, 'contradicts' FROM judged JOIN contradicting USING (membership_id)
    WHERE fault IS NULL AND deducted_ore IS NOT NULL
)
SELECT (SELECT count(*) FROM kept) AS counted,
       (SELECT count(*) FROM judged WHERE fault IS NULL AND deducted_ore IS NULL) AS unanswered,
       (SELECT count(*) FROM faulty WHERE fault = 'contradicts') AS contradicting,
       (SELECT coalesce(array_agg(line ORDER BY line), '{}') FROM faulty) AS lines,
       (SELECT coalesce(array_agg(fault ORDER BY line), '{}') FROM faulty) AS faults;

-- name: raise_alarm(list_number, employer_orgnr, numbers, national_ids, name_keys, opened_on)!
-- Open a task for each hidden member that an employer named; its answer must not differ.
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT DISTINCT 'hidden-named/' || :list_number || '/' || membership_id, 'hidden_named',
       'The report on list ' || :list_number || ' names this member, of whom that employer has '
       'not been told by us. Nothing was answered. Talk to the member before anybody else.',
       membership_id, :opened_on::date
FROM unnest(:numbers::text[], :national_ids::text[], :name_keys::text[])
     AS named (number, national_id, name_key)
JOIN (
    SELECT membership_id, member_number, people.national_id, people.name_key, employer_orgnr
    FROM memberships JOIN people USING (membership_id)
    WHERE hidden AND stage <> 'ended'
) AS hidden
  ON hidden.member_number = named.number OR hidden.national_id = named.national_id
  OR hidden.name_key = named.name_key AND hidden.employer_orgnr = :employer_orgnr
ON CONFLICT (key) DO NOTHING;
