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

CREATE TABLE tax_statements (
    membership_id text NOT NULL REFERENCES memberships,
    year integer NOT NULL CHECK (year BETWEEN 1900 AND 2200),
    version integer NOT NULL CHECK (version >= 1),
    paid_ore bigint NOT NULL CHECK (paid_ore >= 0),
    cap_ore bigint NOT NULL CHECK (cap_ore >= 0),
    deductible_ore bigint NOT NULL,
    cap_confirmed boolean NOT NULL,
    content_hash char(64) NOT NULL,
    made_on date NOT NULL,
    PRIMARY KEY (membership_id, year, version),
    CONSTRAINT tax_statements_stop_at_the_cap CHECK (deductible_ore = least(paid_ore, cap_ore)),
    CONSTRAINT tax_statements_of_a_year_that_is_over CHECK (made_on >= make_date(year + 1, 1, 1))
);
COMMENT ON TABLE tax_statements IS
    'What a member paid in a year, and how much of it is deductible (S24, S25, A24). Append-only: '
    'a year that comes out otherwise later is a correction, with the next version.';
COMMENT ON COLUMN tax_statements.content_hash IS
    'Tells a second computation with the same result from one with another.';
CREATE INDEX tax_statements_of_a_year ON tax_statements (year, membership_id);

CREATE TRIGGER tax_statements_append_only BEFORE UPDATE OR DELETE ON tax_statements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tax_statements_never_emptied BEFORE TRUNCATE ON tax_statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION tax_statement_hash(
    membership_id text, year integer, paid_ore bigint, cap_ore bigint
) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to(
        membership_id || E'\n' || year || E'\n' || paid_ore || E'\n' || cap_ore, 'UTF8')), 'hex');
COMMENT ON FUNCTION tax_statement_hash(text, integer, bigint, bigint) IS
    'What is deductible follows from what was paid and the cap.';

CREATE FUNCTION tax_statements_due(income_year integer, cap_ore bigint, first text, last text)
    RETURNS TABLE (
        membership_id text, deceased boolean, has_national_id boolean, paid_ore bigint,
        deductible_ore bigint, version integer, content_hash text, differs boolean
    )
    LANGUAGE sql STABLE
    BEGIN ATOMIC
    WITH page AS MATERIALIZED (
        SELECT memberships.membership_id, memberships.person_id, people.national_id
        FROM memberships LEFT JOIN people USING (person_id)
        WHERE memberships.member_number BETWEEN tax_statements_due.first::char(8)
                                            AND tax_statements_due.last::char(8)
    ), rule AS MATERIALIZED (
        SELECT policy_on(
            'local_dues_deductible', make_date(tax_statements_due.income_year, 12, 31), 'true'
        ) = 'true'::jsonb AS counts_local
    ), paid AS MATERIALIZED (
        SELECT moved.membership_id, sum(moved.ore)::bigint AS ore
        FROM (
            -- By the day the bank booked it. What was taken back was not paid; what is in
            -- suspense is not the union's; a credit note is no money.
            -- Of what does not count at all, a payment has its share, in whole øre (A24).
            SELECT invoices.membership_id,
                   allocations.amount_ore - coalesce(div(
                       allocations.amount_ore::numeric * local.ore,
                       nullif(invoices.total_ore, 0)), 0)::bigint AS ore
            FROM page CROSS JOIN rule
            JOIN invoices USING (membership_id)
            JOIN allocations ON allocations.invoice_number = invoices.number
            JOIN payments ON payments.reference = allocations.reference
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(charges.amount_ore), 0) AS ore FROM charges
                WHERE NOT rule.counts_local AND charges.invoice_number = invoices.number
                  AND charges.period_from = invoices.period_from
                  AND charges.kind = 'local_dues'
            ) AS local
            WHERE payments.paid_on >= make_date(tax_statements_due.income_year, 1, 1)
              AND payments.paid_on < make_date(tax_statements_due.income_year + 1, 1, 1)
            UNION ALL
            -- By the month of the pay it was deducted from.
            SELECT deductions.membership_id,
                   deductions.deducted_ore - CASE WHEN rule.counts_local THEN 0 ELSE coalesce(div(
                       deductions.deducted_ore::numeric * deduction_lines.local_ore,
                       nullif(deduction_lines.total_ore, 0)), 0) END::bigint
            FROM page CROSS JOIN rule
            JOIN deductions USING (membership_id)
            JOIN deduction_lines USING (list_number, membership_id)
            JOIN deduction_lists ON deduction_lists.number = deductions.list_number
            WHERE deduction_lists.period_from >= make_date(tax_statements_due.income_year, 1, 1)
              AND deduction_lists.period_from < make_date(tax_statements_due.income_year + 1, 1, 1)
        ) AS moved
        GROUP BY moved.membership_id
    ), latest AS MATERIALIZED (
        SELECT DISTINCT ON (tax_statements.membership_id)
               tax_statements.membership_id, tax_statements.version, tax_statements.content_hash
        FROM page JOIN tax_statements USING (membership_id)
        WHERE tax_statements.year = tax_statements_due.income_year
        ORDER BY tax_statements.membership_id, tax_statements.version DESC
    )
    SELECT page.membership_id,
           page.person_id IN (SELECT dead.person_id FROM members_who_died() AS dead),
           page.national_id IS NOT NULL,
           figures.ore,
           least(figures.ore, tax_statements_due.cap_ore),
           coalesce(latest.version, 0),
           figures.content_hash,
           latest.content_hash IS DISTINCT FROM figures.content_hash
    FROM page
    LEFT JOIN paid USING (membership_id)
    LEFT JOIN latest USING (membership_id)
    CROSS JOIN LATERAL (
        SELECT sums.ore, tax_statement_hash(
            page.membership_id, tax_statements_due.income_year, sums.ore,
            tax_statements_due.cap_ore) AS content_hash
        -- Once, wherever it is used.
        FROM (SELECT greatest(coalesce(paid.ore, 0), 0) AS ore OFFSET 0) AS sums
        OFFSET 0
    ) AS figures
    WHERE figures.ore > 0 OR latest.version IS NOT NULL;
    END;
COMMENT ON FUNCTION tax_statements_due(integer, bigint, text, text) IS
    'What the members of a page paid in a year, and whether their statement says otherwise: the '
    'cash principle (X4). Whoever paid nothing has none. The same as schemas.statements.tax.';
