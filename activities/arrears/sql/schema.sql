-- How far each unpaid invoice has been pursued (A30), and who came back by paying.

CREATE TABLE arrears_ladder (
    step text PRIMARY KEY,
    about text NOT NULL CHECK (about IN ('invoice', 'member')),
    in_hand boolean NOT NULL,
    members_only boolean NOT NULL,
    repeats boolean NOT NULL,
    overdue_days text,
    owed_months text,
    more_months integer NOT NULL DEFAULT 0,
    after_step text REFERENCES arrears_ladder,
    gap_days text,
    less_days text,
    template text,
    letter_key text,
    task_kind text,
    task_key text,
    task_says text,
    CONSTRAINT arrears_ladder_one_limit CHECK (
        in_hand = (num_nonnulls(overdue_days, owed_months) = 0)
        AND (about = 'invoice') = (overdue_days IS NOT NULL)),
    CONSTRAINT arrears_ladder_gap_after_a_step CHECK (
        (after_step IS NULL) = (gap_days IS NULL) AND (less_days IS NULL OR gap_days IS NOT NULL)),
    CONSTRAINT arrears_ladder_letter_is_whole CHECK ((template IS NULL) = (letter_key IS NULL)),
    CONSTRAINT arrears_ladder_task_is_whole CHECK (num_nonnulls(task_kind, task_key, task_says) IN (0, 3))
);
COMMENT ON TABLE arrears_ladder IS
    'The steps that are taken about unpaid invoices, and when each is due (A30). How many days and '
    'months stands in policies: the columns name them.';
COMMENT ON COLUMN arrears_ladder.about IS
    'What a step is taken about once: an invoice, or a member and all its overdue invoices.';
COMMENT ON COLUMN arrears_ladder.in_hand IS
    'For whoever has enough money with us to pay it all; the other steps are for those who have not.';
COMMENT ON COLUMN arrears_ladder.members_only IS 'Not once the membership has ended.';
COMMENT ON COLUMN arrears_ladder.repeats IS 'Taken again for as long as it is due.';
COMMENT ON COLUMN arrears_ladder.overdue_days IS 'The policy that says how long after its due date.';
COMMENT ON COLUMN arrears_ladder.owed_months IS
    'The policy that says from how many months owed on; more_months above that.';
COMMENT ON COLUMN arrears_ladder.after_step IS
    'Only after that step: by the days of one policy (gap_days), less those of another (less_days).';
COMMENT ON COLUMN arrears_ladder.template IS
    'The letter to the member; letter_key and the number of the invoice, of a member''s the oldest, '
    'are its key.';
COMMENT ON COLUMN arrears_ladder.task_says IS
    'What the caseworkers are told; %1$s stands for the øre that are owed, %2$s for the months.';

CREATE TABLE arrears_steps (
    invoice_number text NOT NULL REFERENCES invoices,
    step text NOT NULL REFERENCES arrears_ladder,
    membership_id text NOT NULL REFERENCES memberships,
    taken_on date NOT NULL,
    PRIMARY KEY (invoice_number, step)
);
COMMENT ON TABLE arrears_steps IS
    'What was done about each unpaid invoice, each step once (A30). A step about a member stands '
    'for every invoice that was overdue then, and holds for as long as one of them is unpaid. '
    'Append-only.';

CREATE TRIGGER arrears_steps_append_only BEFORE UPDATE OR DELETE ON arrears_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER arrears_steps_never_emptied BEFORE TRUNCATE ON arrears_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What is overdue -------------------------------------------------------------------------------

CREATE TABLE overdue_invoices (
    number text PRIMARY KEY REFERENCES invoices,
    membership_id text NOT NULL REFERENCES memberships
);
COMMENT ON TABLE overdue_invoices IS
    'Invoices that are overdue and may be open, so that a run need not look at all there ever were. '
    'What is open of each is said by invoice_balances; a row too many does no harm.';
CREATE INDEX overdue_invoices_of_membership ON overdue_invoices (membership_id);

CREATE TABLE overdue_watch (
    is_the_only_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_one),
    listed_before date NOT NULL,
    added_before date NOT NULL,
    CONSTRAINT overdue_watch_lists_what_was_there CHECK (listed_before <= added_before)
);
COMMENT ON TABLE overdue_watch IS
    'How far overdue_invoices goes: whatever fell due before a day, and is open, stands in it.';
COMMENT ON COLUMN overdue_watch.listed_before IS 'That day. What falls due later is looked for.';
COMMENT ON COLUMN overdue_watch.added_before IS
    'An invoice that is issued with an earlier due date than this is listed as it is issued.';

CREATE FUNCTION watch_issuing() RETURNS void LANGUAGE sql
    RETURN pg_advisory_xact_lock_shared(hashtext('medlemsflyt.overdue'));
COMMENT ON FUNCTION watch_issuing() IS
    'Lets nobody move the day of overdue_watch before this transaction has ended.';

CREATE FUNCTION list_issued_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM watch_issuing();
    INSERT INTO overdue_invoices (number, membership_id)
    SELECT number, membership_id FROM added
    WHERE total_ore > 0 AND due_on < (SELECT added_before FROM overdue_watch)
    ON CONFLICT (number) DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION list_issued_late() IS
    'Lists an invoice that was overdue before it was issued: a run has looked at its day already.';
CREATE TRIGGER invoices_issued_late AFTER INSERT ON invoices
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION list_issued_late();

CREATE FUNCTION list_owed_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Where it is listed already whoever takes it off the list is made to look again.
    INSERT INTO overdue_invoices (number, membership_id)
    SELECT DISTINCT number, membership_id
    FROM added JOIN invoices ON number = invoice_number
    WHERE amount_ore < 0
    ORDER BY number
    ON CONFLICT (number) DO UPDATE SET membership_id = excluded.membership_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION list_owed_again() IS
    'Lists the invoices of which something that had been paid is owed again.';
CREATE TRIGGER allocations_taken_back AFTER INSERT ON allocations
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION list_owed_again();

-- What somebody decided about a debt ------------------------------------------------------------

CREATE TABLE reminder_holds (
    hold_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    membership_id text NOT NULL REFERENCES memberships,
    until_on date NOT NULL,
    decided_on date NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT reminder_holds_end_later CHECK (until_on >= decided_on)
);
COMMENT ON TABLE reminder_holds IS
    'Who is not reminded, warned or struck off before a day, by whose decision and why. Of a '
    'membership the latest counts, also to end an earlier one. Append-only.';
COMMENT ON COLUMN reminder_holds.until_on IS 'The first day on which what is owed is pursued again.';
CREATE INDEX reminder_holds_of_membership ON reminder_holds (membership_id, hold_id);

CREATE TABLE payment_plans (
    plan_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    membership_id text NOT NULL REFERENCES memberships,
    owed_ore bigint NOT NULL CHECK (owed_ore > 0),
    decided_on date NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL
);
COMMENT ON TABLE payment_plans IS
    'Agreements to pay in instalments all that had been invoiced by a day. Append-only; of a '
    'membership one stands at a time.';
COMMENT ON COLUMN payment_plans.owed_ore IS
    'What was owed then, net of money in hand: the sum of the instalments.';
CREATE INDEX payment_plans_of_membership ON payment_plans (membership_id, plan_id);

CREATE TABLE payment_plan_instalments (
    plan_id bigint NOT NULL REFERENCES payment_plans,
    due_on date NOT NULL,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    PRIMARY KEY (plan_id, due_on)
);
COMMENT ON TABLE payment_plan_instalments IS 'What a plan asks, and when. Append-only.';

CREATE TABLE payment_plan_ends (
    plan_id bigint PRIMARY KEY REFERENCES payment_plans,
    outcome text NOT NULL CHECK (outcome IN ('kept', 'broken', 'withdrawn')),
    ended_on date NOT NULL,
    ended_by text NOT NULL,
    reason text NOT NULL
);
COMMENT ON TABLE payment_plan_ends IS
    'Plans that do not stand any more: all is paid, or what is owed is pursued again. Append-only.';

CREATE TRIGGER reminder_holds_append_only BEFORE UPDATE OR DELETE ON reminder_holds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reminder_holds_never_emptied BEFORE TRUNCATE ON reminder_holds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_plans_append_only BEFORE UPDATE OR DELETE ON payment_plans
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_plans_never_emptied BEFORE TRUNCATE ON payment_plans
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_plan_instalments_append_only
    BEFORE UPDATE OR DELETE ON payment_plan_instalments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_plan_instalments_never_emptied BEFORE TRUNCATE ON payment_plan_instalments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_plan_ends_append_only BEFORE UPDATE OR DELETE ON payment_plan_ends
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_plan_ends_never_emptied BEFORE TRUNCATE ON payment_plan_ends
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION is_held(member text, today date) RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce((SELECT until_on > today FROM reminder_holds
                     WHERE membership_id = member ORDER BY hold_id DESC LIMIT 1), false);
COMMENT ON FUNCTION is_held(text, date) IS
    'Whether somebody has decided that nothing is pursued yet: nobody is reminded, warned or '
    'struck off (A30).';

CREATE FUNCTION net_owed_ore(member text, issued_by date) RETURNS bigint LANGUAGE sql STABLE
    RETURN greatest(0,
        (SELECT coalesce(sum(open_ore), 0) FROM invoice_balances
         WHERE membership_id = member AND (issued_on <= issued_by OR open_ore < 0))
        - (SELECT coalesce(sum(suspense_ore), 0) FROM payment_balances
           WHERE membership_id = member))::bigint;
COMMENT ON FUNCTION net_owed_ore(text, date) IS
    'What is open of the invoices that were issued by a day, net of money in hand, which pays the '
    'oldest.';

CREATE FUNCTION months_passed(since date, today date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 12 * (extract(year FROM today) - extract(year FROM since))::integer
           + (extract(month FROM today) - extract(month FROM since))::integer
           - (extract(day FROM today) < extract(day FROM since))::integer;
COMMENT ON FUNCTION months_passed(date, date) IS 'How many whole months have passed since a day.';

CREATE FUNCTION months_of_fee(cadence text, period_from date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- A fee that begins during the year is for the rest of it (A13).
    RETURN CASE cadence WHEN 'yearly' THEN 13 - extract(month FROM period_from)::integer
                        WHEN 'quarterly' THEN 3
                        WHEN 'monthly' THEN 1 END;
COMMENT ON FUNCTION months_of_fee(text, date) IS
    'For how many months a fee is that is charged in so many months for a period.';

CREATE FUNCTION months_covered(invoice text) RETURNS integer
    LANGUAGE sql STABLE
    RETURN (
        -- What an employer did not deduct has no charges on its invoice, and is for one month.
        -- What was paid back, and then taken back by the bank, is for none: it is no dues.
        SELECT coalesce(max(months_of_fee(cadence, period_from)),
                        CASE WHEN EXISTS (SELECT FROM recoveries WHERE invoice_number = invoice)
                             THEN 0 ELSE 1 END)
        FROM charges
        WHERE invoice_number = invoice
          AND period_from = (SELECT invoices.period_from FROM invoices WHERE number = invoice));
COMMENT ON FUNCTION months_covered(text) IS 'For how many months an invoice is.';

CREATE FUNCTION months_owed(covers integer, passed integer, asked_ore bigint, owed_ore bigint)
    RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN owed_ore = 0 OR covers = 0 THEN 0
                WHEN covers = 1 THEN 1
                -- A longer fee counts the months since it was due, less those that are paid for.
                WHEN covers > 1 THEN greatest(0, least(covers, passed)
                    - div(covers * (asked_ore - owed_ore), asked_ore)::integer)
           END;
COMMENT ON FUNCTION months_owed(integer, integer, bigint, bigint) IS
    'For how many months an invoice leaves somebody in arrears who owes that much of it (A30).';

CREATE FUNCTION owed_of_person(whose text, today date) RETURNS TABLE (ore bigint, months integer)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH open AS (
        SELECT number, serial, issued_on, due_on, total_ore, open_ore
        FROM memberships JOIN invoice_balances USING (membership_id)
        WHERE memberships.person_id = whose AND open_ore <> 0
    ), net AS (
        SELECT greatest(0, coalesce((SELECT sum(open_ore) FROM open), 0) - (
            SELECT coalesce(sum(suspense_ore), 0)
            FROM memberships JOIN payment_balances USING (membership_id)
            WHERE memberships.person_id = whose))::bigint AS ore
    ), laid AS (
        SELECT number, due_on, total_ore, greatest(0, least(total_ore,
                   net.ore - (sum(total_ore) OVER newest - total_ore)))::bigint AS owed_of_it
        FROM open CROSS JOIN net
        WHERE open_ore > 0
        WINDOW newest AS (ORDER BY issued_on DESC, serial DESC, number DESC)
    )
    SELECT net.ore, coalesce((
        SELECT sum(months_owed(months_covered(number), months_passed(due_on, today), total_ore,
                               owed_of_it)) FROM laid), 0)::integer
    FROM net;
END;
COMMENT ON FUNCTION owed_of_person(text, date) IS
    'What somebody owes of all memberships, net of whatever was paid and pays nothing yet, and for '
    'how many months, as the arrears count them: also of what is not due yet (A29, A30).';

CREATE FUNCTION plans_standing(first char, last char, today date, grace_days integer)
    RETURNS TABLE (plan_id bigint, membership_id text, decided_on date, owed_ore bigint, kept boolean)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT plans.plan_id, plans.membership_id, plans.decided_on, owed.ore,
           owed.ore <= plans.owed_ore - (
               SELECT coalesce(sum(amount_ore), 0) FROM payment_plan_instalments AS instalments
               WHERE instalments.plan_id = plans.plan_id
                 AND instalments.due_on + grace_days < today)
    FROM payment_plans AS plans
    JOIN memberships ON memberships.membership_id = plans.membership_id
    CROSS JOIN LATERAL (SELECT net_owed_ore(plans.membership_id, plans.decided_on) AS ore) AS owed
    WHERE memberships.member_number BETWEEN first AND last
      AND NOT EXISTS (SELECT FROM payment_plan_ends AS ends WHERE ends.plan_id = plans.plan_id);
END;
COMMENT ON FUNCTION plans_standing(char, char, date, integer) IS
    'The payment plans that have not ended, what is left of them, and whether all has been paid '
    'that was due by a day less the grace (A30).';

CREATE FUNCTION missed_instalment(plan bigint, left_ore bigint)
    RETURNS TABLE (due_on date, amount_ore bigint) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT steps.due_on, steps.amount_ore
    FROM (SELECT instalments.due_on, instalments.amount_ore,
                 sum(instalments.amount_ore) OVER (ORDER BY instalments.due_on) AS asked_ore
          FROM payment_plan_instalments AS instalments
          WHERE instalments.plan_id = plan) AS steps
    JOIN payment_plans AS plans ON plans.plan_id = plan
    WHERE steps.asked_ore > plans.owed_ore - left_ore
    ORDER BY steps.due_on
    LIMIT 1;
END;
COMMENT ON FUNCTION missed_instalment(bigint, bigint) IS
    'The first instalment of a payment plan that is not paid in full, when so much is left of it all '
    '(A30).';

CREATE FUNCTION struck_off_by(facts jsonb) RETURNS integer
    LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT coalesce(max((notice ->> 'number')::integer), 0)
    FROM jsonb_array_elements(coalesce(facts, '{}') -> 'notices') AS notice
    WHERE notice ->> 'outcome' = 'struck_off';
END;
COMMENT ON FUNCTION struck_off_by(jsonb) IS
    'The decision by which a membership was last struck off; 0: an older version kept no facts.';

CREATE TABLE reinstatements (
    membership_id text NOT NULL REFERENCES memberships,
    struck_off_by integer NOT NULL CHECK (struck_off_by >= 0),
    new_membership_id text NOT NULL,
    paid_by text NOT NULL,
    opened_on date NOT NULL,
    PRIMARY KEY (membership_id, struck_off_by)
);
COMMENT ON TABLE reinstatements IS
    'Who was struck off, has paid all of it since, and applies anew: once each time a membership '
    'was struck off. Append-only.';
COMMENT ON COLUMN reinstatements.struck_off_by IS
    'The decision that did: who is taken up again may be struck off again, and pay again.';
COMMENT ON COLUMN reinstatements.new_membership_id IS
    'The membership that is applied for; the same one where it is taken up again by policy (A30).';
COMMENT ON COLUMN reinstatements.paid_by IS
    'The payment, or the credit note, that settled the last of it.';

CREATE UNIQUE INDEX reinstatements_one_application ON reinstatements (new_membership_id)
WHERE new_membership_id <> membership_id;

CREATE TRIGGER reinstatements_append_only BEFORE UPDATE OR DELETE ON reinstatements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reinstatements_never_emptied BEFORE TRUNCATE ON reinstatements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Money that is left over ------------------------------------------------------------------------

CREATE TABLE final_settlements (
    membership_id text NOT NULL REFERENCES memberships,
    serial integer NOT NULL CHECK (serial >= 1),
    asked_on date NOT NULL,
    amount_ore bigint NOT NULL CHECK (amount_ore > 0),
    asked text NOT NULL CHECK (asked IN ('member', 'estate', 'nobody')),
    late_on date,
    closed_on date,
    PRIMARY KEY (membership_id, serial)
);
COMMENT ON TABLE final_settlements IS
    'Who has money with us and gets no invoice that it could pay: whom we have asked for an account '
    '(A37). Over once nothing is left.';
COMMENT ON COLUMN final_settlements.asked IS
    'nobody: it is less than is worth asking for, and is paid out to whoever asks.';
COMMENT ON COLUMN final_settlements.late_on IS 'Nobody has answered; a caseworker asks again.';
CREATE UNIQUE INDEX final_settlements_one_at_a_time ON final_settlements (membership_id)
    WHERE closed_on IS NULL;

CREATE FUNCTION gets_no_next_invoice(member text, today date) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (
        WITH theirs AS (
            SELECT others.membership_id
            FROM memberships AS own
            JOIN memberships AS others ON others.person_id = own.person_id
            WHERE own.membership_id = member AND others.stage <> 'ended'
        )
        SELECT NOT EXISTS (SELECT FROM theirs) OR (
            coalesce(bool_or(charged.ore > 0), false)
            AND NOT coalesce(bool_or(
                charged.ore > 0 AND charged.payer = 'direct' AND charged.cadence <> 'yearly'), false))
        FROM (
            SELECT terms.payer, terms.cadence,
                   coalesce(terms.amount_ore, rate_in(terms.rate, lower(terms.valid))) AS ore
            FROM theirs JOIN terms USING (membership_id)
            WHERE terms.superseded_by IS NULL
              AND (upper_inf(terms.valid) OR upper(terms.valid) > today)
        ) AS charged);
COMMENT ON FUNCTION gets_no_next_invoice(text, date) IS
    'Whether somebody has left for good, or pays by the year or through an employer only: there is no '
    'next invoice that credit could pay (A37).';

CREATE FUNCTION overdrawn_of(member text) RETURNS bigint LANGUAGE sql STABLE
    RETURN (SELECT coalesce(sum(owed_ore), 0)::bigint FROM overdrawn_payments
            WHERE membership_id = ANY (all_of_person(ARRAY[member])));
COMMENT ON FUNCTION overdrawn_of(text) IS
    'What a person owes of payments that were paid back and that the bank then took back (P8).';

CREATE FUNCTION held_of(member text) RETURNS bigint LANGUAGE sql STABLE
    RETURN coalesce((
        SELECT sum(-balances.open_ore)
        FROM invoices CROSS JOIN LATERAL (
            SELECT open_ore FROM invoice_balances WHERE invoice_balances.number = invoices.number
        ) AS balances
        WHERE invoices.membership_id = member AND invoices.total_ore < 0), 0)::bigint
    + coalesce((
        SELECT sum(balances.suspense_ore)
        FROM payments_in_suspense AS noted
        CROSS JOIN LATERAL (
            SELECT * FROM payment_balances WHERE payment_balances.reference = noted.reference
        ) AS balances
        WHERE noted.membership_id = member AND balances.suspense_ore > 0
          AND (balances.kid IS NULL OR of_one_person(membership_of_kid(balances.kid), member))), 0
    )::bigint;
COMMENT ON FUNCTION held_of(text) IS
    'What is left of a membership''s credit notes, and in suspense; money with somebody else''s KID is '
    'a caseworker''s to place.';

CREATE FUNCTION credit_of(member text) RETURNS bigint LANGUAGE sql STABLE
    -- Of several memberships of a person the first ones make up for what is overdrawn, once.
    RETURN CASE WHEN overdrawn_of(member) = 0 THEN held_of(member) ELSE least(
        held_of(member),
        greatest(0, (SELECT sum(held_of(own)) FROM unnest(all_of_person(ARRAY[member])) AS own
                     WHERE own <= member) - overdrawn_of(member)))::bigint END;
COMMENT ON FUNCTION credit_of(text) IS
    'What a membership has with us that can be paid out: what is held, net of what the person owes of '
    'payments that were paid back and then taken back, which is taken off once (A37).';

CREATE FUNCTION is_overdrawn(member text) RETURNS boolean LANGUAGE sql STABLE
    RETURN overdrawn_of(member) > (
        SELECT coalesce(sum(held_of(own)), 0) FROM unnest(all_of_person(ARRAY[member])) AS own);
COMMENT ON FUNCTION is_overdrawn(text) IS
    'Whether more was paid back to a person, and then taken back by the bank, than is held.';

CREATE FUNCTION is_covered(refund text) RETURNS boolean LANGUAGE sql STABLE
    RETURN NOT EXISTS (
        SELECT FROM refund_parts AS parts JOIN payment_balances AS paid USING (reference)
        WHERE parts.refund_id = refund AND (paid.reversed OR paid.suspense_ore < 0))
    AND NOT EXISTS (
        SELECT FROM refunds WHERE refund_id = refund AND is_overdrawn(membership_id));
COMMENT ON FUNCTION is_covered(text) IS
    'Whether what a refund is of is still there: the bank may have taken a payment back, this one or '
    'one that was paid back before (P8).';

CREATE FUNCTION owes_something(member text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM invoice_balances
        WHERE membership_id = ANY (all_of_person(ARRAY[member])) AND open_ore > 0)
    OR (overdrawn_of(member) > 0 AND overdrawn_of(member) >= (
        SELECT sum(held_of(own)) FROM unnest(all_of_person(ARRAY[member])) AS own));
COMMENT ON FUNCTION owes_something(text) IS
    'Whether a person owes anything: what they have with us pays that first.';
