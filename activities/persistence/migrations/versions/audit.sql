-- What the audit finds, and whom it holds until that is put right.

CREATE INDEX entries_by_day ON entries USING brin (period_from, booked_on)
    WITH (pages_per_range = 32);
CREATE INDEX allocations_by_day ON allocations USING brin (allocated_on)
    WITH (pages_per_range = 32);

CREATE TABLE audit_findings (
    run text NOT NULL,
    check_name text NOT NULL,
    subject text NOT NULL,
    found_on date NOT NULL,
    membership_id text REFERENCES memberships,
    says text NOT NULL,
    mended boolean NOT NULL,
    PRIMARY KEY (run, check_name, subject)
);
COMMENT ON TABLE audit_findings IS
    'What each audit found to have drifted, and whether it mended it. No personal data. '
    'Append-only.';
CREATE TRIGGER audit_findings_append_only BEFORE UPDATE OR DELETE ON audit_findings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_findings_never_emptied BEFORE TRUNCATE ON audit_findings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE holds (
    membership_id text NOT NULL REFERENCES memberships,
    check_name text NOT NULL,
    reason text NOT NULL,
    held_on date NOT NULL,
    about date,
    PRIMARY KEY (membership_id, check_name)
);
COMMENT ON TABLE holds IS
    'Who is not charged until something that drifted is put right. The row goes when an audit '
    'does not find it any more.';
COMMENT ON COLUMN holds.about IS 'The month it is about: audits look back so far while it stands.';

CREATE OR REPLACE FUNCTION lines_due(month date, since date, first char, last char)
    RETURNS TABLE (
        membership_id text, member_number char(8), kind text, cadence text, payer text,
        employer_orgnr text, amount_ore bigint, trouble text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH regular AS (
        SELECT memberships.membership_id, memberships.member_number, due.kind, due.cadence,
               due.payer, due.employer_orgnr, due.amount_ore,
               CASE
                   WHEN charges.amount_ore IS NOT NULL
                       THEN format('%s was charged as %s øre and would now be %s; no change of '
                                   'terms explains it', due.kind, charges.amount_ore,
                                   due.amount_ore)
                   WHEN due.payer = 'payroll' AND memberships.hidden
                       THEN 'a hidden member can''t be charged through an employer'
                   WHEN due.payer = 'payroll' AND due.employer_orgnr IS NULL
                       THEN 'the employer that deducts is not known'
                   WHEN due.amount_ore < 0 THEN 'a term with a negative amount'
               END AS trouble
        FROM terms_due(month) AS due
        JOIN memberships ON memberships.membership_id = due.membership_id
        LEFT JOIN charges ON charges.membership_id = due.membership_id
                         AND charges.period_from = month AND charges.kind = due.kind
        WHERE memberships.member_number BETWEEN first AND last
          AND (charges.membership_id IS NULL
               -- Another amount than was charged: corrected next month when the terms changed.
               OR charges.amount_ore <> due.amount_ore AND NOT EXISTS (
                    SELECT FROM reassessments
                    WHERE reassessments.membership_id = due.membership_id))
    ), corrected AS (
        SELECT memberships.membership_id, memberships.member_number, memberships.hidden,
               sum(is_ore - was_ore)::bigint AS amount_ore
        FROM corrections_due(month, since, first, last) AS corrections_due
        JOIN memberships ON memberships.membership_id = corrections_due.membership_id
        GROUP BY memberships.membership_id
    ), lines AS (
        SELECT * FROM regular
        UNION ALL
        SELECT corrected.membership_id, corrected.member_number, 'correction', 'monthly',
               CASE WHEN deducting.employer_orgnr IS NULL THEN 'direct' ELSE 'payroll' END,
               deducting.employer_orgnr, corrected.amount_ore, NULL
        FROM corrected
        -- Through whoever collects this month; with nobody left to deduct, from the member.
        LEFT JOIN LATERAL (
            SELECT due.employer_orgnr FROM terms_due(month) AS due
            WHERE due.membership_id = corrected.membership_id AND due.payer = 'payroll'
              AND NOT corrected.hidden
            ORDER BY due.kind LIMIT 1
        ) AS deducting ON true
    )
    SELECT lines.membership_id, lines.member_number, lines.kind, lines.cadence, lines.payer,
           lines.employer_orgnr, lines.amount_ore, coalesce(held.trouble, lines.trouble)
    FROM lines
    LEFT JOIN (
        SELECT holds.membership_id, 'held by the audit: ' || min(holds.reason) AS trouble
        FROM holds GROUP BY holds.membership_id
    ) AS held ON held.membership_id = lines.membership_id
    -- An employer's list stands once it is made: what is charged later comes with the next one.
    WHERE NOT EXISTS (
        SELECT FROM deduction_lists
        WHERE deduction_lists.employer_orgnr = lines.employer_orgnr
          AND deduction_lists.period_from = month);
END;
