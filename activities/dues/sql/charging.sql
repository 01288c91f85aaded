-- What a run has yet to charge for a month. It stands behind all tables: it asks whom the audit
-- holds, which lists are made, and what employers took too much.

-- Amounts that can't be meant -------------------------------------------------------------------

CREATE FUNCTION largest_line_ore() RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 100000000;
COMMENT ON FUNCTION largest_line_ore() IS
    'A million kroner: nobody owes that much for a month or a year. What is more is a mistake, '
    'and is looked at by a caseworker before anybody is asked to pay it.';

CREATE FUNCTION within_bigint(ore numeric) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(greatest(ore, -9223372036854775807), 9223372036854775807)::bigint;
COMMENT ON FUNCTION within_bigint(numeric) IS
    'For sums that may be too large for the type: beyond largest_line_ore() only that they are '
    'matters.';

-- What is due -----------------------------------------------------------------------------------

CREATE FUNCTION terms_charged(month date)
    RETURNS TABLE (
        membership_id text, kind text, cadence text, payer text, employer_orgnr text,
        rate text, amount_ore bigint, months integer)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        terms.membership_id,
        terms.kind,
        terms.cadence,
        terms.payer,
        terms.employer_orgnr,
        terms.rate,
        terms.amount_ore,
        CASE WHEN terms.prorated AND date_trunc('year', lower(terms.valid)) = date_trunc('year', month)
             THEN 13 - extract(month FROM lower(terms.valid))::integer
             ELSE 12 END
    FROM terms
    WHERE terms.superseded_by IS NULL
      -- Not by an operator of ranges: the index that knows those is slower than a plain one.
      AND lower(terms.valid) <= month AND coalesce(upper(terms.valid) > month, true)
      AND (terms.cadence = 'monthly'
           OR terms.cadence = 'quarterly' AND extract(month FROM month) IN (1, 4, 7, 10)
           OR terms.cadence = 'yearly' AND extract(month FROM month) = 1
           -- Or with the month it begins, unless a fee was due in the year before that.
           OR terms.cadence = 'yearly' AND lower(terms.valid) = month AND NOT EXISTS (
              SELECT FROM terms AS earlier
              WHERE earlier.membership_id = terms.membership_id
                AND earlier.kind = terms.kind
                AND earlier.cadence = 'yearly'
                AND earlier.superseded_by IS NULL
                AND earlier.valid && daterange(date_trunc('year', month)::date, month)));
END;
COMMENT ON FUNCTION terms_charged(date) IS
    'Which terms, as they stand now, charge for a month, and for how many months of a year''s fee '
    '(A13, A26).';

CREATE FUNCTION terms_due(month date)
    RETURNS TABLE (
        membership_id text, kind text, cadence text, payer text, employer_orgnr text,
        amount_ore bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        terms.membership_id,
        terms.kind,
        terms.cadence,
        terms.payer,
        CASE WHEN terms.payer = 'payroll' THEN coalesce(
            terms.employer_orgnr,
            (SELECT memberships.employer_orgnr FROM memberships
             WHERE memberships.membership_id = terms.membership_id)) END,
        CASE WHEN terms.months < 12
             THEN div(coalesce(terms.amount_ore, rates.amount_ore)::numeric * terms.months,
                      12)::bigint
             ELSE coalesce(terms.amount_ore, rates.amount_ore) END
    FROM terms_charged(month) AS terms
    LEFT JOIN rates_in(month) AS rates ON rates.code = terms.rate
    WHERE coalesce(terms.amount_ore, rates.amount_ore) IS DISTINCT FROM 0;
END;
COMMENT ON FUNCTION terms_due(date) IS
    'What the terms, as they stand now, charge for a month: by which rate somebody pays was decided '
    'by the rules when the terms were planned, what that comes to by the prices of the month; a '
    'year''s fee by those of the month that charges it (S2-S21, A13, A26).';

CREATE FUNCTION terms_charged_otherwise(changes jsonb)
    RETURNS TABLE (membership_id text, month date, payer text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT terms.membership_id, begins.month, terms.payer
    FROM terms
    JOIN jsonb_to_recordset(changes) AS changed(code text, valid_from date, valid_to date)
      ON changed.code = terms.rate
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN cadence <> 'yearly' OR lower(valid) >= changed.valid_from AND NOT EXISTS (
                -- A year has one fee (A26): the next one is the next year's.
                SELECT FROM terms AS earlier
                WHERE earlier.membership_id = terms.membership_id
                  AND earlier.cadence = 'yearly' AND earlier.superseded_by IS NULL
                  AND earlier.valid && daterange(
                      date_trunc('year', lower(terms.valid))::date, lower(terms.valid)))
            THEN greatest(lower(valid), changed.valid_from)
            ELSE date_trunc('year', greatest(lower(valid), changed.valid_from)
                                    + interval '1 year - 1 day')::date
        END AS month
    ) AS begins
    WHERE superseded_by IS NULL
      AND coalesce(begins.month < least(upper(valid), changed.valid_to), true);
END;
COMMENT ON FUNCTION terms_charged_otherwise(jsonb) IS
    'Which terms charge otherwise since rates come to something else (code, valid_from, valid_to), '
    'from which month on, and through whom: all of a month has one payer.';

CREATE FUNCTION charged_otherwise(changes jsonb, first char, last char)
    RETURNS TABLE (membership_id text, month date)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT changed.membership_id, min(month)
    FROM memberships JOIN terms_charged_otherwise(changes) AS changed USING (membership_id)
    WHERE member_number BETWEEN first AND last
      AND stage IN ('onboarding', 'active', 'on_leave')
    GROUP BY changed.membership_id;
END;
COMMENT ON FUNCTION charged_otherwise(jsonb, char, char) IS
    'Which members are charged otherwise by such terms, and the first month they are.';

CREATE FUNCTION part_of_year(fee_ore bigint, months integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN months = 0 THEN 0 ELSE div(fee_ore::numeric * months, 12)::bigint END;
COMMENT ON FUNCTION part_of_year(bigint, integer) IS
    'What of a year''s fee is charged for so many months of it, as in terms_due (A13).';

CREATE FUNCTION charged_between(member text, since date, until date)
    RETURNS TABLE (
        period_from date, kind text, cadence text, amount_ore bigint, given_back_ore bigint)
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
-- The columns of what is read, and not what is returned.
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH charged AS MATERIALIZED (
        SELECT charges.period_from, charges.kind, charges.cadence, charges.amount_ore
        FROM charges
        WHERE charges.membership_id = member AND charges.kind <> 'correction'
          AND charges.period_from BETWEEN since AND until
    )
    SELECT charged.period_from, charged.kind, charged.cadence,
           within_bigint(charged.amount_ore + coalesce(corrected.reassessed_ore, 0)),
           within_bigint(coalesce(corrected.merged_ore, 0))
    FROM charged
    CROSS JOIN LATERAL (
        SELECT sum(corrections.amount_ore) FILTER (WHERE reason = 'reassessed') AS reassessed_ore,
               -sum(corrections.amount_ore) FILTER (WHERE reason = 'merged') AS merged_ore
        FROM corrections
        WHERE corrections.membership_id = member
          AND corrections.period_from = charged.period_from
          AND corrections.kind = charged.kind
    ) AS corrected
    UNION ALL
    -- Charged by corrections alone: another membership had been charged for it at first.
    SELECT corrections.period_from, corrections.kind, terms.cadence,
           within_bigint(sum(corrections.amount_ore) FILTER (WHERE reason = 'reassessed')),
           within_bigint(coalesce(-sum(corrections.amount_ore) FILTER (WHERE reason = 'merged'), 0))
    FROM corrections
    JOIN terms ON terms.membership_id = corrections.membership_id
              AND terms.kind = corrections.kind
              AND terms.superseded_by IS NULL
              AND terms.valid @> corrections.period_from
    WHERE corrections.membership_id = member
      AND corrections.period_from BETWEEN since AND until
      AND corrections.reason NOT IN ('over_deducted', 'carried_over')
      AND NOT EXISTS (
        SELECT FROM charged
        WHERE charged.period_from = corrections.period_from AND charged.kind = corrections.kind)
    GROUP BY corrections.period_from, corrections.kind, terms.cadence;
END $$;
COMMENT ON FUNCTION charged_between(text, date, date) IS
    'What a membership was charged for each of some months in the end: the charge and what '
    'reassessments made of it; and how much of that came back as one person had been charged twice '
    '(N9). Planned once for all who are asked about, as the scans of every month would be.';

CREATE FUNCTION charged_in_all(member text)
    RETURNS TABLE (
        period_from date, kind text, cadence text, amount_ore bigint, given_back_ore bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT * FROM charged_between(member, '-infinity', 'infinity');
END;
COMMENT ON FUNCTION charged_in_all(text) IS 'The same of all months.';

CREATE FUNCTION due_in(month date, members text[])
    RETURNS TABLE (membership_id text, kind text, cadence text, amount_ore bigint)
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT due.membership_id, due.kind, due.cadence, due.amount_ore
    FROM terms_due(month) AS due WHERE due.membership_id = ANY (members);
END $$;
COMMENT ON FUNCTION due_in(date, text[]) IS
    'What the terms charge some members for a month: the members are looked up, and the prices read '
    'once for all of them.';

CREATE FUNCTION charged_in(month date, members text[])
    RETURNS TABLE (membership_id text, kind text, amount_ore bigint)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    -- Planned anew for the month it is: of all months there are, that opens one.
    RETURN QUERY EXECUTE
        'SELECT membership_id, kind, amount_ore FROM charges'
        ' WHERE period_from = $1 AND membership_id = ANY ($2) AND kind <> ''correction'''
        USING month, members;
END $$;
COMMENT ON FUNCTION charged_in(date, text[]) IS
    'What some members were charged for a month at first. Not part of the statement that asks: that '
    'would plan a scan of every month there is.';

CREATE FUNCTION with_another(first char, last char)
    RETURNS TABLE (membership_id text, other_id text, other_number char(8))
    -- Planned apart: hardly anybody has another, and whoever asks is not to expect half a page of them.
    -- Of all members, for each page: the index of persons is in memory, and read alone, in its order.
    LANGUAGE plpgsql STABLE ROWS 10 SET random_page_cost = 1.1 AS $$
BEGIN
    RETURN QUERY
    WITH persons AS MATERIALIZED (
        SELECT person_id FROM memberships GROUP BY person_id HAVING count(*) > 1
    )
    SELECT own.membership_id, others.membership_id, others.member_number
    FROM persons
    CROSS JOIN LATERAL (
        SELECT * FROM memberships WHERE memberships.person_id = persons.person_id OFFSET 0
    ) AS own
    CROSS JOIN LATERAL (
        SELECT * FROM memberships WHERE memberships.person_id = persons.person_id OFFSET 0
    ) AS others
    WHERE own.member_number BETWEEN first AND last
      AND others.membership_id <> own.membership_id;
END $$;
COMMENT ON FUNCTION with_another(char, char) IS
    'Which members of a page have another membership as the same person, with its member number.';

CREATE FUNCTION charged_elsewhere(other text, month date)
    RETURNS TABLE (period_from date, kind text, cadence text, net_ore bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT lines.period_from, lines.kind, lines.cadence, lines.amount_ore - lines.given_back_ore
    -- No other year's months are looked into.
    FROM charged_between(other, date_trunc('year', month)::date, month) AS lines
    WHERE lines.cadence = 'yearly' OR lines.period_from = month;
END;
COMMENT ON FUNCTION charged_elsewhere(text, date) IS
    'What a person was charged for a month under another membership, and what is left of it net of '
    'what came back; a fee for a year is for all months of that year. What is left is not charged '
    'again (invariant 10).';

CREATE FUNCTION corrections_due(month date, since date, first char, last char)
    RETURNS TABLE (
        membership_id text, period_from date, kind text, reason text, was_ore bigint,
        is_ore bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH marked AS MATERIALIZED (
        SELECT membership_id, given_back_from FROM reassessments
        -- Looked up one by one: there are few, and a page has many members.
        CROSS JOIN LATERAL (
            SELECT member_number FROM memberships
            WHERE memberships.membership_id = reassessments.membership_id OFFSET 0
        ) AS own
        WHERE own.member_number BETWEEN first AND last
          -- What was corrected in a month is explained by that month's line, and stands.
          AND NOT EXISTS (
            SELECT FROM charges
            WHERE charges.membership_id = reassessments.membership_id
              AND charges.period_from = month AND charges.kind = 'correction')
    ), months AS MATERIALIZED (
        SELECT membership_id, dues_runs.period_from
        FROM marked JOIN dues_runs
          ON dues_runs.period_from >= least(since, given_back_from)
         AND dues_runs.period_from < month
    ), of_month AS MATERIALIZED (
        -- Month by month: a price is looked up once for all who are compared.
        SELECT period_from, array_agg(membership_id) AS members FROM months GROUP BY period_from
    ), charged AS MATERIALIZED (
        SELECT charged.membership_id, of_month.period_from, charged.kind, charged.amount_ore
        FROM of_month
        CROSS JOIN LATERAL charged_in(of_month.period_from, of_month.members) AS charged
    ), due AS MATERIALIZED (
        SELECT due.membership_id, of_month.period_from, due.kind, due.cadence, due.amount_ore
        FROM of_month CROSS JOIN LATERAL due_in(of_month.period_from, of_month.members) AS due
    ), sides AS (
        SELECT due.membership_id, due.period_from, due.kind,
               0 AS was_ore, due.amount_ore AS is_ore
        -- A join: asked line by line, all that was charged is gone through for each.
        FROM due LEFT JOIN charged USING (membership_id, period_from, kind)
        -- What another membership was charged for is no month of this one.
        WHERE charged.amount_ore IS NOT NULL
           OR NOT EXISTS (
                SELECT FROM memberships AS own
                JOIN memberships AS others ON others.person_id = own.person_id
                                          AND others.membership_id <> own.membership_id
                CROSS JOIN LATERAL charged_elsewhere(others.membership_id, due.period_from)
                    AS elsewhere
                WHERE own.membership_id = due.membership_id
                  AND elsewhere.kind = due.kind AND elsewhere.net_ore <> 0
                  AND (elsewhere.cadence = due.cadence
                       OR elsewhere.period_from = due.period_from))
              -- Of one person's two memberships the one that goes on says what is owed (N9).
              AND NOT EXISTS (
                SELECT FROM memberships AS own
                WHERE own.membership_id = due.membership_id AND own.outcome = 'duplicate')
        UNION ALL
        SELECT membership_id, period_from, kind, amount_ore, 0 FROM charged
        UNION ALL
        SELECT months.membership_id, months.period_from, corrections.kind,
               corrections.amount_ore, 0
        FROM months
        JOIN corrections ON corrections.membership_id = months.membership_id
                        AND corrections.period_from = months.period_from
                        AND corrections.reason = 'reassessed'
    )
    SELECT membership_id, period_from, kind, 'reassessed', within_bigint(sum(was_ore)),
           within_bigint(sum(is_ore))
    FROM sides
    -- Only the latest run looks back: an earlier month that is run again is for what it lacks.
    WHERE NOT EXISTS (SELECT FROM dues_runs WHERE period_from > month)
    GROUP BY membership_id, period_from, kind
    HAVING sum(was_ore) <> sum(is_ore)
       -- Longer ago, what is charged for nothing any more comes back; no amount is another.
       AND (period_from >= since OR sum(is_ore) = 0 AND sum(was_ore) > 0)
    UNION ALL
    SELECT membership_id, over_deductions.period_from, 'central_dues', 'over_deducted',
           within_bigint(sum(deducted_ore)), within_bigint(sum(expected_ore))
    FROM over_deductions JOIN memberships USING (membership_id)
    WHERE member_number BETWEEN first AND last
      AND over_deductions.period_from < month
      AND NOT EXISTS (
        SELECT FROM corrections
        WHERE corrections.membership_id = over_deductions.membership_id
          AND corrections.period_from = over_deductions.period_from
          AND corrections.reason = 'over_deducted')
      AND NOT EXISTS (
        SELECT FROM charges
        WHERE charges.membership_id = over_deductions.membership_id
          AND charges.period_from = month AND charges.kind = 'correction')
      AND NOT EXISTS (SELECT FROM dues_runs WHERE period_from > month)
    GROUP BY membership_id, over_deductions.period_from
    UNION ALL
    -- What stood on no list, as a line is never below zero (A37).
    SELECT membership_id, carried_over.period_from, 'central_dues', 'carried_over',
           within_bigint(min(given.back_ore)), within_bigint(-sum(carried_over.amount_ore))
    FROM carried_over JOIN memberships USING (membership_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(corrections.amount_ore), 0) AS back_ore FROM corrections
        WHERE corrections.membership_id = carried_over.membership_id
          AND corrections.period_from = carried_over.period_from
          AND corrections.reason = 'carried_over'
    ) AS given
    WHERE member_number BETWEEN first AND last
      AND carried_over.period_from < month
      AND NOT EXISTS (
        SELECT FROM charges
        WHERE charges.membership_id = carried_over.membership_id
          AND charges.period_from = month AND charges.kind = 'correction')
      AND NOT EXISTS (SELECT FROM dues_runs WHERE period_from > month)
    GROUP BY membership_id, carried_over.period_from
    HAVING min(given.back_ore) <> -sum(carried_over.amount_ore)
    UNION ALL
    -- What one person was charged twice, however long ago (N9).
    SELECT credits.membership_id, credits.period_from, credits.kind, 'merged',
           within_bigint(charged_ore - given_back_ore), within_bigint(ought_ore)
    FROM merge_credits AS credits JOIN memberships USING (membership_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount_ore) FILTER (WHERE NOT merged), 0) AS charged_ore,
               -coalesce(sum(amount_ore) FILTER (WHERE merged), 0) AS given_back_ore
        FROM (
            SELECT amount_ore, false AS merged
            FROM charged_in(credits.period_from, ARRAY[credits.membership_id]) AS charged
            WHERE charged.kind = credits.kind
            UNION ALL
            SELECT corrections.amount_ore, reason = 'merged' FROM corrections
            WHERE corrections.membership_id = credits.membership_id
              AND corrections.period_from = credits.period_from
              AND corrections.kind = credits.kind AND reason IN ('reassessed', 'merged')
        ) AS lines
    ) AS sums
    CROSS JOIN LATERAL (
        SELECT CASE WHEN standing THEN least(charged_ore, stays_ore) ELSE charged_ore END
               AS ought_ore
    ) AS ought
    WHERE member_number BETWEEN first AND last
      AND credits.period_from < month
      AND charged_ore - given_back_ore <> ought_ore
      AND NOT EXISTS (
        SELECT FROM charges
        WHERE charges.membership_id = credits.membership_id
          AND charges.period_from = month AND charges.kind = 'correction')
      AND NOT EXISTS (SELECT FROM dues_runs WHERE period_from > month);
END;
COMMENT ON FUNCTION corrections_due(date, date, char, char) IS
    'Where the terms were changed after a month had been charged: what it was charged in all, and '
    'what it ought to be, for the months that were run from a day on (A31). And what an employer '
    'deducted too much, and what it was asked for (D6); what is carried over from a list (A37); and '
    'what one person was charged twice (N9).';

CREATE TYPE corrected_part AS (
    period_from date, kind text, reason text, was_ore bigint, is_ore bigint);
COMMENT ON TYPE corrected_part IS 'Of which a correction line is the sum; see corrections_due.';

CREATE FUNCTION lines_considered(month date, since date, first char, last char)
    RETURNS TABLE (
        membership_id text, member_number char(8), kind text, cadence text, payer text,
        employer_orgnr text, amount_ore bigint, trouble text, person_id text,
        parts corrected_part[], owing text, by_list boolean, listed boolean, several boolean)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH another AS MATERIALIZED (
        SELECT * FROM with_another(first, last)
    ), elsewhere AS MATERIALIZED (
        -- Of hardly anybody; nobody else needs to be asked.
        SELECT another.membership_id, another.other_id, charged.*
        FROM another CROSS JOIN LATERAL charged_elsewhere(another.other_id, month) AS charged
    ), barred AS MATERIALIZED (
        SELECT elsewhere.membership_id, elsewhere.kind, elsewhere.cadence FROM elsewhere
        WHERE elsewhere.net_ore <> 0
        UNION ALL
        -- What came back, or will with the next run, was charged: this month's line is a correction.
        SELECT elsewhere.membership_id, elsewhere.kind, any_cadence.cadence
        FROM elsewhere
        CROSS JOIN (VALUES ('monthly'), ('quarterly'), ('yearly')) AS any_cadence (cadence)
        WHERE elsewhere.period_from = month
          AND (elsewhere.net_ore = 0 OR NOT EXISTS (
                SELECT FROM due_in(month, ARRAY[elsewhere.other_id]) AS still
                WHERE still.kind = elsewhere.kind))
    ), due AS NOT MATERIALIZED (
        -- What it comes to is worked out once, however often it is looked at.
        SELECT terms_due.*, memberships.member_number, memberships.person_id, memberships.hidden
        FROM terms_due(month) AS terms_due
        JOIN memberships ON memberships.membership_id = terms_due.membership_id
        WHERE memberships.member_number BETWEEN first AND last
          AND memberships.outcome IS DISTINCT FROM 'duplicate'
        OFFSET 0
    ), regular AS (
        SELECT due.membership_id, due.member_number, due.kind, due.cadence,
               due.payer, due.employer_orgnr, due.amount_ore, due.person_id,
               payers.account AS owing, payers.by_list,
               CASE
                   WHEN charges.amount_ore IS NOT NULL
                       THEN format('%s was charged as %s øre and would now be %s; no change of '
                                   'terms explains it', due.kind, charges.amount_ore,
                                   due.amount_ore)
                   WHEN payers.code IS NULL THEN 'nobody knows the payer ' || due.payer
                   WHEN payers.by_list AND due.hidden
                       THEN 'the membership can''t be charged through an employer'
                   WHEN payers.by_list AND due.employer_orgnr IS NULL
                       THEN 'the employer that deducts is not known'
                   WHEN due.amount_ore IS NULL THEN 'its rate has no amount for that month'
                   WHEN due.amount_ore < 0 THEN 'a term with a negative amount'
                   WHEN due.amount_ore > largest_line_ore()
                       THEN 'a term with an amount that can''t be meant'
               END AS trouble
        FROM due
        LEFT JOIN payers ON payers.code = due.payer
        LEFT JOIN charges ON charges.membership_id = due.membership_id
                         AND charges.period_from = month AND charges.kind = due.kind
        WHERE (charges.membership_id IS NULL
               -- Another amount than was charged: corrected next month when the terms changed.
               OR charges.amount_ore <> due.amount_ore AND NOT EXISTS (
                    SELECT FROM reassessments
                    WHERE reassessments.membership_id = due.membership_id))
          AND (due.membership_id, due.kind, due.cadence) NOT IN (
                SELECT barred.membership_id, barred.kind, barred.cadence FROM barred)
    ), corrected AS (
        SELECT sums.membership_id, own.member_number, own.hidden, own.person_id,
               sums.amount_ore, sums.parts
        FROM (
            SELECT corrections_due.membership_id,
                   within_bigint(sum(is_ore::numeric - was_ore)) AS amount_ore,
                   array_agg(ROW(corrections_due.period_from, corrections_due.kind,
                                 corrections_due.reason, was_ore, is_ore)::corrected_part) AS parts
            FROM corrections_due(month, since, first, last) AS corrections_due
            GROUP BY corrections_due.membership_id
        ) AS sums
        CROSS JOIN LATERAL (
            -- Looked up one by one: all memberships were sorted for the few of each page.
            SELECT * FROM memberships
            WHERE memberships.membership_id = sums.membership_id OFFSET 0
        ) AS own
    ), deducting AS (
        SELECT DISTINCT ON (corrected.membership_id) corrected.membership_id, own.employer_orgnr
        FROM corrected
        CROSS JOIN LATERAL (
            SELECT terms_due.kind, terms_due.payer, terms_due.employer_orgnr
            FROM terms_due(month) AS terms_due
            WHERE terms_due.membership_id = corrected.membership_id
        ) AS own
        JOIN payers ON payers.code = own.payer
        WHERE payers.by_list AND NOT corrected.hidden
        ORDER BY corrected.membership_id, own.kind
    ), lines AS (
        SELECT regular.*, NULL::corrected_part[] AS parts FROM regular
        UNION ALL
        SELECT corrected.membership_id, corrected.member_number, 'correction', 'monthly',
               payers.code, deducting.employer_orgnr, corrected.amount_ore, corrected.person_id,
               payers.account, payers.by_list,
               -- What was charged far too high may be given back, however much it is.
               CASE WHEN corrected.amount_ore > largest_line_ore()
                    THEN 'a correction with an amount that can''t be meant' END,
               corrected.parts
        FROM corrected
        -- Through whoever collects this month; with nobody left to deduct, from the member.
        LEFT JOIN deducting ON deducting.membership_id = corrected.membership_id
        JOIN payers ON payers.by_list = (deducting.employer_orgnr IS NOT NULL)
    )
    SELECT lines.membership_id, lines.member_number, lines.kind, lines.cadence, lines.payer,
           lines.employer_orgnr, lines.amount_ore, coalesce(held.trouble, lines.trouble),
           lines.person_id, lines.parts, lines.owing, lines.by_list,
           -- A list of all, and not looked up for each line.
           coalesce(lines.employer_orgnr IN (
               SELECT deduction_lists.employer_orgnr FROM deduction_lists
               WHERE deduction_lists.period_from = month), false),
           lines.membership_id IN (
               SELECT another.membership_id FROM another WHERE another.other_number IS NOT NULL)
    FROM lines
    LEFT JOIN (
        SELECT holds.membership_id, 'held by the audit: ' || min(holds.reason) AS trouble
        FROM holds GROUP BY holds.membership_id
    ) AS held ON held.membership_id = lines.membership_id;
END;
COMMENT ON FUNCTION lines_considered(date, date, char, char) IS
    'What a run has yet to charge the members of a page, and who can''t be; a correction line is '
    'the sum of its parts, which corrections_due explains, and may be nothing. What is listed is left '
    'out: an employer''s list stands once it is made, and what is charged later comes with the next. '
    'Owing, by_list: of its payer. Several: the person has another membership with a member number.';

CREATE FUNCTION lines_due(month date, since date, first char, last char)
    RETURNS TABLE (
        membership_id text, member_number char(8), kind text, cadence text, payer text,
        employer_orgnr text, amount_ore bigint, trouble text, person_id text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT considered.membership_id, considered.member_number, considered.kind,
           considered.cadence, considered.payer, considered.employer_orgnr,
           considered.amount_ore, considered.trouble, considered.person_id
    FROM lines_considered(month, since, first, last) AS considered
    WHERE NOT considered.listed;
END;
COMMENT ON FUNCTION lines_due(date, date, char, char) IS
    'What a run charges of that.';
