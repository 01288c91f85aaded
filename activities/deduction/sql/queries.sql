-- ===== Lists

-- name: add_employers(period_from)!
-- Give every employer that deducts in a month a payer number.
INSERT INTO employers (orgnr)
SELECT DISTINCT employer_orgnr FROM charges
WHERE period_from = :period_from AND employer_orgnr IS NOT NULL
  AND employer_orgnr NOT IN (SELECT orgnr FROM employers)
ORDER BY employer_orgnr
ON CONFLICT (orgnr) DO NOTHING;

-- name: employers_without_list(period_from, since)
-- Find the employers that deduct in a month and have no list for it; what was charged too late of
-- somebody who is hidden by now waits for none of them.
SELECT DISTINCT employers.orgnr, employers.payer_number
FROM (
    SELECT employer_orgnr FROM charges WHERE period_from = :period_from
    UNION
    SELECT late.employer_orgnr
    FROM memberships JOIN charges AS late USING (membership_id)
    WHERE memberships.hidden
      AND late.period_from >= :since AND late.period_from < :period_from
      AND EXISTS (
        SELECT FROM deduction_lists AS own
        WHERE own.employer_orgnr = late.employer_orgnr AND own.period_from = late.period_from
          AND NOT EXISTS (
            SELECT FROM deduction_lines
            WHERE deduction_lines.list_number = own.number
              AND deduction_lines.membership_id = late.membership_id
              AND deduction_lines.code <> 'STOP'))
      AND NOT EXISTS (
        SELECT FROM carried_charges
        WHERE carried_charges.membership_id = late.membership_id
          AND carried_charges.period_from = late.period_from
          AND carried_charges.kind = late.kind)
) AS charged
JOIN employers ON employers.orgnr = charged.employer_orgnr
WHERE NOT EXISTS (
    SELECT FROM deduction_lists
    WHERE deduction_lists.employer_orgnr = employers.orgnr
      AND deduction_lists.period_from = :period_from)
ORDER BY employers.payer_number;

-- name: lock_employers(orgnrs)!
-- Let nobody else make lists of these employers meanwhile.
SELECT FROM employers WHERE orgnr = ANY(:orgnrs::char(9)[]) ORDER BY orgnr FOR UPDATE;

-- name: make_lists(orgnrs, period_from, since, made_on, report_due_on, left_out)^
-- Make the lists of some employers with their lines, in one statement.
WITH charged AS MATERIALIZED (
    -- Who is hidden by now stands on it as well, and no employer sees it: their month is invoiced.
    SELECT charges.employer_orgnr, membership_id, charges.period_from, kind, amount_ore,
           memberships.hidden
    FROM charges JOIN memberships USING (membership_id)
    WHERE charges.employer_orgnr = ANY(:orgnrs::char(9)[])
      AND membership_id <> ALL (:left_out::text[])
      AND (charges.period_from = :period_from
           -- Charged too late for the list of its own month.
           OR charges.period_from >= :since AND charges.period_from < :period_from
              AND EXISTS (
                SELECT FROM deduction_lists AS own
                WHERE own.employer_orgnr = charges.employer_orgnr
                  AND own.period_from = charges.period_from
                  AND NOT EXISTS (
                    SELECT FROM deduction_lines
                    WHERE deduction_lines.list_number = own.number
                      AND deduction_lines.membership_id = charges.membership_id
                      AND deduction_lines.code <> 'STOP'))
              AND NOT EXISTS (
                SELECT FROM carried_charges
                WHERE carried_charges.membership_id = charges.membership_id
                  AND carried_charges.period_from = charges.period_from
                  AND carried_charges.kind = charges.kind))
), parts AS (
    SELECT employer_orgnr, membership_id, kind, amount_ore FROM charged WHERE kind <> 'correction'
    UNION ALL
    SELECT employer_orgnr, membership_id, corrections.kind, corrections.amount_ore
    FROM charged JOIN corrections USING (membership_id)
    WHERE charged.kind = 'correction' AND corrections.charged_in = charged.period_from
), due AS (
    SELECT employer_orgnr, membership_id, local_ore, premium_ore,
           -- No employer pays out: what is given back beyond the month's dues is carried over.
           greatest(totals.ore, 0) AS total_ore, greatest(-totals.ore, 0) AS over_ore
    FROM (
        SELECT employer_orgnr, membership_id, sum(amount_ore)::bigint AS ore
        FROM charged GROUP BY employer_orgnr, membership_id
    ) AS totals
    LEFT JOIN (
        SELECT employer_orgnr, membership_id,
               sum(amount_ore) FILTER (WHERE kind = 'local_dues')::bigint AS local_ore,
               sum(amount_ore) FILTER (WHERE kind = 'insurance_premium')::bigint AS premium_ore
        FROM parts GROUP BY employer_orgnr, membership_id
    ) AS kinds USING (employer_orgnr, membership_id)
), listing AS MATERIALIZED (
    -- Only who deducts now gets a list: what is carried or stopped comes with it.
    SELECT employers.orgnr AS employer_orgnr, employers.payer_number, last_serial,
           greatest(last_serial, (SELECT serial FROM serials_given)) + 1 AS serial
    FROM employers CROSS JOIN LATERAL (
        SELECT coalesce(max(serial), 0) AS last_serial FROM deduction_lists
        WHERE deduction_lists.employer_orgnr = employers.orgnr
    ) AS given
    WHERE orgnr IN (
        SELECT employer_orgnr FROM charged WHERE period_from = :period_from OR hidden)
      AND NOT EXISTS (
        SELECT FROM deduction_lists
        WHERE deduction_lists.employer_orgnr = employers.orgnr
          AND deduction_lists.period_from = :period_from)
), before AS (
    SELECT listing.employer_orgnr, lines.membership_id, lines.total_ore
    FROM listing
    JOIN deduction_lists AS previous ON previous.employer_orgnr = listing.employer_orgnr
                                    AND previous.serial = listing.last_serial
    JOIN deduction_lines AS lines ON lines.list_number = previous.number
    JOIN memberships USING (membership_id)
    WHERE lines.code <> 'STOP' AND NOT memberships.hidden AND NOT memberships.hiding
      -- What the employer was not shown neither goes on nor stops.
      AND NOT EXISTS (
        SELECT FROM withheld_lines AS withheld
        WHERE withheld.list_number = lines.list_number
          AND withheld.membership_id = lines.membership_id)
      AND lines.membership_id <> ALL (:left_out::text[])
), line AS MATERIALIZED (
    SELECT employer_orgnr, membership_id,
           coalesce(due.local_ore, 0) AS local_ore,
           coalesce(due.premium_ore, 0) AS premium_ore,
           coalesce(due.total_ore, 0) AS total_ore,
           coalesce(due.over_ore, 0) AS over_ore,
           CASE WHEN due.total_ore IS NULL THEN 'STOP'
                WHEN before.total_ore IS NULL THEN 'START'
                WHEN before.total_ore <> due.total_ore THEN 'CHANGE'
                WHEN before.total_ore = due.total_ore THEN 'CONTINUE' END AS code
    FROM due FULL JOIN before USING (employer_orgnr, membership_id)
), list AS (
    INSERT INTO deduction_lists
        (number, kid, employer_orgnr, serial, period_from, made_on, report_due_on, total_ore,
         line_count)
    SELECT payer_number || '-' || serial,
           with_mod10('2' || payer_number || lpad(serial::text, 6, '0')),
           employer_orgnr, serial, :period_from, :made_on, :report_due_on,
           sum(total_ore), count(*)
    FROM listing JOIN line USING (employer_orgnr)
    GROUP BY employer_orgnr, payer_number, serial
    RETURNING number, employer_orgnr
), written AS (
    INSERT INTO deduction_lines
        (list_number, membership_id, central_ore, local_ore, premium_ore, total_ore, code)
    -- Central dues are the rest: a line always adds up to what is asked for.
    SELECT list.number, membership_id, total_ore - local_ore - premium_ore, local_ore,
           premium_ore, total_ore, code
    FROM line JOIN list USING (employer_orgnr)
    RETURNING 1
), withheld AS (
    INSERT INTO withheld_lines (list_number, membership_id, reason, withheld_on)
    SELECT DISTINCT list.number, membership_id, 'hidden', :made_on::date
    FROM charged JOIN list USING (employer_orgnr) WHERE hidden
), carried AS (
    INSERT INTO carried_charges (list_number, membership_id, period_from, kind, amount_ore)
    SELECT list.number, membership_id, period_from, kind, amount_ore
    FROM charged JOIN list USING (employer_orgnr)
    WHERE charged.period_from < :period_from
    RETURNING 1
), kept AS (
    INSERT INTO carried_over (list_number, membership_id, period_from, amount_ore)
    SELECT list.number, membership_id, :period_from, over_ore
    FROM line JOIN list USING (employer_orgnr)
    WHERE over_ore > 0
), booked AS (
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT :made_on, 'carried_over', membership_id, list.number || '/' || member_number,
           'employers', 'correction', over_ore
    FROM line JOIN list USING (employer_orgnr) JOIN memberships USING (membership_id)
    WHERE over_ore > 0
)
SELECT (SELECT count(*) FROM list) AS lists,
       (SELECT count(*) FROM written) AS lines,
       (SELECT count(*) FROM carried) AS carried;

-- name: is_for_nobody(list_number)$
-- Tell whether all lines of a list are kept from its employer.
SELECT NOT EXISTS (
    SELECT FROM deduction_lines AS lines
    WHERE list_number = :list_number AND NOT EXISTS (
        SELECT FROM withheld_lines AS withheld
        WHERE withheld.list_number = lines.list_number
          AND withheld.membership_id = lines.membership_id));

-- name: is_about_the_hidden(list_number)$
-- Tell whether all that an employer was shown of a list is hidden, or is about to be.
SELECT NOT EXISTS (
    SELECT FROM deduction_lines AS lines JOIN memberships USING (membership_id)
    WHERE list_number = :list_number AND NOT hidden AND NOT hiding AND NOT EXISTS (
        SELECT FROM withheld_lines AS withheld
        WHERE withheld.list_number = lines.list_number
          AND withheld.membership_id = lines.membership_id));

-- name: find_implausible(period_from, since)
-- Find the members whose charges by payroll can't be meant: they are left out of all lists.
SELECT DISTINCT membership_id FROM charges
WHERE period_from BETWEEN :since AND :period_from AND employer_orgnr IS NOT NULL
  AND amount_ore > largest_line_ore()
ORDER BY membership_id;

-- name: members_of(orgnr, period_from, since)
-- List the members whom an employer's list may be about.
SELECT DISTINCT membership_id FROM charges
WHERE employer_orgnr = :orgnr AND period_from BETWEEN :since AND :period_from
ORDER BY membership_id;

-- name: payer_number_of(orgnr)$
-- Read an employer's payer number.
SELECT payer_number FROM employers WHERE orgnr = :orgnr;

-- name: lists_of_a_month(period_from, after)
-- List a month's lists by number, from one on.
SELECT number FROM deduction_lists
WHERE period_from = :period_from AND number > :after
ORDER BY number;

-- ===== Delivery of lists

-- name: lock_deduction_list(list_number)^
-- Lock a list, so that it goes out by one at a time, and read it with its employer's channel.
SELECT lists.number, lists.kid, lists.employer_orgnr, lists.period_from, lists.made_on,
       lists.report_due_on, employers.agreement, employers.agreed_on,
       employers.payer_number, employers.email, employers.list_channel, employers.list_password,
       deliveries.shown_count AS delivered_count,
       (SELECT count(*) FROM withheld_lines
        WHERE withheld_lines.list_number = lists.number) AS withheld,
       reminders.list_number IS NOT NULL AS reminded
FROM deduction_lists AS lists
JOIN employers ON employers.orgnr = lists.employer_orgnr
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = lists.number
LEFT JOIN list_reminders AS reminders ON reminders.list_number = lists.number
WHERE lists.number = :list_number
FOR UPDATE OF lists;

-- name: lock_listed(list_number)!
-- Lock the listed memberships, so that none can be hidden while its line goes out.
SELECT FROM memberships
WHERE membership_id IN (
    SELECT membership_id FROM deduction_lines WHERE list_number = :list_number)
ORDER BY membership_id
FOR SHARE;

-- name: read_listed(list_number)
-- Read the lines that have not been withheld, with what the gate needs to know.
SELECT lines.membership_id, lines.code, lines.central_ore, lines.local_ore, lines.premium_ore,
       lines.total_ore, memberships.member_number, memberships.stage, memberships.outcome,
       memberships.hidden, memberships.hiding, people.name, people.national_id
FROM deduction_lines AS lines
JOIN memberships USING (membership_id)
LEFT JOIN people USING (person_id)
WHERE lines.list_number = :list_number
  AND NOT EXISTS (
    SELECT FROM withheld_lines AS withheld
    WHERE withheld.list_number = lines.list_number
      AND withheld.membership_id = lines.membership_id)
ORDER BY memberships.member_number;

-- name: withhold(list_number, memberships, reasons, withheld_on)!
-- Keep lines from the employer, and open a task for each.
WITH line AS (
    SELECT * FROM unnest(:memberships::text[], :reasons::text[]) AS line (membership_id, reason)
), kept AS (
    INSERT INTO withheld_lines (list_number, membership_id, reason, withheld_on)
    SELECT :list_number, membership_id, reason, :withheld_on FROM line
    ON CONFLICT (list_number, membership_id) DO NOTHING
)
INSERT INTO tasks (key, kind, says, membership_id, opened_on)
SELECT 'withheld/' || :list_number || '/' || membership_id, 'deduction_withheld',
       'This member''s line was left out of list ' || :list_number || '. What it asks for is '
       'invoiced to the member. See why, and whether the payroll deduction is to go on.',
       membership_id, :withheld_on
FROM line
ON CONFLICT (key) DO NOTHING;

-- name: log_list_disclosures(key, memberships, basis, disclosed_on)!
-- Log each line that an employer is shown, and by what right (D4); once for a list.
INSERT INTO disclosures (membership_id, key, audience, basis, disclosed_on)
SELECT memberships.membership_id, :key, 'employer',
       :basis || coalesce('; written consent of ' || consent.stated_on, ''), :disclosed_on
FROM unnest(:memberships::text[]) AS shown (membership_id)
JOIN memberships USING (membership_id)
LEFT JOIN present_consents AS consent ON consent.person_id = memberships.person_id
                                     AND consent.kind = 'terms' AND consent.given
ON CONFLICT (membership_id, key) DO NOTHING;

-- name: open_price_notices(effective_on, version)
-- List the employers who have not been told of new prices yet.
SELECT payer_number FROM price_notices JOIN employers ON orgnr = employer_orgnr
WHERE effective_on = :effective_on AND rulebook_version = :version
  AND NOT EXISTS (
    SELECT FROM price_notice_deliveries AS delivered
    WHERE (delivered.effective_on, delivered.rulebook_version, delivered.employer_orgnr)
        = (price_notices.effective_on, price_notices.rulebook_version, employer_orgnr))
ORDER BY payer_number;

-- name: lock_price_notice(effective_on, version, payer_number)^
-- Lock what an employer is told of new prices, unless it has been told, with its channel.
SELECT employers.orgnr, employers.payer_number, employers.email, employers.list_channel,
       employers.list_password, employers.agreement, employers.agreed_on
FROM price_notices JOIN employers ON orgnr = employer_orgnr
WHERE effective_on = :effective_on AND rulebook_version = :version
  AND payer_number = :payer_number
  AND NOT EXISTS (
    SELECT FROM price_notice_deliveries AS delivered
    WHERE (delivered.effective_on, delivered.rulebook_version, delivered.employer_orgnr)
        = (price_notices.effective_on, price_notices.rulebook_version, employer_orgnr))
FOR UPDATE OF price_notices;

-- name: lock_noticed(effective_on, version, orgnr)!
-- Lock the members of a notice, so that none can be hidden while it goes out.
SELECT FROM memberships
WHERE membership_id IN (
    SELECT membership_id FROM price_notice_lines
    WHERE effective_on = :effective_on AND rulebook_version = :version AND employer_orgnr = :orgnr)
ORDER BY membership_id
FOR SHARE;

-- name: read_noticed(effective_on, version, orgnr, today)
-- Read the lines of a notice, with what the gate needs to know.
SELECT lines.membership_id, lines.valid_from, lines.central_ore, lines.local_ore,
       lines.premium_ore, lines.central_ore + lines.local_ore + lines.premium_ore AS total_ore,
       'CHANGE' AS code, memberships.member_number, memberships.stage, memberships.outcome,
       memberships.hidden, memberships.hiding, people.name, people.national_id,
       memberships.employer_orgnr IS NOT DISTINCT FROM lines.employer_orgnr OR EXISTS (
           SELECT FROM terms
           WHERE terms.membership_id = lines.membership_id AND superseded_by IS NULL
             AND payer = 'payroll' AND terms.employer_orgnr = lines.employer_orgnr
             AND valid @> :today::date) AS attached
FROM price_notice_lines AS lines
JOIN memberships USING (membership_id)
LEFT JOIN people USING (person_id)
WHERE effective_on = :effective_on AND rulebook_version = :version
  AND lines.employer_orgnr = :orgnr
ORDER BY lines.valid_from, memberships.member_number;

-- name: mark_noticed(effective_on, version, orgnr, channel, delivered_on, shown_count)!
-- Note that an employer has been told of new prices.
INSERT INTO price_notice_deliveries
    (effective_on, rulebook_version, employer_orgnr, channel, delivered_on, shown_count)
VALUES (:effective_on, :version, :orgnr, :channel, :delivered_on, :shown_count);

-- name: mark_delivered(list_number, channel, delivered_on, shown_ore, shown_count)!
-- Note that a list has reached its employer.
INSERT INTO list_deliveries (list_number, channel, delivered_on, shown_ore, shown_count)
VALUES (:list_number, :channel, :delivered_on, :shown_ore, :shown_count)
ON CONFLICT (list_number) DO NOTHING;

-- name: mark_reminded(list_number, reminded_on)!
-- Note that an employer has been reminded of its report.
INSERT INTO list_reminders (list_number, reminded_on) VALUES (:list_number, :reminded_on)
ON CONFLICT (list_number) DO NOTHING;

-- name: read_hand_over(list_number, about)^
-- Read how often the mail of a list was not taken or not answered, and when it is due again.
SELECT refusals, refused_at, unanswered, not_before FROM list_hand_overs
WHERE list_number = :list_number AND about = :about;

-- name: note_hand_over(list_number, about, refusals, refused_at, unanswered, not_before)!
-- Note that the mail of a list was not taken, or not answered.
INSERT INTO list_hand_overs (list_number, about, refusals, refused_at, unanswered, not_before)
VALUES (:list_number, :about, :refusals, :refused_at, :unanswered, :not_before)
ON CONFLICT (list_number, about) DO UPDATE
SET refusals = excluded.refusals, refused_at = excluded.refused_at,
    unanswered = excluded.unanswered, not_before = excluded.not_before;

-- name: wait_for_answer_to_list(timeout)!
-- Let a transaction wait for the mail server's answer to a list for so long.
SELECT set_config('idle_in_transaction_session_timeout', :timeout, true);

-- ===== Channels of employers

-- name: is_a_hidden_members(email_key)$
-- Tell whether an address is that of somebody whom employers and branches must not know.
SELECT EXISTS (
    SELECT FROM people JOIN memberships USING (person_id)
    WHERE people.email_key = :email_key AND (hidden OR hiding));

-- name: put_employer(orgnr, name, email, channel, password, agreement, agreed_on)!
-- Keep where an employer takes mail, and how its lists reach it; what is not given stays.
INSERT INTO employers (orgnr, name, email, list_channel, list_password, agreement, agreed_on)
VALUES (:orgnr, :name, :email, coalesce(:channel, 'folder'), :password, :agreement, :agreed_on)
ON CONFLICT (orgnr) DO UPDATE
SET name = excluded.name, email = excluded.email,
    list_channel = coalesce(:channel, employers.list_channel),
    list_password = coalesce(:password, employers.list_password),
    agreement = coalesce(:agreement, employers.agreement),
    agreed_on = coalesce(:agreed_on, employers.agreed_on);

-- ===== Reports

-- name: find_list(number, kid)^
-- Find a list by its number or its KID, with what its file shows.
SELECT deduction_lists.number, kid, employer_orgnr, period_from,
       coalesce(deliveries.shown_ore, total_ore) AS shown_ore,
       coalesce(deliveries.shown_count, line_count) AS shown_count,
       deliveries.list_number IS NOT NULL AS delivered
FROM deduction_lists
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = deduction_lists.number
WHERE deduction_lists.number = :number OR :number IS NULL AND kid = :kid;

-- name: password_of(payer_number)$
-- Read what an employer's lists are locked with.
SELECT list_password FROM employers WHERE payer_number = :payer_number;

-- name: open_report(file_id, list_number)$
-- Note that a file is a report on a list, once.
WITH added AS (
    INSERT INTO deduction_reports (file_id, list_number) VALUES (:file_id, :list_number)
    ON CONFLICT (file_id) DO NOTHING
    RETURNING report_id
)
SELECT report_id FROM added
UNION ALL
SELECT report_id FROM deduction_reports WHERE file_id = :file_id
LIMIT 1;

-- name: lists_of_employer(orgnr)
-- List an employer's lists, the latest first, with what their files show.
SELECT number, kid, employer_orgnr, period_from,
       coalesce(deliveries.shown_ore, total_ore) AS shown_ore,
       coalesce(deliveries.shown_count, line_count) AS shown_count
FROM deduction_lists
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = deduction_lists.number
WHERE employer_orgnr = :orgnr
ORDER BY period_from DESC;

-- name: find_lists_of_lines(numbers, national_ids, totals, codes)
-- Find the lists that have such lines: how many of them each has, of how many members.
WITH said AS (
    SELECT * FROM unnest(:numbers::text[], :national_ids::text[], :totals::bigint[], :codes::text[])
        WITH ORDINALITY AS one (number, national_id, total_ore, code, place)
), named AS (
    SELECT place, total_ore, code, membership_id
    FROM said
    JOIN memberships ON length(said.number) = 8 AND member_number = said.number::char(8)
    LEFT JOIN people USING (person_id)
    WHERE said.national_id IS NULL OR said.national_id = people.national_id
    UNION ALL
    SELECT place, total_ore, code, membership_id
    FROM said
    JOIN people ON length(said.national_id) = 11
               AND people.national_id = said.national_id::char(11)
    JOIN memberships USING (person_id)
    WHERE said.number IS NULL
), fitting AS (
    SELECT lines.list_number, place, lines.membership_id
    FROM named JOIN deduction_lines AS lines USING (membership_id)
    WHERE lines.total_ore = named.total_ore AND (named.code IS NULL OR named.code = lines.code)
      AND NOT EXISTS (SELECT FROM withheld_lines AS withheld
                      WHERE withheld.list_number = lines.list_number
                        AND withheld.membership_id = lines.membership_id)
), counted AS (
    SELECT list_number, count(DISTINCT place) AS fitting, count(DISTINCT membership_id) AS members
    FROM fitting
    GROUP BY list_number
)
SELECT counted.list_number, counted.fitting, counted.members,
       coalesce(deliveries.shown_count, line_count) AS shown_count
FROM counted
JOIN deduction_lists ON deduction_lists.number = counted.list_number
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = counted.list_number;

-- name: find_confirmation(file_id)$
-- Tell whether somebody has said that what a report says is meant.
SELECT EXISTS (SELECT FROM confirmed_reports WHERE file_id = :file_id);

-- name: confirm_report(file_id, confirmed_by, confirmed_on)!
-- Note who has asked an employer, and that what its report says is meant.
INSERT INTO confirmed_reports (file_id, confirmed_by, confirmed_on)
VALUES (:file_id, :confirmed_by, :confirmed_on)
ON CONFLICT (file_id) DO NOTHING;

-- name: open_raw()!
-- Open a table for the lines of a CSV as they came, gone with the transaction.
CREATE TEMPORARY TABLE raw (
    line integer GENERATED ALWAYS AS IDENTITY (CACHE 1000), number char(8), national_id char(11),
    name text, central text, local text, premium text, total text, code text, deducted text,
    reason text
) ON COMMIT DROP;

-- name: set_work_memory()!
-- Let the joins of this transaction keep a long list in memory.
SET LOCAL work_mem = '64MB';

-- name: match_raw(report_id, list_number, above, factor)$
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
        JOIN people ON people.person_id = memberships.person_id
                   AND people.national_id = raw.national_id
        JOIN deduction_lines AS lines ON lines.membership_id = memberships.membership_id
                                     AND lines.list_number = :list_number
        WHERE replace(raw.total, ',', '') = lines.total_ore::text
          AND NOT EXISTS (SELECT FROM withheld_lines AS withheld
                          WHERE withheld.list_number = lines.list_number
                            AND withheld.membership_id = lines.membership_id)
    ) AS line
    -- What can't be meant is looked at closely: is_implausible in schemas/deduction/answers.py.
    WHERE (deducted_ore IN (0, total_ore)
           OR deducted_ore < total_ore * :factor AND deducted_ore * :factor > total_ore)
      AND CASE WHEN reason IS NULL THEN deducted_ore >= total_ore
               ELSE deducted_ore IS NOT NULL AND reason IN (
                   'LEFT', 'UNPAID_LEAVE', 'LAID_OFF', 'NAV', 'PENSION', 'NO_PAY',
                   'UNKNOWN_PERSON', 'OTHER') END
    ON CONFLICT (report_id, line) DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM kept;

-- name: has_doubles()$
-- Tell whether two lines name the same member number.
SELECT EXISTS (SELECT FROM raw WHERE number <> ''
               GROUP BY lpad(trim(number), 8, '0') HAVING count(*) > 1);

-- name: read_odd(report_id, above)
-- Read the lines that have not been kept, as they came.
SELECT * FROM raw
WHERE NOT EXISTS (
    SELECT FROM report_lines
    WHERE report_lines.report_id = :report_id AND report_lines.line = raw.line + :above)
ORDER BY line;

-- name: find_listed(list_number, numbers, national_ids)
-- Find whose lines of a list are meant, by their places; national ids that can't be read are null.
WITH listed AS MATERIALIZED (
    SELECT lines.membership_id, lines.total_ore, memberships.member_number, people.national_id
    FROM deduction_lines AS lines
    JOIN memberships USING (membership_id)
    LEFT JOIN people USING (person_id)
    WHERE lines.list_number = :list_number
      AND NOT EXISTS (SELECT FROM withheld_lines AS withheld
                      WHERE withheld.list_number = lines.list_number
                        AND withheld.membership_id = lines.membership_id)
), named AS (
    SELECT * FROM unnest(:numbers::text[], :national_ids::text[]) WITH ORDINALITY
        AS named (number, national_id, place)
)
SELECT place::integer, membership_id, total_ore
FROM named JOIN listed
  ON listed.member_number = named.number
 AND (named.national_id IS NULL OR named.national_id = listed.national_id)
UNION ALL
SELECT place::integer, membership_id, total_ore
FROM named JOIN listed ON listed.national_id = named.national_id
WHERE named.number IS NULL;

-- name: keep_answers(report_id, lines, members, deducted, reasons)!
-- Keep what a report says of members.
INSERT INTO report_lines (report_id, line, membership_id, deducted_ore, reason)
SELECT :report_id, line, membership_id, deducted_ore, reason
FROM unnest(:lines::integer[], :members::text[], :deducted::bigint[], :reasons::text[])
    AS said (line, membership_id, deducted_ore, reason)
ON CONFLICT (report_id, line) DO NOTHING;

-- name: sum_of(report_id)$
-- Add up what the lines of a report say was deducted.
SELECT coalesce(sum(deducted_ore), 0)::bigint FROM report_lines WHERE report_id = :report_id;

-- name: count_missing(list_number, report_id, open_members)$
-- Count the lines of a list that ask for something and that a report does not name.
SELECT count(*) FROM deduction_lines AS lines
WHERE list_number = :list_number AND total_ore <> 0
  AND membership_id <> ALL (:open_members::text[])
  AND NOT EXISTS (SELECT FROM withheld_lines AS withheld
                  WHERE withheld.list_number = lines.list_number
                    AND withheld.membership_id = lines.membership_id)
  AND NOT EXISTS (SELECT FROM report_lines
                  WHERE report_lines.report_id = :report_id
                    AND report_lines.membership_id = lines.membership_id);

-- name: has_open_reports(list_number)$
-- Tell whether a task is open about a report on a list.
SELECT EXISTS (SELECT FROM tasks
               WHERE kind = 'deduction_report' AND closed_on IS NULL
                 AND split_part(key, '/', 2) = :list_number);

-- name: close_answered(list_number, today, note)!
-- Close the tasks about a list's reports if its lines have all been answered.
UPDATE tasks SET closed_on = :today, closed_by = 'report', note = :note, settled = true
WHERE kind = 'deduction_report' AND closed_on IS NULL
  AND split_part(key, '/', 2) = :list_number
  AND NOT EXISTS (
    SELECT FROM deduction_lines AS lines
    WHERE list_number = :list_number AND total_ore <> 0
      AND NOT EXISTS (SELECT FROM withheld_lines AS withheld
                      WHERE withheld.list_number = lines.list_number
                        AND withheld.membership_id = lines.membership_id)
      AND NOT EXISTS (SELECT FROM standing_reports AS reports JOIN report_lines USING (report_id)
                      WHERE reports.list_number = lines.list_number
                        AND reports.decision IS DISTINCT FROM 'rejected'
                        AND report_lines.membership_id = lines.membership_id));

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
    FROM memberships JOIN people USING (person_id)
    WHERE (hidden OR hiding) AND stage <> 'ended'
) AS hidden
  ON hidden.member_number = named.number OR hidden.national_id = named.national_id
  OR hidden.name_key = named.name_key AND hidden.employer_orgnr = :employer_orgnr
ON CONFLICT (key) DO NOTHING;

-- ===== Settlement

-- name: lock_list(list_number)^
-- Lock a list, so that it is settled by one at a time, and read it.
SELECT deduction_lists.number AS list_number, deduction_lists.period_from,
       deduction_lists.report_due_on, employers.payer_number, deliveries.delivered_on
FROM deduction_lists
JOIN employers ON employers.orgnr = deduction_lists.employer_orgnr
LEFT JOIN list_deliveries AS deliveries ON deliveries.list_number = deduction_lists.number
WHERE deduction_lists.number = :list_number
FOR UPDATE OF deduction_lists;

-- name: settle(list_number, period_from, delivered, batch, today, due_on)$
-- Settle every line that can be settled, with all that follows; return how many letters it orders.
WITH line AS MATERIALIZED (
    SELECT lines.*, memberships.member_number, memberships.stage,
           memberships.person_id IN (SELECT person_id FROM members_who_died()) AS died,
           coalesce(decision IN ('invoice', 'write_off'), false) AS decided
    FROM settlement_lines AS lines JOIN memberships USING (membership_id)
    -- Before the list is out, what its employer is not shown is settled all the same.
    WHERE list_number = :list_number AND (:delivered OR NOT shown)
), complete AS (
    -- One answer for each line: then no other order of arrival would have given another outcome.
    SELECT coalesce(bool_and(decided OR outcome IS NOT NULL OR NOT (unanswered OR contradicted)),
                    true) AS complete
    FROM line
), taken AS (
    SELECT line.*, complete,
           CASE WHEN shown AND answers = 1 THEN deducted_ore ELSE 0 END AS taken_ore
    FROM line CROSS JOIN complete
    WHERE outcome IS NULL
), judged AS MATERIALIZED (
    SELECT taken.*,
           CASE
               WHEN shown AND NOT complete AND NOT decided THEN NULL
               WHEN taken_ore = expected_ore THEN 'deducted'
               WHEN taken_ore > expected_ore THEN 'over'
               WHEN decision = 'invoice' THEN 'redirected'
               WHEN decision = 'write_off' THEN 'written_off'
               WHEN died THEN NULL
               WHEN NOT shown THEN 'redirected'
               WHEN reason IN ('LEFT', 'UNPAID_LEAVE', 'LAID_OFF', 'NAV', 'PENSION', 'NO_PAY')
                   THEN 'redirected'
           END AS verdict
    FROM taken
), billed AS MATERIALIZED (
    SELECT membership_id, member_number || '-' || serial AS number,
           with_mod10('1' || member_number || lpad(serial::text, 6, '0')) AS kid,
           serial, expected_ore - taken_ore AS amount_ore,
           coalesce(CASE WHEN NOT shown THEN 'withheld' WHEN decided THEN 'decided' END, reason)
               AS reason
    FROM (
        SELECT judged.*,
               greatest((SELECT coalesce(max(serial), 0) FROM (
                         SELECT serial FROM invoices
                         WHERE invoices.membership_id = judged.membership_id OFFSET 0
                     ) AS theirs),
                        (SELECT serial FROM serials_given)) + 1 AS serial
        FROM judged WHERE verdict = 'redirected'
    ) AS short
), settled AS (
    INSERT INTO deductions
        (list_number, membership_id, outcome, expected_ore, deducted_ore, reason, decided_by,
         settled_on)
    SELECT list_number, membership_id, verdict, expected_ore, taken_ore,
           CASE WHEN shown THEN reason END,
           CASE WHEN decided THEN caseworker ELSE 'rule' END, :today
    FROM judged WHERE verdict IS NOT NULL
), invoice AS (
    INSERT INTO invoices
        (number, kid, membership_id, serial, period_from, issued_on, due_on, total_ore, currency)
    SELECT number, kid, membership_id, serial, :period_from, :today, :due_on, amount_ore, 'NOK'
    FROM billed
), redirected AS (
    INSERT INTO redirections (list_number, membership_id, invoice_number, amount_ore, reason)
    SELECT :list_number, membership_id, number, amount_ore, reason FROM billed
), over AS (
    INSERT INTO over_deductions
        (list_number, membership_id, period_from, deducted_ore, expected_ore)
    SELECT list_number, membership_id, :period_from, taken_ore, expected_ore
    FROM judged WHERE verdict = 'over'
), entry AS (
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT :today, booking.source, membership_id, list_number || '/' || member_number,
           booking.debit, booking.credit, abs(expected_ore - taken_ore)
    FROM judged JOIN (VALUES
        ('redirected', 'redirection', 'members', 'employers'),
        ('over', 'over_deduction', 'employers', 'correction'),
        ('written_off', 'write_off', 'correction', 'employers')
    ) AS booking (verdict, source, debit, credit) USING (verdict)
), asked AS (
    SELECT membership_id, lower(reason) AS hint FROM judged
    WHERE verdict IS NOT NULL AND shown AND answers = 1 AND reason IN ('LEFT', 'PENSION')
      AND code <> 'STOP' AND stage <> 'ended'
      -- One question is enough for a row of months that say the same.
      AND NOT EXISTS (
        SELECT FROM letters
        WHERE letters.membership_id = judged.membership_id
          AND letters.template = 'employment_question'
          AND letters.ordered_on > :today::date - make_interval(months =>
                policy_on('employment_question_months', :today, '3')::integer))
), wanted AS (
    SELECT membership_id, 'invoice-' || number AS key, 'dues_invoice' AS template,
           jsonb_build_object('invoice', number) AS figures
    FROM billed
    UNION ALL
    SELECT membership_id, 'employment-question-' || :list_number, 'employment_question',
           jsonb_build_object('about', hint)
    FROM asked
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, template, 'member', figures, 'pending',
           letter_message_id(membership_id, key), :batch, :today
    FROM wanted
    ON CONFLICT (membership_id, key) DO NOTHING
    RETURNING 1
), task AS (
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    SELECT 'deduction/' || list_number || '/' || membership_id, 'deduction_undecided',
           'List ' || list_number || ': ' || (expected_ore - taken_ore) || ' øre were not deducted'
           || coalesce(' (' || reason || ')', '') || '. Decide it with decide_deduction on the '
           'settlement: invoice, write_off or wait.', membership_id, :today
    FROM judged
    WHERE verdict IS NULL AND (complete OR NOT shown)
    ON CONFLICT (key) DO NOTHING
), contradiction AS (
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    SELECT 'deduction-contradicted/' || list_number || '/' || membership_id,
           'deduction_contradicted',
           'List ' || list_number || ': the employer has reported different things of one line. '
           'Ask which is right; a line that is still open is decided with decide_deduction on '
           'the settlement. Which report holds is said with medlemsflyt deduction-difference '
           || list_number || '.', membership_id, :today
    FROM line WHERE contradicted
    ON CONFLICT (key) DO UPDATE
    SET (opened_on, announced_on, closed_on, closed_by, note, settled)
      = (excluded.opened_on, NULL, NULL, NULL, NULL, false)
    WHERE tasks.settled
)
SELECT count(*) FROM letter;

-- name: correct(list_number, period_from, batch, today, due_on)^
-- Correct each settled line of which an accepted report says otherwise, in the books by a line of its
-- own; return how many letters that orders, and who is credited.
WITH line AS MATERIALIZED (
    SELECT lines.*, member_number, settled_ore - deducted_ore AS amount_ore,
           memberships.person_id IN (SELECT person_id FROM members_who_died()) AS died,
           greatest((SELECT coalesce(max(serial), 0) FROM (
                     SELECT serial FROM invoices
                     WHERE invoices.membership_id = lines.membership_id OFFSET 0
                 ) AS theirs),
                    (SELECT serial FROM serials_given)) + 1 AS invoice_serial,
           (SELECT coalesce(max(serial), 0) + 1 FROM deduction_corrections AS earlier
            WHERE earlier.list_number = lines.list_number
              AND earlier.membership_id = lines.membership_id) AS serial
    FROM settlement_lines AS lines JOIN memberships USING (membership_id)
    WHERE lines.list_number = :list_number AND shown AND lines.outcome IS NOT NULL AND accepted
      AND answers = 1 AND deducted_ore <> settled_ore
), changed AS MATERIALIZED (
    -- Nothing more is asked of the dead.
    SELECT *, member_number || '-' || invoice_serial AS number,
           with_mod10('1' || member_number || lpad(invoice_serial::text, 6, '0')) AS kid
    FROM line WHERE NOT (died AND amount_ore > 0)
), corrected AS (
    INSERT INTO deduction_corrections
        (list_number, membership_id, serial, report_id, was_ore, deducted_ore, corrected_on)
    SELECT list_number, membership_id, serial, report_id, settled_ore, deducted_ore, :today
    FROM changed
), invoice AS (
    INSERT INTO invoices
        (number, kid, membership_id, serial, period_from, issued_on, due_on, total_ore, currency)
    SELECT number, kid, membership_id, invoice_serial, :period_from, :today, :due_on, amount_ore,
           'NOK'
    FROM changed
), redirected AS (
    INSERT INTO redirections
        (list_number, membership_id, serial, invoice_number, amount_ore, reason)
    SELECT list_number, membership_id,
           (SELECT coalesce(max(serial), 0) + 1 FROM redirections AS earlier
            WHERE earlier.list_number = changed.list_number
              AND earlier.membership_id = changed.membership_id),
           number, amount_ore, 'corrected'
    FROM changed
), entry AS (
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT :today, 'redirection', membership_id,
           list_number || '/' || member_number || '/' || serial,
           CASE WHEN amount_ore > 0 THEN 'members' WHEN amount_ore < 0 THEN 'employers' END,
           CASE WHEN amount_ore > 0 THEN 'employers' WHEN amount_ore < 0 THEN 'members' END,
           abs(amount_ore)
    FROM changed
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, 'invoice-' || number, 'dues_invoice', 'member',
           jsonb_build_object('invoice', number), 'pending',
           letter_message_id(membership_id, 'invoice-' || number), :batch, :today
    FROM changed WHERE amount_ore > 0
    ON CONFLICT (membership_id, key) DO NOTHING
    RETURNING 1
), task AS (
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    SELECT 'deduction-corrected/' || list_number || '/' || membership_id, 'deduction_corrected',
           'List ' || list_number || ': by the report that was accepted, ' || amount_ore
           || ' øre less were deducted than was settled. The member has died, and is asked for '
           'nothing: agree with the employer.', membership_id, :today
    FROM line WHERE died AND amount_ore > 0
    ON CONFLICT (key) DO NOTHING
)
SELECT (SELECT count(*) FROM letter) AS letters,
       ARRAY(SELECT membership_id FROM changed WHERE amount_ore < 0) AS credited;

-- name: use_credits(membership_ids, today)!
-- Pay what members owe with what they were credited.
SELECT use_money_of(:membership_ids::text[], :today);

-- name: close_contradictions(list_number, today)!
-- Close the tasks of lines of which the reports that hold say one thing.
UPDATE tasks SET closed_on = :today, closed_by = 'settlement', settled = true
FROM settlement_lines AS lines
WHERE lines.list_number = :list_number AND NOT contradicted AND tasks.closed_on IS NULL
  AND tasks.key = 'deduction-contradicted/' || lines.list_number || '/' || lines.membership_id;

-- name: compare_reports(list_number)
-- List what the reports on a list say otherwise than another, or than was settled, line by line.
WITH said AS (
    SELECT standing_reports.report_id, standing_reports.decision, files.file_id, files.received_on,
           report_lines.line, report_lines.membership_id, report_lines.deducted_ore,
           report_lines.reason
    FROM standing_reports
    JOIN report_lines USING (report_id)
    JOIN inbound_files AS files ON files.file_id = standing_reports.file_id
    WHERE standing_reports.list_number = :list_number
), differing AS (
    SELECT said.membership_id FROM said
    LEFT JOIN present_deductions AS settled
      ON settled.list_number = :list_number AND settled.membership_id = said.membership_id
    GROUP BY said.membership_id
    HAVING count(DISTINCT (said.deducted_ore, said.reason)) > 1
        OR bool_or(settled.deducted_ore <> said.deducted_ore)
)
SELECT said.report_id AS number, said.decision, said.file_id, said.received_on, said.line,
       memberships.member_number, lines.total_ore AS asked_ore, said.deducted_ore, said.reason,
       settled.deducted_ore AS settled_ore, settled.outcome
FROM differing
JOIN said USING (membership_id)
JOIN memberships USING (membership_id)
JOIN deduction_lines AS lines
  ON lines.list_number = :list_number AND lines.membership_id = said.membership_id
LEFT JOIN present_deductions AS settled
  ON settled.list_number = :list_number AND settled.membership_id = said.membership_id
ORDER BY memberships.member_number, said.report_id, said.line;

-- name: decide_report(list_number, report_id, decision, decided_by, reason, today)$
-- Note which report holds; return the list's month, or nothing where it is no report on the list.
-- What is decided already is not decided again.
WITH wanted AS (
    SELECT standing.report_id, to_char(period_from, 'YYYY-MM') AS period,
           standing.decision = :decision AND (
               :decision = 'rejected' OR accepted = (
                   SELECT max(others.accepted) FROM standing_reports AS others
                   WHERE others.list_number = standing.list_number)) AS stands
    FROM standing_reports AS standing
    JOIN deduction_lists ON deduction_lists.number = standing.list_number
    WHERE standing.report_id = :report_id AND standing.list_number = :list_number
), kept AS (
    INSERT INTO report_decisions (report_id, decision, decided_by, reason, decided_on)
    SELECT report_id, :decision, :decided_by, :reason, :today
    FROM wanted WHERE stands IS NOT TRUE
)
SELECT period FROM wanted;

-- name: close_line_tasks(list_number, today)!
-- Close the tasks of lines that have been settled.
UPDATE tasks SET closed_on = :today, closed_by = 'settlement'
FROM deductions
WHERE deductions.list_number = :list_number AND tasks.closed_on IS NULL
  AND (tasks.key = 'deduction/' || deductions.list_number || '/' || deductions.membership_id
       OR deductions.decided_by <> 'rule' AND tasks.key =
          'deduction-contradicted/' || deductions.list_number || '/' || deductions.membership_id);

-- name: read_figures(list_number)^
-- Read a list in figures.
WITH line AS MATERIALIZED (
    SELECT *, outcome IS NULL AND (unanswered OR contradicted) AS blocks
    FROM settlement_lines WHERE list_number = :list_number
)
SELECT count(*) AS lines,
       count(*) FILTER (WHERE NOT shown) AS withheld,
       coalesce(sum(expected_ore) FILTER (WHERE shown), 0)::bigint AS expected_ore,
       coalesce(sum(CASE WHEN NOT shown THEN 0
                         WHEN outcome IS NOT NULL THEN settled_ore
                         WHEN answers = 1 THEN deducted_ore ELSE 0 END), 0)::bigint AS reported_ore,
       count(*) FILTER (WHERE answers > 0) AS answers,
       count(*) FILTER (WHERE unanswered) AS unanswered,
       count(*) FILTER (WHERE contradicted AND outcome IS NULL) AS contradicted,
       count(*) FILTER (WHERE outcome IS NULL AND NOT blocks
                          AND (NOT shown OR NOT (SELECT bool_or(blocks) FROM line))) AS undecided,
       count(*) FILTER (WHERE outcome IS NULL) AS open_lines,
       (SELECT coalesce(sum(amount_ore), 0)::bigint FROM allocations
        WHERE allocations.list_number = :list_number) AS paid_ore,
       (SELECT coalesce(sum(amount_ore), 0)::bigint FROM list_write_offs
        WHERE list_write_offs.list_number = :list_number) AS accepted_ore
FROM line;

-- name: read_open_lines(list_number)
-- Find the lines that wait for a caseworker, the first twenty.
SELECT membership_id FROM settlement_lines
WHERE list_number = :list_number AND outcome IS NULL
  AND (contradicted OR NOT unanswered AND answers = 1 AND deducted_ore <> expected_ore
       OR NOT shown)
ORDER BY membership_id LIMIT 20;

-- name: find_line(list_number, membership_id)^
-- Read what has become of one line.
SELECT outcome, expected_ore FROM settlement_lines
WHERE list_number = :list_number AND membership_id = :membership_id;

-- name: keep_decision(list_number, membership_id, decision, caseworker, reason, key, today)!
-- Keep a caseworker's decision about a line; the same message counts once.
INSERT INTO line_decisions
    (list_number, membership_id, serial, decision, caseworker, reason, decided_on, key)
SELECT :list_number, :membership_id,
       (SELECT coalesce(max(serial), 0) + 1 FROM line_decisions
        WHERE list_number = :list_number AND membership_id = :membership_id),
       :decision, :caseworker, :reason, :today, :key
ON CONFLICT (key) DO NOTHING;

-- name: find_decision(key)$
-- Tell whether a message has been kept.
SELECT EXISTS (SELECT FROM line_decisions WHERE key = :key);

-- name: find_write_off(list_number)$
-- Tell whether a caseworker has let a list's difference stand.
SELECT EXISTS (SELECT FROM list_write_offs WHERE list_number = :list_number);

-- name: write_off_list(list_number, amount_ore, caseworker, reason, today)!
-- Let stand what an employer paid less, or more, than it reported; only less is booked.
WITH kept AS (
    INSERT INTO list_write_offs (list_number, amount_ore, caseworker, reason, decided_on)
    VALUES (:list_number, :amount_ore, :caseworker, :reason, :today)
    ON CONFLICT (list_number) DO NOTHING
    RETURNING amount_ore
)
INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
SELECT :today, 'write_off', :list_number, 'correction', 'employers', amount_ore
FROM kept WHERE amount_ore > 0;
