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
           -- What was taken too much, or brought along from another system, was no income of ours.
           CASE WHEN corrections.reason IN ('over_deducted', 'imported') THEN 'correction'
                ELSE corrections.kind END AS income
) AS sides
WHERE entries.source = 'charge' AND entries.kind = 'correction';
COMMENT ON VIEW booked IS
    'The ledger with every correction line taken apart, so that each account holds what was '
    'charged of its kind.';
