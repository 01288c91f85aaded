-- Which invoices the bank is to collect, and which it is not any more.

CREATE FUNCTION is_withdrawn(payer_part text) RETURNS boolean LANGUAGE sql STABLE
    RETURN (
        SELECT memberships.stage = 'ended'
               OR (memberships.person_id IS NOT NULL AND has_died(memberships.person_id))
               OR coalesce((
                    SELECT way <> 'avtalegiro' FROM payment_choices AS chosen
                    WHERE chosen.membership_id = mandates.membership_id
                      AND chosen.chosen_on >= mandates.since
                    ORDER BY decision DESC LIMIT 1), false)
        FROM mandates JOIN memberships USING (membership_id)
        WHERE mandates.payer = payer_part);
COMMENT ON FUNCTION is_withdrawn(text) IS
    'Whether a mandate is not to be used: the member has left, has died, or has chosen to be invoiced '
    'since the mandate began. A later mandate is a choice of its own.';

CREATE FUNCTION is_in_instalments(invoice text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM invoices JOIN payment_plans AS plans USING (membership_id)
        WHERE invoices.number = invoice AND invoices.issued_on <= plans.decided_on
          AND NOT EXISTS (SELECT FROM payment_plan_ends AS ends WHERE ends.plan_id = plans.plan_id));
COMMENT ON FUNCTION is_in_instalments(text) IS
    'Whether a payment plan that stands is about an invoice: it is not collected whole.';

CREATE FUNCTION was_in_instalments(invoice text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM invoices JOIN payment_plans AS plans USING (membership_id)
        JOIN payment_plan_ends AS ends USING (plan_id)
        WHERE invoices.number = invoice AND invoices.issued_on <= plans.decided_on
          AND ends.outcome = 'broken');
COMMENT ON FUNCTION was_in_instalments(text) IS
    'Whether a payment plan about an invoice was broken: a letter has asked for all that is left of it.';

CREATE VIEW invoices_by_mandate AS
SELECT invoices.number, invoices.membership_id, invoices.kid, invoices.issued_on, invoices.due_on,
       mandates.payer, mandates.ended_on IS NULL AS stands
FROM mandates
JOIN invoices ON invoices.membership_id = mandates.membership_id
             AND left(invoices.kid, 9) = mandates.payer
             AND invoices.issued_on > mandates.since
             AND (mandates.ended_on IS NULL OR mandates.ended_on >= invoices.issued_on)
WHERE invoices.total_ore > 0;
COMMENT ON VIEW invoices_by_mandate IS
    'Invoices that were issued while their member had a mandate: their letters asked nobody to pay.';

CREATE VIEW invoices_given_free AS
SELECT DISTINCT invoices.number
FROM payment_plan_ends AS ends
JOIN payment_plans AS plans USING (plan_id)
JOIN invoices ON invoices.membership_id = plans.membership_id
             AND invoices.issued_on <= plans.decided_on
WHERE ends.outcome = 'withdrawn' AND NOT is_in_instalments(invoices.number)
  AND NOT EXISTS (
    SELECT FROM claims LEFT JOIN claim_cancellations AS cancelled USING (invoice_number, nth)
    WHERE claims.invoice_number = invoices.number
      AND (cancelled.nth IS NULL OR claims.claimed_on >= ends.ended_on));
COMMENT ON VIEW invoices_given_free IS
    'Invoices that a payment plan was about which somebody has given up: they are collected as if there had '
    'been none, unless that has been done since. Of a broken plan a letter has asked for all that is left.';

CREATE FUNCTION debited_on(invoice text) RETURNS date LANGUAGE sql STABLE
    RETURN CASE
        WHEN EXISTS (SELECT FROM claim_returns WHERE invoice_number = invoice) THEN NULL
        ELSE coalesce(
            (SELECT claims.due_on
             FROM claims LEFT JOIN claim_cancellations AS cancelled USING (invoice_number, nth)
             WHERE claims.invoice_number = invoice AND cancelled.nth IS NULL),
            (SELECT by_mandate.due_on FROM invoices_by_mandate AS by_mandate
             WHERE by_mandate.number = invoice AND stands AND NOT is_withdrawn(payer)
               AND NOT is_in_instalments(invoice)
               AND (NOT EXISTS (SELECT FROM claims WHERE claims.invoice_number = invoice)
                    OR EXISTS (SELECT FROM invoices_given_free AS free
                               WHERE free.number = invoice))))
    END;
COMMENT ON FUNCTION debited_on(text) IS
    'When the bank takes what an invoice asks from the member''s account; NULL: the member pays it.';
