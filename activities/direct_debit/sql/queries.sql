-- ===== Mandates

-- name: write_mandate_reports!
-- Write down what a file tells of mandates, as it stands there.
INSERT INTO mandate_reports
    (file_id, position, place, payer, kid, told, wants_notice, reported_on, taken_on, aside)
SELECT :file_id, position, place, payer, kid, told, wants_notice, :reported_on, :today, aside
FROM unnest(:positions::integer[], :places::text[], :payers::text[], :kids::text[],
            :told::text[], :notices::boolean[], :asides::text[])
    AS one (position, place, payer, kid, told, wants_notice, aside)
ON CONFLICT (file_id, position) DO NOTHING;

-- name: find_payers(payers)
-- Find the members that the fixed parts of KIDs name.
SELECT payer, membership_id
FROM unnest(:payers::text[]) AS one (payer)
JOIN memberships ON member_number = substr(payer, 2, 8)::char(8);

-- name: find_kids_of_others(kids)
-- Find which KIDs another system gave to invoices that were carried over (L11).
SELECT kid FROM invoices WHERE kid = ANY (:kids::text[]);

-- name: list_mandates_taken!
-- Note that a file lists all mandates there are.
INSERT INTO mandate_lists (file_id, reported_on) VALUES (:file_id, :reported_on)
ON CONFLICT (file_id) DO NOTHING;

-- name: take_mandates^
-- Have the latest of each payer hold, unless something newer is known; count what has changed.
WITH told AS (
    SELECT one.*
    FROM unnest(:payers::text[], :members::text[], :kids::text[], :notices::boolean[],
                :stands::boolean[]) AS one (payer, membership_id, kid, wants_notice, stands)
    WHERE NOT EXISTS (SELECT FROM mandate_lists WHERE reported_on > :reported_on)
), before AS MATERIALIZED (
    SELECT payer, ended_on IS NULL AS stood FROM mandates
    WHERE payer IN (SELECT payer FROM told)
), taken AS (
    INSERT INTO mandates (payer, membership_id, kid, wants_notice, since, ended_on, reported_on)
    SELECT payer, membership_id, kid, wants_notice, :today::date,
           CASE WHEN NOT stands THEN :today::date END, :reported_on
    FROM told
    ORDER BY payer
    ON CONFLICT (payer) DO UPDATE
    SET membership_id = excluded.membership_id, kid = excluded.kid,
        wants_notice = excluded.wants_notice, reported_on = excluded.reported_on,
        since = CASE WHEN mandates.ended_on IS NOT NULL AND excluded.ended_on IS NULL
                     THEN excluded.since ELSE mandates.since END,
        ended_on = CASE WHEN excluded.ended_on IS NOT NULL
                        THEN coalesce(mandates.ended_on, excluded.ended_on) END
    WHERE mandates.reported_on <= excluded.reported_on
    RETURNING payer, ended_on IS NULL AS stands
)
SELECT count(*) FILTER (WHERE taken.stands AND stood IS NOT TRUE) AS begun,
       count(*) FILTER (WHERE NOT taken.stands AND stood) AS ended
FROM taken LEFT JOIN before USING (payer);

-- name: end_unlisted$
-- End the mandates that a list of all there are leaves out; count them.
WITH ended AS (
    UPDATE mandates SET ended_on = :today, reported_on = :reported_on
    WHERE ended_on IS NULL AND reported_on <= :reported_on AND payer <> ALL (:listed::text[])
      AND NOT EXISTS (SELECT FROM mandate_lists WHERE reported_on > :reported_on)
    RETURNING payer
)
SELECT count(*) FROM ended;

-- name: list_mandates(membership_id, most)
-- List the mandates there are, or those of one membership with what has ended.
SELECT payer, membership_id, kid, wants_notice, since, ended_on
FROM mandates
WHERE CASE WHEN :membership_id::text IS NULL THEN ended_on IS NULL
           ELSE membership_id = :membership_id END
ORDER BY payer
LIMIT :most;

-- ===== Claims

-- name: lock_claiming#
-- Let one day's claims be made at a time.
SELECT pg_advisory_xact_lock(hashtext('medlemsflyt.claims'));

-- name: has_mandates$
-- Tell whether anybody has told the bank to pay our claims.
SELECT EXISTS (SELECT FROM mandates WHERE ended_on IS NULL);

-- name: read_claim_file(day)^
-- Read the file of a day.
SELECT day, file_id, content, claims, cancellations, amount_ore FROM claim_files WHERE day = :day;

-- name: make_claims(today, since, earliest, latest, bank_from)
-- Claim what has been issued while its member has a mandate, each invoice once; and what a payment
-- plan was about that was given up, though its due date has passed.
WITH awaiting AS (
    SELECT by_mandate.*
    FROM invoices_by_mandate AS by_mandate
    WHERE stands AND issued_on >= :since AND due_on >= :today AND NOT is_withdrawn(payer)
      AND NOT is_in_instalments(number)
      AND NOT EXISTS (SELECT FROM claims WHERE invoice_number = number)
    UNION
    SELECT by_mandate.*
    FROM invoices_given_free JOIN invoices_by_mandate AS by_mandate USING (number)
    WHERE stands AND issued_on >= :since AND NOT is_withdrawn(payer)
), due AS (
    SELECT awaiting.*, greatest(due_on, :earliest::date) AS taken_on
    FROM awaiting
    WHERE NOT EXISTS (SELECT FROM claim_returns WHERE invoice_number = number)
), claimed AS (
    INSERT INTO claims
        (invoice_number, nth, membership_id, kid, amount_ore, due_on, bank_notifies, claimed_on)
    SELECT due.number,
           1 + (SELECT count(*) FROM claims AS before WHERE before.invoice_number = due.number),
           due.membership_id, due.kid, balance.open_ore, due.taken_on,
           coalesce(due.taken_on >= :bank_from::date, false), :today
    FROM due
    CROSS JOIN LATERAL (SELECT open_ore FROM invoice_balances AS one WHERE one.number = due.number)
        AS balance
    WHERE balance.open_ore > 0 AND due.taken_on <= :latest
    ORDER BY due.number
    RETURNING *
)
SELECT coalesce(named.series_number, invoice_number) AS shown, claimed.kid, amount_ore,
       claimed.due_on, bank_notifies
FROM claimed
CROSS JOIN LATERAL (
    SELECT series_number FROM invoice_balances AS one WHERE one.number = invoice_number
) AS named;

-- name: find_void_claims(today)
-- Find the claims under way that must not be collected any more, and why.
SELECT claims.invoice_number, claims.nth, claims.membership_id, claims.kid, claims.amount_ore, claims.due_on,
       claims.bank_notifies, claims.claimed_on, balance.open_ore,
       coalesce(balance.series_number, claims.invoice_number) AS shown,
       CASE WHEN is_withdrawn(left(claims.kid, 9)) OR is_in_instalments(claims.invoice_number)
            THEN 'withdrawn'
            WHEN balance.open_ore < claims.amount_ore THEN 'settled'
            ELSE 'mandate_ended' END AS reason
FROM claims
JOIN mandates ON mandates.payer = left(claims.kid, 9)
CROSS JOIN LATERAL (
    SELECT open_ore, series_number FROM invoice_balances AS one
    WHERE one.number = claims.invoice_number
) AS balance
WHERE claims.due_on >= :today
  AND (balance.open_ore < claims.amount_ore OR mandates.ended_on IS NOT NULL
       OR mandates.since > claims.claimed_on OR is_withdrawn(mandates.payer)
       OR is_in_instalments(claims.invoice_number))
  AND NOT EXISTS (SELECT FROM claim_cancellations AS one
                  WHERE (one.invoice_number, one.nth) = (claims.invoice_number, claims.nth))
ORDER BY claims.invoice_number;

-- name: cancel_claims!
-- Note which claims the bank is told not to collect.
INSERT INTO claim_cancellations (invoice_number, nth, reason, cancelled_on)
SELECT invoice_number, nth, reason, :today
FROM unnest(:numbers::text[], :nths::integer[], :reasons::text[])
    AS one (invoice_number, nth, reason);

-- name: return_invoices(today, since, refused_before, pay_by, batch)
-- Ask members to pay what the bank does not collect, by a letter each, once; count them by reason.
-- What a payment plan asks for waits for the end of that.
WITH found AS (
    SELECT number, membership_id, 'not_claimed' AS reason
    FROM invoices_by_mandate
    WHERE issued_on >= :since AND (due_on < :today OR NOT stands OR is_withdrawn(payer))
      AND NOT EXISTS (SELECT FROM claims WHERE invoice_number = number)
    UNION ALL
    SELECT invoice_number, claims.membership_id, 'cancelled'
    FROM claim_cancellations JOIN claims USING (invoice_number, nth)
    WHERE cancelled_on >= :since AND debited_on(invoice_number) IS NULL
    UNION ALL
    SELECT invoice_number, membership_id, 'refused'
    FROM claims
    WHERE due_on < :refused_before AND claimed_on >= :since
      AND NOT EXISTS (SELECT FROM claim_cancellations AS one
                      WHERE (one.invoice_number, one.nth) = (claims.invoice_number, claims.nth))
), returned AS (
    INSERT INTO claim_returns (invoice_number, membership_id, reason, returned_on, pay_by)
    SELECT found.number, found.membership_id, found.reason, :today, :pay_by
    FROM found
    CROSS JOIN LATERAL (SELECT open_ore FROM invoice_balances AS one WHERE one.number = found.number)
        AS balance
    WHERE balance.open_ore > 0 AND NOT is_in_instalments(found.number)
    ON CONFLICT (invoice_number) DO NOTHING
    RETURNING *
), letter AS (
    INSERT INTO letters
        (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
    SELECT membership_id, key, 'direct_debit_returned', 'member',
           jsonb_build_object('invoice', invoice_number, 'reason', reason,
                              'pay_by', pay_by::text),
           'pending', letter_message_id(membership_id, key), :batch, :today
    FROM returned
    JOIN memberships USING (membership_id)
    CROSS JOIN LATERAL (SELECT 'direct-debit-returned-' || invoice_number AS key) AS named
    -- Nobody is asked twice, as the end of a broken plan asks, or after a death (L7).
    WHERE NOT was_in_instalments(invoice_number)
      AND (person_id IS NULL OR NOT has_died(person_id))
    ON CONFLICT DO NOTHING
)
SELECT reason, count(*) AS number FROM returned GROUP BY reason;

-- name: write_claim_file!
-- Keep the file of a day.
INSERT INTO claim_files (day, file_id, content, claims, cancellations, amount_ore)
VALUES (:day, :file_id, :content, :claims, :cancellations, :amount_ore);

-- ===== What members have chosen

-- name: choose_payment!
-- Note how a member has chosen to pay.
INSERT INTO payment_choices (membership_id, decision, way, chosen_on)
VALUES (:membership_id, :decision, :way, :chosen_on);
