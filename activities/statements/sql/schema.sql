-- Year end: how much of the dues is deductible, and what each member was told of it (X4).

CREATE TABLE tax_caps (
    year integer PRIMARY KEY CHECK (year BETWEEN 1900 AND 2200),
    cap_ore bigint NOT NULL CHECK (cap_ore >= 0),
    confirmed boolean NOT NULL,
    source text NOT NULL
);
COMMENT ON TABLE tax_caps IS
    'What is deductible of the dues of an income year at most (S25). The earliest year stands '
    'for all years before it; a later year that is missing is unknown.';
COMMENT ON COLUMN tax_caps.confirmed IS 'False: statements of the year say that it may change.';

CREATE TABLE tax_objections (
    objection_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL REFERENCES people,
    from_year integer NOT NULL CHECK (from_year BETWEEN 1900 AND 2200),
    objects boolean NOT NULL,
    stated_on date NOT NULL,
    stated_by text NOT NULL CHECK (stated_by <> '')
);
COMMENT ON TABLE tax_objections IS
    'Who wants the tax authority to be told nothing, from which income year on, or no longer wants '
    'that (X3). Of those that have begun by a year the latest holds. Append-only.';
COMMENT ON COLUMN tax_objections.objects IS 'False: from that year on it is told again.';
CREATE INDEX tax_objections_of_a_person ON tax_objections (person_id);

CREATE TRIGGER tax_objections_append_only BEFORE UPDATE OR DELETE ON tax_objections
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tax_objections_never_emptied BEFORE TRUNCATE ON tax_objections
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION tax_objectors(income_year integer) RETURNS TABLE (person_id text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT latest.person_id
    FROM (
        -- Who was merged is the other one since, and so is what they said.
        SELECT DISTINCT ON (present.person_id) present.person_id, tax_objections.objects
        FROM tax_objections
        CROSS JOIN LATERAL (SELECT present_person(tax_objections.person_id)) AS present (person_id)
        WHERE tax_objections.from_year <= tax_objectors.income_year
        ORDER BY present.person_id, tax_objections.objection_id DESC
    ) AS latest
    WHERE latest.objects;
END;
COMMENT ON FUNCTION tax_objectors(integer) IS
    'Of whom the tax authority is told nothing of an income year, as they wish (X3).';

CREATE TABLE tax_statements (
    membership_id text NOT NULL REFERENCES memberships,
    year integer NOT NULL CHECK (year BETWEEN 1900 AND 2200),
    version integer NOT NULL CHECK (version >= 1),
    paid_ore bigint NOT NULL CHECK (paid_ore >= 0),
    direct_ore bigint NOT NULL CHECK (direct_ore BETWEEN 0 AND paid_ore),
    working_ore bigint NOT NULL CHECK (working_ore BETWEEN 0 AND paid_ore),
    months integer NOT NULL CHECK (months BETWEEN 0 AND 12),
    whole_cap_ore bigint NOT NULL CHECK (whole_cap_ore >= 0),
    cap_ore bigint NOT NULL CHECK (cap_ore BETWEEN 0 AND whole_cap_ore),
    deductible_ore bigint NOT NULL,
    reported_ore bigint NOT NULL CHECK (reported_ore BETWEEN 0 AND least(direct_ore, working_ore)),
    unreported text CHECK (unreported IN ('no_deduction', 'objection', 'no_national_id')),
    cap_confirmed boolean NOT NULL,
    content_hash char(64) NOT NULL,
    made_on date NOT NULL,
    PRIMARY KEY (membership_id, year, version),
    CONSTRAINT tax_statements_stop_at_the_cap CHECK (deductible_ore = least(working_ore, cap_ore)),
    CONSTRAINT tax_statements_reported_or_not CHECK (unreported IS NULL OR reported_ore = 0),
    CONSTRAINT tax_statements_of_a_year_that_is_over CHECK (made_on >= make_date(year + 1, 1, 1))
);
COMMENT ON TABLE tax_statements IS
    'What a person paid in a year, and how much of it is deductible (S24, S25, A24), under the last '
    'of their memberships that had begun by its end. Append-only: a year that comes out otherwise '
    'later is a correction, with the next version.';
COMMENT ON COLUMN tax_statements.direct_ore IS
    'Of it what came straight to the union; the rest was deducted, and employers report it (X3).';
COMMENT ON COLUMN tax_statements.working_ore IS
    'Of it what was paid for months of work, and not as a student or a pensioner (S24).';
COMMENT ON COLUMN tax_statements.months IS 'As a member in the year, whatever memberships (X2).';
COMMENT ON COLUMN tax_statements.cap_ore IS 'The part of the year''s cap for so many months (X2).';
COMMENT ON COLUMN tax_statements.reported_ore IS
    'What the union reports: paid straight to it for months of work (X3).';
COMMENT ON COLUMN tax_statements.unreported IS
    'Why nothing is reported of what was paid straight; NULL: it is, or there was nothing.';
COMMENT ON COLUMN tax_statements.content_hash IS
    'Tells a second computation with the same result from one with another.';
CREATE INDEX tax_statements_of_a_year ON tax_statements (year, membership_id);

CREATE TRIGGER tax_statements_append_only BEFORE UPDATE OR DELETE ON tax_statements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tax_statements_never_emptied BEFORE TRUNCATE ON tax_statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW latest_tax_statements AS
SELECT * FROM tax_statements
WHERE NOT EXISTS (
    SELECT FROM tax_statements AS later
    WHERE later.membership_id = tax_statements.membership_id
      AND later.year = tax_statements.year AND later.version > tax_statements.version);
COMMENT ON VIEW latest_tax_statements IS 'What was last said of each year.';

CREATE FUNCTION without_work(rate text, cadence text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN rate IS NULL THEN cadence = 'yearly'
                ELSE rate ~ '^(waived\.[0-9.]+<)?(central\.quarter|(student|pensioner|none)\.year)' END;
COMMENT ON FUNCTION without_work(text, text) IS
    'Whether a term of central dues is a student''s, an early pensioner''s or a pensioner''s: the same '
    'as schemas.statements.tax.without_work. Whoever works past 67 pays full dues (S22).';

CREATE FUNCTION part_of_cap(cap_ore bigint, months integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN cap_ore * months / 12;
COMMENT ON FUNCTION part_of_cap(bigint, integer) IS
    'The cap of so many months, in whole øre downwards (X2): the same as schemas.statements.tax.';

CREATE FUNCTION unreported_because(
    direct_ore bigint, reportable_ore bigint, objects boolean, has_national_id boolean
) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN direct_ore = 0 THEN NULL
                WHEN reportable_ore = 0 THEN 'no_deduction'
                WHEN objects THEN 'objection'
                WHEN NOT has_national_id THEN 'no_national_id' END;
COMMENT ON FUNCTION unreported_because(bigint, bigint, boolean, boolean) IS
    'Why the tax authority is told nothing of what was paid straight to the union (X3, N3): the same '
    'as schemas.statements.tax.';

CREATE FUNCTION tax_statement_hash(says text) RETURNS text
    -- Stable, as convert_to is: otherwise it is no part of the plan, but a call for each.
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to(says, 'UTF8')), 'hex');
COMMENT ON FUNCTION tax_statement_hash(text) IS
    'Of all that a statement says: another hash is another version.';

CREATE FUNCTION tax_statements_due(income_year integer, cap_ore bigint, first text, last text)
    RETURNS TABLE (
        membership_id text, deceased boolean, elsewhere boolean, paid_ore bigint,
        direct_ore bigint, working_ore bigint, months integer, own_cap_ore bigint,
        deductible_ore bigint, reported_ore bigint, unreported text, version integer,
        content_hash text, differs boolean, over_ore bigint
    )
    LANGUAGE sql STABLE
    BEGIN ATOMIC
    WITH said AS MATERIALIZED (
        SELECT policy_on('local_dues_deductible', at.year_end, 'true') = 'true'::jsonb
                   AS counts_local,
               policy_on('deductible_of', at.year_end, '"work"') = '"work"'::jsonb AS of_work,
               policy_on('part_year_cap', at.year_end, '"months"') = '"months"'::jsonb AS by_month,
               at.year_end, daterange(at.year_begin, at.year_end, '[]') AS year
        FROM (SELECT make_date(tax_statements_due.income_year, 1, 1),
                     make_date(tax_statements_due.income_year, 12, 31)) AS at (year_begin, year_end)
    ), page AS MATERIALIZED (
        SELECT memberships.membership_id, memberships.person_id, memberships.member_number,
               memberships.member_since, people.national_id
        FROM memberships LEFT JOIN people USING (person_id)
        WHERE memberships.member_number BETWEEN tax_statements_due.first::char(8)
                                            AND tax_statements_due.last::char(8)
          -- Who was erased is nobody, and is told nothing more.
          AND memberships.erased_on IS NULL
    ), others AS MATERIALIZED (
        SELECT page.membership_id AS own_id, other.membership_id, other.member_since,
               (coalesce(other.member_since <= said.year_end, false), other.member_number)
                   > (coalesce(page.member_since <= said.year_end, false), page.member_number)
                   AS takes_over
        FROM page CROSS JOIN said
        JOIN memberships AS other ON other.person_id = page.person_id
                                 AND other.membership_id <> page.membership_id
        WHERE other.member_number IS NOT NULL
    ), whole AS MATERIALIZED (
        -- A person has one statement and one cap, whatever memberships (X2, ADR 38).
        SELECT page.membership_id AS stated_id, page.membership_id, page.member_since
        FROM page
        WHERE page.membership_id NOT IN (SELECT others.own_id FROM others WHERE others.takes_over)
        UNION ALL
        SELECT others.own_id, others.membership_id, others.member_since
        FROM others
        WHERE others.own_id NOT IN (
            SELECT later.own_id FROM others AS later WHERE later.takes_over)
    ), spans AS MATERIALIZED (
        SELECT whole.stated_id, whole.membership_id, whole.member_since AS since, own.until, own.idle
        FROM whole
        CROSS JOIN LATERAL (
            -- Member by member, and never all terms that there are.
            SELECT CASE WHEN bool_or(upper_inf(terms.valid)) THEN NULL
                        ELSE max(upper(terms.valid)) END AS until,
                   range_agg(terms.valid) FILTER (WHERE without_work(terms.rate, terms.cadence))
                       AS idle
            FROM terms
            WHERE terms.membership_id = whole.membership_id
              AND terms.superseded_by IS NULL AND terms.kind = 'central_dues'
        ) AS own
    ), counted AS MATERIALIZED (
        SELECT inside.stated_id,
               -- Of hardly anybody there is more than one span.
               coalesce(
                   CASE WHEN inside.spans = datemultirange(range_merge(inside.spans))
                        THEN months_between(lower(inside.spans), upper(inside.spans))
                        ELSE (SELECT sum(months_between(lower(span), upper(span)))::integer
                              FROM unnest(inside.spans) AS span) END, 0) AS months
        FROM (
            SELECT spans.stated_id, range_agg(
                daterange(least(date_trunc('month', spans.since)::date, spans.until), spans.until)
                    * said.year) AS spans
            FROM spans CROSS JOIN said
            GROUP BY spans.stated_id
        ) AS inside
    ), paid_out AS MATERIALIZED (
        SELECT parts.credit_number, sum(parts.amount_ore) AS amount_ore
        FROM booked_refund_parts AS parts CROSS JOIN said
        WHERE parts.credit_number IS NOT NULL AND said.year @> parts.booked_on
          AND NOT EXISTS (SELECT FROM recoveries WHERE invoice_number = parts.credit_number)
        GROUP BY parts.credit_number
    ), given_back AS MATERIALIZED (
        -- Of each month that a note corrects its share, in whole øre; the rest is the note's month's.
        SELECT paid_out.credit_number, corrections.period_from, corrections.kind,
               div(paid_out.amount_ore * corrections.amount_ore, charges.amount_ore)::bigint AS ore
        FROM paid_out
        JOIN charges ON charges.invoice_number = paid_out.credit_number
                    AND charges.kind = 'correction'
        JOIN corrections ON corrections.membership_id = charges.membership_id
                        AND corrections.charged_in = charges.period_from
    ), paid AS MATERIALIZED (
        SELECT moved.stated_id, sum(moved.ore)::bigint AS ore,
               coalesce(sum(moved.ore) FILTER (WHERE moved.direct), 0)::bigint AS direct_ore,
               coalesce(sum(moved.ore) FILTER (WHERE works.so), 0)::bigint AS working_ore,
               coalesce(sum(moved.ore) FILTER (WHERE moved.direct AND works.so), 0)::bigint
                   AS reportable_ore
        FROM (
            -- By the day the bank booked it. What was taken back was not paid; what is in
            -- suspense is not the union's; a credit note is no money.
            -- Of what does not count at all, a payment has its share, in whole øre (A24).
            SELECT spans.stated_id, spans.idle, invoices.period_from, true AS direct,
                   allocations.amount_ore - coalesce(div(
                       allocations.amount_ore::numeric * local.ore,
                       nullif(invoices.total_ore, 0)), 0)::bigint AS ore
            FROM spans CROSS JOIN said
            JOIN invoices ON invoices.membership_id = spans.membership_id
            JOIN allocations ON allocations.invoice_number = invoices.number
            JOIN payments ON payments.reference = allocations.reference
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(charges.amount_ore), 0) AS ore FROM charges
                WHERE NOT said.counts_local AND charges.invoice_number = invoices.number
                  AND charges.period_from = invoices.period_from
                  AND charges.kind = 'local_dues'
            ) AS local
            WHERE payments.paid_on >= make_date(tax_statements_due.income_year, 1, 1)
              AND payments.paid_on < make_date(tax_statements_due.income_year + 1, 1, 1)
              -- What is paid for a refund that was too much is no dues (P8).
              AND NOT EXISTS (SELECT FROM recoveries WHERE invoice_number = invoices.number)
            UNION ALL
            -- What is paid out of a credit note, by the day the bank is told: it is paid no more.
            SELECT spans.stated_id, spans.idle, parts.period_from, true, parts.ore
            FROM (
                SELECT paid_out.credit_number, invoices.period_from,
                       (-paid_out.amount_ore + coalesce((
                           SELECT sum(given_back.ore) FROM given_back
                           WHERE given_back.credit_number = paid_out.credit_number), 0))::bigint
                           AS ore
                FROM paid_out JOIN invoices ON invoices.number = paid_out.credit_number
                UNION ALL
                SELECT given_back.credit_number, given_back.period_from, -given_back.ore
                FROM given_back CROSS JOIN said
                -- What did not count when it came does not when it goes (A24).
                WHERE said.counts_local OR given_back.kind <> 'local_dues'
            ) AS parts
            JOIN invoices ON invoices.number = parts.credit_number
            JOIN spans ON spans.membership_id = invoices.membership_id
            UNION ALL
            -- By the month of the pay it was deducted from.
            SELECT spans.stated_id, spans.idle, deduction_lists.period_from, false,
                   deductions.deducted_ore - CASE WHEN said.counts_local THEN 0 ELSE coalesce(div(
                       deductions.deducted_ore::numeric * deduction_lines.local_ore,
                       nullif(deduction_lines.total_ore, 0)), 0) END::bigint
            FROM spans CROSS JOIN said
            JOIN present_deductions AS deductions
              ON deductions.membership_id = spans.membership_id
            JOIN deduction_lines ON deduction_lines.list_number = deductions.list_number
                                AND deduction_lines.membership_id = deductions.membership_id
            JOIN deduction_lists ON deduction_lists.number = deductions.list_number
            WHERE deduction_lists.period_from >= make_date(tax_statements_due.income_year, 1, 1)
              AND deduction_lists.period_from < make_date(tax_statements_due.income_year + 1, 1, 1)
        ) AS moved
        CROSS JOIN said
        CROSS JOIN LATERAL (
            SELECT NOT (said.of_work AND coalesce(moved.idle @> moved.period_from, false)) AS so
        ) AS works
        GROUP BY moved.stated_id
    ), latest AS MATERIALIZED (
        SELECT DISTINCT ON (tax_statements.membership_id)
               tax_statements.membership_id, tax_statements.version, tax_statements.content_hash
        FROM page JOIN tax_statements USING (membership_id)
        WHERE tax_statements.year = tax_statements_due.income_year
        ORDER BY tax_statements.membership_id, tax_statements.version DESC
    ), objecting AS MATERIALIZED (
        SELECT objectors.person_id FROM tax_objectors(tax_statements_due.income_year) AS objectors
    )
    SELECT page.membership_id,
           page.person_id IN (SELECT dead.person_id FROM members_who_died() AS dead),
           counted.stated_id IS NULL,
           figures.ore, figures.direct_ore, figures.working_ore, figures.months,
           figures.own_cap_ore, least(figures.working_ore, figures.own_cap_ore),
           CASE WHEN figures.unreported IS NULL THEN figures.reportable_ore ELSE 0 END,
           figures.unreported,
           coalesce(latest.version, 0),
           figures.content_hash,
           latest.content_hash IS DISTINCT FROM figures.content_hash
               AND (figures.ore > 0 OR latest.version IS NOT NULL),
           greatest(-coalesce(paid.direct_ore, 0), 0)
    FROM page CROSS JOIN said
    LEFT JOIN counted ON counted.stated_id = page.membership_id
    LEFT JOIN paid ON paid.stated_id = page.membership_id
    LEFT JOIN latest ON latest.membership_id = page.membership_id
    CROSS JOIN LATERAL (
        SELECT whose.*, tax_statement_hash(
            page.membership_id || E'\n' || tax_statements_due.income_year || E'\n' || whose.ore
            || E'\n' || whose.direct_ore || E'\n' || whose.working_ore || E'\n' || whose.months
            || E'\n' || tax_statements_due.cap_ore || E'\n' || whose.own_cap_ore
            || E'\n' || whose.reportable_ore || E'\n' || coalesce(whose.unreported, '')
            ) AS content_hash
        FROM (
            SELECT sums.*, unreported_because(
                sums.direct_ore, sums.reportable_ore,
                page.person_id IN (SELECT objecting.person_id FROM objecting),
                page.national_id IS NOT NULL) AS unreported
            FROM (
                -- What goes out of other months lessens the whole: no part is more than that.
                SELECT net.ore, net.direct_ore, least(net.working_ore, net.ore) AS working_ore,
                       coalesce(counted.months, 0) AS months,
                       caps.own_cap_ore,
                       CASE WHEN caps.own_cap_ore = 0 THEN 0
                            ELSE least(net.reportable_ore, net.direct_ore, net.working_ore) END
                           AS reportable_ore
                FROM (SELECT greatest(coalesce(paid.ore, 0), 0),
                             greatest(coalesce(paid.direct_ore, 0), 0),
                             greatest(coalesce(paid.working_ore, 0), 0),
                             greatest(coalesce(paid.reportable_ore, 0), 0)
                     ) AS net (ore, direct_ore, working_ore, reportable_ore)
                CROSS JOIN (SELECT CASE WHEN said.by_month OR counted.months IS NULL
                                  THEN part_of_cap(tax_statements_due.cap_ore,
                                                   coalesce(counted.months, 0))
                                  ELSE tax_statements_due.cap_ore END
                     ) AS caps (own_cap_ore)
            ) AS sums
            -- Each of these is worked out once, wherever it is used.
            OFFSET 0
        ) AS whose
        OFFSET 0
    ) AS figures
    WHERE figures.ore > 0 OR latest.version IS NOT NULL OR paid.direct_ore < 0;
    END;
COMMENT ON FUNCTION tax_statements_due(integer, bigint, text, text) IS
    'What the persons of a page paid in a year, and whether their statement says otherwise: the '
    'cash principle (X4). over_ore: what was paid out beyond what came straight from them, which '
    'was paid in a year before. Whoever paid nothing has none; what is stated under another membership of '
    'the person ("elsewhere") is nothing here. The same as schemas.statements.tax.';

-- What the tax authority was told ---------------------------------------------------------------

CREATE TABLE tax_deliveries (
    year integer NOT NULL CHECK (year BETWEEN 1900 AND 2200),
    number integer NOT NULL CHECK (number >= 1),
    sender_orgnr char(9) NOT NULL,
    sender_name text NOT NULL,
    sender_email text NOT NULL,
    line_count integer NOT NULL CHECK (line_count > 0),
    total_kroner bigint NOT NULL CHECK (total_kroner >= 0),
    made_on date NOT NULL,
    made_by text NOT NULL CHECK (made_by <> ''),
    PRIMARY KEY (year, number),
    CONSTRAINT tax_deliveries_of_a_year_that_is_over CHECK (made_on >= make_date(year + 1, 1, 1))
);
COMMENT ON TABLE tax_deliveries IS
    'The files for the tax authority of an income year (X3): the first holds everybody, each later '
    'one only what has changed since. Append-only.';

CREATE TABLE tax_delivery_lines (
    year integer NOT NULL,
    number integer NOT NULL,
    national_id char(11) NOT NULL CHECK (national_id ~ '^[0-9]{11}$'),
    name text NOT NULL,
    membership_id text NOT NULL REFERENCES memberships,
    kroner bigint NOT NULL CHECK (kroner >= 0),
    PRIMARY KEY (year, number, national_id),
    FOREIGN KEY (year, number) REFERENCES tax_deliveries
);
COMMENT ON TABLE tax_delivery_lines IS
    'Of whom the tax authority was told what, as it stood in the file: to write the same again, and '
    'to take back what was told under another number. Append-only.';
COMMENT ON COLUMN tax_delivery_lines.kroner IS 'Whole kroner, øre left out; 0 takes back what was told.';

CREATE TRIGGER tax_deliveries_append_only BEFORE UPDATE OR DELETE ON tax_deliveries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tax_deliveries_never_emptied BEFORE TRUNCATE ON tax_deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tax_delivery_lines_append_only BEFORE UPDATE OR DELETE ON tax_delivery_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tax_delivery_lines_never_emptied BEFORE TRUNCATE ON tax_delivery_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION tax_delivery_due(income_year integer)
    RETURNS TABLE (
        national_id char(11), name text, membership_id text, kroner bigint, told_kroner bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH due AS MATERIALIZED (
        -- One line for a number, whoever shares it; øre are left out.
        SELECT people.national_id,
               (array_agg(people.name ORDER BY memberships.member_number DESC))[1] AS name,
               (array_agg(memberships.membership_id ORDER BY memberships.member_number DESC))[1]
                   AS membership_id,
               div(sum(said.reported_ore), 100)::bigint AS kroner
        FROM (SELECT latest.membership_id, latest.reported_ore
              FROM latest_tax_statements AS latest
              WHERE latest.year = tax_delivery_due.income_year AND latest.reported_ore > 0) AS said
        JOIN memberships ON memberships.membership_id = said.membership_id
        JOIN people ON people.person_id = memberships.person_id
        WHERE people.national_id IS NOT NULL
          -- From the day on which somebody says so, also before there is another statement.
          AND memberships.person_id NOT IN (
              SELECT objectors.person_id
              FROM tax_objectors(tax_delivery_due.income_year) AS objectors)
        GROUP BY people.national_id
    ), told AS MATERIALIZED (
        SELECT DISTINCT ON (lines.national_id)
               lines.national_id, lines.name, lines.membership_id, lines.kroner
        FROM tax_delivery_lines AS lines
        WHERE lines.year = tax_delivery_due.income_year
        ORDER BY lines.national_id, lines.number DESC
    )
    SELECT coalesce(due.national_id, told.national_id), coalesce(due.name, told.name),
           coalesce(due.membership_id, told.membership_id), coalesce(due.kroner, 0), told.kroner
    FROM due FULL JOIN told ON told.national_id = due.national_id
    WHERE coalesce(due.kroner, 0) <> coalesce(told.kroner, 0);
END;
COMMENT ON FUNCTION tax_delivery_due(integer) IS
    'What the tax authority is still to be told of a year: who is new, whose amount is another one, '
    'and what is to be taken back ("kroner" 0). Whole kroner.';
