-- What the accounting calls our accounts, and what it reads of the ledger.

CREATE TABLE book_accounts (
    account text PRIMARY KEY,
    number char(4) NOT NULL CHECK (number ~ '^[1-8][0-9]{3}$'),
    title text NOT NULL CHECK (title <> ''),
    grouping_category text NOT NULL,
    grouping_code text NOT NULL
);
COMMENT ON TABLE book_accounts IS
    'The chart: which account of the accounting each account of the ledger is.';
COMMENT ON COLUMN book_accounts.grouping_category IS
    'Where it stands in the tax return, with its code: naeringsspesifikasjon of SAF-T 1.3.';

CREATE VIEW booked AS
SELECT booked_on, source,
       -- What an employer need not deduct after all is a loss, as what a member need not pay is.
       CASE WHEN source = 'write_off' AND debit = 'correction' THEN 'losses' ELSE debit END AS debit,
       credit, amount_ore
FROM entries
WHERE source <> 'charge' OR kind <> 'correction'
UNION ALL
-- A correction line is a sum: each part of it belongs where the amount that it corrects stood.
SELECT entries.booked_on, entries.source,
       CASE WHEN corrections.amount_ore > 0 THEN sides.claim ELSE sides.income END,
       CASE WHEN corrections.amount_ore > 0 THEN sides.income ELSE sides.claim END,
       abs(corrections.amount_ore)
FROM entries
JOIN corrections ON corrections.membership_id = entries.membership_id
                AND corrections.charged_in = entries.period_from
CROSS JOIN LATERAL (
    SELECT CASE WHEN entries.debit = 'correction' THEN entries.credit ELSE entries.debit END
               AS claim,
           -- What was taken too much, or brought along from another system, was no income of ours;
           -- what is carried over was taken off it before.
           CASE WHEN corrections.reason IN ('over_deducted', 'carried_over', 'imported')
                THEN 'correction'
                ELSE corrections.kind END AS income
) AS sides
WHERE entries.source = 'charge' AND entries.kind = 'correction';
COMMENT ON VIEW booked IS
    'The ledger with every correction line taken apart, so that each account holds what was '
    'charged of its kind.';

-- What branches are owed --------------------------------------------------------------------------

CREATE TABLE branch_accounts (
    branch text NOT NULL REFERENCES branches,
    valid_from date NOT NULL,
    account char(11) NOT NULL CHECK (account ~ '^[0-9]{11}$'),
    named_by text NOT NULL,
    named_on date NOT NULL,
    PRIMARY KEY (branch, valid_from)
);
COMMENT ON TABLE branch_accounts IS
    'Where a branch''s money goes, from which day on (P11). Append-only.';
CREATE TRIGGER branch_accounts_append_only BEFORE UPDATE OR DELETE ON branch_accounts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE branch_settlements (
    branch text NOT NULL REFERENCES branches,
    period_from date NOT NULL CHECK (extract(day FROM period_from) = 1),
    received_ore bigint NOT NULL,
    amount_ore bigint NOT NULL,
    made_on date NOT NULL,
    made_by text NOT NULL,
    PRIMARY KEY (branch, period_from),
    CONSTRAINT branch_settlements_of_months_that_are_over CHECK (
        made_on >= period_from + interval '1 month')
);
COMMENT ON TABLE branch_settlements IS
    'What a month brought in for each branch (P11). Append-only.';
COMMENT ON COLUMN branch_settlements.received_ore IS
    'All that has come in for the branch until the month''s end, as it was known then.';
COMMENT ON COLUMN branch_settlements.amount_ore IS
    'Of that what no earlier settlement holds. Less than nothing: more was taken back than came in.';
CREATE TRIGGER branch_settlements_append_only BEFORE UPDATE OR DELETE ON branch_settlements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE branch_settlement_lines (
    branch text NOT NULL,
    period_from date NOT NULL,
    dues_of date NOT NULL,
    amount_ore bigint NOT NULL CHECK (amount_ore <> 0),
    PRIMARY KEY (branch, period_from, dues_of),
    FOREIGN KEY (branch, period_from) REFERENCES branch_settlements
);
COMMENT ON TABLE branch_settlement_lines IS
    'For which months a settlement''s dues are: no line is anybody''s. Append-only.';
CREATE TRIGGER branch_settlement_lines_append_only BEFORE UPDATE OR DELETE ON branch_settlement_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE branch_payouts (
    branch text NOT NULL,
    period_from date NOT NULL,
    refund_id text NOT NULL UNIQUE REFERENCES refunds,
    PRIMARY KEY (branch, period_from),
    FOREIGN KEY (branch, period_from) REFERENCES branch_settlements
);
COMMENT ON TABLE branch_payouts IS
    'By which instruction to the bank a branch gets what it is owed with a settlement. Append-only.';
CREATE TRIGGER branch_payouts_append_only BEFORE UPDATE OR DELETE ON branch_payouts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION owed_to_branch(of_branch text) RETURNS bigint
    LANGUAGE sql STABLE
    RETURN CASE WHEN of_branch IS NOT NULL THEN
        coalesce((SELECT sum(amount_ore) FROM branch_settlements WHERE branch = of_branch), 0)
        - coalesce((SELECT sum(amount_ore) FROM refund_parts WHERE branch = of_branch), 0) END;
COMMENT ON FUNCTION owed_to_branch(text) IS
    'What a branch is owed of its settlements, less what is being paid out to it.';

CREATE FUNCTION share_of(part bigint, taken numeric, whole numeric) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN whole = 0 OR taken = whole THEN part ELSE trunc(part * taken / whole)::bigint END;
COMMENT ON FUNCTION share_of(bigint, numeric, numeric) IS
    'What of a part has been paid when so much of the whole has: towards nothing, until all has.';

CREATE FUNCTION local_dues_received(until date)
    RETURNS TABLE (branch text, dues_of date, ore bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH paid AS (
        SELECT invoice_number AS number, sum(amount_ore) AS ore FROM allocations
        WHERE invoice_number IS NOT NULL AND write_off IS NULL AND allocated_on <= until
        GROUP BY invoice_number
    ), listed AS (
        SELECT lines.list_number, lines.membership_id, lists.period_from, settled.expected_ore,
               least(settled.deducted_ore, settled.expected_ore) AS taken_ore,
               -- What was taken too much before is the member's, and no branch's dues.
               lines.local_ore - coalesce((
                   SELECT sum(corrections.amount_ore) FROM corrections
                   WHERE corrections.membership_id = lines.membership_id
                     AND corrections.charged_in = lists.period_from
                     AND corrections.kind = 'local_dues'
                     AND corrections.reason IN ('over_deducted', 'imported')), 0)::bigint
                   AS local_ore
        FROM deductions AS settled
        JOIN deduction_lines AS lines USING (list_number, membership_id)
        JOIN deduction_lists AS lists ON lists.number = lines.list_number
        WHERE settled.settled_on <= until AND lines.local_ore <> 0
    ), taken AS (
        SELECT list_number, sum(deducted_ore) AS ore FROM deductions WHERE settled_on <= until
        GROUP BY list_number
    ), sent AS (
        SELECT list_number, sum(amount_ore) AS ore FROM allocations
        WHERE list_number IS NOT NULL AND allocated_on <= until
        GROUP BY list_number
    ), parts AS (
        SELECT charges.invoice_number AS number, charges.membership_id, charges.period_from AS dues_of,
               charges.amount_ore AS ore
        FROM charges WHERE kind = 'local_dues' AND invoice_number IS NOT NULL
        UNION ALL
        SELECT charges.invoice_number, charges.membership_id, corrections.period_from,
               corrections.amount_ore
        FROM charges JOIN corrections ON corrections.membership_id = charges.membership_id
                                     AND corrections.charged_in = charges.period_from
        WHERE charges.kind = 'correction' AND charges.invoice_number IS NOT NULL
          AND corrections.kind = 'local_dues'
          AND corrections.reason NOT IN ('over_deducted', 'imported')
        UNION ALL
        SELECT redirections.invoice_number, listed.membership_id, listed.period_from,
               listed.local_ore - share_of(listed.local_ore, listed.taken_ore, listed.expected_ore)
        FROM redirections JOIN listed USING (list_number, membership_id)
    ), received AS (
        SELECT parts.membership_id, parts.dues_of,
               -- What a credit note gives back is owed to the member from then on, used or not.
               CASE WHEN invoices.total_ore <= 0 THEN parts.ore
                    ELSE share_of(parts.ore, coalesce(paid.ore, 0), invoices.total_ore) END AS ore
        FROM parts JOIN invoices USING (number) LEFT JOIN paid USING (number)
        WHERE invoices.issued_on <= until
        UNION ALL
        SELECT listed.membership_id, listed.period_from,
               share_of(share_of(listed.local_ore, listed.taken_ore, listed.expected_ore),
                        least(coalesce(sent.ore, 0), taken.ore), taken.ore)
        FROM listed JOIN taken USING (list_number) LEFT JOIN sent USING (list_number)
    ), of_members AS (
        SELECT membership_id, dues_of, sum(ore)::bigint AS ore
        FROM received GROUP BY membership_id, dues_of HAVING sum(ore) <> 0
    ), placed AS (
        -- By the term that holds, else by the last that did: what is charged and given back cancel.
        SELECT DISTINCT ON (of_members.membership_id, of_members.dues_of)
               of_members.dues_of, of_members.ore,
               coalesce(substring(terms.rate FROM '@(.+)$'), memberships.branch) AS branch
        FROM of_members JOIN memberships USING (membership_id)
        LEFT JOIN terms ON terms.membership_id = of_members.membership_id
                       AND terms.kind = 'local_dues' AND lower(terms.valid) <= of_members.dues_of
                       AND coalesce(upper(terms.valid) > of_members.dues_of, true)
        ORDER BY of_members.membership_id, of_members.dues_of,
                 (terms.superseded_by IS NULL) DESC, terms.decision DESC
    )
    SELECT placed.branch, placed.dues_of, sum(placed.ore)::bigint
    FROM placed GROUP BY placed.branch, placed.dues_of;
END;
COMMENT ON FUNCTION local_dues_received(date) IS
    'All local dues that have come in until a day, by branch and the month they are for: of an '
    'invoice the part that is paid, of an employer''s list what it took and sent. What is taken back '
    'counts no more, what is let go never did. No branch: nobody knows it (P11).';
