-- ===== Looking for somebody

-- name: plan_anew()!
-- Have what is looked for planned as it is until the transaction ends: a plan for whatever it may be
-- reads all names where nobody asks for one.
SET LOCAL plan_cache_mode = force_custom_plan;

-- name: find_members
-- Find the memberships of whoever fits one of the things that are looked for, the present members
-- first, with what tells people apart and how many there are. Each thing takes an index of its own.
WITH by_person AS (
    (SELECT person_id, merged_into, 'name' AS kind FROM people
     WHERE name_lexemes(name_key) @@ (:words::text)::tsquery
       AND (cardinality(:birth_dates::date[]) = 0 OR birth_date = ANY(:birth_dates::date[]))
     LIMIT :enough)
    UNION ALL
    (SELECT person_id, merged_into, 'name'
     FROM earlier_names JOIN people USING (person_id)
     WHERE name_lexemes(earlier_names.name_key) @@ (:words::text)::tsquery
       AND (cardinality(:birth_dates::date[]) = 0 OR birth_date = ANY(:birth_dates::date[]))
     LIMIT :enough)
    UNION ALL
    SELECT person_id, merged_into, 'birth_date' FROM people
    WHERE :words::text IS NULL AND birth_date = ANY(:birth_dates::date[])
    UNION ALL
    SELECT person_id, merged_into, 'national_id' FROM people
    WHERE national_id = :national_id::bpchar
    UNION ALL
    SELECT person_id, merged_into, 'phone' FROM people WHERE phone = :phone
    UNION ALL
    SELECT person_id, merged_into, 'phone'
    FROM earlier_contacts JOIN people USING (person_id) WHERE earlier_contacts.phone = :phone
    UNION ALL
    SELECT person_id, merged_into, 'email' FROM people WHERE email_key = :email
    UNION ALL
    SELECT person_id, merged_into, 'email'
    FROM earlier_contacts JOIN people USING (person_id) WHERE earlier_contacts.email_key = :email
), by_membership AS (
    SELECT membership_id, 'member_number' AS kind FROM memberships
    WHERE member_number = :member_number::bpchar
    UNION ALL
    SELECT membership_id, 'kid' FROM invoices WHERE kid = :kid
    UNION ALL
    SELECT membership_id, 'invoice' FROM invoices WHERE number = ANY(:invoices::text[])
    UNION ALL
    SELECT membership_id, 'invoice' FROM invoices
    WHERE (extract(year FROM issued_on)::integer) = :year AND series_no = :series_no
    UNION ALL
    (SELECT membership_id, 'employer' FROM memberships WHERE employer_orgnr = :orgnr::bpchar
       AND (:own_branch::text IS NULL OR branch = :own_branch)
     LIMIT :enough)
    UNION ALL
    (SELECT membership_id, 'employer' FROM memberships
     WHERE cardinality(:birth_dates::date[]) = 0
       AND name_lexemes(employer_name) @@ (:words::text)::tsquery
       AND employer_name IS NOT NULL
       AND (:own_branch::text IS NULL OR branch = :own_branch)
     LIMIT :enough)
), found AS (
    SELECT memberships.membership_id, kind
    FROM by_person JOIN memberships ON memberships.person_id
        = CASE WHEN merged_into IS NULL THEN by_person.person_id
               ELSE present_person(merged_into) END
    UNION
    SELECT membership_id, kind FROM by_membership
), seen AS (
    SELECT memberships.membership_id, array_agg(found.kind ORDER BY found.kind) AS kinds
    FROM found JOIN memberships USING (membership_id)
    -- Of a branch nobody sees others', nor anybody who is hidden or is about to be (S30, S33).
    WHERE :own_branch::text IS NULL
       OR memberships.branch = :own_branch AND NOT memberships.hidden AND NOT memberships.hiding
    GROUP BY memberships.membership_id
)
SELECT memberships.membership_id, seen.kinds, memberships.member_number, memberships.stage,
       memberships.outcome, memberships.category,
       memberships.hidden OR memberships.hiding AS hidden, memberships.branch,
       memberships.employer_name, memberships.received_on, memberships.member_since,
       people.name, people.birth_date, people.address ->> 'city' AS city,
       people.address ->> 'postcode' AS postcode,
       count(*) OVER () AS hits
FROM seen JOIN memberships USING (membership_id) LEFT JOIN people USING (person_id)
ORDER BY memberships.stage = 'ended', memberships.member_number IS NULL, people.name_key,
         people.birth_date, memberships.received_at, memberships.membership_id
LIMIT :most;

-- ===== The member's page

-- name: read_member(membership_id, today)^
-- Read who a membership is about and how it stands.
SELECT memberships.membership_id, memberships.stage, memberships.outcome, memberships.category,
       memberships.hidden, memberships.hiding, memberships.branch,
       branches.name AS branch_name, memberships.member_number, memberships.member_since,
       memberships.received_on, memberships.open_until, memberships.employer_orgnr,
       coalesce(employers.name, memberships.employer_name) AS employer_name,
       memberships.position, memberships.position_percent, memberships.insurance_status,
       memberships.covered_from, memberships.reserved_from, memberships.person_id,
       people.name, people.birth_date, people.national_id, people.email, people.phone,
       people.address, people.language,
       coalesce(owed.ore, 0) AS owed_ore, coalesce(owed.months, 0) AS owed_months
FROM memberships
LEFT JOIN people USING (person_id)
LEFT JOIN branches ON branches.code = memberships.branch
LEFT JOIN employers ON employers.orgnr = memberships.employer_orgnr
LEFT JOIN LATERAL owed_of_person(people.person_id, :today) AS owed ON true
WHERE memberships.membership_id = :membership_id;

-- name: list_terms(membership_id)
-- List what a member pays, by kind and in order of time.
SELECT kind, coalesce(amount_ore, rate_in(rate, lower(valid))) AS amount_ore, cadence, payer,
       lower(valid) AS valid_from, upper(valid) AS valid_to
FROM terms
WHERE membership_id = :membership_id AND superseded_by IS NULL
ORDER BY kind, valid;

-- name: list_invoices(membership_id)
-- List the invoices and credit notes of a membership, the latest first, with what they are for.
SELECT number, coalesce(series_number, number) AS shown, kid, period_from, issued_on, due_on,
       total_ore, open_ore,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'amount_ore', amount_ore)
                                  ORDER BY kind), '[]')
        FROM charges
        WHERE charges.membership_id = balances.membership_id
          AND charges.invoice_number = balances.number) AS lines
FROM invoice_balances AS balances
WHERE membership_id = :membership_id
ORDER BY issued_on DESC, serial DESC;

-- name: list_payments(membership_id)
-- List the payments of a member, the latest first, with what is left of each.
SELECT reference, paid_on, amount_ore, kid, allocated_ore, refunded_ore, suspense_ore, reversed
FROM payment_balances
WHERE membership_id = :membership_id
ORDER BY paid_on DESC, reference;

-- name: list_deductions(membership_id)
-- List the lines of a member on employers' lists, the latest first, with what became of each.
SELECT deduction_lists.number AS list_number, deduction_lists.period_from,
       deduction_lists.employer_orgnr, employers.name AS employer_name,
       deduction_lines.total_ore, deduction_lines.code, list_deliveries.delivered_on, deductions.outcome,
       deductions.deducted_ore, deductions.settled_on
FROM deduction_lines
JOIN deduction_lists ON deduction_lists.number = deduction_lines.list_number
LEFT JOIN employers ON employers.orgnr = deduction_lists.employer_orgnr
LEFT JOIN list_deliveries ON list_deliveries.list_number = deduction_lines.list_number
LEFT JOIN deductions ON deductions.list_number = deduction_lines.list_number
                    AND deductions.membership_id = deduction_lines.membership_id
WHERE deduction_lines.membership_id = :membership_id
ORDER BY deduction_lists.period_from DESC, deduction_lists.number DESC;

-- name: list_letters(membership_id)
-- List the letters about a membership, the latest first, with who had one sent again.
SELECT letters.message_id, letters.template, letters.audience, letters.status, letters.sent_on,
       letters.note, letters.forwarded,
       coalesce(letters.ordered_on, decisions.decided_on) AS ordered_on,
       letter_resends.requested_by
FROM letters
LEFT JOIN decisions ON decisions.membership_id = letters.membership_id
                   AND decisions.number = letters.decision
LEFT JOIN letter_resends ON letter_resends.membership_id = letters.membership_id
                        AND letter_resends.key = letters.key
WHERE letters.membership_id = :membership_id
ORDER BY coalesce(letters.ordered_on, decisions.decided_on) DESC, letters.decision DESC NULLS FIRST,
         letters.place DESC, letters.key DESC;

-- name: list_decisions(membership_id)
-- List what was decided about a membership, the latest first, with what was said with it.
SELECT decisions.number, event, message, says, decided_at, decided_on, decided_by, rules,
       remarks.content AS reason
FROM decisions
LEFT JOIN remarks ON remarks.membership_id = decisions.membership_id
                 AND remarks.number = decisions.number
WHERE decisions.membership_id = :membership_id
ORDER BY decisions.number DESC;

-- name: list_others(membership_id)
-- List the other memberships of the same person, the oldest first.
SELECT others.membership_id, others.member_number, others.stage, others.outcome,
       others.member_since, others.received_on
FROM memberships AS own JOIN memberships AS others
  ON others.person_id = own.person_id AND others.membership_id <> own.membership_id
WHERE own.membership_id = :membership_id
ORDER BY others.received_at, others.membership_id;

-- name: list_tasks_of(membership_id)
-- List the open tasks about a membership, the oldest first.
SELECT task_id, kind, says, opened_on FROM tasks
WHERE membership_id = :membership_id AND closed_on IS NULL
ORDER BY opened_on, task_id;

-- name: list_branches()
-- List the branches by name.
SELECT code, name FROM branches ORDER BY name, code;

-- ===== The inbox

-- name: list_cases
-- List a page of the cases, the first due first: due since the oldest that is to be done about it,
-- or on the day until which it was put back.
WITH cases AS (
    SELECT case_key, min(membership_id) AS membership_id, min(since) AS since,
           array_agg(DISTINCT kind ORDER BY kind) AS kinds, count(*) AS items
    FROM open_cases
    GROUP BY case_key
), held AS (
    SELECT cases.*, moves.holder_subject, moves.holder, moves.until_on,
           greatest(cases.since, moves.until_on) AS due_on
    FROM cases
    LEFT JOIN LATERAL (
        SELECT holder_subject, holder, until_on FROM case_moves
        WHERE case_moves.case_key = cases.case_key
        ORDER BY move_id DESC LIMIT 1
    ) AS moves ON true
), shown AS (
    SELECT * FROM held
    WHERE (:kind::text IS NULL OR :kind = ANY(kinds))
      AND (CASE :whose::text
           WHEN 'mine' THEN holder_subject = :subject
           WHEN 'free' THEN holder_subject IS NULL
           ELSE true END)
      AND (coalesce(until_on > :today::date, false) = :later::boolean)
)
SELECT shown.case_key, shown.membership_id, shown.since, shown.due_on, shown.kinds, shown.items,
       shown.holder_subject, shown.holder, shown.until_on,
       people.name, memberships.member_number, memberships.hidden OR memberships.hiding AS hidden
FROM shown
LEFT JOIN memberships USING (membership_id)
LEFT JOIN people USING (person_id)
WHERE (shown.due_on, shown.case_key) > (:after_due::date, :after_key::text)
ORDER BY shown.due_on, shown.case_key
LIMIT :most;

-- name: count_cases(subject, today)
-- Count what is to be done by its kind, the most first, what of it is somebody's own, and what waits.
SELECT kind, count(DISTINCT open_cases.case_key) AS cases,
       count(DISTINCT open_cases.case_key) FILTER (WHERE moves.holder_subject = :subject) AS mine,
       count(DISTINCT open_cases.case_key) FILTER (WHERE moves.until_on > :today::date) AS later
FROM open_cases
LEFT JOIN LATERAL (
    SELECT holder_subject, until_on FROM case_moves
    WHERE case_moves.case_key = open_cases.case_key
    ORDER BY move_id DESC LIMIT 1
) AS moves ON true
GROUP BY GROUPING SETS ((kind), ())
ORDER BY kind NULLS FIRST;

-- name: list_items(case_key)
-- List all that is to be done about a case, the oldest first.
SELECT open_cases.task_id, open_cases.kind, open_cases.since, open_cases.membership_id,
       tasks.says, tasks.key
FROM open_cases LEFT JOIN tasks USING (task_id)
WHERE open_cases.case_key = :case_key
ORDER BY open_cases.since, open_cases.task_id NULLS FIRST;

-- name: list_moves(case_key)
-- List who has had a case, the latest first.
SELECT move, holder_subject, holder, until_on, moved_at, moved_by FROM case_moves
WHERE case_key = :case_key
ORDER BY move_id DESC;

-- name: find_holders(case_keys)
-- Find who has some cases now, and until when they were put back.
SELECT DISTINCT ON (case_key) case_key, holder, until_on FROM case_moves
WHERE case_key = ANY(:case_keys::text[])
ORDER BY case_key, move_id DESC;

-- name: lock_case(case_key)$
-- Have whoever moves the same case meanwhile wait for the end of this transaction.
SELECT pg_advisory_xact_lock(hashtextextended('case ' || :case_key, 0)) IS NULL;

-- name: add_move!
-- Note that a case has moved; what was asked for before counts once.
INSERT INTO case_moves (request_id, case_key, membership_id, move, holder_subject, holder, until_on,
                        moved_at, moved_on, moved_by_subject, moved_by)
VALUES (:request_id, :case_key, :membership_id, :move, :holder_subject, :holder, :until_on,
        :moved_at, :moved_on, :moved_by_subject, :moved_by)
ON CONFLICT (request_id) DO NOTHING;

-- name: list_colleagues(since, roles)
-- List who has logged in since a moment in one of some roles, by the name they have now.
SELECT DISTINCT ON (subject) subject, name FROM access_log
WHERE act = 'login' AND refused IS NULL AND at >= :since AND roles && :roles::text[]
ORDER BY subject, entry_id DESC;

-- ===== Money that waits

-- name: find_suspense_tasks(references)
-- Find the task about each of some payments in suspense, open or not.
SELECT wanted AS reference, task_id
FROM unnest(:references::text[]) AS wanted JOIN tasks ON tasks.key = 'suspense/' || wanted;

-- name: read_payment_task(task_id)^
-- Read which payment a task is about.
SELECT task_id, substring(key FROM '^suspense/(.*)$') AS reference, membership_id
FROM tasks WHERE task_id = :task_id AND key LIKE 'suspense/%';

-- name: list_payables(invoices, lists)
-- List whose some invoices and lists are.
SELECT 'invoice' AS target, invoices.number, coalesce(invoices.series_number, invoices.number) AS shown,
       invoices.membership_id, memberships.member_number, people.name, invoices.period_from
FROM invoice_balances AS invoices
JOIN memberships USING (membership_id) LEFT JOIN people USING (person_id)
WHERE invoices.number = ANY (:invoices::text[])
UNION ALL
SELECT 'list', deduction_lists.number, deduction_lists.number, NULL, NULL, employers.name,
       deduction_lists.period_from
FROM deduction_lists LEFT JOIN employers ON employers.orgnr = deduction_lists.employer_orgnr
WHERE deduction_lists.number = ANY (:lists::text[]);

-- name: list_names(membership_ids)
-- List the names of members.
SELECT membership_id, people.name FROM memberships JOIN people USING (person_id)
WHERE membership_id = ANY (:membership_ids::text[]);

-- name: read_credit(membership_id)^
-- Read what a member has with us, net of what they owe, and how they were asked for an account.
SELECT credit_of(:membership_id) AS ore, owes_something(:membership_id) AS owes,
       asked.asked_on, asked.late_on
FROM (SELECT) AS one
LEFT JOIN LATERAL (
    SELECT asked_on, late_on FROM final_settlements
    WHERE membership_id = :membership_id AND closed_on IS NULL
) AS asked ON true;

-- name: count_to_approve(subject)$
-- Count the refunds that have an account, and wait for a second person.
SELECT count(*) FROM refunds
WHERE approved_on IS NULL AND released_on IS NULL AND account IS NOT NULL
  AND requested_by_subject IS DISTINCT FROM :subject
  AND account_by_subject IS DISTINCT FROM :subject;

-- ===== Settlements

-- name: list_open_lists(today, most)
-- List the employers' lists about which something is to be done, and those without a report in time.
WITH asked AS (
    SELECT split_part(key, '/', 2) AS number, count(*) AS tasks
    FROM tasks WHERE closed_on IS NULL AND kind LIKE 'deduction_%'
    GROUP BY 1
)
SELECT lists.number, lists.employer_orgnr, employers.name AS employer_name, lists.period_from,
       lists.report_due_on, list_deliveries.delivered_on, lists.total_ore, lists.line_count,
       coalesce(asked.tasks, 0) AS tasks
FROM deduction_lists AS lists
LEFT JOIN asked ON asked.number = lists.number
LEFT JOIN employers ON employers.orgnr = lists.employer_orgnr
LEFT JOIN list_deliveries ON list_deliveries.list_number = lists.number
WHERE asked.number IS NOT NULL
   OR lists.report_due_on < :today AND NOT EXISTS (
        SELECT FROM standing_reports WHERE standing_reports.list_number = lists.number)
ORDER BY coalesce(asked.tasks, 0) DESC, lists.report_due_on, lists.number
LIMIT :most;

-- name: read_one_list(number)^
-- Read an employer's list in figures.
SELECT lists.number, lists.kid, lists.employer_orgnr, employers.name AS employer_name,
       lists.period_from, lists.report_due_on, list_deliveries.delivered_on, lists.total_ore,
       lists.line_count,
       (SELECT count(*) FROM tasks
        WHERE closed_on IS NULL AND kind LIKE 'deduction_%'
          AND split_part(key, '/', 2) = lists.number) AS tasks,
       coalesce((SELECT sum(amount_ore) FROM allocations
                 WHERE allocations.list_number = lists.number), 0)::bigint AS paid_ore
FROM deduction_lists AS lists
LEFT JOIN employers ON employers.orgnr = lists.employer_orgnr
LEFT JOIN list_deliveries ON list_deliveries.list_number = lists.number
WHERE lists.number = :number;

-- name: list_settlement_lines(number, only, most)
-- List the lines of an employer's list with what became of each, those that wait for somebody first.
SELECT lines.membership_id, people.name, memberships.member_number, lines.code, lines.shown,
       lines.expected_ore, lines.deducted_ore, lines.answers, lines.reason, lines.decision,
       lines.caseworker, lines.outcome, lines.settled_ore, lines.unanswered, lines.contradicted,
       tasks.task_id IS NOT NULL AS waits
FROM settlement_lines AS lines
JOIN memberships USING (membership_id) LEFT JOIN people USING (person_id)
LEFT JOIN LATERAL (
    SELECT task_id FROM tasks
    WHERE closed_on IS NULL AND tasks.membership_id = lines.membership_id
      AND key IN ('deduction/' || :number || '/' || lines.membership_id,
                  'deduction-contradicted/' || :number || '/' || lines.membership_id)
    LIMIT 1
) AS tasks ON true
WHERE lines.list_number = :number AND (:only::text IS NULL OR lines.membership_id = :only)
ORDER BY tasks.task_id IS NULL, lines.contradicted DESC, lines.outcome IS NOT NULL,
         memberships.member_number, lines.membership_id
LIMIT :most;

-- name: list_branch_settlements(since)
-- List the settlements with branches since a month, the latest first, with the months they are of.
SELECT settled.branch, branches.name AS branch_name, settled.period_from, settled.made_on,
       settled.amount_ore AS total_ore, branch_payouts.refund_id, lines.dues_of, lines.amount_ore
FROM branch_settlements AS settled
JOIN branches ON branches.code = settled.branch
LEFT JOIN branch_payouts USING (branch, period_from)
LEFT JOIN branch_settlement_lines AS lines USING (branch, period_from)
WHERE settled.period_from >= :since
ORDER BY settled.period_from DESC, branches.name, settled.branch, lines.dues_of;

-- name: list_leavers(most)
-- List who has money with us that no invoice will use, and was asked for an account.
SELECT asked.membership_id, people.name, memberships.member_number, asked.asked, asked.asked_on,
       asked.late_on, asked.amount_ore
FROM final_settlements AS asked
JOIN memberships USING (membership_id) LEFT JOIN people USING (person_id)
WHERE asked.closed_on IS NULL
ORDER BY asked.late_on IS NULL, asked.asked_on, asked.membership_id
LIMIT :most;

-- ===== Figures for the board

-- name: count_members(first, by_branch)
-- Count members at each month that was charged, and now, by category or by branch; of a branch NULL:
-- none, or hidden.
SELECT month, CASE WHEN :by_branch::boolean THEN branch ELSE category END AS "of",
       sum(members)::integer AS members
FROM (
    SELECT period_from AS month, category, branch, members
    FROM members_by_month WHERE period_from >= :first
    UNION ALL
    SELECT NULL, category, branch, count(*)
    FROM members JOIN memberships USING (membership_id) GROUP BY category, branch
) AS counted
GROUP BY 1, 2
ORDER BY 1 NULLS LAST, 2;

-- name: joined(first, last)
-- Count who became a member in each month, and how: a membership that was another's twin is none.
SELECT date_trunc('month', joined.member_since)::date AS month,
       CASE WHEN transferred_from IS NOT NULL THEN 'transferred'
            WHEN EXISTS (SELECT FROM memberships AS earlier
                         WHERE earlier.person_id = joined.person_id
                           AND earlier.member_since < joined.member_since) THEN 'returned'
            ELSE 'new' END AS "of",
       count(*)::integer AS members
FROM memberships AS joined
WHERE member_number IS NOT NULL AND outcome IS DISTINCT FROM 'duplicate'
  AND member_since BETWEEN :first AND :last
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: left_union(first)
-- Count whose membership ended in each month, and why; who was reopened has not left.
SELECT date_trunc('month', ended.on_day)::date AS month, outcome AS "of",
       count(*)::integer AS members
FROM memberships
CROSS JOIN LATERAL (
    SELECT max(decided_on) AS on_day FROM decisions
    WHERE decisions.membership_id = memberships.membership_id
      AND decisions.event = 'membership_ended'
) AS ended
WHERE stage = 'ended' AND member_number IS NOT NULL AND outcome <> 'duplicate'
  AND ended.on_day >= :first
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: charged(first)
-- Read what months were charged with.
SELECT period_from AS month, kind AS "of", members, amount_ore
FROM dues_by_month WHERE period_from >= :first
ORDER BY 1, 2;

-- name: overdue(today, ages)
-- Sum up what members owe by how long it has been overdue; NULL: not yet.
SELECT (SELECT max(age) FROM unnest(:ages::integer[]) AS age
        WHERE due_on + age <= :today) AS age,
       count(DISTINCT membership_id)::integer AS members, sum(open_ore)::bigint AS ore
FROM invoice_balances
WHERE open_ore > 0 AND issued_on <= :today
GROUP BY 1
ORDER BY 1 NULLS FIRST;
