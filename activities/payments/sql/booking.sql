-- A batch of a bank's file: written and allocated in one trip.

CREATE FUNCTION book_transactions(
    of_file char(64), today date, allocate boolean,
    refs text[], owners text[], amounts bigint[], days date[], kids text[], backs boolean[],
    takes text[]
) RETURNS TABLE (payments bigint, amount_ore bigint, known bigint, allocated bigint,
                 suspended bigint, reversals bigint, reversed_ore bigint, differing text[])
    LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    paid text[];
    paid_ore bigint;
    back text[];
    back_ore bigint;
    before text[] := '{}';
    others text[] := '{}';
    used text[] := '{}';
BEGIN
    WITH payment AS (
        INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid, file_id)
        SELECT reference, membership_id, amount_ore, paid_on, kid, of_file
        FROM unnest(refs, owners, amounts, days, kids, backs)
            AS one (reference, membership_id, amount_ore, paid_on, kid, is_back)
        WHERE NOT is_back
        ORDER BY reference
        ON CONFLICT (reference) DO NOTHING
        RETURNING *
    ), booked AS (
        INSERT INTO entries
            (booked_on, source, membership_id, reference, debit, credit, amount_ore)
        SELECT paid_on, 'payment', membership_id, reference, 'bank', 'suspense', amount_ore
        FROM payment
    )
    SELECT coalesce(array_agg(reference ORDER BY position), '{}'), coalesce(sum(amount_ore), 0)
    INTO paid, paid_ore
    FROM unnest(refs, amounts) WITH ORDINALITY AS one (reference, amount_ore, position)
    -- Looked up by hash: a planner that knows nothing of either would compare each with each.
    WHERE (reference IN (SELECT reference FROM payment)) IS TRUE;

    WITH reversal AS (
        INSERT INTO awaited_reversals (reference, takes_back, kid, amount_ore, paid_on, file_id)
        SELECT reference, takes_back, kid, amount_ore, paid_on, of_file
        FROM unnest(refs, amounts, days, kids, backs, takes)
            AS one (reference, amount_ore, paid_on, kid, is_back, takes_back)
        WHERE is_back
          AND NOT EXISTS (SELECT FROM payments WHERE payments.reference = one.reference)
        ORDER BY reference
        ON CONFLICT (reference) DO NOTHING
        RETURNING *
    ), taken AS MATERIALIZED (
        SELECT reversal.*, membership_id
        FROM reversal JOIN unnest(refs, owners) AS one (reference, membership_id) USING (reference)
    ), booked AS (
        INSERT INTO entries
            (booked_on, source, membership_id, reference, debit, credit, amount_ore)
        SELECT paid_on, 'reversal', membership_id, reference, 'suspense', 'bank', amount_ore
        FROM taken
    ), asked AS (
        INSERT INTO tasks (key, kind, says, membership_id, opened_on)
        SELECT 'reversal/' || reference, 'reversal',
               'The bank has taken money back: reversal ' || reference || '. What it had paid is '
               'owed again. If no payment is found for it, ask the bank which one it was.',
               membership_id, today
        FROM taken
        ON CONFLICT (key) DO NOTHING
    )
    SELECT coalesce(array_agg(reference), '{}'), coalesce(sum(amount_ore), 0)
    INTO back, back_ore
    FROM taken;

    IF allocate THEN
        used := settle_payments(paid || back, today);
    END IF;

    IF cardinality(paid || back) < cardinality(refs) THEN
        others := ARRAY(SELECT unnest(refs) EXCEPT SELECT unnest(paid || back));
        -- What an earlier attempt at this file has written is the file's as well.
        before := ARRAY(
            SELECT reference FROM unnest(others) AS one (reference)
            LEFT JOIN payments USING (reference)
            LEFT JOIN awaited_reversals USING (reference)
            WHERE of_file IN (payments.file_id, awaited_reversals.file_id));
    END IF;
    RETURN QUERY
    WITH earlier AS (
        SELECT one.* FROM unnest(refs, amounts, backs) AS one (reference, ore, is_back)
        WHERE reference IN (SELECT unnest(before))
    ), held AS (
        SELECT balances.*
        FROM (SELECT unnest(paid || before) EXCEPT SELECT unnest(used)) AS one (reference)
        JOIN payment_balances AS balances USING (reference)
    )
    SELECT cardinality(paid) + (SELECT count(*) FROM earlier WHERE NOT is_back),
           paid_ore + (SELECT coalesce(sum(ore), 0)::bigint FROM earlier WHERE NOT is_back),
           (cardinality(others) - cardinality(before))::bigint,
           cardinality(used) + (SELECT count(*) FROM held WHERE allocated_ore > 0),
           (SELECT count(*) FROM held WHERE suspense_ore > 0),
           cardinality(back) + (SELECT count(*) FROM earlier WHERE is_back),
           back_ore + (SELECT coalesce(sum(ore), 0)::bigint FROM earlier WHERE is_back),
           ARRAY(
               SELECT reference
               FROM unnest(refs, amounts, kids, backs) AS one (reference, ore, kid, is_back)
               JOIN payments USING (reference)
               WHERE one.reference IN (SELECT unnest(others))
                 AND (payments.amount_ore, payments.kid, payments.reverses IS NOT NULL)
                     IS DISTINCT FROM (one.ore, one.kid, one.is_back));
END $$;
COMMENT ON FUNCTION book_transactions IS
    'Books a batch of a file of the bank: what is new is written and allocated, and counted. Again: '
    'all is known, and counted the same (P4).';
