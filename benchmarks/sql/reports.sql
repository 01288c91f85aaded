-- name: add_members!
-- Add members with a person each, all of one employer's.
WITH member AS (
    INSERT INTO memberships
        (membership_id, person_id, stage, category, hidden, member_number, member_since,
         received_at, received_on, last_decision)
    SELECT 'membership-' || md5(i::text)::uuid, 'person-' || md5(i::text)::uuid, 'active',
           'ordinary', false, lpad(i::text, 8, '0'), '2020-01-15', '2020-01-15', '2020-01-15', 1
    FROM generate_series(1, :lines::integer) AS i
    RETURNING person_id, member_number
)
INSERT INTO people
    (person_id, name, name_key, birth_date, national_id, email, email_key, language)
SELECT person_id, 'Medlem ' || member_number, 'medlem ' || member_number, '1986-04-12',
       '128' || member_number, member_number || '@example.org', member_number || '@example.org',
       'nb'
FROM member;

-- name: add_list!
-- Add one list with a line for each member, and note that it was delivered.
WITH employer AS (
    INSERT INTO employers (orgnr, payer_number) VALUES ('899999990', '99999999')
    RETURNING orgnr, payer_number
), list AS (
    INSERT INTO deduction_lists
        (number, kid, employer_orgnr, serial, period_from, made_on, report_due_on, total_ore,
         line_count)
    SELECT payer_number || '-1', with_mod10('2' || payer_number || '000001'), orgnr, 1,
           '2026-12-01', '2026-12-02', '2027-01-15', :lines::bigint * 49500, :lines::integer
    FROM employer
    RETURNING number
), delivery AS (
    INSERT INTO list_deliveries (list_number, channel, delivered_on, shown_ore, shown_count)
    SELECT number, 'folder', '2026-12-02', :lines::bigint * 49500, :lines::integer FROM list
)
INSERT INTO deduction_lines
    (list_number, membership_id, central_ore, local_ore, premium_ore, total_ore, code)
SELECT number, membership_id, 49500, 0, 0, 49500, 'CONTINUE' FROM list CROSS JOIN memberships;

-- name: read_lines
-- Read what the file shows.
SELECT member_number, national_id, name, central_ore, local_ore, premium_ore, total_ore, code
FROM deduction_lines JOIN memberships USING (membership_id) JOIN people USING (person_id)
ORDER BY member_number;

-- name: open_bare!
-- Open a table with the columns of the file.
CREATE TEMPORARY TABLE bare (
    member_number text, national_id text, name text, central text, local text, premium text,
    total text, code text, deducted text, reason text
) ON COMMIT DROP;

-- name: join_bare$
-- Join the file's lines with the list's, and do nothing with them.
SELECT count(*) FROM (
    SELECT membership_id, bare.deducted, bare.reason
    FROM bare
    JOIN memberships USING (member_number)
    JOIN deduction_lines USING (membership_id)
    WHERE list_number = '99999999-1'
    OFFSET 0
) AS matched;

-- name: join_and_keep!
-- Join the file's lines with the list's, and write what the match writes.
INSERT INTO report_lines (report_id, line, membership_id, deducted_ore, reason)
SELECT 0, row_number() OVER (), membership_id, deduction_lines.total_ore, nullif(bare.reason, '')
FROM bare
JOIN memberships USING (member_number)
JOIN deduction_lines USING (membership_id)
WHERE list_number = '99999999-1';
