CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE TYPE public.settled AS (
	reference text,
	invoice_number text,
	list_number text,
	rule text
);

CREATE FUNCTION public.apply_credits(first_member text, last_member text, today date) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    owners text[];
    added bigint;
BEGIN
    owners := ARRAY(
        SELECT DISTINCT memberships.membership_id
        FROM memberships JOIN invoice_balances USING (membership_id)
        WHERE memberships.member_number BETWEEN first_member::char(8) AND last_member::char(8)
          AND invoice_balances.total_ore < 0 AND invoice_balances.open_ore < 0);
    IF cardinality(owners) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM FROM invoices WHERE membership_id = ANY (owners) ORDER BY number FOR NO KEY UPDATE;
    WITH standing AS MATERIALIZED (
        SELECT membership_id, number, serial, open_ore FROM invoice_balances
        WHERE membership_id = ANY (owners) AND open_ore <> 0
    ), credit AS (
        -- Laid end to end on one line, credits and claims pay each other where they overlap.
        SELECT membership_id, number, -open_ore AS ore,
               sum(-open_ore) OVER (PARTITION BY membership_id ORDER BY serial) AS ends
        FROM standing WHERE open_ore < 0
    ), claim AS (
        SELECT membership_id, number, open_ore AS ore,
               sum(open_ore) OVER (PARTITION BY membership_id ORDER BY serial) AS ends
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
    FROM credit JOIN claim USING (membership_id)
    WHERE least(credit.ends, claim.ends)
        > greatest(credit.ends - credit.ore, claim.ends - claim.ore);
    GET DIAGNOSTICS added = ROW_COUNT;
    RETURN added;
END $$;

COMMENT ON FUNCTION public.apply_credits(first_member text, last_member text, today date) IS 'Pays the oldest open invoices of members with what is left of their credit notes.';

CREATE FUNCTION public.charge_hash(membership_id text, period_from date, kind text, amount_ore bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to((((((((('['::text || (to_json(membership_id))::text) || ', "'::text) || to_char((period_from)::timestamp with time zone, 'YYYY-MM-DD'::text)) || '", "'::text) || kind) || '", '::text) || (amount_ore)::text) || ']'::text), 'UTF8'::name)), 'hex'::text);

COMMENT ON FUNCTION public.charge_hash(membership_id text, period_from date, kind text, amount_ore bigint) IS 'The same hash as activities.shared.hashes, over the same four values.';

CREATE FUNCTION public.check_allocations() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE wrong text;
BEGIN
    SELECT number INTO wrong FROM invoice_balances
    WHERE number IN (SELECT invoice_number FROM added UNION SELECT credit_number FROM added)
      AND (CASE WHEN total_ore < 0 THEN open_ore > 0 OR used_ore < 0 OR paid_ore <> 0
                ELSE open_ore < 0 OR paid_ore < 0 OR used_ore <> 0 END)
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'more than there is of invoice % was allocated', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocations_within_invoice_total';
    END IF;
    -- Of one that the bank took back nothing is left to allocate, even if it was paid back too.
    SELECT reference INTO wrong FROM payment_balances
    WHERE reference IN (SELECT reference FROM added)
      AND (CASE WHEN reversed THEN allocated_ore <> 0
                ELSE suspense_ore < 0 OR allocated_ore < 0 END)
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'more than payment % brought was allocated', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'allocations_within_payment';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_invoice_totals() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE wrong text;
BEGIN
    -- Set by set: one pass over what a statement added, however many that is.
    IF TG_TABLE_NAME = 'invoices' THEN
        SELECT added.number INTO wrong FROM added
        WHERE added.total_ore IS DISTINCT FROM coalesce(
            (SELECT sum(amount_ore) FROM charges WHERE invoice_number = added.number),
            (SELECT sum(amount_ore) FROM redirections WHERE invoice_number = added.number))
        LIMIT 1;
    ELSE
        SELECT invoices.number INTO wrong
        FROM invoices
        WHERE invoices.number IN (SELECT invoice_number FROM added)
          AND invoices.total_ore IS DISTINCT FROM coalesce(
            (SELECT sum(amount_ore) FROM charges WHERE invoice_number = invoices.number),
            (SELECT sum(amount_ore) FROM redirections WHERE invoice_number = invoices.number))
        LIMIT 1;
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the total of invoice % is not the sum of its lines', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_total_is_sum_of_lines';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.check_invoice_totals() IS 'An invoice comes with its lines in one statement, or not at all.';

CREATE FUNCTION public.check_terms_without_gap() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (SELECT count(*) FROM (
            SELECT unnest(range_agg(valid)) FROM terms
            WHERE membership_id = NEW.membership_id AND kind = 'central_dues'
              AND superseded_by IS NULL
        ) AS spans) > 1 THEN
        RAISE EXCEPTION 'central dues have a gap'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'terms_without_gap';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.check_terms_without_gap() IS 'Invariant 3: no member-month between the first and the last is without terms.';

CREATE FUNCTION public.with_mod10(digits text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (digits || (((10 - ((((((((((((((((substr(digits, 2, 1))::integer + (substr(digits, 4, 1))::integer) + (substr(digits, 6, 1))::integer) + (substr(digits, 8, 1))::integer) + (substr(digits, 10, 1))::integer) + (substr(digits, 12, 1))::integer) + (substr(digits, 14, 1))::integer) + (substr('0246813579'::text, ((substr(digits, 1, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 3, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 5, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 7, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 9, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 11, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 13, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 15, 1))::integer + 1), 1))::integer) % 10)) % 10))::text);

COMMENT ON FUNCTION public.with_mod10(digits text) IS 'The same KID as schemas.payments.kid, for 15 digits, where it is needed by the hundred thousand.';

CREATE TABLE public.memberships (
    membership_id text NOT NULL,
    stage text NOT NULL,
    outcome text,
    category text,
    hidden boolean NOT NULL,
    branch text,
    member_number character(8),
    member_since date,
    received_at timestamp with time zone NOT NULL,
    received_on date NOT NULL,
    last_decision integer NOT NULL,
    facts jsonb,
    hiding boolean DEFAULT false NOT NULL,
    CONSTRAINT memberships_category_check CHECK ((category = ANY (ARRAY['ordinary'::text, 'student'::text, 'apprentice'::text, 'early_pensioner'::text, 'pensioner'::text]))),
    CONSTRAINT memberships_hidden_without_branch CHECK ((NOT (hidden AND (branch IS NOT NULL)))),
    CONSTRAINT memberships_last_decision_check CHECK ((last_decision >= 0)),
    CONSTRAINT memberships_member_is_complete CHECK (((stage <> ALL (ARRAY['onboarding'::text, 'active'::text, 'on_leave'::text])) OR ((category IS NOT NULL) AND (member_number IS NOT NULL) AND (member_since IS NOT NULL)))),
    CONSTRAINT memberships_member_number_check CHECK ((member_number ~ '^[0-9]{8}$'::text)),
    CONSTRAINT memberships_outcome_check CHECK ((outcome = ANY (ARRAY['resigned'::text, 'struck_off'::text, 'deceased'::text, 'rejected'::text, 'withdrawn'::text, 'lapsed'::text, 'invalid'::text, 'duplicate'::text]))),
    CONSTRAINT memberships_outcome_when_ended CHECK (((stage = 'ended'::text) = (outcome IS NOT NULL))),
    CONSTRAINT memberships_stage_check CHECK ((stage = ANY (ARRAY['received'::text, 'under_review'::text, 'awaiting_information'::text, 'onboarding'::text, 'active'::text, 'on_leave'::text, 'ended'::text])))
);

COMMENT ON TABLE public.memberships IS 'How every membership, and every application for one, stands.';

COMMENT ON COLUMN public.memberships.membership_id IS 'The id of the workflow that decides about it.';

COMMENT ON COLUMN public.memberships.hidden IS 'Nothing about it goes to employer, branch or recruiter (S30).';

COMMENT ON COLUMN public.memberships.last_decision IS 'The number of the latest decision. It stands on the row that is locked, so that a second attempt at the same decision sees the first one''s.';

COMMENT ON COLUMN public.memberships.facts IS 'schemas.membership.situation.Facts as of the last decision: to work out terms for many at once.';

COMMENT ON COLUMN public.memberships.hiding IS 'A wish to be hidden has been answered and is not in effect yet: nothing leaves but what ends it (invariant 12).';

COMMENT ON CONSTRAINT memberships_hidden_without_branch ON public.memberships IS 'S33';

CREATE FUNCTION public.membership_of_kid(wanted text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT memberships.membership_id FROM public.memberships WHERE ((memberships.member_number = (substr(membership_of_kid.wanted, 2, 8))::character(8)) AND CASE WHEN (membership_of_kid.wanted ~ '^1[0-9]{15}$'::text) THEN (public.with_mod10("left"(membership_of_kid.wanted, 15)) = membership_of_kid.wanted) ELSE false END));

COMMENT ON FUNCTION public.membership_of_kid(wanted text) IS 'The member a right KID of type 1 names, whether or not there is such an invoice (section 4).';

CREATE TABLE public.allocations (
    allocation_id bigint NOT NULL,
    reference text,
    credit_number text,
    serial integer NOT NULL,
    invoice_number text,
    list_number text,
    amount_ore bigint NOT NULL,
    allocated_on date NOT NULL,
    allocated_by text NOT NULL,
    CONSTRAINT allocations_amount_ore_check CHECK ((amount_ore <> 0)),
    CONSTRAINT allocations_from_one_source CHECK ((num_nonnulls(reference, credit_number) = 1)),
    CONSTRAINT allocations_serial_check CHECK ((serial >= 1)),
    CONSTRAINT allocations_to_one_claim CHECK ((num_nonnulls(invoice_number, list_number) = 1))
);

COMMENT ON TABLE public.allocations IS 'What a payment, or a credit note, pays. What is not allocated is in suspense. Append-only: taken back by a row of less than nothing.';

COMMENT ON COLUMN public.allocations.serial IS 'Counts the allocations of one payment or credit note.';

COMMENT ON COLUMN public.allocations.allocated_by IS 'The rule, or the caseworker.';

CREATE TABLE public.invoices (
    number text NOT NULL,
    kid text NOT NULL,
    membership_id text NOT NULL,
    serial integer NOT NULL,
    decision integer,
    period_from date NOT NULL,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    total_ore bigint NOT NULL,
    currency character(3) NOT NULL,
    CONSTRAINT invoices_currency_check CHECK ((currency = 'NOK'::bpchar)),
    CONSTRAINT invoices_due_after_issue CHECK ((due_on >= issued_on)),
    CONSTRAINT invoices_kid_check CHECK ((kid ~ '^[0-9]{2,25}$'::text)),
    CONSTRAINT invoices_period_from_check CHECK ((EXTRACT(day FROM period_from) = (1)::numeric)),
    CONSTRAINT invoices_serial_check CHECK (((serial >= 1) AND (serial <= 999999)))
);

COMMENT ON TABLE public.invoices IS 'Invoices as they were issued; they stand (A12). One of less than nothing is a credit note. Append-only.';

COMMENT ON COLUMN public.invoices.kid IS 'The customer identification the payment must carry (section 4).';

COMMENT ON COLUMN public.invoices.serial IS 'Counts a member''s invoices without a gap; part of the KID.';

COMMENT ON COLUMN public.invoices.decision IS 'The decision that ordered it; NULL: the dues run of its period did.';

CREATE VIEW public.invoice_balances AS
 SELECT invoices.number,
    invoices.membership_id,
    invoices.serial,
    invoices.kid,
    invoices.period_from,
    invoices.issued_on,
    invoices.due_on,
    invoices.total_ore,
    paid.ore AS paid_ore,
    used.ore AS used_ore,
    ((invoices.total_ore - paid.ore) + used.ore) AS open_ore
   FROM ((public.invoices
     CROSS JOIN LATERAL ( SELECT (COALESCE(sum(allocations.amount_ore), (0)::numeric))::bigint AS ore
           FROM public.allocations
          WHERE (allocations.invoice_number = invoices.number)) paid)
     CROSS JOIN LATERAL ( SELECT (COALESCE(sum(allocations.amount_ore), (0)::numeric))::bigint AS ore
           FROM public.allocations
          WHERE (allocations.credit_number = invoices.number)) used);

COMMENT ON VIEW public.invoice_balances IS 'What is still open of each invoice; less than nothing: what is left of a credit note.';

CREATE FUNCTION public.claim_of(member text, wanted text) RETURNS TABLE(number text, open_ore bigint, rule text)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT named.number,
     named.open_ore,
     'kid'::text AS rule
    FROM public.invoice_balances named
   WHERE ((named.kid = claim_of.wanted) AND (named.membership_id = claim_of.member))
 UNION ALL
  SELECT oldest.number,
     oldest.open_ore,
     oldest.rule
    FROM ( SELECT balances.number,
             balances.open_ore,
             'oldest'::text AS rule
            FROM public.invoice_balances balances
           WHERE ((balances.membership_id = claim_of.member) AND (balances.open_ore > 0) AND ((claim_of.wanted IS NULL) OR ((public.membership_of_kid(claim_of.wanted) = claim_of.member) AND (NOT (EXISTS ( SELECT
                    FROM public.invoices
                   WHERE (invoices.kid = claim_of.wanted)))))))
           ORDER BY balances.serial
          LIMIT 1) oldest;
END;

COMMENT ON FUNCTION public.claim_of(member text, wanted text) IS 'What a member''s payment is for: the invoice its KID names, else the oldest that is open (section 4). Money of a size that does not fit it is in suspense.';

CREATE TABLE public.payments (
    reference text NOT NULL,
    membership_id text,
    decision integer,
    amount_ore bigint NOT NULL,
    paid_on date NOT NULL,
    kid text,
    file_id character(64),
    reverses text,
    CONSTRAINT payments_amount_ore_check CHECK ((amount_ore > 0)),
    CONSTRAINT payments_reverse_another CHECK ((reverses <> reference))
);

COMMENT ON TABLE public.payments IS 'Money as the bank reported it. Append-only.';

COMMENT ON COLUMN public.payments.reference IS 'The bank''s: the same money is never booked twice.';

COMMENT ON COLUMN public.payments.membership_id IS 'NULL: an employer''s, or nobody knows whose.';

COMMENT ON COLUMN public.payments.decision IS 'The decision that recorded it; NULL when it came in a file of the bank.';

COMMENT ON COLUMN public.payments.file_id IS 'The bank''s file that brought it; NULL: it was reported.';

COMMENT ON COLUMN public.payments.reverses IS 'The payment that the bank took back; it may not have arrived yet.';

CREATE TABLE public.refunds (
    refund_id bigint NOT NULL,
    reference text NOT NULL,
    amount_ore bigint NOT NULL,
    requested_on date NOT NULL,
    requested_by text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT refunds_amount_ore_check CHECK ((amount_ore > 0))
);

COMMENT ON TABLE public.refunds IS 'What is to be paid back of a payment in suspense; the bank does it. Append-only.';

CREATE VIEW public.payment_balances AS
 SELECT payments.reference,
    payments.membership_id,
    payments.kid,
    payments.paid_on,
    payments.amount_ore,
    used.ore AS allocated_ore,
    refunded.ore AS refunded_ore,
    (back.reference IS NOT NULL) AS reversed,
    ((
        CASE
            WHEN (back.reference IS NULL) THEN payments.amount_ore
            ELSE (0)::bigint
        END - used.ore) - refunded.ore) AS suspense_ore
   FROM (((public.payments
     LEFT JOIN public.payments back ON ((back.reverses = payments.reference)))
     CROSS JOIN LATERAL ( SELECT (COALESCE(sum(allocations.amount_ore), (0)::numeric))::bigint AS ore
           FROM public.allocations
          WHERE (allocations.reference = payments.reference)) used)
     CROSS JOIN LATERAL ( SELECT (COALESCE(sum(refunds.amount_ore), (0)::numeric))::bigint AS ore
           FROM public.refunds
          WHERE (refunds.reference = payments.reference)) refunded)
  WHERE (payments.reverses IS NULL);

COMMENT ON VIEW public.payment_balances IS 'What is in suspense of each payment (section 4).';

CREATE TABLE public.tasks (
    task_id bigint NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    says text NOT NULL,
    membership_id text,
    opened_on date NOT NULL,
    announced_on date,
    closed_on date,
    closed_by text,
    note text,
    CONSTRAINT tasks_closed_by_somebody CHECK (((closed_on IS NULL) = (closed_by IS NULL)))
);

COMMENT ON TABLE public.tasks IS 'What a caseworker must look at in the money. No personal data: opaque ids and references.';

COMMENT ON COLUMN public.tasks.key IS 'The same matter is one task, however often it is found.';

COMMENT ON COLUMN public.tasks.announced_on IS 'When the caseworkers were written to about it.';

CREATE FUNCTION public.close_settled(touched text[], today date) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 UPDATE public.tasks SET closed_on = close_settled.today, closed_by = 'rule'::text, note = 'nothing is in suspense'::text
    FROM public.payment_balances
   WHERE ((tasks.key = ('suspense/'::text || payment_balances.reference)) AND (tasks.closed_on IS NULL) AND (payment_balances.reference = ANY (close_settled.touched)) AND (payment_balances.suspense_ore <= 0));
END;

COMMENT ON FUNCTION public.close_settled(touched text[], today date) IS 'Closes the tasks of payments of which nothing is in suspense any more.';

CREATE TABLE public.people (
    membership_id text NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    birth_date date NOT NULL,
    national_id character(11),
    email text NOT NULL,
    email_key text NOT NULL,
    phone text,
    address jsonb,
    language text NOT NULL,
    employer_orgnr character(9),
    employer_name text,
    "position" text,
    position_percent numeric,
    recruited_by text,
    tell_recruiter boolean NOT NULL,
    newsletter boolean NOT NULL,
    application jsonb NOT NULL,
    CONSTRAINT people_employer_orgnr_check CHECK ((employer_orgnr ~ '^[0-9]{9}$'::text)),
    CONSTRAINT people_language_check CHECK ((language = ANY (ARRAY['nb'::text, 'en'::text]))),
    CONSTRAINT people_national_id_check CHECK ((national_id ~ '^[0-9]{11}$'::text)),
    CONSTRAINT people_position_percent_check CHECK (((position_percent >= (0)::numeric) AND (position_percent <= (100)::numeric)))
);

COMMENT ON TABLE public.people IS 'Who a membership is about: the only place of personal data.';

COMMENT ON COLUMN public.people.name_key IS 'The name without case and superfluous spaces, to compare.';

COMMENT ON COLUMN public.people.email_key IS 'The e-mail address without case, to compare.';

COMMENT ON COLUMN public.people.newsletter IS 'Independent of membership (S36).';

CREATE TABLE public.terms (
    term_id bigint NOT NULL,
    membership_id text NOT NULL,
    kind text NOT NULL,
    amount_ore bigint NOT NULL,
    cadence text NOT NULL,
    payer text NOT NULL,
    valid daterange NOT NULL,
    decision integer NOT NULL,
    superseded_by integer,
    employer_orgnr character(9),
    prorated boolean DEFAULT false NOT NULL,
    CONSTRAINT terms_cadence_check CHECK ((cadence = ANY (ARRAY['monthly'::text, 'quarterly'::text, 'yearly'::text]))),
    CONSTRAINT terms_employer_orgnr_check CHECK ((employer_orgnr ~ '^[0-9]{9}$'::text)),
    CONSTRAINT terms_kind_check CHECK ((kind = ANY (ARRAY['central_dues'::text, 'local_dues'::text, 'insurance_premium'::text, 'correction'::text]))),
    CONSTRAINT terms_payer_check CHECK ((payer = ANY (ARRAY['payroll'::text, 'direct'::text]))),
    CONSTRAINT terms_superseded_later CHECK ((superseded_by > decision)),
    CONSTRAINT terms_whole_months CHECK (((NOT isempty(valid)) AND (NOT lower_inf(valid)) AND (EXTRACT(day FROM lower(valid)) = (1)::numeric) AND (upper_inf(valid) OR (EXTRACT(day FROM upper(valid)) = (1)::numeric))))
);

COMMENT ON TABLE public.terms IS 'Who pays what, how and from when. A row is never changed or deleted: what no longer holds is marked with the decision that superseded it.';

COMMENT ON COLUMN public.terms.amount_ore IS 'In øre, per cadence; 0 states that nothing is charged (S14).';

COMMENT ON COLUMN public.terms.valid IS 'Half-open: the first day that no longer holds is left out.';

COMMENT ON COLUMN public.terms.employer_orgnr IS 'Who deducts. NULL in terms planned before this was kept: the present employer.';

COMMENT ON COLUMN public.terms.prorated IS 'A yearly fee is charged for the remaining months in the year it begins (A13).';

CREATE FUNCTION public.terms_due(month date) RETURNS TABLE(membership_id text, kind text, cadence text, payer text, employer_orgnr text, amount_ore bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT terms.membership_id,
     terms.kind,
     terms.cadence,
     terms.payer,
         CASE
             WHEN (terms.payer = 'payroll'::text) THEN COALESCE(terms.employer_orgnr, ( SELECT people.employer_orgnr
                FROM public.people
               WHERE (people.membership_id = terms.membership_id)))
             ELSE NULL::bpchar
         END AS "case",
         CASE
             WHEN (terms.prorated AND (date_trunc('year'::text, (lower(terms.valid))::timestamp with time zone) = date_trunc('year'::text, (terms_due.month)::timestamp with time zone))) THEN (div(((terms.amount_ore)::numeric * ((13 - (EXTRACT(month FROM lower(terms.valid)))::integer))::numeric), (12)::numeric))::bigint
             ELSE terms.amount_ore
         END AS amount_ore
    FROM public.terms
   WHERE ((terms.superseded_by IS NULL) AND (lower(terms.valid) <= terms_due.month) AND COALESCE((upper(terms.valid) > terms_due.month), true) AND (terms.amount_ore <> 0) AND ((terms.cadence = 'monthly'::text) OR ((terms.cadence = 'quarterly'::text) AND (EXTRACT(month FROM terms_due.month) = ANY (ARRAY[(1)::numeric, (4)::numeric, (7)::numeric, (10)::numeric]))) OR ((terms.cadence = 'yearly'::text) AND (EXTRACT(month FROM terms_due.month) = (1)::numeric)) OR ((terms.cadence = 'yearly'::text) AND (lower(terms.valid) = terms_due.month) AND (NOT (EXISTS ( SELECT
            FROM public.terms earlier
           WHERE ((earlier.membership_id = terms.membership_id) AND (earlier.kind = terms.kind) AND (earlier.cadence = 'yearly'::text) AND (earlier.superseded_by IS NULL) AND (earlier.valid && daterange((date_trunc('year'::text, (terms_due.month)::timestamp with time zone))::date, terms_due.month)))))))));
END;

COMMENT ON FUNCTION public.terms_due(month date) IS 'What the terms, as they stand now, charge for a month: what somebody pays was decided by the rules when the terms were planned (S2-S21, A13, A26).';

CREATE FUNCTION public.within_bigint(ore numeric) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (LEAST(GREATEST(ore, ('-9223372036854775807'::bigint)::numeric), ('9223372036854775807'::bigint)::numeric))::bigint;

COMMENT ON FUNCTION public.within_bigint(ore numeric) IS 'For sums that may be too large for the type: beyond largest_line_ore() only that they are matters.';

CREATE TABLE public.charges (
    invoice_number text,
    membership_id text CONSTRAINT invoice_lines_membership_id_not_null NOT NULL,
    period_from date CONSTRAINT invoice_lines_period_from_not_null NOT NULL,
    kind text CONSTRAINT invoice_lines_kind_not_null NOT NULL,
    amount_ore bigint CONSTRAINT invoice_lines_amount_ore_not_null NOT NULL,
    content_hash character(64) CONSTRAINT invoice_lines_content_hash_not_null NOT NULL,
    employer_orgnr character(9),
    cadence text DEFAULT 'monthly'::text NOT NULL,
    CONSTRAINT charges_cadence_check CHECK ((cadence = ANY (ARRAY['monthly'::text, 'quarterly'::text, 'yearly'::text]))),
    CONSTRAINT charges_employer_orgnr_check CHECK ((employer_orgnr ~ '^[0-9]{9}$'::text)),
    CONSTRAINT charges_have_one_payer CHECK ((num_nonnulls(invoice_number, employer_orgnr) = 1)),
    CONSTRAINT charges_kind_check CHECK ((kind = ANY (ARRAY['central_dues'::text, 'local_dues'::text, 'insurance_premium'::text, 'correction'::text])))
);

COMMENT ON TABLE public.charges IS 'What each member is charged for each month, on an invoice or an employer''s deduction list. Append-only.';

COMMENT ON COLUMN public.charges.content_hash IS 'Tells a second computation with the same result from one with another.';

COMMENT ON COLUMN public.charges.cadence IS 'Of the term it was charged from: a year''s fee comes once.';

COMMENT ON CONSTRAINT charges_have_one_payer ON public.charges IS 'Invariant 3: directly, on an invoice, or through an employer; never both.';

CREATE TABLE public.corrections (
    membership_id text NOT NULL,
    charged_in date NOT NULL,
    period_from date NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    was_ore bigint NOT NULL,
    is_ore bigint NOT NULL,
    amount_ore bigint GENERATED ALWAYS AS ((is_ore - was_ore)) STORED NOT NULL,
    CONSTRAINT corrections_change_something CHECK ((is_ore <> was_ore)),
    CONSTRAINT corrections_kind_check CHECK ((kind = ANY (ARRAY['central_dues'::text, 'local_dues'::text, 'insurance_premium'::text]))),
    CONSTRAINT corrections_look_back CHECK ((period_from < charged_in)),
    CONSTRAINT corrections_reason_check CHECK ((reason = ANY (ARRAY['reassessed'::text, 'over_deducted'::text])))
);

COMMENT ON TABLE public.corrections IS 'Why a correction line is what it is: which amount of which month, what it was, what it is. Append-only; the line of kind correction is their sum.';

CREATE TABLE public.dues_runs (
    period_from date NOT NULL,
    charged_on date NOT NULL,
    due_on date NOT NULL,
    CONSTRAINT dues_runs_check CHECK ((due_on >= charged_on)),
    CONSTRAINT dues_runs_period_from_check CHECK ((EXTRACT(day FROM period_from) = (1)::numeric))
);

COMMENT ON TABLE public.dues_runs IS 'The first run for each month. A later one adds what is missing, with dates of its own: nobody gets an invoice that is due already.';

CREATE TABLE public.over_deductions (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    period_from date NOT NULL,
    deducted_ore bigint NOT NULL,
    expected_ore bigint NOT NULL,
    CONSTRAINT over_deductions_are_over CHECK ((deducted_ore > expected_ore))
);

COMMENT ON TABLE public.over_deductions IS 'What an employer took too much: the next dues run gives it back as a correction. Append-only.';

CREATE TABLE public.reassessments (
    membership_id text NOT NULL,
    revision integer DEFAULT 1 NOT NULL
);

COMMENT ON TABLE public.reassessments IS 'Whose terms were changed since their months were last charged: the next dues run compares.';

COMMENT ON COLUMN public.reassessments.revision IS 'Tells a run that the terms have changed again while it compared.';

CREATE FUNCTION public.corrections_due(month date, since date, first character, last character) RETURNS TABLE(membership_id text, period_from date, kind text, reason text, was_ore bigint, is_ore bigint)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH marked AS MATERIALIZED (
          SELECT reassessments.membership_id
            FROM public.reassessments
           WHERE (((( SELECT memberships.member_number
                    FROM public.memberships
                   WHERE (memberships.membership_id = reassessments.membership_id)) >= corrections_due.first) AND (( SELECT memberships.member_number
                    FROM public.memberships
                   WHERE (memberships.membership_id = reassessments.membership_id)) <= corrections_due.last)) AND (NOT (EXISTS ( SELECT
                    FROM public.charges
                   WHERE ((charges.membership_id = reassessments.membership_id) AND (charges.period_from = corrections_due.month) AND (charges.kind = 'correction'::text))))))
         ), months AS MATERIALIZED (
          SELECT dues_runs.period_from
            FROM public.dues_runs
           WHERE ((dues_runs.period_from >= corrections_due.since) AND (dues_runs.period_from < corrections_due.month))
         ), sides AS (
          SELECT marked.membership_id,
             months.period_from,
             due.kind,
             0 AS was_ore,
             due.amount_ore AS is_ore
            FROM ((marked
              CROSS JOIN months)
              CROSS JOIN LATERAL ( SELECT terms_due.kind,
                     terms_due.amount_ore
                    FROM public.terms_due(months.period_from) terms_due(membership_id, kind, cadence, payer, employer_orgnr, amount_ore)
                   WHERE (terms_due.membership_id = marked.membership_id)) due)
         UNION ALL
          SELECT marked.membership_id,
             months.period_from,
             charges.kind,
             charges.amount_ore,
             0
            FROM ((marked
              CROSS JOIN months)
              JOIN public.charges ON (((charges.membership_id = marked.membership_id) AND (charges.period_from = months.period_from) AND (charges.kind <> 'correction'::text))))
         UNION ALL
          SELECT marked.membership_id,
             months.period_from,
             corrections.kind,
             corrections.amount_ore,
             0
            FROM ((marked
              CROSS JOIN months)
              JOIN public.corrections ON (((corrections.membership_id = marked.membership_id) AND (corrections.period_from = months.period_from) AND (corrections.reason = 'reassessed'::text))))
         )
  SELECT sides.membership_id,
     sides.period_from,
     sides.kind,
     'reassessed'::text,
     public.within_bigint(sum(sides.was_ore)) AS within_bigint,
     public.within_bigint(sum(sides.is_ore)) AS within_bigint
    FROM sides
   WHERE (NOT (EXISTS ( SELECT
            FROM public.dues_runs
           WHERE (dues_runs.period_from > corrections_due.month))))
   GROUP BY sides.membership_id, sides.period_from, sides.kind
  HAVING (sum(sides.was_ore) <> sum(sides.is_ore))
 UNION ALL
  SELECT over_deductions.membership_id,
     over_deductions.period_from,
     'central_dues'::text,
     'over_deducted'::text,
     public.within_bigint(sum(over_deductions.deducted_ore)) AS within_bigint,
     public.within_bigint(sum(over_deductions.expected_ore)) AS within_bigint
    FROM (public.over_deductions
      JOIN public.memberships USING (membership_id))
   WHERE (((memberships.member_number >= corrections_due.first) AND (memberships.member_number <= corrections_due.last)) AND (over_deductions.period_from < corrections_due.month) AND (NOT (EXISTS ( SELECT
            FROM public.corrections
           WHERE ((corrections.membership_id = over_deductions.membership_id) AND (corrections.period_from = over_deductions.period_from) AND (corrections.reason = 'over_deducted'::text))))) AND (NOT (EXISTS ( SELECT
            FROM public.charges
           WHERE ((charges.membership_id = over_deductions.membership_id) AND (charges.period_from = corrections_due.month) AND (charges.kind = 'correction'::text))))) AND (NOT (EXISTS ( SELECT
            FROM public.dues_runs
           WHERE (dues_runs.period_from > corrections_due.month)))))
   GROUP BY over_deductions.membership_id, over_deductions.period_from;
END;

COMMENT ON FUNCTION public.corrections_due(month date, since date, first character, last character) IS 'Where the terms were changed after a month had been charged: what it was charged in all, and what it ought to be, for the months that were run from a day on (A31). And what an employer deducted too much, and what it was asked for (section 5).';

CREATE FUNCTION public.count_rulebook_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE rulebook_revision SET revision = revision + 1;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.count_rulebook_change() IS 'Makes every copy of the rulebook outdated in the transaction that changes it.';

CREATE FUNCTION public.keep_sent_letter() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a letter that has been sent can only bounce'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'letters_never_unsent';
END $$;

COMMENT ON FUNCTION public.keep_sent_letter() IS 'What has left the house can''t be taken back.';

CREATE FUNCTION public.keep_terms() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF OLD.superseded_by IS NOT NULL
       OR (NEW.term_id, NEW.membership_id, NEW.kind, NEW.amount_ore, NEW.cadence, NEW.payer,
           NEW.valid, NEW.decision, NEW.employer_orgnr, NEW.prorated)
          IS DISTINCT FROM
          (OLD.term_id, OLD.membership_id, OLD.kind, OLD.amount_ore, OLD.cadence, OLD.payer,
           OLD.valid, OLD.decision, OLD.employer_orgnr, OLD.prorated) THEN
        RAISE EXCEPTION 'a term is only ever superseded, once'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'terms_append_only';
    END IF;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.keep_terms() IS 'History must show what was charged, and by what decision.';

CREATE FUNCTION public.largest_line_ore() RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 100000000;

COMMENT ON FUNCTION public.largest_line_ore() IS 'A million kroner: nobody owes that much for a month or a year. What is more is a mistake, and is looked at by a caseworker before anybody is asked to pay it.';

CREATE FUNCTION public.letter_message_id(membership_id text, key text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN "left"(encode(sha256(convert_to(((membership_id || '
'::text) || key), 'UTF8'::name)), 'hex'::text), 40);

COMMENT ON FUNCTION public.letter_message_id(membership_id text, key text) IS 'The same as activities.shared.hashes.letter_message_id.';

CREATE FUNCTION public.mark_for_reassessment() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO reassessments (membership_id)
    SELECT DISTINCT changed.membership_id
    FROM changed JOIN decisions
      ON decisions.membership_id = changed.membership_id
     AND decisions.number = coalesce(changed.superseded_by, changed.decision)
    -- A month may be charged during the one before it. What begins later can't have been.
    WHERE lower(changed.valid) < decisions.decided_on + interval '2 months'
    ORDER BY changed.membership_id
    ON CONFLICT (membership_id) DO UPDATE SET revision = reassessments.revision + 1;
    RETURN NULL;
END $$;

CREATE FUNCTION public.match_reversals(fresh text[]) RETURNS SETOF text
    LANGUAGE plpgsql
    AS $$
DECLARE
    back awaited_reversals;
    original text;
BEGIN
    -- A few at a time, one by one: of two equal payments each is taken back once. Locked before it
    -- is looked at: of two imports that bring a payment and its reversal, one sees the other's.
    FOR back IN
        SELECT * FROM awaited_reversals
        WHERE reference = ANY (fresh)
           OR takes_back = ANY (fresh)
           OR (kid, amount_ore) IN (
                SELECT payments.kid, payments.amount_ore FROM payments
                WHERE payments.reference = ANY (fresh))
        ORDER BY paid_on, reference
        FOR UPDATE
    LOOP
        SELECT payments.reference INTO original
        FROM payments
        LEFT JOIN bank_names ON bank_names.reference = payments.reference
        LEFT JOIN bank_names AS named ON named.reference = back.reference
        WHERE payments.amount_ore = back.amount_ore
          AND payments.reverses IS NULL
          AND (payments.reference = back.takes_back OR payments.kid = back.kid)
          AND NOT EXISTS (SELECT FROM payments AS other WHERE other.reverses = payments.reference)
        ORDER BY payments.reference = back.takes_back DESC NULLS LAST,
                 bank_names.name || '/reversed' = named.name DESC NULLS LAST,
                 payments.paid_on, payments.reference
        LIMIT 1
        FOR NO KEY UPDATE OF payments;
        CONTINUE WHEN original IS NULL;
        INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid, file_id, reverses)
        VALUES (back.reference, membership_of_kid(back.kid), back.amount_ore, back.paid_on,
                back.kid, back.file_id, original);
        DELETE FROM awaited_reversals WHERE reference = back.reference;
        RETURN NEXT original;
    END LOOP;
END $$;

COMMENT ON FUNCTION public.match_reversals(fresh text[]) IS 'Finds the payments that reversals take back, whichever of the two came first; returns them.';

CREATE FUNCTION public.name_present_employer() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    SELECT people.employer_orgnr, people.employer_name
    INTO NEW.employer_orgnr, NEW.employer_name
    FROM people WHERE people.membership_id = NEW.membership_id;
    RETURN NEW;
END $$;

COMMENT ON FUNCTION public.name_present_employer() IS 'A letter that names no employer is for the one of the day it was ordered, not of the day it goes out.';

CREATE FUNCTION public.protect_hidden_member() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    is_open boolean;
BEGIN
    SELECT NOT hidden AND NOT (
        hiding AND NEW.status = 'sending'
        AND NOT (NEW.audience = 'employer' AND NEW.template = 'payroll_stop' AND NEW.forwarded)
        AND NOT (NEW.audience = 'branch' AND NEW.template = 'branch_member_left'))
    INTO is_open
    FROM memberships WHERE membership_id = NEW.membership_id;
    IF is_open IS NOT TRUE THEN
        RAISE EXCEPTION 'nothing about a hidden member goes to %', NEW.audience
            USING ERRCODE = 'check_violation', CONSTRAINT = 'letters_protect_hidden_members';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.protect_hidden_member() IS 'Invariants 4 and 12 (S30, S33, A27): refused unless the member is known not to be hidden; while a wish to be hidden waits, what that wish itself needs.';

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

COMMENT ON FUNCTION public.refuse_change() IS 'What has been written stays as it was written.';

CREATE TABLE public.entries (
    entry_id bigint NOT NULL,
    booked_on date NOT NULL,
    source text NOT NULL,
    membership_id text,
    period_from date,
    kind text,
    reference text,
    debit text NOT NULL,
    credit text NOT NULL,
    amount_ore bigint NOT NULL,
    CONSTRAINT entries_amount_ore_check CHECK ((amount_ore > 0)),
    CONSTRAINT entries_between_two_accounts CHECK ((debit <> credit)),
    CONSTRAINT entries_credit_known CHECK ((credit = ANY (ARRAY['members'::text, 'employers'::text, 'bank'::text, 'suspense'::text, 'refunds'::text, 'central_dues'::text, 'local_dues'::text, 'insurance_premium'::text, 'correction'::text]))),
    CONSTRAINT entries_debit_known CHECK ((debit = ANY (ARRAY['members'::text, 'employers'::text, 'bank'::text, 'suspense'::text, 'refunds'::text, 'central_dues'::text, 'local_dues'::text, 'insurance_premium'::text, 'correction'::text]))),
    CONSTRAINT entries_name_their_source CHECK ((((source = 'charge'::text) = ((period_from IS NOT NULL) AND (kind IS NOT NULL))) AND ((source = 'charge'::text) = (reference IS NULL)))),
    CONSTRAINT entries_source_check CHECK ((source = ANY (ARRAY['charge'::text, 'payment'::text, 'allocation'::text, 'reversal'::text, 'redirection'::text, 'over_deduction'::text, 'refund'::text, 'write_off'::text])))
);

COMMENT ON TABLE public.entries IS 'The ledger: each row moves an amount from one account to another, so that debit and credit always balance. Append-only.';

COMMENT ON COLUMN public.entries.reference IS 'Of a payment, reversal or refund: the bank''s. Of an allocation: that and its serial. Of a redirection or over-deduction: the list''s number and the member''s.';

COMMENT ON COLUMN public.entries.debit IS 'The account that gets: what members or employers owe, the bank, or an income given back.';

COMMENT ON COLUMN public.entries.credit IS 'The account that gives: an income, what is owed no longer, money in suspense.';

CREATE FUNCTION public.settle_one(paid public.payments) RETURNS public.settled
    LANGUAGE sql
    BEGIN ATOMIC
 WITH claim AS (
          SELECT claims.number,
             claims.rule
            FROM public.claim_of((settle_one.paid).membership_id, (settle_one.paid).kid) claims(number, open_ore, rule)
           WHERE (claims.open_ore = (settle_one.paid).amount_ore)
         ), given AS (
          INSERT INTO public.allocations (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)  SELECT (settle_one.paid).reference AS reference,
                     ( SELECT (COALESCE(max(allocations_1.serial), 0) + 1)
                            FROM public.allocations allocations_1
                           WHERE (allocations_1.reference = (settle_one.paid).reference)),
                     claim.number,
                     (settle_one.paid).amount_ore AS amount_ore,
                     (settle_one.paid).paid_on AS paid_on,
                     claim.rule
                    FROM claim
           RETURNING allocations.reference,
             allocations.serial,
             allocations.invoice_number,
             allocations.allocated_by
         ), booked AS (
          INSERT INTO public.entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)  SELECT (settle_one.paid).paid_on AS paid_on,
                     'allocation',
                     (settle_one.paid).membership_id AS membership_id,
                     ((given_1.reference || '/'::text) || given_1.serial),
                     'suspense',
                     'members',
                     (settle_one.paid).amount_ore AS amount_ore
                    FROM given given_1
         )
  SELECT ROW(given.reference, given.invoice_number, NULL::text, given.allocated_by)::public.settled AS "row"
    FROM given;
END;

COMMENT ON FUNCTION public.settle_one(paid public.payments) IS 'Allocates one payment to what it is for, if it is exactly what that still asks.';

CREATE FUNCTION public.settle_payments(fresh text[], today date) RETURNS SETOF public.settled
    LANGUAGE plpgsql
    AS $$
DECLARE
    originals text[];
    freed text[];
    again text[] := '{}';
    crowd text[];
    paid payments;
    done settled;
BEGIN
    originals := ARRAY(SELECT * FROM match_reversals(fresh));
    -- In one order for everybody, so that nobody waits in a circle.
    PERFORM FROM invoices
    WHERE number IN (
        SELECT invoices.number FROM payments JOIN invoices USING (kid)
        WHERE payments.reference = ANY (fresh)
        UNION
        SELECT invoice_number FROM allocations WHERE reference = ANY (originals)
        UNION
        SELECT invoice_balances.number FROM payments JOIN invoice_balances USING (membership_id)
        WHERE payments.reference = ANY (fresh) AND open_ore > 0
          AND NOT EXISTS (SELECT FROM invoices WHERE invoices.kid = payments.kid))
    ORDER BY number
    FOR NO KEY UPDATE;

    freed := ARRAY(
        SELECT DISTINCT back FROM unnest(originals) AS original
        CROSS JOIN LATERAL take_back(original) AS back);

    -- What waited for an invoice that a reversal has opened is tried again, the oldest first.
    FOR paid IN
        SELECT payments.* FROM payments
        JOIN invoices ON invoices.kid = payments.kid
                     AND invoices.membership_id = payments.membership_id
        JOIN payment_balances ON payment_balances.reference = payments.reference
        WHERE invoices.number = ANY (freed)
          AND payments.reference <> ALL (fresh)
          AND payment_balances.suspense_ore = payments.amount_ore
        ORDER BY payments.paid_on, payments.reference
    LOOP
        done := settle_one(paid);
        IF done.reference IS NOT NULL THEN
            again := again || done.reference;
            RETURN NEXT done;
        END IF;
    END LOOP;

    -- An employer's whole payment is for its list.
    RETURN QUERY
    WITH given AS (
        INSERT INTO allocations
            (reference, serial, list_number, amount_ore, allocated_on, allocated_by)
        SELECT payments.reference, 1, deduction_lists.number, payments.amount_ore,
               payments.paid_on, 'list'
        FROM payments JOIN deduction_lists USING (kid)
        WHERE payments.reference = ANY (fresh)
          AND payments.membership_id IS NULL AND payments.reverses IS NULL
          AND NOT EXISTS (SELECT FROM payments AS back WHERE back.reverses = payments.reference)
        RETURNING allocations.reference, serial, allocations.list_number,
                  allocations.amount_ore, allocated_on, allocated_by
    ), booked AS (
        INSERT INTO entries (booked_on, source, reference, debit, credit, amount_ore)
        SELECT allocated_on, 'allocation', given.reference || '/' || serial, 'suspense',
               'employers', given.amount_ore
        FROM given
    )
    SELECT given.reference, NULL, given.list_number, allocated_by FROM given;

    -- Whoever has a payment among these that names no invoice: one after the other, since each
    -- changes which one is the oldest open.
    crowd := ARRAY(
        SELECT DISTINCT payments.membership_id FROM payments
        WHERE payments.reference = ANY (fresh) AND payments.membership_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM invoices WHERE invoices.kid = payments.kid));

    -- Of the others the first that fits is the invoice's: all in one statement.
    RETURN QUERY
    WITH fitting AS (
        SELECT payments.reference, payments.membership_id, payments.amount_ore, payments.paid_on,
               claims.number, claims.rule,
               row_number() OVER (PARTITION BY claims.number ORDER BY arrived.position) AS place
        FROM unnest(fresh) WITH ORDINALITY AS arrived(reference, position)
        JOIN payments USING (reference)
        CROSS JOIN LATERAL claim_of(payments.membership_id, payments.kid) AS claims
        WHERE NOT EXISTS (
                SELECT FROM unnest(crowd) AS one WHERE one = payments.membership_id)
          AND payments.reverses IS NULL
          AND claims.open_ore = payments.amount_ore
          AND NOT EXISTS (SELECT FROM payments AS back WHERE back.reverses = payments.reference)
    ), given AS (
        INSERT INTO allocations
            (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
        SELECT fitting.reference, 1, number, amount_ore, paid_on, rule FROM fitting WHERE place = 1
        RETURNING allocations.reference, allocations.invoice_number, allocated_by
    ), booked AS (
        INSERT INTO entries
            (booked_on, source, membership_id, reference, debit, credit, amount_ore)
        SELECT paid_on, 'allocation', membership_id, fitting.reference || '/1', 'suspense',
               'members', amount_ore
        FROM fitting WHERE place = 1
    )
    SELECT given.reference, given.invoice_number, NULL, allocated_by FROM given;

    IF cardinality(crowd) > 0 THEN
        FOR paid IN
            SELECT payments.*
            FROM unnest(fresh) WITH ORDINALITY AS arrived(reference, position)
            JOIN payments USING (reference)
            WHERE payments.membership_id = ANY (crowd)
              AND payments.reverses IS NULL
              AND NOT EXISTS (SELECT FROM payments AS back WHERE back.reverses = payments.reference)
            ORDER BY arrived.position
        LOOP
            done := settle_one(paid);
            IF done.reference IS NOT NULL THEN
                RETURN NEXT done;
            END IF;
        END LOOP;
    END IF;

    INSERT INTO payment_reports (reference, membership_id)
    SELECT payments.reference, payments.membership_id
    FROM payments
    JOIN allocations USING (reference)
    JOIN invoices ON invoices.number = allocations.invoice_number
    WHERE payments.reference IN (SELECT unnest(fresh || again))
      AND payments.file_id IS NOT NULL AND payments.decision IS NULL
      AND allocations.amount_ore > 0 AND invoices.decision IS NOT NULL
    ON CONFLICT (reference) DO NOTHING;
    PERFORM tell_caseworkers(fresh, today);
    PERFORM close_settled(originals || again, today);
END $$;

COMMENT ON FUNCTION public.settle_payments(fresh text[], today date) IS 'Allocates payments that have just been written, in the order given, and takes back what reversals among them undo (section 4). The only code that allocates by rule.';

CREATE FUNCTION public.take_back(taken text) RETURNS SETOF text
    LANGUAGE sql
    BEGIN ATOMIC
 WITH standing AS (
          SELECT allocations.invoice_number,
             allocations.list_number,
             (sum(allocations.amount_ore))::bigint AS amount_ore
            FROM public.allocations
           WHERE (allocations.reference = take_back.taken)
           GROUP BY allocations.invoice_number, allocations.list_number
          HAVING (sum(allocations.amount_ore) <> (0)::numeric)
         ), back AS (
          INSERT INTO public.allocations (reference, serial, invoice_number, list_number, amount_ore, allocated_on, allocated_by)  SELECT take_back.taken AS taken,
                     (( SELECT max(allocations_1.serial) AS max
                            FROM public.allocations allocations_1
                           WHERE (allocations_1.reference = take_back.taken)) + row_number() OVER (ORDER BY standing.invoice_number, standing.list_number)),
                     standing.invoice_number,
                     standing.list_number,
                     (- standing.amount_ore),
                     reversal.paid_on,
                     'reversal'
                    FROM (standing
                      CROSS JOIN ( SELECT payments.paid_on
                            FROM public.payments
                           WHERE (payments.reverses = take_back.taken)) reversal)
           RETURNING allocations.reference,
             allocations.serial,
             allocations.invoice_number,
             allocations.list_number,
             allocations.amount_ore,
             allocations.allocated_on
         ), booked AS (
          INSERT INTO public.entries (booked_on, source, membership_id, reference, debit, credit, amount_ore)  SELECT back_1.allocated_on,
                     'allocation',
                     invoices.membership_id,
                     ((back_1.reference || '/'::text) || back_1.serial),
                         CASE
                             WHEN (back_1.list_number IS NULL) THEN 'members'::text
                             ELSE 'employers'::text
                         END AS "case",
                     'suspense',
                     (- back_1.amount_ore)
                    FROM (back back_1
                      LEFT JOIN public.invoices ON ((invoices.number = back_1.invoice_number)))
         )
  SELECT back.invoice_number
    FROM back
   WHERE (back.invoice_number IS NOT NULL);
END;

COMMENT ON FUNCTION public.take_back(taken text) IS 'Takes back what a reversed payment had been allocated to.';

CREATE FUNCTION public.tax_statement_hash(membership_id text, year integer, paid_ore bigint, cap_ore bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to(((((((membership_id || '
'::text) || year) || '
'::text) || paid_ore) || '
'::text) || cap_ore), 'UTF8'::name)), 'hex'::text);

COMMENT ON FUNCTION public.tax_statement_hash(membership_id text, year integer, paid_ore bigint, cap_ore bigint) IS 'What is deductible follows from what was paid and the cap.';

CREATE TABLE public.deduction_lists (
    number text NOT NULL,
    kid text NOT NULL,
    employer_orgnr character(9) NOT NULL,
    serial integer NOT NULL,
    period_from date NOT NULL,
    made_on date NOT NULL,
    report_due_on date NOT NULL,
    total_ore bigint NOT NULL,
    line_count integer NOT NULL,
    CONSTRAINT deduction_lists_kid_check CHECK ((kid ~ '^[0-9]{2,25}$'::text)),
    CONSTRAINT deduction_lists_line_count_check CHECK ((line_count > 0)),
    CONSTRAINT deduction_lists_period_from_check CHECK ((EXTRACT(day FROM period_from) = (1)::numeric)),
    CONSTRAINT deduction_lists_serial_check CHECK (((serial >= 1) AND (serial <= 999999)))
);

COMMENT ON TABLE public.deduction_lists IS 'What each employer was asked to deduct for a month. Append-only: what is charged later comes with the next month.';

CREATE TABLE public.deductions (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    outcome text NOT NULL,
    expected_ore bigint NOT NULL,
    deducted_ore bigint NOT NULL,
    difference_ore bigint GENERATED ALWAYS AS ((expected_ore - deducted_ore)) STORED NOT NULL,
    reason text,
    decided_by text NOT NULL,
    settled_on date NOT NULL,
    CONSTRAINT deductions_fit_their_outcome CHECK (
CASE outcome
    WHEN 'deducted'::text THEN (deducted_ore = expected_ore)
    WHEN 'over'::text THEN (deducted_ore > expected_ore)
    ELSE (deducted_ore < expected_ore)
END),
    CONSTRAINT deductions_outcome_check CHECK ((outcome = ANY (ARRAY['deducted'::text, 'redirected'::text, 'over'::text, 'written_off'::text])))
);

COMMENT ON TABLE public.deductions IS 'How each line of a list was settled: deducted as asked, over, or short and then invoiced directly (redirected) or written off. Append-only.';

COMMENT ON COLUMN public.deductions.decided_by IS 'The rule, or the caseworker.';

CREATE TABLE public.tax_statements (
    membership_id text NOT NULL,
    year integer NOT NULL,
    version integer NOT NULL,
    paid_ore bigint NOT NULL,
    cap_ore bigint NOT NULL,
    deductible_ore bigint NOT NULL,
    cap_confirmed boolean NOT NULL,
    content_hash character(64) NOT NULL,
    made_on date NOT NULL,
    CONSTRAINT tax_statements_cap_ore_check CHECK ((cap_ore >= 0)),
    CONSTRAINT tax_statements_of_a_year_that_is_over CHECK ((made_on >= make_date((year + 1), 1, 1))),
    CONSTRAINT tax_statements_paid_ore_check CHECK ((paid_ore >= 0)),
    CONSTRAINT tax_statements_stop_at_the_cap CHECK ((deductible_ore = LEAST(paid_ore, cap_ore))),
    CONSTRAINT tax_statements_version_check CHECK ((version >= 1)),
    CONSTRAINT tax_statements_year_check CHECK (((year >= 1900) AND (year <= 2200)))
);

COMMENT ON TABLE public.tax_statements IS 'What a member paid in a year, and how much of it is deductible (S24, S25, A24). Append-only: a year that comes out otherwise later is a correction, with the next version.';

COMMENT ON COLUMN public.tax_statements.content_hash IS 'Tells a second computation with the same result from one with another.';

CREATE FUNCTION public.tax_statements_due(income_year integer, cap_ore bigint, first text, last text) RETURNS TABLE(membership_id text, deceased boolean, has_national_id boolean, paid_ore bigint, deductible_ore bigint, version integer, differs boolean)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH page AS MATERIALIZED (
          SELECT memberships.membership_id,
             memberships.outcome,
             people.national_id
            FROM (public.memberships
              LEFT JOIN public.people USING (membership_id))
           WHERE ((memberships.member_number >= (tax_statements_due.first)::character(8)) AND (memberships.member_number <= (tax_statements_due.last)::character(8)))
         ), paid AS MATERIALIZED (
          SELECT moved.membership_id,
             (sum(moved.ore))::bigint AS ore
            FROM ( SELECT invoices.membership_id,
                     allocations.amount_ore AS ore
                    FROM (((page page_1
                      JOIN public.invoices USING (membership_id))
                      JOIN public.allocations ON ((allocations.invoice_number = invoices.number)))
                      JOIN public.payments ON ((payments.reference = allocations.reference)))
                   WHERE ((payments.paid_on >= make_date(tax_statements_due.income_year, 1, 1)) AND (payments.paid_on < make_date((tax_statements_due.income_year + 1), 1, 1)))
                 UNION ALL
                  SELECT deductions.membership_id,
                     deductions.deducted_ore
                    FROM ((page page_1
                      JOIN public.deductions USING (membership_id))
                      JOIN public.deduction_lists ON ((deduction_lists.number = deductions.list_number)))
                   WHERE ((deduction_lists.period_from >= make_date(tax_statements_due.income_year, 1, 1)) AND (deduction_lists.period_from < make_date((tax_statements_due.income_year + 1), 1, 1)))) moved
           GROUP BY moved.membership_id
         ), latest AS MATERIALIZED (
          SELECT DISTINCT ON (tax_statements.membership_id) tax_statements.membership_id,
             tax_statements.version,
             tax_statements.content_hash
            FROM (page page_1
              JOIN public.tax_statements USING (membership_id))
           WHERE (tax_statements.year = tax_statements_due.income_year)
           ORDER BY tax_statements.membership_id, tax_statements.version DESC
         )
  SELECT page.membership_id,
     (NOT (page.outcome IS DISTINCT FROM 'deceased'::text)),
     (page.national_id IS NOT NULL),
     figures.ore,
     LEAST(figures.ore, tax_statements_due.cap_ore) AS "least",
     COALESCE(latest.version, 0) AS "coalesce",
     ((latest.content_hash)::text IS DISTINCT FROM public.tax_statement_hash(page.membership_id, tax_statements_due.income_year, figures.ore, tax_statements_due.cap_ore))
    FROM (((page
      LEFT JOIN paid USING (membership_id))
      LEFT JOIN latest USING (membership_id))
      CROSS JOIN LATERAL ( SELECT GREATEST(COALESCE(paid.ore, (0)::bigint), (0)::bigint) AS ore) figures)
   WHERE ((figures.ore > 0) OR (latest.version IS NOT NULL));
END;

COMMENT ON FUNCTION public.tax_statements_due(income_year integer, cap_ore bigint, first text, last text) IS 'What the members of a page paid in a year, and whether their statement says otherwise: the cash principle (section 6). Whoever paid nothing has none. The same as schemas.statements.tax.';

CREATE FUNCTION public.tell_caseworkers(fresh text[], today date) RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 INSERT INTO public.tasks (key, kind, says, membership_id, opened_on)  SELECT ('suspense/'::text || left_over.reference),
             'suspense'::text,
             (((('Payment '::text || left_over.reference) || ' is in suspense: '::text) ||
                 CASE
                     WHEN ((claims.number IS NOT NULL) AND (claims.open_ore <= 0)) THEN 'the invoice it names is paid'::text
                     WHEN (left_over.amount_ore < claims.open_ore) THEN 'it is less than the invoice asks'::text
                     WHEN (claims.number IS NOT NULL) THEN 'it is more than the invoice asks'::text
                     WHEN ((left_over.membership_id IS NULL) AND (left_over.kid IS NULL)) THEN 'it has no KID'::text
                     WHEN (left_over.membership_id IS NULL) THEN 'nothing of ours has its KID, or the check digit is wrong'::text
                     WHEN (public.membership_of_kid(left_over.kid) <> left_over.membership_id) THEN 'its KID is another member''s'::text
                     ELSE 'the member has no open invoice'::text
                 END) || '. Allocate it or refund it.'::text),
             left_over.membership_id,
             tell_caseworkers.today AS today
            FROM (public.payment_balances left_over
              LEFT JOIN LATERAL public.claim_of(left_over.membership_id, left_over.kid) claims(number, open_ore, rule) ON (true))
           WHERE ((left_over.reference = ANY (tell_caseworkers.fresh)) AND (left_over.suspense_ore > 0))
         UNION ALL
          SELECT ('late/'::text || allocations.reference),
             'late'::text,
             (('Payment '::text || allocations.reference) || ' came after the membership had ended, and has paid what was still owed. See whether it belongs there.'::text),
             payments.membership_id,
             tell_caseworkers.today AS today
            FROM ((public.allocations
              JOIN public.payments USING (reference))
              JOIN public.memberships USING (membership_id))
           WHERE ((allocations.reference = ANY (tell_caseworkers.fresh)) AND (allocations.amount_ore > 0) AND (memberships.stage = 'ended'::text)) ON CONFLICT(key) DO NOTHING;
END;

COMMENT ON FUNCTION public.tell_caseworkers(fresh text[], today date) IS 'Opens a task for each payment in suspense, and for each that came late (section 4).';

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

ALTER TABLE public.allocations ALTER COLUMN allocation_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.allocations_allocation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.arrears_steps (
    invoice_number text NOT NULL,
    step text NOT NULL,
    membership_id text NOT NULL,
    taken_on date NOT NULL,
    CONSTRAINT arrears_steps_step_check CHECK ((step = ANY (ARRAY['first_reminder'::text, 'second_reminder'::text, 'caseworker'::text, 'suspense'::text, 'warning'::text, 'struck_off'::text])))
);

COMMENT ON TABLE public.arrears_steps IS 'What was done about each unpaid invoice, each step once (A30). A step about a member stands for every invoice that was overdue then, and holds for as long as one of them is unpaid. Append-only.';

CREATE TABLE public.audit_findings (
    run text NOT NULL,
    check_name text NOT NULL,
    subject text NOT NULL,
    found_on date NOT NULL,
    membership_id text,
    says text NOT NULL,
    mended boolean NOT NULL
);

COMMENT ON TABLE public.audit_findings IS 'What each audit found to have drifted, and whether it mended it. No personal data. Append-only.';

CREATE TABLE public.awaited_reversals (
    reference text NOT NULL,
    takes_back text,
    kid text,
    amount_ore bigint NOT NULL,
    paid_on date NOT NULL,
    file_id character(64),
    CONSTRAINT awaited_reversals_amount_ore_check CHECK ((amount_ore > 0))
);

COMMENT ON TABLE public.awaited_reversals IS 'What the bank took back of payments that have not arrived. Booked to the bank; the row goes once its payment is there.';

COMMENT ON COLUMN public.awaited_reversals.takes_back IS 'The payment''s reference, where the bank says it.';

CREATE VIEW public.balances AS
 SELECT account,
    (sum(debit_ore))::bigint AS debit_ore,
    (sum(credit_ore))::bigint AS credit_ore,
    (sum((debit_ore - credit_ore)))::bigint AS balance_ore
   FROM ( SELECT entries.debit AS account,
            entries.amount_ore AS debit_ore,
            0 AS credit_ore
           FROM public.entries
        UNION ALL
         SELECT entries.credit,
            0,
            entries.amount_ore
           FROM public.entries) sides
  GROUP BY account;

COMMENT ON VIEW public.balances IS 'Derived, never stored; over all accounts they sum to nothing.';

CREATE TABLE public.bank_names (
    name text NOT NULL,
    format text NOT NULL,
    nth integer NOT NULL,
    reference text NOT NULL,
    CONSTRAINT bank_names_format_check CHECK ((format = ANY (ARRAY['ocr'::text, 'camt'::text]))),
    CONSTRAINT bank_names_nth_check CHECK ((nth >= 1))
);

COMMENT ON TABLE public.bank_names IS 'What both formats call a payment or a reversal: the nth of a name in one is the nth in the other, and the same money. Append-only.';

COMMENT ON COLUMN public.bank_names.reference IS 'In its own format: the payment''s, if that format came first.';

CREATE TABLE public.benefits (
    category text NOT NULL,
    valid_from date NOT NULL,
    names text[] NOT NULL,
    CONSTRAINT benefits_category_check CHECK ((category = ANY (ARRAY['ordinary'::text, 'student'::text, 'apprentice'::text, 'early_pensioner'::text, 'pensioner'::text])))
);

COMMENT ON TABLE public.benefits IS 'What a category of member is entitled to (S11, S13, S15, S16, S19, S20).';

CREATE TABLE public.branch_dues (
    code text NOT NULL,
    valid_from date NOT NULL,
    local_ore bigint NOT NULL,
    halves boolean NOT NULL,
    CONSTRAINT branch_dues_local_ore_check CHECK ((local_ore >= 0))
);

COMMENT ON TABLE public.branch_dues IS 'What each branch charges a month, in øre (S3, S4).';

COMMENT ON COLUMN public.branch_dues.halves IS 'Whether half dues halve the local dues as well (A3).';

CREATE TABLE public.branches (
    code text NOT NULL,
    name text NOT NULL,
    email text
);

COMMENT ON TABLE public.branches IS 'Local branches and company groups, with their contact (S4).';

CREATE TABLE public.carried_charges (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    period_from date NOT NULL,
    kind text NOT NULL,
    amount_ore bigint NOT NULL
);

COMMENT ON TABLE public.carried_charges IS 'Charges that came too late for their own month''s list, and the list they stand on. Append-only.';

CREATE TABLE public.coverages (
    name text NOT NULL,
    valid_from date NOT NULL,
    ends_at_age integer NOT NULL,
    ends text NOT NULL,
    CONSTRAINT coverages_ends_at_age_check CHECK (((ends_at_age >= 1) AND (ends_at_age <= 120))),
    CONSTRAINT coverages_ends_check CHECK ((ends = ANY (ARRAY['birthday'::text, 'end_of_year'::text])))
);

COMMENT ON TABLE public.coverages IS 'The parts of the insurance package and the age each ends at (S6, A17).';

CREATE TABLE public.decisions (
    membership_id text NOT NULL,
    number integer NOT NULL,
    event text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    decided_on date NOT NULL,
    decided_by text NOT NULL,
    reason text,
    rules text[] NOT NULL,
    rulebook_version text,
    content_hash character(64) NOT NULL,
    receipt jsonb NOT NULL,
    update_id text,
    applied jsonb,
    CONSTRAINT decisions_applied_with_id CHECK (((update_id IS NULL) = (applied IS NULL))),
    CONSTRAINT decisions_number_check CHECK ((number >= 1))
);

COMMENT ON TABLE public.decisions IS 'Who decided what, when, and by which rules. Append-only.';

COMMENT ON COLUMN public.decisions.rulebook_version IS 'The content hash of the rulebook that amounts were computed with; NULL when none were.';

COMMENT ON COLUMN public.decisions.content_hash IS 'Tells a repeated attempt at the decision from another decision under its number.';

COMMENT ON COLUMN public.decisions.receipt IS 'The answer that a repeated attempt is given again.';

COMMENT ON COLUMN public.decisions.update_id IS 'The update that the decision applied, under the id its sender chose: it counts once for a life.';

COMMENT ON COLUMN public.decisions.applied IS 'Which message that was, and its answer, given again when it is sent again.';

CREATE TABLE public.deduction_lines (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    central_ore bigint NOT NULL,
    local_ore bigint NOT NULL,
    premium_ore bigint NOT NULL,
    total_ore bigint NOT NULL,
    code text NOT NULL,
    CONSTRAINT deduction_lines_add_up CHECK ((total_ore = ((central_ore + local_ore) + premium_ore))),
    CONSTRAINT deduction_lines_code_check CHECK ((code = ANY (ARRAY['START'::text, 'CHANGE'::text, 'STOP'::text, 'CONTINUE'::text])))
);

COMMENT ON TABLE public.deduction_lines IS 'One line for a member: the charges of the month, corrections within the amount they correct. Append-only.';

CREATE TABLE public.deduction_reports (
    report_id integer NOT NULL,
    file_id character(64) NOT NULL,
    list_number text NOT NULL
);

COMMENT ON TABLE public.deduction_reports IS 'The files that were taken as reports on a list; it may have come in parts. Append-only.';

ALTER TABLE public.deduction_reports ALTER COLUMN report_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.deduction_reports_report_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.disclosures (
    membership_id text NOT NULL,
    key text NOT NULL,
    audience text NOT NULL,
    basis text NOT NULL,
    disclosed_on date NOT NULL,
    CONSTRAINT disclosures_audience_check CHECK ((audience <> ALL (ARRAY['member'::text, 'caseworkers'::text]))),
    CONSTRAINT disclosures_basis_check CHECK ((basis <> ''::text))
);

COMMENT ON TABLE public.disclosures IS 'Every letter to somebody else than the member and the caseworkers, and by what right (section 8). Append-only.';

COMMENT ON COLUMN public.disclosures.key IS 'Of the letter, or of the deduction list it stood on.';

CREATE TABLE public.dues_quarantine (
    period_from date NOT NULL,
    membership_id text NOT NULL,
    reason text NOT NULL
);

COMMENT ON TABLE public.dues_quarantine IS 'Who could not be charged for a month, and why; the others were (invariant 9).';

CREATE TABLE public.dues_rates (
    valid_from date NOT NULL,
    full_central_ore bigint NOT NULL,
    half_percent numeric NOT NULL,
    quarter_percent numeric NOT NULL,
    student_percent numeric NOT NULL,
    pensioner_percent numeric NOT NULL,
    half_at_most_percent numeric NOT NULL,
    CONSTRAINT dues_rates_full_central_ore_check CHECK ((full_central_ore >= 0)),
    CONSTRAINT dues_rates_half_at_most_percent_check CHECK (((half_at_most_percent >= (0)::numeric) AND (half_at_most_percent <= (100)::numeric))),
    CONSTRAINT dues_rates_half_percent_check CHECK (((half_percent >= (0)::numeric) AND (half_percent <= (100)::numeric))),
    CONSTRAINT dues_rates_pensioner_percent_check CHECK (((pensioner_percent >= (0)::numeric) AND (pensioner_percent <= (100)::numeric))),
    CONSTRAINT dues_rates_quarter_percent_check CHECK (((quarter_percent >= (0)::numeric) AND (quarter_percent <= (100)::numeric))),
    CONSTRAINT dues_rates_student_percent_check CHECK (((student_percent >= (0)::numeric) AND (student_percent <= (100)::numeric)))
);

COMMENT ON TABLE public.dues_rates IS 'What central dues are made of (S2, S5, S12, S18, S21).';

COMMENT ON COLUMN public.dues_rates.full_central_ore IS 'Full central dues a month, in øre (S2).';

COMMENT ON COLUMN public.dues_rates.half_at_most_percent IS 'The highest position percentage with the right to half dues (S5).';

CREATE SEQUENCE public.payer_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 99999999
    CACHE 1;

CREATE TABLE public.employers (
    orgnr character(9) NOT NULL,
    name text,
    email text,
    payer_number character(8) DEFAULT lpad((nextval('public.payer_numbers'::regclass))::text, 8, '0'::text) NOT NULL,
    list_channel text DEFAULT 'folder'::text NOT NULL,
    list_password text,
    CONSTRAINT employers_list_channel_check CHECK ((list_channel = ANY (ARRAY['folder'::text, 'email'::text]))),
    CONSTRAINT employers_mail_is_locked CHECK (((list_channel = 'folder'::text) OR ((email IS NOT NULL) AND (list_password IS NOT NULL)))),
    CONSTRAINT employers_orgnr_check CHECK ((orgnr ~ '^[0-9]{9}$'::text))
);

COMMENT ON TABLE public.employers IS 'Where an employer takes payroll requests. Without an address the caseworkers forward them.';

COMMENT ON COLUMN public.employers.payer_number IS 'Stands for the employer wherever its name and number may not: workflow ids, KIDs, tasks.';

COMMENT ON COLUMN public.employers.list_channel IS 'How its deduction lists reach it: a folder it fetches from, or mail under a password.';

ALTER TABLE public.entries ALTER COLUMN entry_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.entries_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.file_outcomes (
    file_id character(64) NOT NULL,
    outcome text NOT NULL,
    report jsonb NOT NULL,
    decided_on date NOT NULL,
    CONSTRAINT file_outcomes_outcome_check CHECK ((outcome = ANY (ARRAY['applied'::text, 'refused'::text])))
);

COMMENT ON TABLE public.file_outcomes IS 'What became of a file, line by line where it was refused: whole, or not at all.';

CREATE TABLE public.holds (
    membership_id text NOT NULL,
    check_name text NOT NULL,
    reason text NOT NULL,
    held_on date NOT NULL,
    about date
);

COMMENT ON TABLE public.holds IS 'Who is not charged until something that drifted is put right. The row goes when an audit does not find it any more.';

COMMENT ON COLUMN public.holds.about IS 'The month it is about: audits look back so far while it stands.';

CREATE TABLE public.inbound_files (
    file_id character(64) NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    content bytea NOT NULL,
    received_on date NOT NULL,
    CONSTRAINT inbound_files_file_id_check CHECK ((file_id ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT inbound_files_kind_check CHECK ((kind = ANY (ARRAY['payments'::text, 'deduction_report'::text])))
);

COMMENT ON TABLE public.inbound_files IS 'Every file that somebody sent, under the hash of its content: the same file is one file. Append-only.';

CREATE TABLE public.letter_resends (
    membership_id text NOT NULL,
    key text NOT NULL,
    of_key text NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.letter_resends IS 'Who had which letter sent again, and when.';

CREATE TABLE public.letters (
    membership_id text NOT NULL,
    key text NOT NULL,
    decision integer,
    template text NOT NULL,
    template_version integer,
    audience text NOT NULL,
    figures jsonb NOT NULL,
    status text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    message_id text,
    sent_on date,
    note text,
    place integer DEFAULT 0 NOT NULL,
    forwarded boolean DEFAULT false NOT NULL,
    employer_orgnr character(9),
    employer_name text,
    batch text,
    ordered_on date,
    refusals integer DEFAULT 0 NOT NULL,
    refused_at timestamp with time zone,
    unanswered integer DEFAULT 0 NOT NULL,
    not_before timestamp with time zone,
    reference text,
    CONSTRAINT letters_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT letters_audience_check CHECK ((audience = ANY (ARRAY['member'::text, 'employer'::text, 'insurance_office'::text, 'caseworkers'::text, 'branch'::text, 'recruiter'::text]))),
    CONSTRAINT letters_dated_when_sent CHECK (((status <> 'sent'::text) OR (sent_on IS NOT NULL))),
    CONSTRAINT letters_employer_orgnr_check CHECK ((employer_orgnr ~ '^[0-9]{9}$'::text)),
    CONSTRAINT letters_ordered_by_somebody CHECK (((decision IS NULL) = ((batch IS NOT NULL) AND (ordered_on IS NOT NULL)))),
    CONSTRAINT letters_place_check CHECK ((place >= 0)),
    CONSTRAINT letters_refusals_check CHECK ((refusals >= 0)),
    CONSTRAINT letters_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'suppressed'::text, 'bounced'::text, 'held'::text, 'unanswered'::text]))),
    CONSTRAINT letters_unanswered_check CHECK ((unanswered >= 0))
);

COMMENT ON TABLE public.letters IS 'Every letter a decision called for, once for each key.';

COMMENT ON COLUMN public.letters.key IS 'Unique within the membership: the same letter never goes twice.';

COMMENT ON COLUMN public.letters.message_id IS 'The left part of the Message-ID, made from membership and key: a second copy of a letter can be told by it, and it holds no personal data.';

COMMENT ON COLUMN public.letters.place IS 'Where the decision listed it, from 1: letters go out in this order. 0: it did not say.';

COMMENT ON COLUMN public.letters.forwarded IS 'The caseworkers get it in place of its audience, to pass it on in words of their own.';

COMMENT ON COLUMN public.letters.employer_orgnr IS 'The employer a letter to an employer is for, past or present: it never goes to another one.';

COMMENT ON COLUMN public.letters.employer_name IS 'As the member called it.';

COMMENT ON COLUMN public.letters.batch IS 'The run that ordered it for many members at once; NULL: a decision about this one did.';

COMMENT ON COLUMN public.letters.refusals IS 'How often in a row the mail server has not taken it; refused_at: since when.';

COMMENT ON COLUMN public.letters.unanswered IS 'How often all of it was handed over and no answer came: each of them may have arrived.';

COMMENT ON COLUMN public.letters.not_before IS 'It is not tried before this moment; no business date.';

COMMENT ON COLUMN public.letters.reference IS 'Of a letter that is sent again: the X-Reference of the first one, which it repeats.';

CREATE TABLE public.line_decisions (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    serial integer NOT NULL,
    decision text NOT NULL,
    caseworker text NOT NULL,
    reason text NOT NULL,
    decided_on date NOT NULL,
    key text NOT NULL,
    CONSTRAINT line_decisions_decision_check CHECK ((decision = ANY (ARRAY['invoice'::text, 'write_off'::text, 'wait'::text]))),
    CONSTRAINT line_decisions_serial_check CHECK ((serial >= 1))
);

COMMENT ON TABLE public.line_decisions IS 'What caseworkers decided of lines that no rule settles; the last one holds. Append-only.';

COMMENT ON COLUMN public.line_decisions.key IS 'Of the message that carried it: it counts once.';

CREATE TABLE public.list_deliveries (
    list_number text NOT NULL,
    channel text NOT NULL,
    delivered_on date NOT NULL,
    shown_ore bigint NOT NULL,
    shown_count integer NOT NULL,
    CONSTRAINT list_deliveries_channel_check CHECK ((channel = ANY (ARRAY['folder'::text, 'email'::text]))),
    CONSTRAINT list_deliveries_shown_count_check CHECK ((shown_count >= 0))
);

COMMENT ON TABLE public.list_deliveries IS 'How and when a list reached its employer, and what the file showed. Append-only.';

CREATE TABLE public.list_hand_overs (
    list_number text NOT NULL,
    about text NOT NULL,
    refusals integer DEFAULT 0 NOT NULL,
    refused_at timestamp with time zone,
    unanswered integer DEFAULT 0 NOT NULL,
    not_before timestamp with time zone,
    CONSTRAINT list_hand_overs_about_check CHECK ((about = ANY (ARRAY['list'::text, 'reminder'::text]))),
    CONSTRAINT list_hand_overs_refusals_check CHECK ((refusals >= 0)),
    CONSTRAINT list_hand_overs_unanswered_check CHECK ((unanswered >= 0))
);

COMMENT ON TABLE public.list_hand_overs IS 'How often the mail of a list was not taken, or not answered, and when it is due again.';

CREATE TABLE public.list_reminders (
    list_number text NOT NULL,
    reminded_on date NOT NULL
);

COMMENT ON TABLE public.list_reminders IS 'Employers reminded of a report that is missing, once for a list. Append-only.';

CREATE TABLE public.list_write_offs (
    list_number text NOT NULL,
    amount_ore bigint NOT NULL,
    caseworker text NOT NULL,
    reason text NOT NULL,
    decided_on date NOT NULL,
    CONSTRAINT list_write_offs_amount_ore_check CHECK ((amount_ore <> 0))
);

COMMENT ON TABLE public.list_write_offs IS 'What an employer reported less what it paid, where a caseworker let that stand. Less than nothing: it paid more, and what is over stays on its account. Append-only.';

CREATE TABLE public.mail_reports (
    report_id text NOT NULL,
    membership_id text,
    key text,
    outcome text NOT NULL,
    read_on date NOT NULL,
    CONSTRAINT mail_reports_outcome_check CHECK ((outcome = ANY (ARRAY['bounced'::text, 'ignored'::text, 'known'::text, 'stranger'::text, 'unreadable'::text])))
);

COMMENT ON TABLE public.mail_reports IS 'Each report of a mail server that was read, by the hash of its content: it counts once.';

CREATE SEQUENCE public.member_numbers
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 99999999
    CACHE 1;

COMMENT ON SEQUENCE public.member_numbers IS 'Member numbers are never used twice; gaps are harmless.';

CREATE TABLE public.members (
    membership_id text NOT NULL,
    national_id character(11),
    name_key text NOT NULL,
    birth_date date NOT NULL,
    email_key text NOT NULL
);

COMMENT ON TABLE public.members IS 'Everybody who is a member now: a row from the approval to the end, so that nobody is a member twice.';

CREATE TABLE public.payment_reports (
    reference text NOT NULL,
    membership_id text NOT NULL,
    told_on date,
    decision integer
);

COMMENT ON TABLE public.payment_reports IS 'Payments of the bank''s files that pay a first invoice: the membership is told, and goes on.';

COMMENT ON COLUMN public.payment_reports.told_on IS 'NULL: not yet.';

COMMENT ON COLUMN public.payment_reports.decision IS 'The one that took it in; NULL: none has yet.';

CREATE TABLE public.policies (
    name text NOT NULL,
    valid_from date NOT NULL,
    value jsonb NOT NULL,
    source text NOT NULL,
    CONSTRAINT policies_name_known CHECK ((name = ANY (ARRAY['round_half_and_quarter'::text, 'apprentice_insurance'::text, 'half_past_67'::text, 'premium_at_once'::text, 'payroll_needs_first_payment'::text, 'window_days'::text, 'reminder_working_days'::text, 'escalation_working_days'::text, 'lapse_days'::text, 'payroll_reminder_days'::text, 'payroll_timeout_days'::text, 'payment_days'::text, 'lowest_age'::text, 'retirement_age'::text, 'afp_age'::text, 'back_months'::text, 'change_ahead_years'::text, 'pension_question_months'::text, 'study_question_days'::text, 'notice_months'::text, 'struck_off_months'::text, 'first_reminder_days'::text, 'second_reminder_days'::text, 'arrears_task_months'::text, 'warning_days'::text, 'report_due_day'::text])))
);

COMMENT ON TABLE public.policies IS 'Our readings where the source is silent (A1-A35), one value a row. The closed list of names keeps a misspelt one from having no effect unnoticed.';

COMMENT ON COLUMN public.policies.source IS 'The reading''s id in the domain description.';

CREATE TABLE public.premium_rates (
    valid_from date NOT NULL,
    premium_ore bigint NOT NULL,
    CONSTRAINT premium_rates_premium_ore_check CHECK ((premium_ore >= 0))
);

COMMENT ON TABLE public.premium_rates IS 'The insurance package a month, in øre (S7).';

CREATE TABLE public.public_mail_domains (
    domain text NOT NULL,
    CONSTRAINT public_mail_domains_domain_check CHECK (((domain = lower(domain)) AND (domain ~~ '%.%'::text)))
);

COMMENT ON TABLE public.public_mail_domains IS 'Mail providers that anybody may have an address with. An employer''s address there says nothing of other addresses; of all other domains it does (S30).';

CREATE TABLE public.redirections (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    invoice_number text NOT NULL,
    amount_ore bigint NOT NULL,
    reason text NOT NULL,
    CONSTRAINT redirections_amount_ore_check CHECK ((amount_ore > 0))
);

COMMENT ON TABLE public.redirections IS 'What an employer was asked for and did not deduct, and the member is invoiced for instead. Append-only.';

ALTER TABLE public.refunds ALTER COLUMN refund_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.refunds_refund_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reinstatements (
    membership_id text NOT NULL,
    new_membership_id text NOT NULL,
    paid_by text NOT NULL,
    opened_on date NOT NULL
);

COMMENT ON TABLE public.reinstatements IS 'Who was struck off, has paid all of it since, and applies anew: once for each membership. Append-only.';

COMMENT ON COLUMN public.reinstatements.paid_by IS 'The payment, or the credit note, that settled the last of it.';

CREATE TABLE public.rejected_intakes (
    membership_id text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    received_on date NOT NULL,
    content text NOT NULL,
    faults text[] NOT NULL,
    CONSTRAINT rejected_intakes_faults_check CHECK ((cardinality(faults) > 0))
);

COMMENT ON TABLE public.rejected_intakes IS 'Applications that can''t be read or break a rule: none is lost silently.';

COMMENT ON COLUMN public.rejected_intakes.content IS 'What arrived in place of an application; empty when it could be read, and then in people.';

CREATE TABLE public.report_lines (
    report_id integer NOT NULL,
    line integer NOT NULL,
    membership_id text NOT NULL,
    deducted_ore bigint NOT NULL,
    reason text,
    CONSTRAINT report_lines_reason_check CHECK ((reason = ANY (ARRAY['LEFT'::text, 'UNPAID_LEAVE'::text, 'LAID_OFF'::text, 'NAV'::text, 'PENSION'::text, 'NO_PAY'::text, 'UNKNOWN_PERSON'::text, 'OTHER'::text])))
);

COMMENT ON TABLE public.report_lines IS 'What employers reported, every line that could be matched. Without foreign keys: lines come by the hundred thousand, out of a join with what they would refer to. Append-only.';

CREATE TABLE public.repricings (
    effective_on date NOT NULL,
    rulebook_version character(64) NOT NULL,
    change jsonb NOT NULL,
    approved_by text NOT NULL,
    approved_on date NOT NULL,
    CONSTRAINT repricings_approved_by_check CHECK ((approved_by <> ''::text)),
    CONSTRAINT repricings_effective_on_check CHECK ((EXTRACT(day FROM effective_on) = (1)::numeric)),
    CONSTRAINT repricings_lie_ahead CHECK ((approved_on < effective_on)),
    CONSTRAINT repricings_rulebook_version_check CHECK ((rulebook_version ~ '^[0-9a-f]{64}$'::text))
);

COMMENT ON TABLE public.repricings IS 'Changes of prices and rules as they were approved: the past is never among them. Append-only.';

COMMENT ON COLUMN public.repricings.rulebook_version IS 'The rulebook with the change in it; every membership plans its terms by it.';

COMMENT ON COLUMN public.repricings.change IS 'schemas.pricing.contracts.PriceChange.';

CREATE TABLE public.rulebook_revision (
    revision bigint NOT NULL,
    only_row boolean DEFAULT true NOT NULL,
    CONSTRAINT rulebook_revision_only_row_check CHECK (only_row)
);

COMMENT ON TABLE public.rulebook_revision IS 'Counts the changes of the rulebook, so that one number tells whether a copy is current.';

CREATE TABLE public.withheld_lines (
    list_number text NOT NULL,
    membership_id text NOT NULL,
    reason text NOT NULL,
    withheld_on date NOT NULL
);

COMMENT ON TABLE public.withheld_lines IS 'Lines that the gate kept from the employer; the member is invoiced for them. Append-only.';

CREATE VIEW public.settlement_lines AS
 SELECT lines.list_number,
    lines.membership_id,
    lines.code,
    lines.total_ore AS expected_ore,
    (withheld.membership_id IS NULL) AS shown,
    COALESCE(answer.answers, (0)::bigint) AS answers,
    answer.deducted_ore,
    answer.reason,
    decided.decision,
    decided.caseworker,
    settled.outcome,
    settled.deducted_ore AS settled_ore,
    ((withheld.membership_id IS NULL) AND (settled.outcome IS NULL) AND (lines.total_ore <> 0) AND (answer.answers IS NULL)) AS unanswered,
    ((COALESCE(answer.answers, (0)::bigint) > 1) OR COALESCE((settled.deducted_ore <> answer.deducted_ore), false)) AS contradicted
   FROM ((((public.deduction_lines lines
     LEFT JOIN public.withheld_lines withheld USING (list_number, membership_id))
     LEFT JOIN ( SELECT said.list_number,
            said.membership_id,
            count(*) AS answers,
            min(said.deducted_ore) AS deducted_ore,
            min(said.reason) AS reason
           FROM ( SELECT DISTINCT deduction_reports.list_number,
                    report_lines.membership_id,
                    report_lines.deducted_ore,
                    report_lines.reason
                   FROM (public.deduction_reports
                     JOIN public.report_lines USING (report_id))) said
          GROUP BY said.list_number, said.membership_id) answer USING (list_number, membership_id))
     LEFT JOIN ( SELECT DISTINCT ON (line_decisions.list_number, line_decisions.membership_id) line_decisions.list_number,
            line_decisions.membership_id,
            line_decisions.decision,
            line_decisions.caseworker
           FROM public.line_decisions
          ORDER BY line_decisions.list_number, line_decisions.membership_id, line_decisions.serial DESC) decided USING (list_number, membership_id))
     LEFT JOIN public.deductions settled USING (list_number, membership_id));

COMMENT ON VIEW public.settlement_lines IS 'Each line of a list with what was reported of it and what became of it. The same lines in several files are one answer.';

ALTER TABLE public.tasks ALTER COLUMN task_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tasks_task_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tax_caps (
    year integer NOT NULL,
    cap_ore bigint NOT NULL,
    confirmed boolean NOT NULL,
    source text NOT NULL,
    CONSTRAINT tax_caps_cap_ore_check CHECK ((cap_ore >= 0)),
    CONSTRAINT tax_caps_year_check CHECK (((year >= 1900) AND (year <= 2200)))
);

COMMENT ON TABLE public.tax_caps IS 'What is deductible of the dues of an income year at most (S25). The earliest year stands for all years before it; a later year that is missing is unknown.';

COMMENT ON COLUMN public.tax_caps.confirmed IS 'False: statements of the year say that it may change.';

ALTER TABLE public.terms ALTER COLUMN term_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.terms_term_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (membership_id);

CREATE FUNCTION public.lines_due(month date, since date, first character, last character) RETURNS TABLE(membership_id text, member_number character, kind text, cadence text, payer text, employer_orgnr text, amount_ore bigint, trouble text)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 WITH regular AS (
          SELECT memberships.membership_id,
             memberships.member_number,
             due.kind,
             due.cadence,
             due.payer,
             due.employer_orgnr,
             due.amount_ore,
                 CASE
                     WHEN (charges.amount_ore IS NOT NULL) THEN format('%s was charged as %s øre and would now be %s; no change of terms explains it'::text, due.kind, charges.amount_ore, due.amount_ore)
                     WHEN ((due.payer = 'payroll'::text) AND memberships.hidden) THEN 'the membership can''t be charged through an employer'::text
                     WHEN ((due.payer = 'payroll'::text) AND (due.employer_orgnr IS NULL)) THEN 'the employer that deducts is not known'::text
                     WHEN (due.amount_ore < 0) THEN 'a term with a negative amount'::text
                     WHEN (due.amount_ore > public.largest_line_ore()) THEN 'a term with an amount that can''t be meant'::text
                     ELSE NULL::text
                 END AS trouble
            FROM ((public.terms_due(lines_due.month) due(membership_id, kind, cadence, payer, employer_orgnr, amount_ore)
              JOIN public.memberships ON ((memberships.membership_id = due.membership_id)))
              LEFT JOIN public.charges ON (((charges.membership_id = due.membership_id) AND (charges.period_from = lines_due.month) AND (charges.kind = due.kind))))
           WHERE (((memberships.member_number >= lines_due.first) AND (memberships.member_number <= lines_due.last)) AND ((charges.membership_id IS NULL) OR ((charges.amount_ore <> due.amount_ore) AND (NOT (EXISTS ( SELECT
                    FROM public.reassessments
                   WHERE (reassessments.membership_id = due.membership_id)))))))
         ), corrected AS (
          SELECT memberships.membership_id,
             memberships.member_number,
             memberships.hidden,
             public.within_bigint(sum(((corrections_due.is_ore)::numeric - (corrections_due.was_ore)::numeric))) AS amount_ore
            FROM (public.corrections_due(lines_due.month, lines_due.since, lines_due.first, lines_due.last) corrections_due(membership_id, period_from, kind, reason, was_ore, is_ore)
              JOIN public.memberships ON ((memberships.membership_id = corrections_due.membership_id)))
           GROUP BY memberships.membership_id
         ), lines AS (
          SELECT regular.membership_id,
             regular.member_number,
             regular.kind,
             regular.cadence,
             regular.payer,
             regular.employer_orgnr,
             regular.amount_ore,
             regular.trouble
            FROM regular
         UNION ALL
          SELECT corrected.membership_id,
             corrected.member_number,
             'correction'::text,
             'monthly'::text,
                 CASE
                     WHEN (deducting.employer_orgnr IS NULL) THEN 'direct'::text
                     ELSE 'payroll'::text
                 END AS "case",
             deducting.employer_orgnr,
             corrected.amount_ore,
                 CASE
                     WHEN (corrected.amount_ore > public.largest_line_ore()) THEN 'a correction with an amount that can''t be meant'::text
                     ELSE NULL::text
                 END AS "case"
            FROM (corrected
              LEFT JOIN LATERAL ( SELECT due.employer_orgnr
                    FROM public.terms_due(lines_due.month) due(membership_id, kind, cadence, payer, employer_orgnr, amount_ore)
                   WHERE ((due.membership_id = corrected.membership_id) AND (due.payer = 'payroll'::text) AND (NOT corrected.hidden))
                   ORDER BY due.kind
                  LIMIT 1) deducting ON (true))
         )
  SELECT lines.membership_id,
     lines.member_number,
     lines.kind,
     lines.cadence,
     lines.payer,
     lines.employer_orgnr,
     lines.amount_ore,
     COALESCE(held.trouble, lines.trouble) AS "coalesce"
    FROM (lines
      LEFT JOIN ( SELECT holds.membership_id,
             ('held by the audit: '::text || min(holds.reason)) AS trouble
            FROM public.holds
           GROUP BY holds.membership_id) held ON ((held.membership_id = lines.membership_id)))
   WHERE (NOT (EXISTS ( SELECT
            FROM public.deduction_lists
           WHERE (((deduction_lists.employer_orgnr)::text = lines.employer_orgnr) AND (deduction_lists.period_from = lines_due.month)))));
END;

COMMENT ON FUNCTION public.lines_due(month date, since date, first character, last character) IS 'What a run has yet to charge the members of a page, and who can''t be; a correction line is the sum of what corrections_due explains, and may be nothing.';

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_pkey PRIMARY KEY (allocation_id);

ALTER TABLE ONLY public.arrears_steps
    ADD CONSTRAINT arrears_steps_pkey PRIMARY KEY (invoice_number, step);

ALTER TABLE ONLY public.audit_findings
    ADD CONSTRAINT audit_findings_pkey PRIMARY KEY (run, check_name, subject);

ALTER TABLE ONLY public.awaited_reversals
    ADD CONSTRAINT awaited_reversals_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY public.bank_names
    ADD CONSTRAINT bank_names_pkey PRIMARY KEY (name, format, nth);

ALTER TABLE ONLY public.bank_names
    ADD CONSTRAINT bank_names_reference_key UNIQUE (reference);

ALTER TABLE ONLY public.benefits
    ADD CONSTRAINT benefits_pkey PRIMARY KEY (category, valid_from);

ALTER TABLE ONLY public.branch_dues
    ADD CONSTRAINT branch_dues_pkey PRIMARY KEY (code, valid_from);

ALTER TABLE ONLY public.branches
    ADD CONSTRAINT branches_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.carried_charges
    ADD CONSTRAINT carried_charges_pkey PRIMARY KEY (membership_id, period_from, kind);

ALTER TABLE ONLY public.charges
    ADD CONSTRAINT charges_one_per_kind_and_month PRIMARY KEY (membership_id, period_from, kind);

COMMENT ON CONSTRAINT charges_one_per_kind_and_month ON public.charges IS 'Invariant 1: one line for a member, a period and a kind.';

ALTER TABLE ONLY public.corrections
    ADD CONSTRAINT corrections_pkey PRIMARY KEY (membership_id, charged_in, period_from, kind, reason);

ALTER TABLE ONLY public.coverages
    ADD CONSTRAINT coverages_pkey PRIMARY KEY (name, valid_from);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (membership_id, number);

ALTER TABLE ONLY public.deduction_lines
    ADD CONSTRAINT deduction_lines_pkey PRIMARY KEY (list_number, membership_id);

ALTER TABLE ONLY public.deduction_lists
    ADD CONSTRAINT deduction_lists_employer_orgnr_serial_key UNIQUE (employer_orgnr, serial);

ALTER TABLE ONLY public.deduction_lists
    ADD CONSTRAINT deduction_lists_kid_key UNIQUE (kid);

ALTER TABLE ONLY public.deduction_lists
    ADD CONSTRAINT deduction_lists_one_a_month UNIQUE (employer_orgnr, period_from);

ALTER TABLE ONLY public.deduction_lists
    ADD CONSTRAINT deduction_lists_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.deduction_reports
    ADD CONSTRAINT deduction_reports_file_id_key UNIQUE (file_id);

ALTER TABLE ONLY public.deduction_reports
    ADD CONSTRAINT deduction_reports_pkey PRIMARY KEY (report_id);

ALTER TABLE ONLY public.deductions
    ADD CONSTRAINT deductions_pkey PRIMARY KEY (list_number, membership_id);

ALTER TABLE ONLY public.disclosures
    ADD CONSTRAINT disclosures_pkey PRIMARY KEY (membership_id, key);

ALTER TABLE ONLY public.dues_quarantine
    ADD CONSTRAINT dues_quarantine_pkey PRIMARY KEY (period_from, membership_id);

ALTER TABLE ONLY public.dues_rates
    ADD CONSTRAINT dues_rates_pkey PRIMARY KEY (valid_from);

ALTER TABLE ONLY public.dues_runs
    ADD CONSTRAINT dues_runs_pkey PRIMARY KEY (period_from);

ALTER TABLE ONLY public.employers
    ADD CONSTRAINT employers_payer_number_key UNIQUE (payer_number);

ALTER TABLE ONLY public.employers
    ADD CONSTRAINT employers_pkey PRIMARY KEY (orgnr);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (entry_id);

ALTER TABLE ONLY public.file_outcomes
    ADD CONSTRAINT file_outcomes_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (membership_id, check_name);

ALTER TABLE ONLY public.inbound_files
    ADD CONSTRAINT inbound_files_pkey PRIMARY KEY (file_id);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_kid_key UNIQUE (kid);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_membership_id_serial_key UNIQUE (membership_id, serial);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_number_membership_id_period_from_key UNIQUE (number, membership_id, period_from);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.letter_resends
    ADD CONSTRAINT letter_resends_pkey PRIMARY KEY (membership_id, key);

ALTER TABLE ONLY public.letters
    ADD CONSTRAINT letters_message_id_key UNIQUE (message_id);

ALTER TABLE ONLY public.letters
    ADD CONSTRAINT letters_pkey PRIMARY KEY (membership_id, key);

ALTER TABLE ONLY public.line_decisions
    ADD CONSTRAINT line_decisions_key_key UNIQUE (key);

ALTER TABLE ONLY public.line_decisions
    ADD CONSTRAINT line_decisions_pkey PRIMARY KEY (list_number, membership_id, serial);

ALTER TABLE ONLY public.list_deliveries
    ADD CONSTRAINT list_deliveries_pkey PRIMARY KEY (list_number);

ALTER TABLE ONLY public.list_hand_overs
    ADD CONSTRAINT list_hand_overs_pkey PRIMARY KEY (list_number, about);

ALTER TABLE ONLY public.list_reminders
    ADD CONSTRAINT list_reminders_pkey PRIMARY KEY (list_number);

ALTER TABLE ONLY public.list_write_offs
    ADD CONSTRAINT list_write_offs_pkey PRIMARY KEY (list_number);

ALTER TABLE ONLY public.mail_reports
    ADD CONSTRAINT mail_reports_pkey PRIMARY KEY (report_id);

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_one_per_national_id UNIQUE (national_id);

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_one_per_person EXCLUDE USING gist (name_key WITH =, birth_date WITH =, email_key WITH =, (
CASE
    WHEN (national_id IS NULL) THEN int8range(NULL::bigint, NULL::bigint)
    ELSE int8range((national_id)::bigint, (national_id)::bigint, '[]'::text)
END) WITH &&);

COMMENT ON CONSTRAINT members_one_per_person ON public.members IS 'The same name, birth date and e-mail address are one person unless two national ids say otherwise. A missing national id spans all of them and so contradicts none.';

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (membership_id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_member_number_key UNIQUE (member_number);

ALTER TABLE ONLY public.over_deductions
    ADD CONSTRAINT over_deductions_pkey PRIMARY KEY (list_number, membership_id);

ALTER TABLE ONLY public.payment_reports
    ADD CONSTRAINT payment_reports_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (membership_id);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (name, valid_from);

ALTER TABLE ONLY public.premium_rates
    ADD CONSTRAINT premium_rates_pkey PRIMARY KEY (valid_from);

ALTER TABLE ONLY public.public_mail_domains
    ADD CONSTRAINT public_mail_domains_pkey PRIMARY KEY (domain);

ALTER TABLE ONLY public.reassessments
    ADD CONSTRAINT reassessments_pkey PRIMARY KEY (membership_id);

ALTER TABLE ONLY public.redirections
    ADD CONSTRAINT redirections_invoice_number_key UNIQUE (invoice_number);

ALTER TABLE ONLY public.redirections
    ADD CONSTRAINT redirections_pkey PRIMARY KEY (list_number, membership_id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (refund_id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_reference_key UNIQUE (reference);

ALTER TABLE ONLY public.reinstatements
    ADD CONSTRAINT reinstatements_new_membership_id_key UNIQUE (new_membership_id);

ALTER TABLE ONLY public.reinstatements
    ADD CONSTRAINT reinstatements_pkey PRIMARY KEY (membership_id);

ALTER TABLE ONLY public.rejected_intakes
    ADD CONSTRAINT rejected_intakes_pkey PRIMARY KEY (membership_id);

ALTER TABLE ONLY public.report_lines
    ADD CONSTRAINT report_lines_pkey PRIMARY KEY (report_id, line);

ALTER TABLE ONLY public.repricings
    ADD CONSTRAINT repricings_pkey PRIMARY KEY (effective_on, rulebook_version);

ALTER TABLE ONLY public.rulebook_revision
    ADD CONSTRAINT rulebook_revision_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_key_key UNIQUE (key);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (task_id);

ALTER TABLE ONLY public.tax_caps
    ADD CONSTRAINT tax_caps_pkey PRIMARY KEY (year);

ALTER TABLE ONLY public.tax_statements
    ADD CONSTRAINT tax_statements_pkey PRIMARY KEY (membership_id, year, version);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_one_payer_per_month EXCLUDE USING gist (membership_id WITH =, payer WITH <>, valid WITH &&) WHERE (((superseded_by IS NULL) AND (cadence = 'monthly'::text))) DEFERRABLE;

COMMENT ON CONSTRAINT terms_one_payer_per_month ON public.terms IS 'Invariant 3: what is charged monthly goes through one payer (section 5, A20).';

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_one_per_kind_and_month EXCLUDE USING gist (membership_id WITH =, kind WITH =, valid WITH &&) WHERE ((superseded_by IS NULL)) DEFERRABLE;

COMMENT ON CONSTRAINT terms_one_per_kind_and_month ON public.terms IS 'Invariant 3. Checked when a statement ends, since one statement supersedes and adds.';

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (term_id);

ALTER TABLE ONLY public.withheld_lines
    ADD CONSTRAINT withheld_lines_pkey PRIMARY KEY (list_number, membership_id);

CREATE INDEX allocations_by_day ON public.allocations USING brin (allocated_on) WITH (pages_per_range='32');

CREATE UNIQUE INDEX allocations_once_of_credit ON public.allocations USING btree (credit_number, serial) WHERE (credit_number IS NOT NULL);

CREATE UNIQUE INDEX allocations_once_of_payment ON public.allocations USING btree (reference, serial) WHERE (reference IS NOT NULL);

CREATE INDEX allocations_to_invoice ON public.allocations USING btree (invoice_number) WHERE (invoice_number IS NOT NULL);

CREATE INDEX allocations_to_list ON public.allocations USING btree (list_number) WHERE (list_number IS NOT NULL);

CREATE INDEX charges_of_a_month ON public.charges USING brin (period_from) WITH (pages_per_range='32');

CREATE INDEX charges_of_employer ON public.charges USING btree (employer_orgnr, period_from) WHERE (employer_orgnr IS NOT NULL);

CREATE INDEX charges_of_invoice ON public.charges USING btree (invoice_number);

CREATE INDEX corrections_of_a_month ON public.corrections USING btree (membership_id, period_from, kind);

CREATE UNIQUE INDEX decisions_one_per_update ON public.decisions USING btree (membership_id, update_id) WHERE (update_id IS NOT NULL);

CREATE INDEX deduction_lines_of_membership ON public.deduction_lines USING btree (membership_id);

CREATE INDEX deduction_reports_of_list ON public.deduction_reports USING btree (list_number);

CREATE INDEX deductions_of_membership ON public.deductions USING btree (membership_id);

CREATE INDEX entries_by_day ON public.entries USING brin (period_from, booked_on) WITH (pages_per_range='32');

CREATE UNIQUE INDEX entries_one_per_charge ON public.entries USING btree (membership_id, period_from, kind) WHERE (source = 'charge'::text);

CREATE UNIQUE INDEX entries_one_per_source ON public.entries USING btree (source, reference) WHERE (reference IS NOT NULL);

CREATE INDEX invoices_given_back ON public.invoices USING btree (membership_id) WHERE (total_ore < 0);

CREATE INDEX invoices_of_a_month ON public.invoices USING brin (period_from) WITH (pages_per_range='32');

CREATE INDEX letters_lost ON public.letters USING btree (membership_id) WHERE (status = ANY (ARRAY['bounced'::text, 'unanswered'::text]));

CREATE INDEX letters_of_batch ON public.letters USING btree (batch, membership_id, key) WHERE ((batch IS NOT NULL) AND (status = ANY (ARRAY['pending'::text, 'sending'::text, 'held'::text])));

CREATE INDEX over_deductions_of_membership ON public.over_deductions USING btree (membership_id, period_from);

CREATE INDEX payment_reports_open ON public.payment_reports USING btree (reference) WHERE ((told_on IS NULL) AND (decision IS NULL));

CREATE INDEX payments_by_day ON public.payments USING btree (paid_on);

CREATE INDEX payments_of_kid ON public.payments USING btree (kid, amount_ore);

CREATE INDEX payments_of_membership ON public.payments USING btree (membership_id);

CREATE UNIQUE INDEX payments_reversed_once ON public.payments USING btree (reverses) WHERE (reverses IS NOT NULL);

CREATE INDEX people_name_and_birth_date ON public.people USING btree (name_key, birth_date);

CREATE INDEX people_national_id ON public.people USING btree (national_id);

CREATE INDEX tasks_open ON public.tasks USING btree (opened_on) WHERE (closed_on IS NULL);

CREATE INDEX tax_statements_of_a_year ON public.tax_statements USING btree (year, membership_id);

CREATE INDEX terms_current ON public.terms USING btree (membership_id) WHERE (superseded_by IS NULL);

CREATE TRIGGER allocations_append_only BEFORE DELETE OR UPDATE ON public.allocations FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER allocations_never_emptied BEFORE TRUNCATE ON public.allocations FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER allocations_within_bounds AFTER INSERT ON public.allocations REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_allocations();

CREATE TRIGGER arrears_steps_append_only BEFORE DELETE OR UPDATE ON public.arrears_steps FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER arrears_steps_never_emptied BEFORE TRUNCATE ON public.arrears_steps FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER audit_findings_append_only BEFORE DELETE OR UPDATE ON public.audit_findings FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER audit_findings_never_emptied BEFORE TRUNCATE ON public.audit_findings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER bank_names_append_only BEFORE DELETE OR UPDATE ON public.bank_names FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER bank_names_never_emptied BEFORE TRUNCATE ON public.bank_names FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER benefits_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.benefits FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER branch_dues_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.branch_dues FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER branches_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.branches FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER carried_charges_append_only BEFORE DELETE OR UPDATE ON public.carried_charges FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER carried_charges_never_emptied BEFORE TRUNCATE ON public.carried_charges FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER charge_totals AFTER INSERT ON public.charges REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_invoice_totals();

CREATE TRIGGER charges_append_only BEFORE DELETE OR UPDATE ON public.charges FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER charges_never_emptied BEFORE TRUNCATE ON public.charges FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER corrections_append_only BEFORE DELETE OR UPDATE ON public.corrections FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER corrections_never_emptied BEFORE TRUNCATE ON public.corrections FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER coverages_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.coverages FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER decisions_append_only BEFORE DELETE OR UPDATE ON public.decisions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER decisions_never_emptied BEFORE TRUNCATE ON public.decisions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deduction_lines_append_only BEFORE DELETE OR UPDATE ON public.deduction_lines FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deduction_lines_never_emptied BEFORE TRUNCATE ON public.deduction_lines FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deduction_lists_append_only BEFORE DELETE OR UPDATE ON public.deduction_lists FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deduction_lists_never_emptied BEFORE TRUNCATE ON public.deduction_lists FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deduction_reports_append_only BEFORE DELETE OR UPDATE ON public.deduction_reports FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deduction_reports_never_emptied BEFORE TRUNCATE ON public.deduction_reports FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deductions_append_only BEFORE DELETE OR UPDATE ON public.deductions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER deductions_never_emptied BEFORE TRUNCATE ON public.deductions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER disclosures_append_only BEFORE DELETE OR UPDATE ON public.disclosures FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER disclosures_never_emptied BEFORE TRUNCATE ON public.disclosures FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER dues_rates_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.dues_rates FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER entries_append_only BEFORE DELETE OR UPDATE ON public.entries FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER entries_never_emptied BEFORE TRUNCATE ON public.entries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER inbound_files_append_only BEFORE DELETE OR UPDATE ON public.inbound_files FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER inbound_files_never_emptied BEFORE TRUNCATE ON public.inbound_files FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER invoice_totals AFTER INSERT ON public.invoices REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_invoice_totals();

CREATE TRIGGER invoices_append_only BEFORE DELETE OR UPDATE ON public.invoices FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER invoices_never_emptied BEFORE TRUNCATE ON public.invoices FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER letter_resends_never_change BEFORE DELETE OR UPDATE ON public.letter_resends FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER letter_resends_never_emptied BEFORE TRUNCATE ON public.letter_resends FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER letters_name_their_employer BEFORE INSERT ON public.letters FOR EACH ROW WHEN (((new.audience = 'employer'::text) AND (new.employer_orgnr IS NULL) AND (new.employer_name IS NULL))) EXECUTE FUNCTION public.name_present_employer();

CREATE TRIGGER letters_never_deleted BEFORE DELETE ON public.letters FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER letters_never_emptied BEFORE TRUNCATE ON public.letters FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER letters_never_unsent BEFORE UPDATE ON public.letters FOR EACH ROW WHEN (((old.status = 'sent'::text) AND (new.status <> ALL (ARRAY['sent'::text, 'bounced'::text])))) EXECUTE FUNCTION public.keep_sent_letter();

CREATE TRIGGER letters_ordered_to_open_members_only AFTER INSERT ON public.letters FOR EACH ROW WHEN ((new.audience <> ALL (ARRAY['member'::text, 'insurance_office'::text, 'caseworkers'::text]))) EXECUTE FUNCTION public.protect_hidden_member();

CREATE TRIGGER letters_sent_for_open_members_only AFTER UPDATE ON public.letters FOR EACH ROW WHEN (((new.audience <> ALL (ARRAY['member'::text, 'insurance_office'::text, 'caseworkers'::text])) AND ((new.status = 'sending'::text) OR (new.audience <> old.audience)))) EXECUTE FUNCTION public.protect_hidden_member();

CREATE TRIGGER line_decisions_append_only BEFORE DELETE OR UPDATE ON public.line_decisions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER line_decisions_never_emptied BEFORE TRUNCATE ON public.line_decisions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER list_deliveries_append_only BEFORE DELETE OR UPDATE ON public.list_deliveries FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER list_deliveries_never_emptied BEFORE TRUNCATE ON public.list_deliveries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER list_reminders_append_only BEFORE DELETE OR UPDATE ON public.list_reminders FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER list_reminders_never_emptied BEFORE TRUNCATE ON public.list_reminders FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER list_write_offs_append_only BEFORE DELETE OR UPDATE ON public.list_write_offs FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER list_write_offs_never_emptied BEFORE TRUNCATE ON public.list_write_offs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER over_deductions_append_only BEFORE DELETE OR UPDATE ON public.over_deductions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER over_deductions_never_emptied BEFORE TRUNCATE ON public.over_deductions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER payments_append_only BEFORE DELETE OR UPDATE ON public.payments FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER payments_never_emptied BEFORE TRUNCATE ON public.payments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER policies_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.policies FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER premium_rates_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.premium_rates FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER redirection_totals AFTER INSERT ON public.redirections REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_invoice_totals();

CREATE TRIGGER redirections_append_only BEFORE DELETE OR UPDATE ON public.redirections FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER redirections_never_emptied BEFORE TRUNCATE ON public.redirections FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER refunds_append_only BEFORE DELETE OR UPDATE ON public.refunds FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER refunds_never_emptied BEFORE TRUNCATE ON public.refunds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER reinstatements_append_only BEFORE DELETE OR UPDATE ON public.reinstatements FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER reinstatements_never_emptied BEFORE TRUNCATE ON public.reinstatements FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER report_lines_append_only BEFORE DELETE OR UPDATE ON public.report_lines FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER report_lines_never_emptied BEFORE TRUNCATE ON public.report_lines FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER repricings_append_only BEFORE DELETE OR UPDATE ON public.repricings FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER repricings_never_emptied BEFORE TRUNCATE ON public.repricings FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER tax_statements_append_only BEFORE DELETE OR UPDATE ON public.tax_statements FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER tax_statements_never_emptied BEFORE TRUNCATE ON public.tax_statements FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER terms_added_marked AFTER INSERT ON public.terms REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mark_for_reassessment();

CREATE TRIGGER terms_never_deleted BEFORE DELETE ON public.terms FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER terms_never_emptied BEFORE TRUNCATE ON public.terms FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER terms_only_superseded BEFORE UPDATE ON public.terms FOR EACH ROW EXECUTE FUNCTION public.keep_terms();

CREATE TRIGGER terms_superseded_marked AFTER UPDATE ON public.terms REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.mark_for_reassessment();

CREATE CONSTRAINT TRIGGER terms_without_gap AFTER INSERT OR UPDATE ON public.terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.check_terms_without_gap();

CREATE TRIGGER withheld_lines_append_only BEFORE DELETE OR UPDATE ON public.withheld_lines FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER withheld_lines_never_emptied BEFORE TRUNCATE ON public.withheld_lines FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_credit_number_fkey FOREIGN KEY (credit_number) REFERENCES public.invoices(number);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES public.invoices(number);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.allocations
    ADD CONSTRAINT allocations_reference_fkey FOREIGN KEY (reference) REFERENCES public.payments(reference);

ALTER TABLE ONLY public.arrears_steps
    ADD CONSTRAINT arrears_steps_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES public.invoices(number);

ALTER TABLE ONLY public.arrears_steps
    ADD CONSTRAINT arrears_steps_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.audit_findings
    ADD CONSTRAINT audit_findings_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.awaited_reversals
    ADD CONSTRAINT awaited_reversals_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.inbound_files(file_id);

ALTER TABLE ONLY public.branch_dues
    ADD CONSTRAINT branch_dues_code_fkey FOREIGN KEY (code) REFERENCES public.branches(code);

ALTER TABLE ONLY public.carried_charges
    ADD CONSTRAINT carried_charges_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.carried_charges
    ADD CONSTRAINT carried_charges_list_number_membership_id_fkey FOREIGN KEY (list_number, membership_id) REFERENCES public.deduction_lines(list_number, membership_id);

ALTER TABLE ONLY public.carried_charges
    ADD CONSTRAINT carried_charges_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.carried_charges
    ADD CONSTRAINT carried_charges_membership_id_period_from_kind_fkey FOREIGN KEY (membership_id, period_from, kind) REFERENCES public.charges(membership_id, period_from, kind);

ALTER TABLE ONLY public.charges
    ADD CONSTRAINT charges_invoice_number_membership_id_period_from_fkey FOREIGN KEY (invoice_number, membership_id, period_from) REFERENCES public.invoices(number, membership_id, period_from);

ALTER TABLE ONLY public.corrections
    ADD CONSTRAINT corrections_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.deduction_lines
    ADD CONSTRAINT deduction_lines_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.deduction_lines
    ADD CONSTRAINT deduction_lines_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.deduction_lists
    ADD CONSTRAINT deduction_lists_employer_orgnr_fkey FOREIGN KEY (employer_orgnr) REFERENCES public.employers(orgnr);

ALTER TABLE ONLY public.deduction_reports
    ADD CONSTRAINT deduction_reports_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.inbound_files(file_id);

ALTER TABLE ONLY public.deduction_reports
    ADD CONSTRAINT deduction_reports_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.deductions
    ADD CONSTRAINT deductions_list_number_membership_id_fkey FOREIGN KEY (list_number, membership_id) REFERENCES public.deduction_lines(list_number, membership_id);

ALTER TABLE ONLY public.disclosures
    ADD CONSTRAINT disclosures_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.dues_quarantine
    ADD CONSTRAINT dues_quarantine_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.dues_quarantine
    ADD CONSTRAINT dues_quarantine_period_from_fkey FOREIGN KEY (period_from) REFERENCES public.dues_runs(period_from);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.file_outcomes
    ADD CONSTRAINT file_outcomes_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.inbound_files(file_id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number);

ALTER TABLE ONLY public.letter_resends
    ADD CONSTRAINT letter_resends_membership_id_key_fkey FOREIGN KEY (membership_id, key) REFERENCES public.letters(membership_id, key);

ALTER TABLE ONLY public.letter_resends
    ADD CONSTRAINT letter_resends_membership_id_of_key_fkey FOREIGN KEY (membership_id, of_key) REFERENCES public.letters(membership_id, key);

ALTER TABLE ONLY public.letters
    ADD CONSTRAINT letters_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number);

ALTER TABLE ONLY public.line_decisions
    ADD CONSTRAINT line_decisions_list_number_membership_id_fkey FOREIGN KEY (list_number, membership_id) REFERENCES public.deduction_lines(list_number, membership_id);

ALTER TABLE ONLY public.list_deliveries
    ADD CONSTRAINT list_deliveries_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.list_hand_overs
    ADD CONSTRAINT list_hand_overs_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.list_reminders
    ADD CONSTRAINT list_reminders_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.list_write_offs
    ADD CONSTRAINT list_write_offs_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.mail_reports
    ADD CONSTRAINT mail_reports_membership_id_key_fkey FOREIGN KEY (membership_id, key) REFERENCES public.letters(membership_id, key);

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_branch_fkey FOREIGN KEY (branch) REFERENCES public.branches(code);

ALTER TABLE ONLY public.over_deductions
    ADD CONSTRAINT over_deductions_list_number_membership_id_fkey FOREIGN KEY (list_number, membership_id) REFERENCES public.deductions(list_number, membership_id);

ALTER TABLE ONLY public.payment_reports
    ADD CONSTRAINT payment_reports_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.payment_reports
    ADD CONSTRAINT payment_reports_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.payment_reports
    ADD CONSTRAINT payment_reports_reference_fkey FOREIGN KEY (reference) REFERENCES public.payments(reference);

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.inbound_files(file_id);

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number) DEFERRABLE INITIALLY DEFERRED;

COMMENT ON CONSTRAINT payments_membership_id_decision_fkey ON public.payments IS 'Checked at the end: a payment is allocated before its decision says where it went.';

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.reassessments
    ADD CONSTRAINT reassessments_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.redirections
    ADD CONSTRAINT redirections_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES public.invoices(number);

ALTER TABLE ONLY public.redirections
    ADD CONSTRAINT redirections_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.redirections
    ADD CONSTRAINT redirections_list_number_membership_id_fkey FOREIGN KEY (list_number, membership_id) REFERENCES public.deduction_lines(list_number, membership_id);

ALTER TABLE ONLY public.redirections
    ADD CONSTRAINT redirections_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_reference_fkey FOREIGN KEY (reference) REFERENCES public.payments(reference);

ALTER TABLE ONLY public.reinstatements
    ADD CONSTRAINT reinstatements_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.rejected_intakes
    ADD CONSTRAINT rejected_intakes_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.tax_statements
    ADD CONSTRAINT tax_statements_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_membership_id_superseded_by_fkey FOREIGN KEY (membership_id, superseded_by) REFERENCES public.decisions(membership_id, number);

ALTER TABLE ONLY public.withheld_lines
    ADD CONSTRAINT withheld_lines_list_number_fkey FOREIGN KEY (list_number) REFERENCES public.deduction_lists(number);

ALTER TABLE ONLY public.withheld_lines
    ADD CONSTRAINT withheld_lines_list_number_membership_id_fkey FOREIGN KEY (list_number, membership_id) REFERENCES public.deduction_lines(list_number, membership_id);

ALTER TABLE ONLY public.withheld_lines
    ADD CONSTRAINT withheld_lines_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);
