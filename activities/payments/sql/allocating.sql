-- One rule that allocates all money (P3).

-- Whose money -----------------------------------------------------------------------------------

CREATE FUNCTION mod10_of(digits bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- Of 15 digits every other one, from the last on, counts twice, and as the sum of its own digits
    -- (Luhn): twice 7 is 14, and so 5; 7 * 11 / 5 is 15, which ends in the same digit.
    RETURN (10 - (
        digits % 10 * 11 / 5 + digits / 10 % 10
        + digits / 100 % 10 * 11 / 5 + digits / 1000 % 10
        + digits / 10000 % 10 * 11 / 5 + digits / 100000 % 10
        + digits / 1000000 % 10 * 11 / 5 + digits / 10000000 % 10
        + digits / 100000000 % 10 * 11 / 5 + digits / 1000000000 % 10
        + digits / 10000000000 % 10 * 11 / 5 + digits / 100000000000 % 10
        + digits / 1000000000000 % 10 * 11 / 5 + digits / 10000000000000 % 10
        + digits / 100000000000000 % 10 * 11 / 5
    ) % 10) % 10;
COMMENT ON FUNCTION mod10_of(bigint) IS
    'The check digit of 15 digits. Of a column or a variable: of more it would be no part of the plan.';

CREATE FUNCTION with_mod10(digits text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE number bigint := digits;
BEGIN
    RETURN digits || mod10_of(number);
END $$;
COMMENT ON FUNCTION with_mod10(text) IS
    'The same KID as schemas.payments.kid, for 15 digits.';

CREATE FUNCTION membership_of_kid(wanted text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(
        (SELECT membership_id FROM invoices WHERE kid = wanted),
        (SELECT membership_id FROM memberships
         WHERE member_number = substr(wanted, 2, 8)::char(8)
           -- The check digit is computed of digits alone.
           AND CASE WHEN wanted ~ '^1[0-9]{15}$' THEN with_mod10(left(wanted, 15)) = wanted
                    ELSE false END));
COMMENT ON FUNCTION membership_of_kid(text) IS
    'Whose invoice has a KID, as another system may have given it (L11); else the member a right KID '
    'of type 1 names, whether or not there is such an invoice (P1).';

CREATE FUNCTION of_one_person(one text, other text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN one = other
        OR (SELECT person_id FROM memberships WHERE membership_id = one)
         = (SELECT person_id FROM memberships WHERE membership_id = other);
COMMENT ON FUNCTION of_one_person(text, text) IS
    'Whether two memberships are the same person''s: money of the one is money of the other.';

CREATE FUNCTION all_of_person(owners text[]) RETURNS text[]
    -- Asked of thousands one by one: a plan for each, as how many they are is not known before, took
    -- ten times as long as the answer.
    LANGUAGE sql STABLE SET plan_cache_mode = force_generic_plan
    RETURN ARRAY(
        SELECT membership_id FROM memberships WHERE membership_id = ANY (owners)
        UNION
        SELECT theirs.membership_id
        FROM memberships AS own JOIN memberships AS theirs USING (person_id)
        WHERE own.membership_id = ANY (owners));
COMMENT ON FUNCTION all_of_person(text[]) IS
    'Some memberships, and all others of the same persons.';

CREATE FUNCTION claim_of(member text, wanted text)
    RETURNS TABLE (number text, open_ore bigint, rule text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT named.number, named.open_ore, 'kid' AS rule
    FROM invoice_balances AS named
    WHERE named.kid = wanted AND of_one_person(named.membership_id, member)
    UNION ALL
    SELECT oldest.number, oldest.open_ore, oldest.rule
    FROM (
        SELECT balances.number, balances.open_ore, 'oldest' AS rule
        FROM invoice_balances AS balances
        WHERE balances.membership_id = ANY (all_of_person(ARRAY[member]))
          AND balances.open_ore > 0
          AND (wanted IS NULL
               OR (of_one_person(membership_of_kid(wanted), member)
                   AND NOT EXISTS (SELECT FROM invoices WHERE invoices.kid = wanted)))
        ORDER BY balances.issued_on, balances.serial, balances.number
        LIMIT 1
    ) AS oldest;
END;
COMMENT ON FUNCTION claim_of(text, text) IS
    'What a member''s payment is for: the invoice its KID names, else the oldest that is open (P3).';

-- Allocating ------------------------------------------------------------------------------------

CREATE FUNCTION take_back(taken text) RETURNS SETOF text LANGUAGE sql
BEGIN ATOMIC
    -- All a reversed payment had paid is owed again; returns the invoices.
    WITH standing AS (
        SELECT invoice_number, list_number, sum(amount_ore)::bigint AS amount_ore
        FROM allocations WHERE reference = taken
        GROUP BY invoice_number, list_number HAVING sum(amount_ore) <> 0
    ), back AS (
        INSERT INTO allocations (reference, serial, invoice_number, list_number, amount_ore,
                                 allocated_on, allocated_by)
        SELECT taken,
               (SELECT max(serial) FROM allocations WHERE reference = taken)
                   + row_number() OVER (ORDER BY invoice_number, list_number),
               invoice_number, list_number, -amount_ore, reversal.paid_on, 'reversal'
        FROM standing
        CROSS JOIN (SELECT paid_on FROM payments WHERE reverses = taken) AS reversal
        RETURNING reference, serial, invoice_number, list_number, amount_ore, allocated_on
    ), booked AS (
        INSERT INTO entries
            (booked_on, source, membership_id, reference, debit, credit, amount_ore)
        SELECT allocated_on, 'allocation', invoices.membership_id,
               reference || '/' || back.serial, payers.account, 'suspense', -amount_ore
        FROM back
        JOIN payers ON payers.by_list = (list_number IS NOT NULL)
        LEFT JOIN invoices ON invoices.number = back.invoice_number
    )
    SELECT invoice_number FROM back WHERE invoice_number IS NOT NULL;
END;
COMMENT ON FUNCTION take_back(text) IS 'Takes back what a reversed payment had been allocated to.';

CREATE FUNCTION tell_of_refunds(reversal text, taken text) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    UPDATE tasks SET says = tasks.says || refunded.says
    FROM (
        SELECT string_agg(DISTINCT CASE
            WHEN paid_on IS NOT NULL
                THEN ' Refund ' || refund_id || ' of it had been paid out already: the member owes '
                     'that amount, and gets an invoice for it.'
            WHEN instructed_on IS NOT NULL
                THEN ' Refund ' || refund_id || ' of it is on its way: stop it in the bank and note '
                     'that with refund-rejected; if it is paid, the member owes that amount.'
            WHEN instructed_on IS NULL
                THEN ' Refund ' || refund_id || ' of it goes into no file: give it up with '
                     'approve-refund ' || refund_id || ' --refuse.' END, '') AS says
        FROM refund_parts AS parts JOIN refunds USING (refund_id)
        WHERE parts.reference = taken AND released_on IS NULL
    ) AS refunded
    WHERE tasks.key = 'reversal/' || reversal AND refunded.says IS NOT NULL;
END;
COMMENT ON FUNCTION tell_of_refunds(text, text) IS
    'Adds to the task of a reversal what to do about refunds of the payment it takes back (P8).';

CREATE FUNCTION match_reversals(fresh text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    back awaited_reversals;
    original text;
BEGIN
    -- A few at a time, one by one: of two equal payments each is taken back once. Locked before it
    -- is looked at: of two imports that bring a payment and its reversal, one sees the other's.
    FOR back IN
        SELECT * FROM awaited_reversals
        WHERE reference IN (
            SELECT arrived FROM unnest(fresh) AS arrived
            UNION ALL
            SELECT awaited.reference
            FROM unnest(fresh) AS arrived JOIN awaited_reversals AS awaited ON takes_back = arrived
            UNION ALL
            SELECT awaited.reference
            FROM unnest(fresh) AS arrived
            JOIN payments ON payments.reference = arrived
            JOIN awaited_reversals AS awaited USING (kid, amount_ore))
        ORDER BY paid_on, reference
        FOR UPDATE
    LOOP
        SELECT payments.reference INTO original
        FROM payments
        WHERE payments.amount_ore = back.amount_ore
          AND payments.reverses IS NULL
          AND (payments.reference = back.takes_back OR payments.kid = back.kid)
          AND NOT EXISTS (SELECT FROM payments AS other WHERE other.reverses = payments.reference)
        ORDER BY payments.reference = back.takes_back DESC NULLS LAST,
                 EXISTS (
                     SELECT FROM bank_entries AS own JOIN bank_entries AS other
                       ON other.bank_reference = own.bank_reference
                     WHERE own.reference = payments.reference
                       AND other.reference = back.reference) DESC,
                 payments.paid_on, payments.reference
        LIMIT 1
        FOR NO KEY UPDATE OF payments;
        CONTINUE WHEN original IS NULL;
        INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid, file_id, reverses)
        VALUES (back.reference, membership_of_kid(back.kid), back.amount_ore, back.paid_on,
                back.kid, back.file_id, original);
        DELETE FROM awaited_reversals WHERE reference = back.reference;
        PERFORM tell_of_refunds(back.reference, original);
        RETURN NEXT original;
    END LOOP;
END $$;
COMMENT ON FUNCTION match_reversals(text[]) IS
    'Finds the payments that reversals take back, whichever of the two came first; returns them.';

CREATE FUNCTION take_back_left_overs(owners text[], today date) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    -- What pays another invoice than its own could have paid one that a reversal has opened.
    WITH standing AS (
        SELECT reference, invoice_number, membership_id, sum(amount_ore)::bigint AS amount_ore
        FROM allocations JOIN invoices ON invoices.number = allocations.invoice_number
        WHERE membership_id = ANY (owners) AND reference IS NOT NULL AND allocated_by = 'oldest'
        GROUP BY reference, invoice_number, membership_id HAVING sum(amount_ore) <> 0
    ), back AS (
        INSERT INTO allocations
            (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
        SELECT reference,
               (SELECT max(serial) FROM allocations WHERE reference = standing.reference)
                   + row_number() OVER (PARTITION BY reference ORDER BY invoice_number),
               invoice_number, -amount_ore, today, 'oldest'
        FROM standing
        WHERE NOT EXISTS (SELECT FROM payments AS back WHERE back.reverses = standing.reference)
        RETURNING reference, serial, invoice_number, amount_ore
    ), noted AS (
        INSERT INTO payments_in_suspense (reference, membership_id)
        SELECT DISTINCT reference, payments.membership_id FROM back JOIN payments USING (reference)
        WHERE payments.membership_id IS NOT NULL
        ON CONFLICT (reference) DO NOTHING
    )
    INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
    SELECT today, 'allocation', invoices.membership_id, reference || '/' || back.serial, 'members',
           'suspense', -amount_ore
    FROM back JOIN invoices ON invoices.number = back.invoice_number;
END;
COMMENT ON FUNCTION take_back_left_overs(text[], date) IS
    'Takes back what members'' money has paid of other invoices than it names: it is laid anew.';

CREATE FUNCTION unpaid_recoveries(member text) RETURNS bigint LANGUAGE sql STABLE
    RETURN (SELECT coalesce(sum(balances.open_ore), 0)::bigint
            FROM recoveries JOIN invoice_balances AS balances
              ON balances.number = recoveries.invoice_number
            WHERE balances.open_ore > 0
              AND balances.membership_id = ANY (all_of_person(ARRAY[member])));
COMMENT ON FUNCTION unpaid_recoveries(text) IS
    'What a person was asked for of payments that were paid back and then taken back, and has not '
    'paid (P8).';

CREATE FUNCTION waits_as_double(payment text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM payments AS own
        JOIN invoices AS named ON named.kid = own.kid AND named.total_ore = own.amount_ore
        JOIN payments AS twin ON twin.kid = own.kid AND twin.amount_ore = own.amount_ore
                             AND twin.reference <> own.reference AND twin.reverses IS NULL
                             AND abs(twin.paid_on - own.paid_on) < policy_on(
                                 'double_payment_days', own.paid_on, '14')::integer
        WHERE own.reference = payment
          AND NOT EXISTS (SELECT FROM payments AS back WHERE back.reverses = twin.reference)
          AND NOT EXISTS (SELECT FROM dues_runs WHERE charged_on > own.paid_on)
          AND unpaid_recoveries(own.membership_id) = 0);
COMMENT ON FUNCTION waits_as_double(text) IS
    'Whether a payment has paid for an invoice a second time within a few days, and nothing has been '
    'charged since: it may be asked back before it is used for what comes next (P3). A standing order '
    'comes a month later, and is no double. Whoever owes what was paid back before is paid back no more.';

CREATE FUNCTION use_suspense(owners text[], fresh text[], today date, of_the_due boolean)
    RETURNS SETOF text
    LANGUAGE sql
BEGIN ATOMIC
    WITH money AS MATERIALIZED (
        SELECT whose.person_id, held.reference, held.paid_on, held.suspense_ore AS ore,
               sum(held.suspense_ore) OVER (PARTITION BY whose.person_id
                                            ORDER BY held.paid_on, held.reference) AS ends,
               sum(held.suspense_ore) OVER (PARTITION BY whose.person_id) AS total
        FROM payments_in_suspense AS noted
        JOIN memberships AS whose USING (membership_id)
        CROSS JOIN LATERAL (
            SELECT * FROM payment_balances WHERE payment_balances.reference = noted.reference
        ) AS held
        WHERE noted.membership_id = ANY (owners) AND held.suspense_ore > 0
          AND (held.kid IS NULL
               OR of_one_person(membership_of_kid(held.kid), held.membership_id))
          AND (of_the_due OR NOT waits_as_double(held.reference))
    ), claim AS MATERIALIZED (
        SELECT person_id, balances.number, balances.open_ore AS ore,
               sum(balances.open_ore) OVER (
                   PARTITION BY person_id
                   ORDER BY balances.issued_on, balances.serial, balances.number) AS ends
        FROM memberships JOIN invoice_balances AS balances USING (membership_id)
        WHERE memberships.membership_id = ANY (owners)
          AND person_id IN (SELECT person_id FROM money) AND balances.open_ore > 0
          AND (NOT of_the_due OR balances.due_on < today)
    ), given AS (
        -- Laid end to end on one line, money and claims meet where they overlap. A claim that
        -- is not met whole is not met: part of an invoice is a caseworker's.
        INSERT INTO allocations
            (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
        SELECT money.reference,
               coalesce((SELECT max(serial) FROM allocations
                         WHERE allocations.reference = money.reference), 0)
                   + row_number() OVER (PARTITION BY money.reference ORDER BY claim.ends),
               claim.number,
               (least(money.ends, claim.ends)
                   - greatest(money.ends - money.ore, claim.ends - claim.ore))::bigint,
               CASE WHEN money.reference = ANY (fresh) THEN money.paid_on ELSE today END,
               'oldest'
        FROM money JOIN claim USING (person_id)
        WHERE claim.ends <= money.total
          AND least(money.ends, claim.ends)
            > greatest(money.ends - money.ore, claim.ends - claim.ore)
        RETURNING reference, serial, invoice_number, amount_ore, allocated_on
    ), booked AS (
        INSERT INTO entries
            (booked_on, source, membership_id, reference, debit, credit, amount_ore)
        SELECT allocated_on, 'allocation', invoices.membership_id,
               reference || '/' || given.serial, 'suspense', 'members', amount_ore
        FROM given JOIN invoices ON invoices.number = given.invoice_number
    )
    SELECT DISTINCT reference FROM given;
END;
COMMENT ON FUNCTION use_suspense(text[], text[], date, boolean) IS
    'Pays the oldest open invoices of persons, of whom all memberships are given, with what they have '
    'in suspense, whole ones only; returns the payments. Doubles pay only what is overdue, until '
    'something is charged. Money with somebody else''s KID is a caseworker''s (P3).';

CREATE FUNCTION tell_caseworkers(held text[], fresh text[], today date) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    SELECT 'suspense/' || left_over.reference, 'suspense',
           CASE WHEN left_over.allocated_ore > 0 THEN 'Part of payment ' ELSE 'Payment ' END
           || left_over.reference || ' is in suspense: ' || CASE
               WHEN left_over.allocated_ore > 0 AND EXISTS (
                    SELECT FROM invoice_balances
                    WHERE invoice_balances.membership_id
                          = ANY (all_of_person(ARRAY[left_over.membership_id]))
                      AND open_ore > 0)
                   THEN 'what is left is less than the next invoice asks'
               WHEN left_over.allocated_ore > 0 THEN 'it is more than the member owes'
               WHEN waits_as_double(left_over.reference)
                   THEN 'the invoice it names was paid twice; it is used for what is charged next'
               WHEN claims.number IS NOT NULL AND claims.open_ore <= 0
                   THEN 'the invoice it names is paid'
               WHEN left_over.amount_ore < claims.open_ore THEN 'it is less than the invoice asks'
               WHEN left_over.membership_id IS NULL AND left_over.kid IS NULL
                   THEN 'it has no KID'
               WHEN left_over.membership_id IS NULL
                    OR (left_over.kid IS NOT NULL AND membership_of_kid(left_over.kid) IS NULL)
                   THEN 'nothing of ours has its KID, or the check digit is wrong'
               WHEN NOT of_one_person(membership_of_kid(left_over.kid), left_over.membership_id)
                   THEN 'its KID is another member''s'
               ELSE 'the member has no open invoice' END
           || '. Allocate it or refund it.',
           left_over.membership_id, today
    FROM payment_balances AS left_over
    LEFT JOIN LATERAL claim_of(left_over.membership_id, left_over.kid) AS claims ON true
    WHERE left_over.reference = ANY (held) AND left_over.suspense_ore > 0
    UNION ALL
    SELECT 'late/' || arrived.reference, 'late',
           'Payment ' || arrived.reference || ' came after the membership had ended, and has '
           'paid what was still owed. See whether it belongs there.',
           payments.membership_id, today
    FROM unnest(fresh) AS arrived (reference)
    JOIN payments USING (reference)
    JOIN memberships USING (membership_id)
    WHERE memberships.stage = 'ended' AND EXISTS (
        SELECT FROM allocations
        WHERE allocations.reference = arrived.reference AND allocations.amount_ore > 0)
    -- In suspense again, after what it had paid was taken back.
    ON CONFLICT (key) DO UPDATE
    SET (says, opened_on, announced_on, closed_on, closed_by, note, settled)
      = (excluded.says, excluded.opened_on, NULL, NULL, NULL, NULL, false)
    WHERE tasks.settled;
END;
COMMENT ON FUNCTION tell_caseworkers(text[], text[], date) IS
    'Opens a task for each payment in suspense, and for each of the fresh that came late (P3).';

CREATE FUNCTION close_settled(touched text[], today date) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    UPDATE tasks
    SET closed_on = coalesce(closed_on, today), closed_by = coalesce(closed_by, 'rule'),
        note = CASE WHEN closed_on IS NULL THEN 'nothing is in suspense' ELSE note END,
        settled = true
    FROM payment_balances
    WHERE tasks.key = 'suspense/' || payment_balances.reference AND NOT tasks.settled
      AND payment_balances.reference = ANY (touched) AND payment_balances.suspense_ore <= 0;
END;
COMMENT ON FUNCTION close_settled(text[], date) IS
    'Closes the tasks of payments of which nothing is in suspense any more.';

CREATE FUNCTION tell_memberships(paid text[]) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO payment_reports (reference, membership_id)
    SELECT DISTINCT ON (payments.reference) payments.reference, invoices.membership_id
    FROM payments
    JOIN allocations USING (reference)
    JOIN invoices ON invoices.number = allocations.invoice_number
                 AND invoices.membership_id = payments.membership_id
    WHERE payments.reference = ANY (paid)
      AND payments.file_id IS NOT NULL AND payments.decision IS NULL
      AND allocations.amount_ore > 0 AND invoices.decision IS NOT NULL
    ORDER BY payments.reference, allocations.serial DESC
    ON CONFLICT (reference) DO NOTHING;
END;
COMMENT ON FUNCTION tell_memberships(text[]) IS
    'Notes which payments of files pay a first invoice: its membership is told.';

CREATE FUNCTION settle_suspense(wanted text[], fresh text[], today date) RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    owners text[];
    used text[];
BEGIN
    IF cardinality(wanted) = 0 THEN
        RETURN;
    END IF;
    owners := all_of_person(wanted);
    PERFORM FROM invoices
    WHERE number IN (
        SELECT number FROM invoice_balances
        WHERE membership_id = ANY (owners) AND open_ore > 0)
    ORDER BY number
    FOR NO KEY UPDATE;
    -- Doubles wait, but nobody is in arrears beside money of their own.
    used := ARRAY(SELECT * FROM use_suspense(owners, fresh, today, of_the_due => true));
    used := used || ARRAY(SELECT * FROM use_suspense(owners, fresh, today, of_the_due => false));
    DELETE FROM payments_in_suspense
    WHERE membership_id = ANY (owners) AND NOT EXISTS (
        SELECT FROM payment_balances
        WHERE payment_balances.reference = payments_in_suspense.reference AND suspense_ore > 0);
    PERFORM tell_memberships(used);
    PERFORM close_settled(used, today);
END $$;
COMMENT ON FUNCTION settle_suspense(text[], text[], date) IS
    'Uses what members have in suspense, under whichever of their memberships, with all that follows '
    'from it (P3).';

CREATE FUNCTION use_suspense_of(first_member text, last_member text, today date) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM settle_suspense(
        -- From the few who have money, apart: the planner would look it up for each member of a page.
        ARRAY(WITH paid AS MATERIALIZED (
                  SELECT DISTINCT person_id
                  FROM payments_in_suspense JOIN memberships USING (membership_id)
              )
              SELECT membership_id FROM paid JOIN memberships USING (person_id)
              WHERE member_number BETWEEN first_member::char(8) AND last_member::char(8)),
        '{}', today);
END $$;
COMMENT ON FUNCTION use_suspense_of(text, text, date) IS
    'Uses what a range of members has in suspense for what has been charged since.';

CREATE FUNCTION settle_payments(fresh text[], today date) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    originals text[];
    shaken text[];
    named text[];
    inexact text[];
    strangers text[];
    again text[];
    rest text[];
    used_up text[];
    firsts text[];
BEGIN
    originals := ARRAY(SELECT * FROM match_reversals(fresh));
    shaken := all_of_person(ARRAY(
        SELECT DISTINCT invoices.membership_id
        FROM unnest(originals) AS original
        JOIN allocations ON allocations.reference = original
        JOIN invoices ON invoices.number = allocations.invoice_number));
    -- Of what is not exactly asked something is left for other invoices.
    SELECT array_agg(asked.number) FILTER (WHERE asked.number IS NOT NULL),
           array_agg(DISTINCT payments.membership_id) FILTER (
               WHERE payments.membership_id IS NOT NULL
                 AND (asked.number IS NULL OR asked.total_ore <> payments.amount_ore
                      OR EXISTS (SELECT FROM allocations
                                 WHERE allocations.invoice_number = asked.number))),
           array_agg(payments.reference) FILTER (
               WHERE payments.membership_id IS NULL AND payments.kid IS NOT NULL)
    INTO named, inexact, strangers
    FROM unnest(fresh) AS arrived (reference)
    JOIN payments USING (reference)
    LEFT JOIN invoices AS asked USING (kid);
    inexact := all_of_person(inexact);
    -- In one order for everybody, so that nobody waits in a circle.
    PERFORM FROM invoices
    WHERE number IN (
        SELECT unnest(named)
        UNION
        SELECT number FROM invoices WHERE membership_id = ANY (shaken)
        UNION
        SELECT number FROM invoice_balances
        WHERE membership_id = ANY (inexact) AND open_ore > 0)
    ORDER BY number
    FOR NO KEY UPDATE;

    again := '{}';
    IF cardinality(originals) > 0 THEN
        PERFORM take_back(original) FROM unnest(originals) AS original;
        PERFORM take_back_left_overs(shaken, today);
        again := ARRAY(
            SELECT reference FROM payments_in_suspense
            WHERE membership_id = ANY (shaken) AND reference <> ALL (fresh));
    END IF;

    -- An employer's whole payment is for its list.
    WITH given AS (
        INSERT INTO allocations
            (reference, serial, list_number, amount_ore, allocated_on, allocated_by)
        SELECT payments.reference, 1, deduction_lists.number, payments.amount_ore,
               payments.paid_on, 'list'
        FROM unnest(strangers) AS arrived (reference)
        JOIN payments USING (reference)
        JOIN deduction_lists USING (kid)
        WHERE payments.reverses IS NULL
          AND NOT EXISTS (SELECT FROM payments AS back WHERE back.reverses = payments.reference)
        RETURNING allocations.reference, serial, allocations.amount_ore, allocated_on
    )
    INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
    SELECT allocated_on, 'allocation', given.reference || '/' || serial, 'suspense', 'employers',
           given.amount_ore
    FROM given;

    -- The first that can pay the invoice it names pays it: all in one statement. What waited for
    -- one that a reversal has opened comes before what is new.
    WITH arrived AS MATERIALIZED (
        SELECT payments.reference, payments.membership_id, payments.kid, payments.paid_on,
               true AS is_fresh, position, payments.amount_ore AS suspense_ore
        FROM unnest(fresh) WITH ORDINALITY AS one (reference, position)
        JOIN payments USING (reference)
        WHERE payments.reverses IS NULL AND one.reference <> ALL (originals)
        UNION ALL
        SELECT held.reference, held.membership_id, held.kid, held.paid_on, false, 0,
               held.suspense_ore
        FROM unnest(again) AS one (reference)
        CROSS JOIN LATERAL (
            SELECT * FROM payment_balances WHERE payment_balances.reference = one.reference
        ) AS held
    ), able AS (
        SELECT arrived.reference, arrived.membership_id, asked.number, asked.open_ore,
               CASE WHEN is_fresh THEN arrived.paid_on ELSE today END AS allocated_on,
               row_number() OVER (
                   PARTITION BY asked.number
                   ORDER BY is_fresh, position, arrived.paid_on, arrived.reference) AS place
        FROM arrived
        JOIN invoice_balances AS asked
          ON asked.kid = arrived.kid
         AND (asked.membership_id = arrived.membership_id
              OR of_one_person(asked.membership_id, arrived.membership_id))
        WHERE asked.open_ore BETWEEN 1 AND arrived.suspense_ore
    ), given AS MATERIALIZED (
        SELECT able.*, coalesce((SELECT max(allocations.serial) FROM allocations
                                 WHERE allocations.reference = able.reference), 0) + 1 AS serial
        FROM able WHERE place = 1
    ), allocated AS (
        INSERT INTO allocations
            (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
        SELECT reference, serial, number, open_ore, allocated_on, 'kid' FROM given
    ), booked AS (
        INSERT INTO entries
            (booked_on, source, membership_id, reference, debit, credit, amount_ore)
        SELECT allocated_on, 'allocation', membership_id, reference || '/' || serial, 'suspense',
               'members', open_ore
        FROM given
    )
    SELECT array_agg(reference) FILTER (WHERE NOT is_used_up),
           coalesce(array_agg(reference) FILTER (WHERE is_used_up AND is_fresh), '{}'),
           array_agg(reference) FILTER (WHERE decision IS NOT NULL)
    INTO rest, used_up, firsts
    FROM (
        SELECT reference, is_fresh, invoices.decision,
               coalesce(given.open_ore = arrived.suspense_ore, false) AS is_used_up
        FROM unnest(fresh || again) AS one (reference)
        LEFT JOIN arrived USING (reference)
        LEFT JOIN given USING (reference)
        LEFT JOIN invoices ON invoices.number = given.number
    ) AS done;
    PERFORM tell_memberships(firsts);

    INSERT INTO payments_in_suspense (reference, membership_id)
    SELECT payment_balances.reference, membership_id
    FROM unnest(rest) AS one (reference) JOIN payment_balances USING (reference)
    WHERE suspense_ore > 0 AND membership_id IS NOT NULL
    ON CONFLICT (reference) DO NOTHING;
    PERFORM settle_suspense(
        ARRAY(SELECT DISTINCT membership_id FROM payments_in_suspense
              WHERE reference = ANY (rest)),
        fresh, today);
    PERFORM tell_caseworkers(rest, fresh || again, today);
    PERFORM close_settled(originals || again, today);
    RETURN used_up;
END $$;
COMMENT ON FUNCTION settle_payments(text[], date) IS
    'Allocates payments that have just been written, in the order given, and takes back what '
    'reversals among them undo; returns those that the invoice they name has used up (P3). With settle_suspense the only code that allocates by rule.';

-- Credit notes ----------------------------------------------------------------------------------

CREATE FUNCTION apply_credits_of(wanted text[], today date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    owners text[];
    added bigint;
BEGIN
    IF cardinality(wanted) = 0 THEN
        RETURN 0;
    END IF;
    owners := all_of_person(wanted);
    PERFORM FROM invoices WHERE membership_id = ANY (owners) ORDER BY number FOR NO KEY UPDATE;
    WITH standing AS MATERIALIZED (
        SELECT person_id, balances.number, balances.issued_on, balances.serial, balances.open_ore
        FROM memberships JOIN invoice_balances AS balances USING (membership_id)
        WHERE memberships.membership_id = ANY (owners) AND balances.open_ore <> 0
    ), credit AS (
        -- Laid end to end on one line, credits and claims pay each other where they overlap.
        SELECT person_id, number, -open_ore AS ore,
               sum(-open_ore) OVER (PARTITION BY person_id
                                    ORDER BY issued_on, serial, number) AS ends
        FROM standing WHERE open_ore < 0
    ), claim AS (
        SELECT person_id, number, open_ore AS ore,
               sum(open_ore) OVER (PARTITION BY person_id
                                   ORDER BY issued_on, serial, number) AS ends
        FROM standing WHERE open_ore > 0
    )
    INSERT INTO allocations
        (credit_number, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT credit.number,
           coalesce((SELECT max(serial) FROM allocations WHERE credit_number = credit.number), 0)
               + row_number() OVER (PARTITION BY credit.number ORDER BY claim.ends),
           claim.number,
           (least(credit.ends, claim.ends)
               - greatest(credit.ends - credit.ore, claim.ends - claim.ore))::bigint,
           today, 'credit'
    FROM credit JOIN claim USING (person_id)
    WHERE least(credit.ends, claim.ends)
        > greatest(credit.ends - credit.ore, claim.ends - claim.ore);
    GET DIAGNOSTICS added = ROW_COUNT;
    RETURN added;
END $$;
COMMENT ON FUNCTION apply_credits_of(text[], date) IS
    'Pays the oldest open invoices of members with what is left of their credit notes, under whichever '
    'of their memberships.';

CREATE FUNCTION apply_credits(first_member text, last_member text, today date) RETURNS bigint
    LANGUAGE sql
    RETURN apply_credits_of(
        ARRAY(SELECT memberships.membership_id
              FROM memberships JOIN invoice_balances USING (membership_id)
              WHERE memberships.member_number
                    BETWEEN first_member::char(8) AND last_member::char(8)
                AND invoice_balances.total_ore < 0 AND invoice_balances.open_ore < 0
              UNION
              SELECT charged.membership_id
              FROM memberships AS charged
              JOIN memberships AS credited ON credited.person_id = charged.person_id
                                          AND credited.membership_id <> charged.membership_id
              JOIN invoice_balances ON invoice_balances.membership_id = credited.membership_id
              WHERE charged.member_number
                    BETWEEN first_member::char(8) AND last_member::char(8)
                AND invoice_balances.total_ore < 0 AND invoice_balances.open_ore < 0),
        today);
COMMENT ON FUNCTION apply_credits(text, text, date) IS
    'Uses what is left of the credit notes of a range of members.';

CREATE FUNCTION use_money_of(wanted text[], today date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owners text[] := all_of_person(wanted);
BEGIN
    -- Hardly anybody has any money with us, least of all who joins.
    IF EXISTS (SELECT FROM invoices WHERE membership_id = ANY (owners) AND total_ore < 0) THEN
        PERFORM apply_credits_of(wanted, today);
    END IF;
    IF EXISTS (SELECT FROM payments_in_suspense WHERE membership_id = ANY (owners)) THEN
        PERFORM settle_suspense(wanted, '{}', today);
    END IF;
END $$;
COMMENT ON FUNCTION use_money_of(text[], date) IS
    'Uses whatever some members have with us for what they owe: at an approval for the first invoice, '
    'and once two people are one.';

CREATE FUNCTION part_money(owners text[], today date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM invoices WHERE membership_id = ANY (owners) ORDER BY number FOR NO KEY UPDATE;
    INSERT INTO allocations
        (credit_number, serial, invoice_number, amount_ore, allocated_on, allocated_by)
    SELECT credit_number,
           (SELECT max(serial) FROM allocations AS earlier
            WHERE earlier.credit_number = allocations.credit_number)
               + row_number() OVER (PARTITION BY credit_number ORDER BY invoice_number),
           invoice_number, -sum(amount_ore), today, 'parted'
    FROM allocations
    JOIN invoices AS credits ON credits.number = credit_number
    JOIN invoices AS paid ON paid.number = invoice_number
    WHERE paid.membership_id = ANY (owners)
      AND NOT of_one_person(credits.membership_id, paid.membership_id)
    GROUP BY credit_number, invoice_number
    HAVING sum(amount_ore) <> 0;
    PERFORM take_back_left_overs(owners, today);
    PERFORM use_money_of(owners, today);
    PERFORM tell_caseworkers(
        ARRAY(SELECT reference FROM payments_in_suspense WHERE membership_id = ANY (owners)),
        '{}', today);
END $$;
COMMENT ON FUNCTION part_money(text[], date) IS
    'Lays anew what memberships have with us, once they are no more one person''s (N9).';

-- What was paid back and taken back ------------------------------------------------------------

CREATE FUNCTION recover_overdrawn(wanted text[], today date, due date, in_batch text) RETURNS bigint
    LANGUAGE plpgsql AS $$
DECLARE asked text[];
BEGIN
    WITH owed AS MATERIALIZED (
        SELECT found.reference, found.membership_id, member_number, found.ore,
               1 + coalesce((SELECT max(serial) FROM recoveries
                             WHERE recoveries.reference = found.reference), 0) AS nth,
               greatest((SELECT max(serial) FROM (
                         SELECT serial FROM invoices
                         WHERE invoices.membership_id = found.membership_id OFFSET 0
                     ) AS theirs),
                        (SELECT serials_given.serial FROM serials_given))
                   + row_number() OVER (PARTITION BY found.membership_id
                                        ORDER BY found.reference) AS serial
        FROM recoverable_payments AS found JOIN memberships USING (membership_id)
        WHERE (wanted IS NULL OR found.reference = ANY (wanted))
          -- Nothing more is asked of the dead.
          AND (found.ore < 0 OR NOT has_died(person_id))
    ), issued AS MATERIALIZED (
        SELECT *, member_number || '-' || serial AS number,
               with_mod10('1' || member_number || lpad(serial::text, 6, '0')) AS kid
        FROM owed
    ), invoice AS (
        INSERT INTO invoices
            (number, kid, membership_id, serial, period_from, issued_on, due_on, total_ore,
             currency)
        SELECT number, kid, membership_id, serial, date_trunc('month', today)::date, today, due,
               ore, 'NOK'
        FROM issued
    ), recovered AS (
        INSERT INTO recoveries
            (reference, serial, invoice_number, amount_ore, recovered_on, recovered_by)
        SELECT reference, nth, number, ore, today, 'rule' FROM issued
    ), booked AS (
        INSERT INTO entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)
        SELECT today, 'recovery', membership_id, reference || '/' || nth,
               CASE WHEN ore > 0 THEN 'members' WHEN ore < 0 THEN 'suspense' END,
               CASE WHEN ore > 0 THEN 'suspense' WHEN ore < 0 THEN 'members' END, abs(ore)
        FROM issued
    ), letter AS (
        INSERT INTO letters
            (membership_id, key, template, audience, figures, status, message_id, batch, ordered_on)
        SELECT membership_id, 'invoice-' || number, 'dues_invoice', 'member',
               jsonb_build_object('invoice', number), 'pending',
               letter_message_id(membership_id, 'invoice-' || number), in_batch, today
        FROM issued WHERE ore > 0
        ON CONFLICT (membership_id, key) DO NOTHING
    )
    SELECT array_agg(membership_id) INTO asked FROM issued;
    INSERT INTO tasks (key, kind, says, membership_id, opened_on)
    SELECT 'recovery/' || reference, 'recovery',
           'Payment ' || reference || ' was paid back, and the bank then took it back as well: '
           || ore || ' øre are owed to us, and ' || CASE
               WHEN membership_id IS NULL THEN 'nobody knows by which member'
               WHEN membership_id IS NOT NULL THEN 'the member has died' END
           || '. Ask whoever received it; what comes for it is placed with allocate --recovers '
           || reference || '.',
           membership_id, today
    FROM recoverable_payments
    WHERE ore > 0 AND (wanted IS NULL OR reference = ANY (wanted))
    ON CONFLICT (key) DO UPDATE
    SET (says, opened_on, announced_on, closed_on, closed_by, note, settled)
      = (excluded.says, excluded.opened_on, NULL, NULL, NULL, NULL, false)
    WHERE tasks.settled;
    UPDATE tasks
    SET closed_on = coalesce(closed_on, today), closed_by = coalesce(closed_by, 'rule'),
        note = coalesce(note, 'nothing is owed of it any more'), settled = true
    WHERE kind = 'recovery' AND NOT settled
      AND NOT EXISTS (SELECT FROM recoverable_payments AS still
                      WHERE tasks.key = 'recovery/' || still.reference AND still.ore > 0);
    PERFORM use_money_of(asked, today);
    RETURN coalesce(cardinality(asked), 0);
END $$;
COMMENT ON FUNCTION recover_overdrawn(text[], date, date, text) IS
    'Asks members by an invoice for what was paid back to them and then taken back by the bank, once; '
    'credits it where it has come back; opens a task where nobody can be asked (P8).';

-- Who paid, forgotten ---------------------------------------------------------------------------

CREATE FUNCTION forget_payers(whose text[], before_day date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE forgotten bigint;
BEGIN
    WITH theirs AS (
        SELECT reference FROM payments WHERE membership_id = ANY (whose)
        UNION
        SELECT allocations.reference
        FROM allocations JOIN invoices ON invoices.number = allocations.invoice_number
        WHERE invoices.membership_id = ANY (whose) AND allocations.reference IS NOT NULL
    )
    UPDATE bank_entries
    SET (payer_name, payer_account, payer_text, payer_kids) = (NULL, NULL, NULL, NULL)
    WHERE num_nonnulls(payer_name, payer_account, payer_text, payer_kids) > 0
      AND (reference IN (SELECT reference FROM theirs)
           OR same_as IN (SELECT reference FROM theirs)
           -- What nobody has placed is placed by who paid it.
           OR coalesce(booked_on, (SELECT received_on FROM inbound_files
                                   WHERE inbound_files.file_id = bank_entries.file_id)) < before_day
              AND NOT EXISTS (SELECT FROM payment_balances
                              WHERE payment_balances.reference = bank_entries.reference
                                AND suspense_ore > 0));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;
COMMENT ON FUNCTION forget_payers(text[], date) IS
    'Forgets who paid: of all money of some memberships, and of all that was booked before a day and '
    'is placed; returns of how many entries. Their identities stay, so that no file counts again (P6).';

CREATE FUNCTION forget_receivers(whose text[], before_day date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE forgotten bigint;
BEGIN
    UPDATE refunds SET account = '00000000000', receiver = 'forgotten'
    WHERE receiver <> 'forgotten' AND num_nonnulls(paid_on, released_on) > 0
      AND (membership_id = ANY (whose)
           OR coalesce(returned_on, released_on, paid_on) < before_day);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    UPDATE refund_files SET content = NULL
    WHERE content IS NOT NULL AND made_on < before_day
      AND NOT EXISTS (SELECT FROM refunds
                      WHERE refunds.message_id = refund_files.message_id
                        AND receiver <> 'forgotten');
    RETURN forgotten;
END $$;
COMMENT ON FUNCTION forget_receivers(text[], date) IS
    'Forgets who received refunds that are over: those of some memberships, and those of before a day '
    'with the files that told the bank; returns of how many refunds (P6, R4).';

CREATE FUNCTION forget_files(before_day date, refused_before date) RETURNS bigint
    LANGUAGE plpgsql AS $$
DECLARE forgotten bigint;
BEGIN
    UPDATE inbound_files SET content = NULL, name = 'forgotten'
    FROM file_outcomes
    WHERE file_outcomes.file_id = inbound_files.file_id AND content IS NOT NULL
      AND (CASE outcome
               -- What was booked by it is documented by it, for as long as the law demands.
               WHEN 'applied' THEN received_on < before_day
               WHEN 'refused' THEN decided_on < refused_before END)
      -- Whoever must still be placed is placed by what stands there.
      AND NOT EXISTS (
          SELECT FROM bank_entries
          WHERE bank_entries.file_id = inbound_files.file_id
            AND num_nonnulls(payer_name, payer_account, payer_text, payer_kids) > 0);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END $$;
COMMENT ON FUNCTION forget_files(date, date) IS
    'Forgets what stood in files from outside: those of before a day once who paid is forgotten of all '
    'their entries, and those that were refused, and documented nothing, earlier (P6, R4).';
