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
    named_by_subject text,
    PRIMARY KEY (branch, valid_from)
);
COMMENT ON TABLE branch_accounts IS
    'Where a branch''s money goes, from which day on (P11). Append-only.';
COMMENT ON COLUMN branch_accounts.named_by_subject IS
    'Who that is for ever, where a key said so: whoever approves a payout is somebody else.';
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
    ), given_back AS (
        -- What was taken too much before is the member's, and no branch's dues.
        SELECT corrections.membership_id, corrections.charged_in,
               sum(corrections.amount_ore)::bigint AS ore
        FROM corrections
        WHERE corrections.kind = 'local_dues' AND corrections.reason IN ('over_deducted', 'imported')
        GROUP BY corrections.membership_id, corrections.charged_in
    ), asked AS (
        SELECT lines.list_number, lines.membership_id, lists.period_from, settled.expected_ore,
               least(settled.deducted_ore, settled.expected_ore) AS taken_ore,
               lines.local_ore - coalesce(given_back.ore, 0) AS local_ore
        FROM deductions AS settled
        JOIN deduction_lines AS lines USING (list_number, membership_id)
        JOIN deduction_lists AS lists ON lists.number = lines.list_number
        LEFT JOIN given_back ON given_back.membership_id = lines.membership_id
                            AND given_back.charged_in = lists.period_from
        WHERE settled.settled_on <= until AND lines.local_ore <> 0
        OFFSET 0
    ), listed AS MATERIALIZED (
        -- A share is worked out of columns: of more it would be a call for each line.
        SELECT asked.list_number, asked.membership_id, asked.period_from, asked.local_ore,
               share_of(asked.local_ore, asked.taken_ore, asked.expected_ore) AS taken_of_it
        FROM asked
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
               listed.local_ore - listed.taken_of_it
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
               share_of(listed.taken_of_it, least(coalesce(sent.ore, 0), taken.ore), taken.ore)
        FROM listed JOIN taken USING (list_number) LEFT JOIN sent USING (list_number)
    ), of_branch AS (
        -- Of each term once, and not of each month that it holds in.
        SELECT terms.membership_id, terms.valid, terms.superseded_by, terms.decision,
               substring(terms.rate FROM '@(.+)$') AS branch
        FROM terms WHERE terms.kind = 'local_dues'
        OFFSET 0
    ), found AS (
        -- By the term that holds: there is one at most (terms_one_per_kind_and_month).
        SELECT received.membership_id, received.dues_of, received.ore, holds.branch,
               holds.membership_id IS NOT NULL AS held
        FROM received
        LEFT JOIN of_branch AS holds ON holds.membership_id = received.membership_id
                                    AND holds.superseded_by IS NULL
                                    AND lower(holds.valid) <= received.dues_of
                                    AND coalesce(upper(holds.valid) > received.dues_of, true)
    ), placed AS (
        -- Summed up before anybody is looked up: what is left has a branch of its own, or none.
        SELECT CASE WHEN found.branch IS NULL THEN found.membership_id END AS membership_id,
               found.dues_of, found.branch, found.held, sum(found.ore)::bigint AS ore
        FROM found GROUP BY 1, 2, 3, 4
    )
    SELECT coalesce(placed.branch, held_before.branch, memberships.branch), placed.dues_of,
           sum(placed.ore)::bigint
    FROM placed
    LEFT JOIN memberships ON memberships.membership_id = placed.membership_id
    -- Else by the last that did: what is charged and given back cancel.
    LEFT JOIN (
        SELECT DISTINCT ON (few.membership_id, few.dues_of)
               few.membership_id, few.dues_of, of_branch.branch
        FROM placed AS few
        JOIN of_branch ON of_branch.membership_id = few.membership_id
                      AND lower(of_branch.valid) <= few.dues_of
                      AND coalesce(upper(of_branch.valid) > few.dues_of, true)
        WHERE NOT few.held
        ORDER BY few.membership_id, few.dues_of, of_branch.decision DESC
    ) AS held_before ON held_before.membership_id = placed.membership_id
                    AND held_before.dues_of = placed.dues_of
                    AND NOT placed.held
    WHERE placed.ore <> 0
    GROUP BY 1, 2;
END;
COMMENT ON FUNCTION local_dues_received(date) IS
    'All local dues that have come in until a day, by branch and the month they are for: of an '
    'invoice the part that is paid, of an employer''s list what it took and sent. What is taken back '
    'counts no more, what is let go never did. No branch: nobody knows it (P11).';
