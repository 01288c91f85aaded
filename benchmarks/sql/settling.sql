-- name: add_up_premiums^
-- Join each premium with what is paid of its invoice or its line of a list, and add them up.
SELECT (SELECT sum(charges.amount_ore)
        FROM charges
        JOIN invoices ON invoices.number = charges.invoice_number
        JOIN (SELECT invoice_number, sum(amount_ore) AS ore FROM allocations
              WHERE invoice_number IS NOT NULL GROUP BY invoice_number) AS paid
          ON paid.invoice_number = invoices.number
        WHERE charges.kind = 'insurance_premium'),
       (SELECT sum(lines.premium_ore)
        FROM deductions JOIN deduction_lines AS lines USING (list_number, membership_id)
        JOIN deduction_lists AS lists ON lists.number = lines.list_number);

-- name: add_up_local_dues^
-- Join each line of local dues with what is paid of its invoice or its line of a list, and with its
-- member's branch, and add them up.
SELECT branch, sum(ore)
FROM (
    SELECT charges.membership_id, charges.amount_ore AS ore
    FROM charges
    JOIN invoices ON invoices.number = charges.invoice_number
    JOIN (SELECT invoice_number, sum(amount_ore) AS ore FROM allocations
          WHERE invoice_number IS NOT NULL GROUP BY invoice_number) AS paid
      ON paid.invoice_number = invoices.number
    WHERE charges.kind = 'local_dues'
    UNION ALL
    SELECT lines.membership_id, lines.local_ore
    FROM deductions JOIN deduction_lines AS lines USING (list_number, membership_id)
    JOIN deduction_lists AS lists ON lists.number = lines.list_number
) AS received
JOIN memberships USING (membership_id)
JOIN terms USING (membership_id)
WHERE terms.kind = 'local_dues' AND superseded_by IS NULL
GROUP BY branch;
