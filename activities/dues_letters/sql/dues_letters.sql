-- name: last_member()$
-- Read the highest member number there is, as a number.
SELECT coalesce(max(member_number), '0')::bigint FROM memberships;

-- name: find_member(member_number)$
-- Find the membership of a member number.
SELECT membership_id FROM memberships WHERE member_number = :member_number;

-- name: order_letters(period_from, today, batch, first, last)$
-- Order the letter of each invoice that the run of a month issued to the members of a page.
WITH ordered AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, 'dues_invoice', 'member', jsonb_build_object('invoice', number),
           'pending', letter_message_id(membership_id, key), :batch, :today
    FROM (
        SELECT invoices.membership_id, invoices.number, 'invoice-' || invoices.number AS key
        FROM memberships JOIN invoices USING (membership_id)
        WHERE memberships.member_number BETWEEN :first AND :last
          AND invoices.period_from = :period_from AND invoices.decision IS NULL
          -- What an employer did not deduct is invoiced, and told of, when its return is settled.
          AND NOT EXISTS (SELECT FROM redirections WHERE invoice_number = invoices.number)
    ) AS issued
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM ordered;
