-- ===== Files of the bank

-- name: begin_import#
-- Give one import the time it takes; another one waits for it: what each format calls equal
-- payments is counted by their order.
SET LOCAL statement_timeout = '10min';
SET LOCAL lock_timeout = '5min';
SET LOCAL idle_in_transaction_session_timeout = '10min';
SET LOCAL work_mem = '64MB';
SELECT pg_advisory_xact_lock(hashtext('medlemsflyt.bank_import'));

-- name: make_identity_key(key)!
-- Keep by which key identities are worked out, unless there is one.
INSERT INTO identity_key (key) VALUES (:key) ON CONFLICT DO NOTHING;

-- name: read_identity_key$
-- Read by which key identities are worked out.
SELECT key FROM identity_key;

-- name: forget_payers(whose, before_day)$
-- Forget who paid, and who received refunds; return of how many entries and refunds.
SELECT forget_payers(:whose::text[], :before_day) + forget_receivers(:whose::text[], :before_day);

-- name: forget_files(before_day, refused_before)$
-- Forget what stood in files from outside; return of how many.
SELECT forget_files(:before_day, :refused_before);

-- name: open_bank_transactions#
-- Make room for what a file brings, and for what is in the books of it, for the length of the
-- transaction.
CREATE TEMP TABLE bank_transactions (
    position integer NOT NULL,
    place text NOT NULL,
    reference text,
    amount_ore bigint,
    paid_on date,
    kid text,
    reversal boolean NOT NULL,
    takes_back text,
    debit boolean NOT NULL,
    returned boolean NOT NULL,
    entry integer NOT NULL,
    channel text NOT NULL,
    message text NOT NULL,
    bank_reference text,
    own boolean NOT NULL,
    bank_references text NOT NULL,
    end_to_end text,
    copy boolean NOT NULL,
    payer_name text,
    payer_account text,
    payer_text text,
    payer_kids text,
    aside text,
    says text,
    bare boolean NOT NULL,
    identity uuid NOT NULL
) ON COMMIT DROP;
CREATE TEMP TABLE bank_verdicts (
    position integer NOT NULL,
    same_as text,
    sure boolean NOT NULL,
    across boolean NOT NULL DEFAULT false,
    by_reference boolean NOT NULL DEFAULT false,
    differs boolean NOT NULL DEFAULT false
) ON COMMIT DROP;

-- name: read_days_of_parts$
-- Read the days of the payments that a file brings.
SELECT array_agg(DISTINCT paid_on) AS days FROM bank_transactions WHERE aside IS NULL AND NOT debit;

-- name: drop_retracted!
-- Forget the transactions of entries that do not add up: the entry itself is set aside; and entries of
-- a message that the file holds twice.
DELETE FROM bank_transactions
WHERE (entry = ANY (:entries::integer[]) AND aside IS DISTINCT FROM 'parts')
   OR entry = ANY (:copied::integer[]);

-- name: analyze_bank_transactions#
-- Let the planner know what a file has brought.
CREATE INDEX ON bank_transactions (position);
ANALYZE bank_transactions;

-- name: bank_varies(account)$
-- Tell whether the bank gives its entries references that differ.
SELECT count(*) > 1 FROM (
    SELECT DISTINCT bank_reference FROM (
        (SELECT bank_reference FROM bank_entries
         WHERE account = :account AND channel <> 'ocr' AND bank_reference IS NOT NULL
           AND reference IS NOT NULL
         ORDER BY bank_reference LIMIT 1)
        UNION ALL
        (SELECT bank_reference FROM bank_entries
         WHERE account = :account AND channel <> 'ocr' AND bank_reference IS NOT NULL
           AND reference IS NOT NULL
         ORDER BY bank_reference DESC LIMIT 1)
        UNION ALL
        SELECT bank_reference FROM bank_transactions
        WHERE channel <> 'ocr' AND bank_reference IS NOT NULL
    ) AS one
) AS several;

-- name: read_alike(file_id, account)
-- Read what of a file may be in the books, beside all that other files told of it: same account,
-- amount, sign and KID, within a week. In groups of these; what arrives in the file's order.
WITH found AS MATERIALIZED (
    SELECT one.position, booked.file_id, booked.position AS booked_position
    FROM bank_transactions AS one
    JOIN bank_entries AS booked
      ON booked.amount_ore = one.amount_ore
     AND booked.booked_on BETWEEN one.paid_on - 7 AND one.paid_on + 7
     AND coalesce(booked.kid, '') = coalesce(one.kid, '')
     AND booked.debit = one.debit
    WHERE booked.reference IS NOT NULL AND booked.account = :account
      AND booked.file_id <> :file_id::char(64)
      AND (one.aside IS NULL OR one.aside IN ('fee', 'interest', 'outgoing'))
), told AS MATERIALIZED (
    SELECT DISTINCT bank_reference, paid_on FROM bank_transactions WHERE bank_reference IS NOT NULL
), named AS MATERIALIZED (
    SELECT bank_reference, booked_on, file_id, entry, reference IS NOT NULL AS is_money,
           (kid, amount_ore, payer_name, payer_account) AS money
    FROM bank_entries
    WHERE bank_reference IN (SELECT bank_reference FROM told)
), repeated AS MATERIALIZED (
    -- Several entries of one file, this or another, are called that, and differ; or one of another
    -- day is.
    SELECT bank_reference, paid_on FROM told
    WHERE bank_reference IN (
        SELECT bank_reference FROM bank_transactions
        WHERE bank_reference IS NOT NULL
        GROUP BY bank_reference
        HAVING count(DISTINCT entry) > 1
           AND count(DISTINCT (kid, amount_ore, payer_name, payer_account)) > 1
        UNION ALL
        SELECT bank_reference FROM named
        GROUP BY bank_reference, file_id
        HAVING count(DISTINCT entry) > 1 AND count(DISTINCT money) > 1 AND bool_or(is_money))
    UNION
    SELECT bank_reference, paid_on
    FROM told
    JOIN (SELECT DISTINCT bank_reference, booked_on FROM named WHERE is_money) AS days
      USING (bank_reference)
    WHERE booked_on <> paid_on AND abs(booked_on - paid_on) <= 60
), arrived AS (
    SELECT one.amount_ore, one.debit, one.kid, true AS arrived, one.position::text AS key,
           one.channel, one.message, one.paid_on AS booked_on, one.identity, one.bank_reference,
           one.bank_references, one.payer_name, one.payer_account, one.payer_text, one.own,
           one.copy, one.position AS place,
           ((one.bank_reference, one.paid_on)
               IN (SELECT bank_reference, paid_on FROM repeated)) IS TRUE AS repeats
    FROM bank_transactions AS one
    WHERE one.position IN (SELECT position FROM found)
), booked AS (
    SELECT amount_ore, debit, kid, false AS arrived, reference AS key, channel, message,
           booked_on, identity, bank_reference, bank_references, payer_name, payer_account,
           payer_text, own, false AS copy, position AS place, false AS repeats, file_id
    FROM bank_entries
    WHERE (file_id, position) IN (SELECT file_id, booked_position FROM found)
)
SELECT *, NULL AS file_id FROM arrived
UNION ALL
SELECT * FROM booked
ORDER BY amount_ore, debit, kid, arrived, booked_on, file_id, place;

-- name: read_alike_in_text(file_id, account)
-- Read what of a file may be in the books under a KID that stands where one does in the one telling,
-- and among the payer's words in the other, of one day; in groups of a KID, as read_alike. What is
-- found already is left out.
WITH left_over AS MATERIALIZED (
    SELECT * FROM bank_transactions
    WHERE aside IS NULL AND position NOT IN (SELECT position FROM bank_verdicts)
), in_their_words AS MATERIALIZED (
    SELECT booked.file_id, booked.position, booked.amount_ore, booked.booked_on, booked.debit,
           booked.channel, stood.kid
    FROM bank_entries AS booked
    CROSS JOIN LATERAL unnest(string_to_array(booked.payer_kids, ' ')) AS stood (kid)
    WHERE coalesce(booked.kid, '') = '' AND booked.payer_kids IS NOT NULL
      AND booked.amount_ore IN (SELECT amount_ore FROM left_over WHERE kid IS NOT NULL)
      AND booked.reference IS NOT NULL AND booked.account = :account
      AND booked.file_id <> :file_id::char(64)
), in_our_words AS MATERIALIZED (
    SELECT one.position, one.amount_ore, one.paid_on, one.debit, one.channel, stood.kid
    FROM left_over AS one
    CROSS JOIN LATERAL unnest(string_to_array(one.payer_kids, ' ')) AS stood (kid)
    WHERE one.kid IS NULL
), found AS MATERIALIZED (
    SELECT one.position, told.file_id, told.position AS booked_position, told.kid
    FROM left_over AS one
    JOIN in_their_words AS told
      ON told.kid = one.kid AND told.amount_ore = one.amount_ore
     AND told.booked_on = one.paid_on AND told.debit = one.debit AND told.channel <> one.channel
    UNION
    SELECT one.position, booked.file_id, booked.position, one.kid
    FROM in_our_words AS one
    JOIN bank_entries AS booked
      ON coalesce(booked.kid, '') = one.kid AND booked.amount_ore = one.amount_ore
     AND booked.booked_on = one.paid_on AND booked.debit = one.debit
     AND booked.channel <> one.channel
    WHERE booked.reference IS NOT NULL AND booked.account = :account
      AND booked.file_id <> :file_id::char(64)
), arrived AS (
    SELECT DISTINCT one.amount_ore, one.debit, found.kid, true AS arrived,
           one.position::text AS key, one.channel, one.message, one.paid_on AS booked_on,
           one.identity, one.bank_reference, one.bank_references, one.payer_name,
           one.payer_account, one.payer_text, one.own, one.copy, one.position AS place,
           false AS repeats, NULL::char(64) AS file_id
    FROM found JOIN bank_transactions AS one USING (position)
), booked AS (
    SELECT DISTINCT each.amount_ore, each.debit, found.kid, false AS arrived,
           each.reference AS key, each.channel, each.message, each.booked_on, each.identity,
           each.bank_reference, each.bank_references, each.payer_name, each.payer_account,
           each.payer_text, each.own, false AS copy, each.position AS place, false AS repeats,
           each.file_id
    FROM found JOIN bank_entries AS each
      ON each.file_id = found.file_id AND each.position = found.booked_position
    WHERE each.reference NOT IN (SELECT same_as FROM bank_verdicts WHERE same_as IS NOT NULL)
)
SELECT * FROM arrived
UNION ALL
SELECT * FROM booked
ORDER BY amount_ore, debit, kid, arrived, booked_on, file_id, place;

-- name: read_kids_of_known()
-- Read under which KID a file tells of payments that had come without one, and are in suspense.
SELECT verdict.same_as AS reference, invoices.number
FROM bank_verdicts AS verdict
JOIN bank_transactions AS one USING (position)
JOIN payments ON payments.reference = verdict.same_as
JOIN invoice_balances AS invoices ON invoices.kid = one.kid
JOIN payment_balances AS held ON held.reference = payments.reference
WHERE verdict.sure AND one.kid IS NOT NULL AND payments.kid IS NULL
  AND invoices.open_ore BETWEEN 1 AND held.suspense_ore
ORDER BY one.position;

-- name: read_counts(account)
-- Read of what two sources tell of, several equal ones by one of them, how many each tells, and what
-- of it is called how; by_payer: some are known as the same by who paid, and not by a reference.
WITH known AS MATERIALIZED (
    SELECT coalesce(one.kid, '') AS kid, one.amount_ore, one.paid_on, one.debit,
           bool_or(NOT by_reference) AS by_payer
    FROM bank_verdicts JOIN bank_transactions AS one USING (position)
    WHERE sure AND across
    GROUP BY 1, 2, 3, 4
), told AS (
    SELECT known.*, booked.channel, count(DISTINCT called) AS told, array_agg(called) AS called
    FROM known
    JOIN bank_entries AS booked
      ON coalesce(booked.kid, '') = known.kid AND booked.amount_ore = known.amount_ore
     AND booked.booked_on = known.paid_on AND booked.debit = known.debit
    CROSS JOIN LATERAL (SELECT coalesce(same_as, reference) AS called) AS named
    WHERE called IS NOT NULL AND aside IS NULL AND booked.account = :account
    GROUP BY known.kid, known.amount_ore, paid_on, known.debit, by_payer, booked.channel
)
SELECT amount_ore, paid_on, by_payer, min(told) AS fewest, max(told) AS most,
       (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(string_to_array(
            string_agg(array_to_string(called, chr(31)), chr(31)), chr(31))) AS one) AS called
FROM told
GROUP BY kid, amount_ore, paid_on, debit, by_payer
HAVING count(*) > 1 AND max(told) > 1
ORDER BY paid_on, called;

-- name: know_reported!
-- Know again what was reported before by its reference; another sum under it can't be told.
WITH reported AS (
    SELECT DISTINCT ON (payments.reference) one.position, payments.reference,
           (payments.amount_ore, payments.kid)
               IS NOT DISTINCT FROM (one.amount_ore, one.kid) AS sure
    FROM bank_transactions AS one JOIN payments USING (reference)
    WHERE payments.file_id IS NULL AND one.aside IS NULL AND NOT one.debit
      AND one.position NOT IN (SELECT position FROM bank_verdicts)
      AND NOT EXISTS (SELECT FROM bank_entries WHERE bank_entries.reference = payments.reference)
    ORDER BY payments.reference, sure DESC, one.position
)
INSERT INTO bank_verdicts (position, same_as, sure)
SELECT position, reference, sure FROM reported;

-- name: know_whole!
-- Know a file again of which every entry may be in the books, and several that differ.
UPDATE bank_verdicts SET sure = true
WHERE NOT sure AND NOT across
  AND NOT EXISTS (
      SELECT FROM bank_transactions
      WHERE (aside IS NULL OR aside IN ('fee', 'interest', 'outgoing'))
        AND position NOT IN (SELECT position FROM bank_verdicts))
  AND (SELECT count(DISTINCT identity) FROM bank_transactions
       WHERE aside IS NULL OR aside IN ('fee', 'interest', 'outgoing')) > 1;

-- name: read_unexplained(file_id, bare, words)
-- Read what of a file may be a refund that leaves, or comes back, or is too much to be a fee of
-- which the bank's code says nothing; in the file's order.
SELECT one.position, one.debit, one.amount_ore, one.payer_account AS account,
       one.bank_references AS references, one.end_to_end, one.payer_name AS name,
       one.paid_on AS booked_on,
       one.debit AND coalesce(lower(btrim(one.payer_text)) = lower(:words), false) AS own_words,
       sure IS NOT NULL AS unclear,
       one.aside = 'fee' AND one.says IS DISTINCT FROM :bare AS charged,
       one.aside = 'fee' AND one.says IS NOT NULL
       AND one.amount_ore > policy_on('bare_fee_at_most_ore', one.paid_on,
                                      '50000')::bigint AS too_much
FROM bank_transactions AS one
LEFT JOIN bank_verdicts USING (position)
WHERE sure IS NOT TRUE
  AND (one.returned OR one.aside = 'outgoing' OR (one.aside = 'fee' AND one.debit))
  AND NOT EXISTS (
    SELECT FROM bank_entries
    WHERE bank_entries.file_id = :file_id::char(64) AND bank_entries.position = one.position)
ORDER BY one.position;

-- name: read_awaited()
-- Read the refunds that the bank may have paid, or sent back, and has not told of; the oldest first.
SELECT refund_id, amount_ore, account, receiver, approved_on, instructed_on,
       released_on IS NULL AS stands, paid_on IS NULL AS to_pay,
       instructed_on IS NOT NULL AND returned_on IS NULL AS may_return
FROM refunds
WHERE approved_on IS NOT NULL AND (paid_on IS NULL OR returned_on IS NULL)
  AND (released_on IS NULL OR instructed_on IS NOT NULL)
ORDER BY instructed_on, refund_id;

-- name: know_covered!
-- Know what another source has told where the one tells all that the other does: of all money of a
-- day with a KID, or without one, and of several that differ. Where the two call any of it the same,
-- what they call differently is not known.
WITH arrived AS MATERIALIZED (
    SELECT one.position, one.paid_on, one.debit, one.kid IS NOT NULL AS has_kid, one.kid,
           one.amount_ore, verdict.same_as, verdict.across IS TRUE AS across
    FROM bank_transactions AS one LEFT JOIN bank_verdicts AS verdict USING (position)
    WHERE one.aside IS NULL OR one.aside IN ('fee', 'outgoing')
), here AS (
    SELECT paid_on, debit, has_kid FROM arrived
    GROUP BY paid_on, debit, has_kid
    HAVING bool_and(across) AND count(DISTINCT (kid, amount_ore)) > 1
), files AS MATERIALIZED (
    SELECT DISTINCT booked.file_id, booked.channel
    FROM arrived JOIN bank_entries AS booked ON booked.reference = arrived.same_as
    WHERE arrived.across AND booked.file_id <> :file_id::char(64)
), there AS (
    SELECT booked.file_id, booked.booked_on, booked.debit, booked.kid IS NOT NULL AS has_kid
    FROM files JOIN bank_entries AS booked USING (file_id, channel)
    WHERE booked.reference IS NOT NULL AND booked.account = :account
    GROUP BY booked.file_id, booked.booked_on, booked.debit, booked.kid IS NOT NULL
    HAVING bool_and((booked.reference IN (
               SELECT same_as FROM arrived WHERE same_as IS NOT NULL)) IS TRUE)
       AND count(DISTINCT (booked.kid, booked.amount_ore)) > 1
), told AS (
    SELECT arrived.position FROM arrived JOIN here USING (paid_on, debit, has_kid)
    UNION
    SELECT arrived.position
    FROM arrived
    JOIN bank_entries AS booked ON booked.reference = arrived.same_as
    JOIN there ON there.file_id = booked.file_id AND there.booked_on = booked.booked_on
              AND there.debit = booked.debit AND there.has_kid = (booked.kid IS NOT NULL)
    WHERE arrived.across
)
UPDATE bank_verdicts AS verdict SET sure = true
FROM told
WHERE verdict.position = told.position AND NOT verdict.sure AND verdict.across
  AND NOT (verdict.differs AND EXISTS (SELECT FROM bank_verdicts WHERE by_reference AND across));

-- name: read_arriving_sums(file_id, account)
-- Read what a file brings from nobody, beside what other files have brought so on the same days.
WITH arrived AS MATERIALIZED (
    SELECT position, channel, paid_on, amount_ore, bank_reference FROM bank_transactions
    WHERE bare AND position NOT IN (SELECT position FROM bank_verdicts)
)
SELECT true AS arrives, position::text AS key, channel, paid_on AS booked_on, amount_ore,
       bank_reference AS name
FROM arrived
UNION ALL
SELECT false, reference, channel, booked_on, amount_ore, bank_reference
FROM bank_entries
WHERE bare AND nth IS NOT NULL AND (aside IS NULL OR aside = 'unclear') AND account = :account
  AND booked_on IN (SELECT paid_on FROM arrived) AND file_id <> :file_id::char(64)
ORDER BY arrives, key;

-- name: read_booked_sums(days, account)
-- Read what has come from nobody on some days; stands: it is booked, and nobody has taken it back.
SELECT reference AS key, channel, booked_on, amount_ore, bank_reference AS name,
       aside IS NULL AND EXISTS (SELECT FROM payments WHERE payments.reference = one.reference)
       AND NOT EXISTS (SELECT FROM payments WHERE payments.reverses = one.reference) AS stands
FROM bank_entries AS one
WHERE bare AND nth IS NOT NULL AND (aside IS NULL OR aside = 'unclear') AND account = :account
  AND booked_on = ANY (:days::date[])
ORDER BY reference;

-- name: read_parts(days, account, names, besides)
-- Read what files tell of some days payment by payment: of each entry that has several or a name, of
-- each message, and of each message what no other of its source had told; less what the same entry
-- has taken off them.
WITH part AS MATERIALIZED (
    SELECT channel, booked_on, file_id, message, entry, position, amount_ore, bank_reference, bare,
           coalesce(same_as, reference) AS called
    FROM bank_entries
    WHERE booked_on = ANY (:days::date[]) AND account = :account AND aside IS NULL
      AND NOT debit AND coalesce(same_as, reference) IS NOT NULL
      AND file_id IS DISTINCT FROM :besides::char(64)
), told AS MATERIALIZED (
    SELECT channel, booked_on, file_id, message, entry, amount_ore, bank_reference, bare, called,
           true AS is_part,
           row_number() OVER (PARTITION BY channel, called ORDER BY file_id, position) = 1
               AS is_first
    FROM part
    UNION ALL
    SELECT channel, booked_on, file_id, message, entry, -amount_ore, NULL, true, NULL, false,
           coalesce(same_as, reference) = reference
    FROM bank_entries
    WHERE file_id = ANY (ARRAY(SELECT DISTINCT file_id FROM part)) AND debit
      AND reference IS NOT NULL AND amount_ore IS NOT NULL
      AND (file_id, entry) IN (SELECT file_id, entry FROM part)
)
SELECT channel, booked_on, sum(amount_ore)::bigint AS amount_ore,
       count(*) FILTER (WHERE is_part) AS count, min(called) AS first, 'entry' AS level,
       min(bank_reference) AS name
FROM told
GROUP BY file_id, channel, booked_on, entry
HAVING count(*) FILTER (WHERE is_part) > 1
    OR (min(bank_reference) = ANY (:names::text[]) AND NOT bool_and(bare))
UNION ALL
SELECT channel, booked_on, sum(amount_ore)::bigint, count(*) FILTER (WHERE is_part), min(called),
       'message', NULL
FROM told GROUP BY file_id, channel, booked_on, message
UNION ALL
SELECT channel, booked_on, sum(amount_ore)::bigint, count(*) FILTER (WHERE is_part), min(called),
       'first', NULL
FROM told WHERE is_first GROUP BY file_id, channel, booked_on, message
HAVING count(*) FILTER (WHERE is_part) > 0
ORDER BY channel, booked_on, first, level;

-- name: note_sums!
-- Note what is to be said of sums that a file brings.
UPDATE bank_transactions AS one SET says = told.says
FROM unnest(:positions::integer[], :says::text[]) AS told (position, says)
WHERE one.position = told.position;

-- name: take_sum_out(reference, file_id)$
-- Take a payment back that is all in suspense, since it may be a sum; return its amount.
WITH back AS (
    INSERT INTO payments (reference, amount_ore, paid_on, file_id, reverses)
    SELECT reference || '/parts', amount_ore, paid_on, :file_id, reference
    FROM payment_balances
    WHERE reference = :reference AND NOT reversed AND suspense_ore = amount_ore
      AND membership_id IS NULL
    ON CONFLICT DO NOTHING
    RETURNING *
), booked AS (
    INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
    SELECT paid_on, 'reversal', reference, 'suspense', 'bank', amount_ore FROM back
)
SELECT amount_ore FROM back;

-- name: take_sum_in(reference)^
-- Book a payment again that was taken back as a sum, under a name of its own.
WITH payment AS (
    INSERT INTO payments (reference, amount_ore, paid_on, file_id)
    SELECT whole.reference || '/alone', whole.amount_ore, whole.paid_on, whole.file_id
    FROM payments AS whole JOIN payments AS back ON back.reverses = whole.reference
    WHERE whole.reference = :reference AND back.reference = :reference || '/parts'
    ON CONFLICT (reference) DO NOTHING
    RETURNING *
), booked AS (
    INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
    SELECT paid_on, 'payment', reference, 'bank', 'suspense', amount_ore FROM payment
)
SELECT reference, amount_ore FROM payment;

-- name: read_batches(file_id, size)
-- Read what a file brings in batches of at least so many, a person's whole money in one of them,
-- in the bank's order: so what it comes to is the same as if all were booked at once. A reversal
-- stands with what it takes back. What is new is called what the bank calls it, unless other money
-- is called that: then by its place.
WITH taken AS MATERIALIZED (
    SELECT reference FROM bank_transactions AS one JOIN payments USING (reference)
    WHERE payments.file_id IS DISTINCT FROM :file_id::char(64)
      -- What is reported while the file is read is that payment, and no other one.
      AND NOT (payments.file_id IS NULL
               AND (payments.amount_ore, payments.kid)
                   IS NOT DISTINCT FROM (one.amount_ore, one.kid)
               AND payments.reference NOT IN (
                   SELECT same_as FROM bank_verdicts WHERE same_as IS NOT NULL))
    UNION
    SELECT reference FROM bank_transactions JOIN awaited_reversals USING (reference)
    WHERE awaited_reversals.file_id IS DISTINCT FROM :file_id::char(64)
    UNION
    SELECT reference FROM bank_transactions JOIN bank_entries USING (reference)
    WHERE bank_entries.file_id <> :file_id::char(64)
), before AS (
    SELECT bank_entries.identity, count(DISTINCT nth) AS times
    FROM bank_entries
    WHERE nth IS NOT NULL AND bank_entries.file_id <> :file_id::char(64)
      AND bank_entries.identity IN (SELECT identity FROM bank_transactions)
    GROUP BY bank_entries.identity
), called AS (
    SELECT one.*, bank_verdicts.same_as, bank_verdicts.sure, same.aside AS same_aside,
           stands.position IS NOT NULL AS stands, stands.aside AS stood_aside,
           CASE WHEN stands.position IS NOT NULL THEN stands.reference
                WHEN bank_verdicts.sure THEN bank_verdicts.same_as
                WHEN one.reference IS NULL
                     OR row_number() OVER (
                         PARTITION BY one.reference
                         ORDER BY bank_verdicts.sure IS TRUE, one.position) > 1
                     OR one.reference IN (SELECT reference FROM taken)
                THEN concat_ws('/', one.reference, left(:file_id::char(64), 12), one.position)
                ELSE one.reference END AS name,
           row_number() OVER (
               PARTITION BY one.identity, bank_verdicts.sure IS TRUE
               ORDER BY one.position) AS ordinal
    FROM bank_transactions AS one
    LEFT JOIN bank_verdicts USING (position)
    -- What is the same as something that waits for somebody waits with it.
    LEFT JOIN bank_entries AS same
      ON same.reference = bank_verdicts.same_as AND bank_verdicts.sure AND same.nth IS NOT NULL
     AND NOT EXISTS (SELECT FROM payments WHERE payments.reference = same.reference)
    LEFT JOIN bank_entries AS stands
      ON stands.file_id = :file_id::char(64) AND stands.position = one.position
), told_back AS (
    -- A reference that several equal payments have says nothing of which one is taken back.
    SELECT one.position, count(DISTINCT equal.key) > 1 AS is_vague
    FROM bank_transactions AS one
    JOIN (
        SELECT bank_entries.bank_reference, bank_entries.amount_ore, bank_entries.reference AS key
        FROM bank_entries
        WHERE NOT bank_entries.debit AND bank_entries.nth IS NOT NULL
          AND bank_entries.reference IS NOT NULL
          AND bank_entries.file_id <> :file_id::char(64)
          AND bank_entries.bank_reference IN (
              SELECT bank_reference FROM bank_transactions WHERE reversal)
        UNION ALL
        SELECT other.bank_reference, other.amount_ore, other.position::text
        FROM bank_transactions AS other
        WHERE NOT other.debit AND other.bank_reference IS NOT NULL
          AND other.position NOT IN (SELECT position FROM bank_verdicts)
    ) AS equal USING (bank_reference, amount_ore)
    WHERE one.reversal
    GROUP BY one.position
), clear AS (
    SELECT called.*, CASE WHEN is_vague IS NOT TRUE THEN takes_back END AS back_of
    FROM called LEFT JOIN told_back USING (position)
), meant AS (
    SELECT one.*, coalesce(inside.kid, booked.kid, one.kid) AS meant_kid
    FROM clear AS one
    LEFT JOIN (SELECT DISTINCT ON (reference) reference, kid FROM bank_transactions
               WHERE NOT debit ORDER BY reference, position) AS inside
      ON inside.reference = one.back_of
    LEFT JOIN payments AS booked ON booked.reference = one.back_of
), kids AS (
    SELECT kid FROM meant UNION SELECT meant_kid FROM meant
), owners AS (
    -- As membership_of_kid has it, for all of them at once.
    SELECT kids.kid, coalesce(asked.membership_id, numbered.membership_id) AS membership_id
    FROM kids
    LEFT JOIN invoices AS asked ON asked.kid = kids.kid
    LEFT JOIN memberships AS numbered
      ON numbered.member_number = substr(kids.kid, 2, 8)::char(8)
     AND CASE WHEN kids.kid ~ '^1[0-9]{15}$'
              THEN with_mod10(left(kids.kid, 15)) = kids.kid ELSE false END
), placed AS (
    SELECT meant.*, own.membership_id,
           coalesce(
               min(payers.member_number::text) OVER (PARTITION BY payers.person_id),
               payers.person_id, meant_kid, back_of, name, meant.position::text) AS payer
    FROM meant
    LEFT JOIN owners AS own ON own.kid = meant.kid
    LEFT JOIN owners AS meant_for ON meant_for.kid = meant_kid
    LEFT JOIN memberships AS payers ON payers.membership_id = meant_for.membership_id
)
SELECT (rank() OVER (ORDER BY payer) - 1) / :size AS batch, placed.*,
       -- Otherwise equal ones are counted on from those that the books have.
       (ordinal + coalesce(times, 0))::integer AS nth
FROM placed LEFT JOIN before USING (identity)
ORDER BY payer, position;

-- name: give_batch_time#
-- Let a batch find rows by their keys: it looks a few up in tables of any size. It is as large as all
-- that one person has paid, at least.
SET LOCAL statement_timeout = '10min';
SET LOCAL enable_seqscan = off;

-- name: book_transactions(file_id, today, allocate, references, owners, amounts, days, kids, reversals, takes_back)^
-- Book a batch of a file; return what became of it, counted.
SELECT * FROM book_transactions(
    :file_id, :today, :allocate, :references::text[], :owners::text[],
    :amounts::bigint[], :days::date[], :kids::text[], :reversals::boolean[],
    :takes_back::text[]);

-- name: book_charges!
-- Book fees and interest of the bank, with their entries.
WITH charge AS (
    INSERT INTO bank_charges (reference, kind, amount_ore, booked_on, file_id)
    SELECT reference, kind, ore, booked_on, :file_id
    FROM unnest(:references::text[], :kinds::text[], :amounts::bigint[], :days::date[])
        AS one (reference, kind, ore, booked_on)
    RETURNING *
)
INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
SELECT booked_on, cost.source, reference,
       CASE WHEN amount_ore > 0 THEN cost.account WHEN amount_ore < 0 THEN 'bank' END,
       CASE WHEN amount_ore > 0 THEN 'bank' WHEN amount_ore < 0 THEN cost.account END,
       abs(amount_ore)
FROM charge
JOIN (VALUES
    ('fee', 'bank_charge', 'bank_charges'),
    ('interest', 'bank_interest', 'bank_interest')
) AS cost (kind, source, account) USING (kind);

-- name: open_entry_tasks!
-- Open a task for each entry that is set aside and asks for somebody; the same matter is one task.
INSERT INTO tasks (key, kind, says, opened_on)
SELECT key, 'set_aside', says, :today
FROM unnest(:keys::text[], :says::text[]) AS one (key, says)
ON CONFLICT (key) DO NOTHING;

-- name: read_set_aside(file_id, most)
-- Read what was set aside of a file, in the bank's order; what had been told before is not.
SELECT place AS "where", aside AS reason, says, amount_ore
FROM bank_entries
WHERE file_id = :file_id AND aside IS NOT NULL AND (nth IS NOT NULL OR reference IS NULL)
ORDER BY position
LIMIT :most;

-- name: decide_file!
-- Note what became of a file; one that was refused may be tried again.
INSERT INTO file_outcomes (file_id, outcome, report, decided_on)
VALUES (:file_id, :outcome, :report, :decided_on)
ON CONFLICT (file_id) DO UPDATE
SET outcome = excluded.outcome, report = excluded.report, decided_on = excluded.decided_on
WHERE file_outcomes.outcome = 'refused';

-- name: read_untold(after, most)
-- Read payments of first invoices that no membership has been told of.
SELECT reference, payment_reports.membership_id, amount_ore, paid_on, kid
FROM payment_reports JOIN payments USING (reference)
WHERE told_on IS NULL AND payment_reports.decision IS NULL AND reference > :after
ORDER BY reference
LIMIT :most;

-- name: mark_told!
-- Note that memberships have been told.
UPDATE payment_reports SET told_on = :today WHERE reference = ANY (:references);

-- name: read_settlements(file_id)
-- Read which deduction lists a file has paid, or has taken a payment back from.
SELECT DISTINCT number, to_char(period_from, 'YYYY-MM') AS period
FROM payments
JOIN allocations ON allocations.reference IN (payments.reference, payments.reverses)
JOIN deduction_lists ON deduction_lists.number = allocations.list_number
WHERE payments.file_id = :file_id
   OR payments.file_id IN (
       SELECT jsonb_array_elements_text(report -> 'parts') FROM file_outcomes
       WHERE file_outcomes.file_id = :file_id)
ORDER BY number;

-- name: apply_credits(first, last, today)$
-- Pay the oldest open invoices of a range of members with their credit notes.
SELECT apply_credits(:first, :last, :today);

-- name: use_suspense(first, last, today)$
-- Pay the oldest open invoices of a range of members with what they have in suspense.
SELECT use_suspense_of(:first, :last, :today);

-- name: use_money(membership_ids, today)$
-- Use whatever members have with us for what they owe.
SELECT use_money_of(:membership_ids::text[], :today);

-- ===== Suspense, allocated by hand

-- name: list_suspense(only, most)
-- List what is in suspense, the oldest first, with what may be open for it: all, and less than
-- nothing of what was paid back and then taken back; or only these.
SELECT suspended.reference, suspended.membership_id, suspended.paid_on,
       suspended.kid, suspended.amount_ore, suspended.suspense_ore,
       ARRAY(SELECT number FROM invoice_balances
             WHERE invoice_balances.membership_id
                   = ANY (all_of_person(ARRAY[suspended.membership_id]))
               AND open_ore > 0
             ORDER BY issued_on, serial, number LIMIT 5) AS open_invoices,
       told.payer, told.account, told.text, told.numbers
FROM (
    SELECT * FROM suspended_payments WHERE :only::text[] IS NULL
    UNION ALL
    SELECT balances.* FROM payment_balances AS balances
    WHERE reference = ANY (:only::text[]) AND suspense_ore > 0
    UNION ALL
    SELECT balances.* FROM overdrawn_payments AS overdrawn
    CROSS JOIN LATERAL (
        SELECT * FROM payment_balances WHERE payment_balances.reference = overdrawn.reference
    ) AS balances
    WHERE :only::text[] IS NULL
    ORDER BY paid_on, reference LIMIT :most
) AS suspended
LEFT JOIN LATERAL payer_of(suspended.reference) AS told ON true
ORDER BY paid_on, reference;

-- name: list_tasks_by_id(task_ids)
-- List some tasks that are open.
SELECT task_id, key, kind, says, membership_id, opened_on FROM tasks
WHERE task_id = ANY(:task_ids::bigint[]) AND closed_on IS NULL;

-- name: read_payers(references)
-- Read who stands at the other end of payments and of entries that are set aside, and of the payment
-- that such a one may be once more; an entry without a name is asked for by its identity.
SELECT asked.reference, told.payer, told.account, told.text, told.numbers,
       asked.same_as, twin.payer AS twin_payer, twin.account AS twin_account,
       twin.text AS twin_text, twin.numbers AS twin_numbers
FROM (
    SELECT wanted AS reference, max(nullif(bank_entries.same_as, wanted)) AS same_as
    FROM unnest(:references::text[]) AS wanted JOIN bank_entries ON bank_entries.reference = wanted
    GROUP BY wanted
) AS asked
LEFT JOIN LATERAL payer_of(asked.reference) AS told ON true
LEFT JOIN LATERAL payer_of(asked.same_as) AS twin ON true
UNION ALL
SELECT unnamed.wanted, one.payer_name, one.payer_account, one.payer_text, one.payer_kids,
       NULL, NULL, NULL, NULL, NULL
FROM (
    SELECT wanted, CASE WHEN wanted ~ '^[0-9a-f-]{36}(/[0-9]+)?$'
                        THEN split_part(wanted, '/', 1)::uuid END AS identity
    FROM unnest(:references::text[]) AS wanted
) AS unnamed
CROSS JOIN LATERAL (
    SELECT payer_name, payer_account, payer_text, payer_kids FROM bank_entries
    WHERE bank_entries.identity = unnamed.identity AND bank_entries.reference IS NULL
    ORDER BY num_nonnulls(payer_name, payer_account, payer_text) DESC LIMIT 1
) AS one;

-- name: find_debtors(references, kinds, told, most)
-- Find whose money payments may be, by what stands with each: numbers, and the payer's account.
WITH leads AS MATERIALIZED (
    SELECT * FROM unnest(:references::text[], :kinds::text[], :told::text[])
        AS lead (reference, kind, told)
), accounts AS MATERIALIZED (
    -- Of an account that many pay from, a bank's or an employer's, nothing follows.
    SELECT leads.reference, whose.membership_id,
           count(*) OVER (PARTITION BY leads.reference, leads.told) AS members
    FROM leads
    CROSS JOIN LATERAL (
        SELECT reference FROM bank_entries
        WHERE payer_account = leads.told AND bank_entries.reference IS NOT NULL
        ORDER BY booked_on DESC LIMIT 200
    ) AS before
    CROSS JOIN LATERAL (
        SELECT membership_id FROM payments
        WHERE payments.reference = before.reference AND membership_id IS NOT NULL
        UNION
        SELECT invoices.membership_id
        FROM allocations JOIN invoices ON invoices.number = allocations.invoice_number
        WHERE allocations.reference = before.reference
    ) AS whose
    WHERE leads.kind = 'account' AND before.reference <> leads.reference
    GROUP BY leads.reference, leads.told, whose.membership_id
)
SELECT reference, membership_id, 'kid' AS ground, invoices.number AS told
FROM leads JOIN invoices ON invoices.kid = told WHERE kind = 'number'
UNION
SELECT reference, membership_id, 'invoice_number', told
FROM leads JOIN invoices ON invoices.number = told WHERE kind = 'number'
UNION
SELECT reference, membership_id, 'invoice_number', invoices.number
FROM leads
JOIN invoices
  ON extract(year FROM issued_on)::integer
     = substring(told FROM '^([0-9]{4})-[0-9]{1,9}$')::integer
 AND series_no = substring(told FROM '^[0-9]{4}-([0-9]{1,9})$')::integer
WHERE kind = 'number'
UNION
SELECT reference, membership_id, kind, ''
FROM leads JOIN memberships ON member_number = told::char(8)
WHERE kind IN ('member_number', 'mistyped_kid')
UNION
SELECT reference, membership_id, 'account', '' FROM accounts WHERE members <= :most;

-- name: find_names(references, surnames, initials)
-- Find members by a part of the payer's name that is their surname, or was.
WITH leads AS MATERIALIZED (
    SELECT * FROM unnest(:references::text[], :surnames::text[], :initials::text[])
        AS lead (reference, surname, initials)
), named AS (
    SELECT reference, initials, person_id, name_key
    FROM leads JOIN people ON surname_key(people.name_key) = surname
    UNION
    SELECT reference, initials, person_id, name_key
    FROM leads JOIN earlier_names ON surname_key(earlier_names.name_key) = surname
)
SELECT DISTINCT reference, membership_id, people.name,
       ARRAY(SELECT name FROM earlier_names
             WHERE earlier_names.person_id = people.person_id ORDER BY serial DESC) AS earlier
FROM named
JOIN memberships USING (person_id)
JOIN people USING (person_id)
WHERE member_number IS NOT NULL
  AND strpos(initials, left(surname_key(split_part(named.name_key, ' ', 1)), 1)) > 0;

-- name: read_debtors(membership_ids)
-- Read who members are, and what is open of their invoices, the oldest first.
SELECT membership_id, member_number AS number, stage = 'ended' AS ended,
       ARRAY[people.name] || ARRAY(
           SELECT name FROM earlier_names
           WHERE earlier_names.person_id = people.person_id ORDER BY serial DESC) AS names,
       coalesce(asked.numbers, '{}') AS numbers, coalesce(asked.ores, '{}') AS ores
FROM memberships
JOIN people USING (person_id)
LEFT JOIN LATERAL (
    SELECT array_agg(number ORDER BY issued_on, serial, number) AS numbers,
           array_agg(open_ore ORDER BY issued_on, serial, number) AS ores
    FROM invoice_balances
    WHERE invoice_balances.membership_id = memberships.membership_id AND open_ore > 0
) AS asked ON true
WHERE membership_id = ANY (:membership_ids::text[]) AND member_number IS NOT NULL;

-- name: find_lists(references, kinds, told)
-- Find employers' lists that payments may be for, of which something is left to pay.
WITH leads AS MATERIALIZED (
    SELECT * FROM unnest(:references::text[], :kinds::text[], :told::text[])
        AS lead (reference, kind, told)
), found AS MATERIALIZED (
    SELECT reference, number, 'list_kid' AS ground, told
    FROM leads JOIN deduction_lists ON kid = told WHERE kind = 'number'
    UNION
    SELECT reference, number, 'list_number', told
    FROM leads JOIN deduction_lists ON number = told WHERE kind = 'number'
    UNION
    SELECT reference, number, 'employer_number', told
    FROM leads JOIN deduction_lists ON employer_orgnr = told::char(9) WHERE kind = 'employer_number'
    UNION
    SELECT reference, number, NULL, NULL
    FROM leads JOIN deduction_lists ON total_ore::text = told WHERE kind = 'amount'
    UNION
    SELECT reference, lists.number, NULL, NULL
    FROM leads
    JOIN employers ON surname_key(lower(split_part(name, ' ', 1))) = told
    JOIN deduction_lists AS lists ON lists.employer_orgnr = employers.orgnr
    WHERE kind = 'firm'
)
SELECT found.reference, found.ground, found.told, lists.number, employers.name,
       lists.total_ore - paid.ore AS left_ore, said.ore - paid.ore AS said_ore
FROM found
JOIN deduction_lists AS lists USING (number)
JOIN employers ON employers.orgnr = lists.employer_orgnr
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_ore), 0)::bigint AS ore FROM allocations
    WHERE allocations.list_number = lists.number
) AS paid
LEFT JOIN LATERAL (
    SELECT sum(deducted_ore)::bigint AS ore FROM present_deductions AS deductions
    WHERE deductions.list_number = lists.number
) AS said ON true
WHERE paid.ore = 0 OR found.ground IN ('list_kid', 'list_number')
ORDER BY lists.period_from DESC, lists.number;

-- name: list_owed(member_number)
-- List what is open of a member's invoices, under whichever membership of theirs, the oldest first.
SELECT number FROM invoice_balances
WHERE membership_id = ANY (all_of_person(ARRAY(
    SELECT membership_id FROM memberships WHERE member_number = :member_number::bpchar)))
  AND open_ore > 0
ORDER BY issued_on, serial, number;

-- name: lock_owed(numbers, members)!
-- Lock some invoices, and all that some members owe, against everybody else who allocates to them.
SELECT number FROM invoices
WHERE number = ANY (:numbers::text[]) OR number IN (
    SELECT number FROM invoice_balances
    WHERE open_ore > 0 AND membership_id = ANY (all_of_person(ARRAY(
        SELECT membership_id FROM memberships
        WHERE member_number = ANY (:members::bpchar[])))))
ORDER BY number
FOR NO KEY UPDATE;

-- name: allocate_to_list(reference, number, amount_ore, today, by)$
-- Allocate all that is in suspense of a payment to an employer's list, by hand, with its entry;
-- return the list's month, or nothing where there is no such list.
WITH given AS (
    INSERT INTO allocations
        (reference, serial, list_number, amount_ore, allocated_on, allocated_by)
    SELECT :reference,
           coalesce((SELECT max(serial) FROM allocations WHERE reference = :reference), 0) + 1,
           number, :amount_ore, :today, :by
    FROM deduction_lists WHERE number = :number
    RETURNING serial
), booked AS (
    INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
    SELECT :today, 'allocation', :reference || '/' || given.serial, 'suspense', 'employers',
           :amount_ore
    FROM given
)
SELECT to_char(period_from, 'YYYY-MM') FROM deduction_lists, given WHERE number = :number;

-- name: take_in(reference)$
-- Book a payment that was set aside, with its entry; return its amount, or nothing.
WITH payment AS (
    INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid, file_id)
    SELECT reference, membership_of_kid(kid), amount_ore, booked_on, kid, file_id
    FROM bank_entries
    WHERE reference = :reference AND aside = 'unclear' AND nth IS NOT NULL AND NOT debit
      AND same_as NOT IN (SELECT bank_charges.reference FROM bank_charges)
    ON CONFLICT (reference) DO NOTHING
    RETURNING *
), booked AS (
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT paid_on, 'payment', membership_id, reference, 'bank', 'suspense', amount_ore
    FROM payment
)
SELECT amount_ore FROM payment;

-- name: read_unclear_charge(reference)^
-- Read a fee or interest that was set aside since it may have been another one once more.
SELECT one.reference, same.kind, one.booked_on, one.file_id,
       CASE WHEN one.debit THEN one.amount_ore ELSE -one.amount_ore END AS ore
FROM bank_entries AS one JOIN bank_charges AS same ON same.reference = one.same_as
WHERE one.reference = :reference AND one.aside = 'unclear' AND one.nth IS NOT NULL
  AND NOT EXISTS (SELECT FROM bank_charges WHERE bank_charges.reference = one.reference);

-- name: find_called(number)$
-- Find an invoice by its own number, else by that of the year's series (P10).
SELECT number FROM (
    SELECT number, 1 AS place FROM invoices WHERE number = :number
    UNION ALL
    SELECT number, 2 FROM invoices
    WHERE extract(year FROM issued_on)::integer
          = substring(:number FROM '^([0-9]{4})-[0-9]{1,9}$')::integer
      AND series_no = substring(:number FROM '^[0-9]{4}-([0-9]{1,9})$')::integer
) AS called
ORDER BY place
LIMIT 1;

-- name: lock_invoice(number)$
-- Lock an invoice against everybody else who allocates to it.
SELECT number FROM invoices WHERE number = :number FOR NO KEY UPDATE;

-- name: lock_payment(reference)$
-- Lock a payment against everybody else who allocates or refunds it.
SELECT reference FROM payments
WHERE reference = :reference AND reverses IS NULL FOR NO KEY UPDATE;

-- name: read_payment(reference)^
-- Read what is left of a payment.
SELECT membership_id, suspense_ore, reversed FROM payment_balances WHERE reference = :reference;

-- name: read_invoice(number)^
-- Read what is open of an invoice.
SELECT membership_id, open_ore FROM invoice_balances WHERE number = :number;

-- name: allocate!
-- Allocate part of a payment to an invoice, by hand, with its entry.
WITH given AS (
    INSERT INTO allocations
        (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT :reference,
           coalesce((SELECT max(serial) FROM allocations WHERE reference = :reference), 0) + 1,
           :number, :amount_ore, :today, :by
    RETURNING serial
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT :today, 'allocation', membership_id, :reference || '/' || given.serial, 'suspense',
       'members', :amount_ore
FROM given, invoices WHERE invoices.number = :number;

-- name: write_off!
-- Write off part of an invoice, or take that back, with its entry.
WITH decided AS (
    INSERT INTO write_offs
        (invoice_number, serial, amount_ore, decided_on, decided_by, reason, decided_by_subject,
         request, asked_by, asked_by_subject)
    SELECT :number, (SELECT coalesce(max(serial), 0) + 1 FROM write_offs
                     WHERE invoice_number = :number),
           :amount_ore, :today, :by, :reason, :subject, :request::integer, asked.asked_by,
           asked.asked_by_subject
    FROM (VALUES (1)) AS one LEFT JOIN write_off_requests AS asked
      ON asked.invoice_number = :number AND asked.serial = :request::integer
    RETURNING *
), given AS (
    INSERT INTO allocations
        (write_off, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT serial, serial, invoice_number, amount_ore, decided_on, decided_by FROM decided
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT decided_on, 'write_off', invoices.membership_id,
       invoice_number || '/' || decided.serial,
       CASE WHEN amount_ore > 0 THEN 'losses' WHEN amount_ore < 0 THEN 'members' END,
       CASE WHEN amount_ore > 0 THEN 'members' WHEN amount_ore < 0 THEN 'losses' END,
       abs(amount_ore)
FROM decided JOIN invoices ON invoices.number = invoice_number;

-- name: find_write_off_request(number, amount_ore, since)^
-- Find who has asked for a write-off of just that much, since a day, that nobody has approved.
SELECT serial, asked_by, asked_by_subject FROM write_off_requests AS asked
WHERE invoice_number = :number AND amount_ore = :amount_ore AND asked_on >= :since
  AND NOT EXISTS (
    SELECT FROM write_offs WHERE write_offs.invoice_number = :number
                             AND write_offs.request = asked.serial)
ORDER BY serial DESC LIMIT 1;

-- name: next_write_off_request(number)$
-- Count the requests to write off an invoice, which is locked, and one more.
SELECT coalesce(max(serial), 0) + 1 FROM write_off_requests WHERE invoice_number = :number;

-- name: ask_write_off(number, serial, amount_ore, today, by, subject, reason)!
-- Keep that somebody wants an invoice let go.
INSERT INTO write_off_requests
    (invoice_number, serial, amount_ore, asked_on, asked_by, asked_by_subject, reason)
VALUES (:number, :serial, :amount_ore, :today, :by, :subject, :reason);

-- name: read_invoiced(number)$
-- Tell whose an invoice is.
SELECT membership_id FROM invoices WHERE number = :number;

-- name: read_written_off(number)$
-- Tell how much of an invoice is written off.
SELECT coalesce(sum(amount_ore), 0)::bigint FROM write_offs WHERE invoice_number = :number;

-- ===== What a membership is told was paid

-- name: write_payment(reference, membership_id, number, amount_ore, paid_on, kid)$
-- Write a payment and its entry, unless its reference is known; return whether it is new.
WITH payment AS (
    INSERT INTO payments (reference, membership_id, decision, amount_ore, paid_on, kid)
    VALUES (:reference, :membership_id, :number, :amount_ore, :paid_on, :kid)
    ON CONFLICT (reference) DO NOTHING
    RETURNING *
), booked AS (
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT paid_on, 'payment', membership_id, reference, 'bank', 'suspense', amount_ore
    FROM payment
)
SELECT EXISTS (SELECT FROM payment);

-- name: settle_payment(reference, today)$
-- Allocate a payment that has just been written.
SELECT settle_payments(ARRAY[:reference::text], :today);

-- name: find_payment(reference, membership_id, first_invoice)^
-- Find a payment by the bank's reference: where it went, else what it is for and what that asks.
SELECT
    coalesce(of_one_person(payments.membership_id, :membership_id), false) AS own,
    payments.amount_ore,
    payments.paid_on,
    payments.kid,
    payments.file_id IS NOT NULL AND payments.decision IS NULL
        AND payments.reverses IS NULL AS from_file,
    coalesce(payment_balances.suspense_ore, 0) AS suspense_ore,
    allocated.invoice_number,
    allocated.allocated_by,
    coalesce(allocated.others, 0) AS others,
    coalesce(paid.open_ore <= 0, false) AS settled,
    coalesce(paid.paid_ore, named.paid_ore, 0) AS paid_ore,
    claims.open_ore AS claimed_ore,
    payments.kid IS NULL
        OR coalesce(of_one_person(membership_of_kid(payments.kid), payments.membership_id), false)
        AS own_kid
FROM payments
LEFT JOIN payment_balances USING (reference)
LEFT JOIN LATERAL (
    SELECT invoice_number, (array_agg(allocated_by ORDER BY serial DESC))[1] AS allocated_by,
           count(*) OVER () - 1 AS others
    FROM allocations
    WHERE allocations.reference = payments.reference AND invoice_number IS NOT NULL
    GROUP BY invoice_number
    HAVING sum(amount_ore) > 0
    -- Something follows from the first invoice.
    ORDER BY (invoice_number = :first_invoice) IS TRUE DESC, min(serial)
    LIMIT 1
) AS allocated ON true
LEFT JOIN invoice_balances AS paid ON paid.number = allocated.invoice_number
LEFT JOIN invoice_balances AS named
       ON named.kid = payments.kid
      AND of_one_person(named.membership_id, payments.membership_id)
LEFT JOIN LATERAL claim_of(payments.membership_id, payments.kid) AS claims ON true
WHERE payments.reference = :reference;

-- name: adopt_payment(reference, membership_id, number)$
-- Note the decision that took in a payment of a file; return whether it is the first.
WITH adopted AS (
    INSERT INTO payment_reports (reference, membership_id, decision)
    VALUES (:reference, :membership_id, :number)
    ON CONFLICT (reference) DO UPDATE SET decision = excluded.decision
    WHERE payment_reports.decision IS NULL
    RETURNING 1
)
SELECT EXISTS (SELECT FROM adopted);

-- ===== Paid months

-- name: memberships_of_person(membership_id)
-- List the memberships of the person whose membership this is.
SELECT mine.membership_id
FROM memberships AS one JOIN memberships AS mine USING (person_id)
WHERE one.membership_id = :membership_id AND mine.member_since IS NOT NULL
ORDER BY mine.membership_id;

-- name: list_months(membership_ids, today)
-- List each month that memberships have terms for until a day, and whether its central dues are
-- paid: the invoice that charges them, the employer's deduction, or the invoice in its place. A
-- year's fee is for the months of its term in that year. NULL: nothing is charged for the month.
SELECT terms.membership_id, months.month::date AS month,
       memberships.facts::text AS facts,
       CASE WHEN coalesce(terms.amount_ore, rate_in(terms.rate, months.month::date)) = 0 THEN NULL ELSE EXISTS (
           SELECT FROM charges
           LEFT JOIN deduction_lists AS lists
             ON lists.employer_orgnr = charges.employer_orgnr
            AND lists.period_from = charges.period_from
           LEFT JOIN present_deductions AS deductions
             ON deductions.list_number = lists.number
            AND deductions.membership_id = charges.membership_id
           LEFT JOIN redirections
             ON redirections.list_number = lists.number
            AND redirections.membership_id = charges.membership_id
           LEFT JOIN invoice_balances AS invoice
             ON invoice.number = coalesce(charges.invoice_number, redirections.invoice_number)
           WHERE charges.membership_id = terms.membership_id
             AND charges.kind = 'central_dues'
             AND charges.period_from BETWEEN CASE terms.cadence
                     WHEN 'monthly' THEN months.month
                     WHEN 'quarterly' THEN date_trunc('quarter', months.month)
                     WHEN 'yearly' THEN date_trunc('year', months.month) END
                 AND months.month
             AND (invoice.open_ore <= 0 OR deductions.outcome IN ('deducted', 'over'))
       ) END AS paid
FROM memberships
JOIN terms USING (membership_id)
CROSS JOIN LATERAL generate_series(
    lower(terms.valid)::timestamp, least(upper(terms.valid) - 1, :today::date)::timestamp,
    interval '1 month') AS months (month)
WHERE terms.membership_id = ANY(:membership_ids::text[])
  AND terms.kind = 'central_dues' AND terms.superseded_by IS NULL
ORDER BY months.month, terms.membership_id;

-- name: read_lives(membership_ids)
-- Read what the benefits of a person's memberships depend on, and whether the person is dead.
SELECT membership_id, facts::text, hiding, insurance_status, has_died(person_id) AS died
FROM memberships
WHERE membership_id = ANY(:membership_ids::text[]) AND facts IS NOT NULL
ORDER BY member_since, membership_id;

-- name: read_owed(membership_id, today)^
-- Tell what a person owes that is overdue: net, and for how many months (A30).
SELECT owed.ore AS owed_ore, owed.months AS owed_months
FROM memberships CROSS JOIN LATERAL owed_of_person(person_id, :today) AS owed
WHERE membership_id = :membership_id;

-- name: list_transfers(membership_ids)
-- List the months of full dues that were paid to another union before a membership (L10).
SELECT (facts ->> 'since')::date AS since,
       (facts #>> '{beginning,transferred,paid_months}')::integer AS paid_months
FROM memberships
WHERE membership_id = ANY(:membership_ids::text[])
  AND facts #> '{beginning,transferred}' <> 'null'::jsonb;

-- ===== Refunds

-- name: find_owner(reference, member_number)^
-- Find whose a payment is, or a member by the number; nobody's is a payment without a member.
SELECT reference, membership_id FROM payments
WHERE :member_number::text IS NULL AND reference = :reference AND reverses IS NULL
UNION ALL
SELECT NULL, membership_id FROM memberships
WHERE :member_number::text IS NOT NULL AND member_number = :member_number;

-- name: lock_credits(membership_id, reference)!
-- Lock all that a refund may be of against everybody else; invoices first, as the rule does.
WITH locked AS MATERIALIZED (
    SELECT number FROM invoices
    WHERE membership_id = ANY (all_of_person(ARRAY[:membership_id::text]))
    ORDER BY number FOR NO KEY UPDATE
)
SELECT count(*) FROM (
    SELECT reference FROM payments
    WHERE (SELECT count(*) FROM locked) >= 0 AND (
        reference = :reference OR reference IN (
            SELECT reference FROM payments_in_suspense
            WHERE membership_id = ANY (all_of_person(ARRAY[:membership_id::text]))))
    ORDER BY reference FOR NO KEY UPDATE
) AS paid;

-- name: read_credits(membership_id, reference)
-- Read what may be paid out: of one payment, or all that a person has with us, the oldest first.
-- Money with somebody else's KID is a caseworker's to place.
SELECT reference, NULL AS credit_number, suspense_ore AS ore, paid_on AS since
FROM payment_balances
WHERE reference = :reference AND suspense_ore > 0
UNION ALL
SELECT balances.reference, NULL, balances.suspense_ore, balances.paid_on
FROM payments_in_suspense AS noted
CROSS JOIN LATERAL (
    SELECT * FROM payment_balances WHERE payment_balances.reference = noted.reference
) AS balances
WHERE :reference::text IS NULL
  AND noted.membership_id = ANY (all_of_person(ARRAY[:membership_id::text]))
  AND balances.suspense_ore > 0
  AND (balances.kid IS NULL
       OR of_one_person(membership_of_kid(balances.kid), balances.membership_id))
UNION ALL
SELECT NULL, number, -open_ore, issued_on
FROM invoice_balances
WHERE :reference::text IS NULL
  AND membership_id = ANY (all_of_person(ARRAY[:membership_id::text])) AND open_ore < 0
ORDER BY since, 1, 2;

-- name: read_debts(membership_id)$
-- Tell what a person owes, under all memberships.
SELECT coalesce(sum(open_ore), 0)::bigint FROM invoice_balances
WHERE membership_id = ANY (all_of_person(ARRAY[:membership_id::text])) AND open_ore > 0;

-- name: read_overdrawn(membership_id)$
-- Tell what a person owes of payments that were paid back and then taken back, all memberships,
-- whether or not it has been asked for.
SELECT overdrawn_of(:membership_id) + unpaid_recoveries(:membership_id);

-- name: read_receiver(membership_id, references, credits)^
-- Read who may receive a refund: who paid, by the bank's word if it is the same for all of it, else
-- the member; and whether that person has died.
SELECT CASE WHEN count(DISTINCT told.payer_account) = 1
                 AND count(told.payer_account) = cardinality(:references::text[])
                 AND cardinality(:credits::text[]) = 0
            THEN max(told.payer_account) END AS account,
       CASE WHEN cardinality(:credits::text[]) = 0 THEN max(told.payer_name) END AS payer,
       (SELECT people.name FROM memberships JOIN people USING (person_id)
        WHERE memberships.membership_id = :membership_id) AS member,
       EXISTS (SELECT FROM memberships
               WHERE membership_id = ANY (all_of_person(ARRAY[:membership_id::text]))
                 AND outcome = 'deceased') AS has_died
FROM unnest(:references::text[]) AS one (reference)
LEFT JOIN LATERAL (
    SELECT max(payer_account) AS payer_account, max(payer_name) AS payer_name
    FROM bank_entries WHERE bank_entries.reference = one.reference
) AS told ON true;

-- name: ask_refund!
-- Write down a refund with its parts: all of it is set apart.
WITH asked AS (
    INSERT INTO refunds (refund_id, membership_id, amount_ore, reason, requested_on, requested_by,
                         account, receiver, account_by, requested_by_subject, account_by_subject)
    SELECT :refund_id, :membership_id, sum(ore), :reason, :today, :by, :account, :receiver,
           :account_by, :subject, CASE WHEN :account_by::text IS NOT NULL THEN :subject END
    FROM unnest(:amounts::bigint[]) AS one (ore)
)
INSERT INTO refund_parts (refund_id, serial, reference, credit_number, amount_ore)
SELECT :refund_id, serial, reference, credit_number, ore
FROM unnest(:references::text[], :credits::text[], :amounts::bigint[])
    WITH ORDINALITY AS one (reference, credit_number, ore, serial);

-- name: list_refunds(refund_id, open, message_id, most)
-- List refunds, the oldest first: one, those that are not over, those of a file, or all.
SELECT refund_id, membership_id, amount_ore, reason, requested_on, requested_by, account, receiver,
       account_by, approved_on, approved_by, instructed_on, message_id, paid_on, paid_entry,
       returned_on, released_on, released_by, released_why
FROM refunds
WHERE (:refund_id::text IS NULL OR refund_id = :refund_id)
  AND (:message_id::text IS NULL OR message_id = :message_id)
  AND (NOT :open::boolean OR (paid_on IS NULL AND released_on IS NULL))
ORDER BY requested_on, refund_id
LIMIT :most;

-- name: lock_refund(refund_id)$
-- Lock a refund against everybody else who decides about it.
SELECT refund_id FROM refunds WHERE refund_id = :refund_id FOR UPDATE;

-- name: is_covered(refund_id)$
-- Tell whether what a refund is of is still there: the bank may have taken a payment back.
SELECT is_covered(:refund_id);

-- name: same_hands(one, one_subject, other, other_subject)$
-- Tell whether two who decide are one person.
SELECT same_hands(:one, :one_subject, :other, :other_subject);

-- name: read_hands(refund_id)
-- Read who has asked for a refund, and who has named its account.
SELECT hands.name, hands.subject
FROM refunds CROSS JOIN LATERAL (
    VALUES (requested_by, requested_by_subject), (account_by, account_by_subject)
) AS hands (name, subject)
WHERE refund_id = :refund_id AND hands.name IS NOT NULL;

-- name: name_receiver!
-- Note who receives a refund, and who says so.
UPDATE refunds
SET account = :account, receiver = :receiver, account_by = :by, account_by_subject = :subject
WHERE refund_id = :refund_id;

-- name: approve_refund!
-- Note who approves.
UPDATE refunds SET approved_on = :today, approved_by = :by, approved_by_subject = :subject
WHERE refund_id = :refund_id;

-- name: lock_approved()
-- Lock what is approved and in no file yet, and read it in the order it was asked for.
SELECT refund_id, amount_ore, account, receiver,
       -- A branch or the insurance office is told what it is paid; of a member nobody at the bank is.
       CASE WHEN EXISTS (SELECT FROM refund_parts AS parts
                         WHERE parts.refund_id = refunds.refund_id
                           AND num_nonnulls(parts.branch, parts.insurance_from) = 1)
            THEN reason END AS text
FROM refunds
WHERE approved_on IS NOT NULL AND instructed_on IS NULL AND released_on IS NULL
  AND is_covered(refund_id)
ORDER BY requested_on, refund_id
FOR UPDATE OF refunds;

-- name: list_held_back()
-- List what is approved and must not be paid out, since what it is of is not there any more.
SELECT refund_id, membership_id FROM refunds
WHERE approved_on IS NOT NULL AND instructed_on IS NULL AND released_on IS NULL
  AND NOT is_covered(refund_id)
ORDER BY requested_on, refund_id;

-- name: count_files(today)$
-- Count the files of a day.
SELECT count(*) FROM refund_files WHERE made_on = :today;

-- name: keep_file!
-- Keep what the bank is to be told, as it is written.
INSERT INTO refund_files (message_id, checksum, content, made_on, made_by)
VALUES (:message_id, encode(sha256(:content), 'hex'), :content, :today, :by);

-- name: read_refund_file(message_id)^
-- Read what the bank was told.
SELECT content, checksum, made_on FROM refund_files WHERE message_id = :message_id;

-- name: instruct(refund_ids, message_id, today)!
-- Note that the bank is told, with the entries: from now on it is on its way.
WITH told AS (
    UPDATE refunds SET instructed_on = :today, message_id = :message_id
    WHERE refund_id = ANY (:refund_ids::text[]) AND instructed_on IS NULL
    RETURNING refund_id
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT :today, 'refund', coalesce(payments.membership_id, invoices.membership_id),
       parts.refund_id || '/' || parts.serial,
       CASE WHEN parts.reference IS NOT NULL THEN 'suspense'
            WHEN parts.credit_number IS NOT NULL THEN 'members'
            WHEN parts.branch IS NOT NULL THEN 'branches'
            WHEN parts.insurance_from IS NOT NULL THEN 'insurance_office' END,
       'refunds', parts.amount_ore
FROM told
JOIN refund_parts AS parts USING (refund_id)
LEFT JOIN payments ON payments.reference = parts.reference
LEFT JOIN invoices ON invoices.number = parts.credit_number
WHERE parts.amount_ore > 0;

-- name: note_paid!
-- Note that the bank has paid a refund out, with the entry.
WITH paid AS (
    UPDATE refunds SET paid_on = :paid_on, paid_entry = :entry WHERE refund_id = :refund_id
    RETURNING *
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT paid_on, 'refund_paid', membership_id, refund_id, 'refunds', 'bank', amount_ore FROM paid;

-- name: note_returned!
-- Note that the money of a refund has come back, with the entry.
WITH back AS (
    UPDATE refunds SET returned_on = :returned_on, returned_entry = :entry
    WHERE refund_id = :refund_id
    RETURNING *
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT returned_on, 'refund_returned', membership_id, refund_id, 'bank', 'refunds', amount_ore
FROM back;

-- name: release_refund!
-- Give free what a refund is of; what was on its way is owed again.
WITH free AS (
    UPDATE refunds SET released_on = :today, released_by = :by, released_why = :why
    WHERE refund_id = :refund_id AND released_on IS NULL
    RETURNING *
), back AS (
    INSERT INTO refund_parts (refund_id, serial, reference, credit_number, branch, insurance_from,
                              amount_ore)
    SELECT refund_id, serial + (SELECT max(serial) FROM refund_parts AS parts
                                WHERE parts.refund_id = free.refund_id),
           reference, credit_number, branch, insurance_from, -parts.amount_ore
    FROM free JOIN refund_parts AS parts USING (refund_id)
    RETURNING *
), noted AS (
    INSERT INTO payments_in_suspense (reference, membership_id)
    SELECT payments.reference, payments.membership_id
    FROM back JOIN payments USING (reference)
    WHERE payments.membership_id IS NOT NULL
    ON CONFLICT (reference) DO NOTHING
)
INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT :today, 'refund', coalesce(payments.membership_id, invoices.membership_id),
       back.refund_id || '/' || back.serial, 'refunds',
       CASE WHEN back.reference IS NOT NULL THEN 'suspense'
            WHEN back.credit_number IS NOT NULL THEN 'members'
            WHEN back.branch IS NOT NULL THEN 'branches'
            WHEN back.insurance_from IS NOT NULL THEN 'insurance_office' END,
       -back.amount_ore
FROM back
JOIN free USING (refund_id)
LEFT JOIN payments ON payments.reference = back.reference
LEFT JOIN invoices ON invoices.number = back.credit_number
WHERE free.instructed_on IS NOT NULL;

-- name: reopen_suspense(refund_id, today)!
-- Ask the caseworkers again about the payments of a refund that is free.
SELECT tell_caseworkers(
    ARRAY(SELECT DISTINCT reference FROM refund_parts
          WHERE refund_id = :refund_id AND reference IS NOT NULL), '{}', :today);

-- name: list_refund_payments(refund_id)
-- List the payments that a refund is of.
SELECT DISTINCT reference FROM refund_parts
WHERE refund_id = :refund_id AND reference IS NOT NULL ORDER BY reference;

-- name: list_outgoing(entry)
-- List what has left the account and is no refund that we know of, or one of them.
SELECT reference AS entry, booked_on, amount_ore, payer_name AS receiver, payer_account AS account,
       payer_text AS text
FROM bank_entries
WHERE aside = 'outgoing' AND nth IS NOT NULL AND (:entry::text IS NULL OR reference = :entry)
  AND NOT EXISTS (SELECT FROM refunds WHERE paid_entry = bank_entries.reference)
  AND NOT EXISTS (SELECT FROM insurance_payments WHERE entry = bank_entries.reference)
ORDER BY booked_on, reference;

-- name: take_off_returned(refund_id, today)!
-- Credit members what they were asked for of payments whose refund has come back after all.
SELECT recover_overdrawn(
    ARRAY(SELECT DISTINCT parts.reference FROM refund_parts AS parts
          WHERE parts.refund_id = :refund_id AND parts.reference IS NOT NULL),
    :today, :today, NULL);

-- name: read_recoverable(reference)$
-- Tell what is owed to us of a payment that was paid back and then taken back; NULL: nothing is.
SELECT ore FROM recoverable_payments WHERE reference = :reference;

-- name: recover_by(reference, paid_by, amount_ore, today, by)!
-- Make up for what was paid back and taken back with other money in suspense.
INSERT INTO recoveries (reference, serial, paid_by, amount_ore, recovered_on, recovered_by)
SELECT :reference, 1 + coalesce(max(serial), 0), :paid_by, :amount_ore, :today, :by
FROM recoveries WHERE reference = :reference;

-- name: lock_reported(message_id, refund_ids)
-- Lock the refunds of a file, and others that a report names, and read how much each is.
SELECT refund_id, amount_ore, coalesce(message_id = :message_id, false) AS of_file
FROM refunds
WHERE instructed_on IS NOT NULL
  AND (message_id = :message_id OR refund_id = ANY (:refund_ids::text[]))
ORDER BY refund_id
FOR UPDATE;

-- name: read_rejected_at(refund_id)$
-- Tell when the bank last rejected a refund, by its own reports.
SELECT max(reported_at) FROM refund_statuses WHERE refund_id = :refund_id AND says = 'rejected';

-- name: note_status!
-- Note what the bank says of a refund, once a report.
INSERT INTO refund_statuses (refund_id, report_id, says, code, reasons, reported_at, noted_on)
VALUES (:refund_id, :report_id, :says, :code, :reasons, :reported_at, :today)
ON CONFLICT DO NOTHING;
