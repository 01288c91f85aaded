-- name: find_list(number, kid)^
-- Find a list by its number or its KID, with what its file shows.
SELECT deduction_lists.number, kid, employer_orgnr, period_from,
       coalesce(deliveries.shown_ore, total_ore) AS shown_ore,
       coalesce(deliveries.shown_count, line_count) AS shown_count,
       deliveries.list_number IS NOT NULL AS delivered
FROM deduction_lists
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = deduction_lists.number
WHERE deduction_lists.number = :number OR :number IS NULL AND kid = :kid;

-- name: open_report(file_id, list_number)$
-- Note that a file is a report on a list.
INSERT INTO deduction_reports (file_id, list_number) VALUES (:file_id, :list_number)
RETURNING report_id;

-- name: open_raw()!
-- Open a table for the lines of a CSV as they came, gone with the transaction.
CREATE TEMPORARY TABLE raw (
    line integer GENERATED ALWAYS AS IDENTITY (CACHE 1000), number char(8), national_id char(11),
    name text, central text, local text, premium text, total text, code text, deducted text,
    reason text
) ON COMMIT DROP;

-- name: give_room()!
-- Let the joins of this transaction keep a long list in memory.
SET LOCAL work_mem = '64MB';

-- name: match_raw(report_id, list_number, above)$
-- Keep the lines that stand there as we write them, and count them.
WITH kept AS (
    INSERT INTO report_lines (report_id, line, membership_id, deducted_ore, reason)
    SELECT :report_id, line + :above, membership_id, deducted_ore, reason
    FROM (
        SELECT raw.line, lines.membership_id, lines.total_ore, nullif(raw.reason, '') AS reason,
               CASE WHEN raw.deducted = raw.total THEN lines.total_ore
                    WHEN raw.deducted ~ '^[0-9]{1,10},[0-9]{2}$'
                        THEN replace(raw.deducted, ',', '')::bigint END AS deducted_ore
        FROM raw
        JOIN memberships ON memberships.member_number = raw.number
        JOIN people ON people.membership_id = memberships.membership_id
                   AND people.national_id = raw.national_id
        JOIN deduction_lines AS lines ON lines.membership_id = memberships.membership_id
                                     AND lines.list_number = :list_number
        WHERE replace(raw.total, ',', '') = lines.total_ore::text
          AND NOT EXISTS (SELECT FROM withheld_lines AS withheld
                          WHERE withheld.list_number = lines.list_number
                            AND withheld.membership_id = lines.membership_id)
    ) AS line
    WHERE CASE WHEN reason IS NULL THEN deducted_ore >= total_ore
               ELSE deducted_ore IS NOT NULL AND reason IN (
                   'LEFT', 'UNPAID_LEAVE', 'LAID_OFF', 'NAV', 'PENSION', 'NO_PAY',
                   'UNKNOWN_PERSON', 'OTHER') END
    RETURNING 1
)
SELECT count(*) FROM kept;

-- name: has_doubles()$
-- Tell whether two lines name the same member number.
SELECT EXISTS (SELECT FROM raw GROUP BY number HAVING count(*) > 1);

-- name: read_odd(report_id, above)
-- Read the lines that have not been kept, as they came.
SELECT * FROM raw
WHERE NOT EXISTS (
    SELECT FROM report_lines
    WHERE report_lines.report_id = :report_id AND report_lines.line = raw.line + :above)
ORDER BY line;

-- name: open_returned()!
-- Open a table for the lines of a report that have been read, gone with the transaction.
CREATE TEMPORARY TABLE returned (
    line integer NOT NULL, number text, national_id text, asked_ore bigint, deducted_ore bigint,
    reason text, fault text
) ON COMMIT DROP;

-- name: match_returned(report_id, list_number)^
-- Match lines with a list, keep the answers, and say what does not count.
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
    INSERT INTO report_lines (report_id, line, membership_id, deducted_ore, reason)
    SELECT :report_id, line, membership_id, deducted_ore, reason
    FROM judged WHERE fault IS NULL AND deducted_ore IS NOT NULL
    RETURNING 1
)
SELECT (SELECT count(*) FROM kept) AS counted,
       (SELECT count(*) FROM judged WHERE fault IS NULL AND deducted_ore IS NULL) AS unanswered,
       (SELECT coalesce(array_agg(line ORDER BY line), '{}') FROM judged
        WHERE fault IS NOT NULL) AS lines,
       (SELECT coalesce(array_agg(fault ORDER BY line), '{}') FROM judged
        WHERE fault IS NOT NULL) AS faults;

-- name: find_contradictions(report_id)
-- Find the lines of a report that say different things of one member.
SELECT line FROM report_lines
WHERE report_id = :report_id AND membership_id IN (
    SELECT membership_id FROM report_lines WHERE report_id = :report_id
    GROUP BY membership_id
    HAVING min(deducted_ore) <> max(deducted_ore)
        OR min(coalesce(reason, '')) <> max(coalesce(reason, '')))
ORDER BY line;

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
    WHERE (hidden OR hiding) AND stage <> 'ended'
) AS hidden
  ON hidden.member_number = named.number OR hidden.national_id = named.national_id
  OR hidden.name_key = named.name_key AND hidden.employer_orgnr = :employer_orgnr
ON CONFLICT (key) DO NOTHING;
