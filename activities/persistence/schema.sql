CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE FUNCTION public.charge_hash(membership_id text, period_from date, kind text, amount_ore bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN encode(sha256(convert_to((((((((('['::text || (to_json(membership_id))::text) || ', "'::text) || to_char((period_from)::timestamp with time zone, 'YYYY-MM-DD'::text)) || '", "'::text) || kind) || '", '::text) || (amount_ore)::text) || ']'::text), 'UTF8'::name)), 'hex'::text);

COMMENT ON FUNCTION public.charge_hash(membership_id text, period_from date, kind text, amount_ore bigint) IS 'The same hash as activities.persistence.hashes, over the same four values.';

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

COMMENT ON CONSTRAINT memberships_hidden_without_branch ON public.memberships IS 'S33';

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

CREATE FUNCTION public.charges_due(month date) RETURNS TABLE(membership_id text, member_number character, kind text, cadence text, payer text, employer_orgnr text, amount_ore bigint, trouble text)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT memberships.membership_id,
     memberships.member_number,
     terms.kind,
     terms.cadence,
     terms.payer,
     COALESCE(terms.employer_orgnr, people.employer_orgnr) AS employer_orgnr,
         CASE
             WHEN (terms.prorated AND (date_trunc('year'::text, (lower(terms.valid))::timestamp with time zone) = date_trunc('year'::text, (charges_due.month)::timestamp with time zone))) THEN ((terms.amount_ore * (13 - (EXTRACT(month FROM lower(terms.valid)))::integer)) / 12)
             ELSE terms.amount_ore
         END AS amount_ore,
         CASE
             WHEN ((terms.payer = 'payroll'::text) AND memberships.hidden) THEN 'a hidden member can''t be charged through an employer'::text
             WHEN ((terms.payer = 'payroll'::text) AND (COALESCE(terms.employer_orgnr, people.employer_orgnr) IS NULL)) THEN 'the employer that deducts is not known'::text
             WHEN (terms.amount_ore < 0) THEN 'a term with a negative amount'::text
             ELSE NULL::text
         END AS trouble
    FROM ((public.terms
      JOIN public.memberships USING (membership_id))
      LEFT JOIN public.people USING (membership_id))
   WHERE ((terms.superseded_by IS NULL) AND (terms.valid @> charges_due.month) AND (terms.amount_ore <> 0) AND ((terms.cadence = 'monthly'::text) OR ((terms.cadence = 'quarterly'::text) AND (EXTRACT(month FROM charges_due.month) = ANY (ARRAY[(1)::numeric, (4)::numeric, (7)::numeric, (10)::numeric]))) OR ((terms.cadence = 'yearly'::text) AND ((EXTRACT(month FROM charges_due.month) = (1)::numeric) OR (lower(terms.valid) = charges_due.month)))) AND (NOT (EXISTS ( SELECT
            FROM public.charges
           WHERE ((terms.cadence = 'yearly'::text) AND (charges.membership_id = terms.membership_id) AND (charges.kind = terms.kind) AND (charges.cadence = 'yearly'::text) AND (charges.period_from >= (date_trunc('year'::text, (charges_due.month)::timestamp with time zone))::date) AND (charges.period_from < ((date_trunc('year'::text, (charges_due.month)::timestamp with time zone) + '1 year'::interval))::date))))) AND (NOT (EXISTS ( SELECT
            FROM public.charges
           WHERE ((charges.membership_id = terms.membership_id) AND (charges.period_from = charges_due.month) AND (charges.kind = terms.kind))))));
END;

COMMENT ON FUNCTION public.charges_due(month date) IS 'What the terms still charge for a month, and who can''t be, by the terms alone: what somebody pays was decided by the rules when the terms were planned (S2-S21, A13).';

CREATE FUNCTION public.check_invoice_totals() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE wrong text;
BEGIN
    -- Set by set: one pass over what a statement added, however many that is.
    IF TG_TABLE_NAME = 'invoices' THEN
        SELECT added.number INTO wrong FROM added
        WHERE added.total_ore IS DISTINCT FROM (
            SELECT sum(amount_ore) FROM charges WHERE invoice_number = added.number)
        LIMIT 1;
    ELSE
        SELECT invoices.number INTO wrong
        FROM invoices
        WHERE invoices.number IN (SELECT invoice_number FROM added)
          AND invoices.total_ore IS DISTINCT FROM (
            SELECT sum(amount_ore) FROM charges WHERE invoice_number = invoices.number)
        LIMIT 1;
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the total of invoice % is not the sum of its lines', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_total_is_sum_of_lines';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.check_invoice_totals() IS 'An invoice comes with its lines in one statement, or not at all.';

CREATE FUNCTION public.check_not_overpaid() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (SELECT total_ore FROM invoices WHERE number = NEW.invoice_number)
       < (SELECT sum(amount_ore) FROM payments WHERE invoice_number = NEW.invoice_number) THEN
        RAISE EXCEPTION 'more than the total of invoice % was allocated', NEW.invoice_number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_within_invoice_total';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.check_not_overpaid() IS 'What exceeds an invoice belongs in suspense.';

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
BEGIN
    IF (SELECT hidden FROM memberships WHERE membership_id = NEW.membership_id) IS NOT FALSE THEN
        RAISE EXCEPTION 'nothing about a hidden member goes to %', NEW.audience
            USING ERRCODE = 'check_violation', CONSTRAINT = 'letters_protect_hidden_members';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION public.protect_hidden_member() IS 'Invariant 4 (S30, S33, A27): refused unless the member is known not to be hidden.';

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

COMMENT ON FUNCTION public.refuse_change() IS 'What has been written stays as it was written.';

CREATE FUNCTION public.with_mod10(digits text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (digits || (((10 - ((((((((((((((((substr(digits, 2, 1))::integer + (substr(digits, 4, 1))::integer) + (substr(digits, 6, 1))::integer) + (substr(digits, 8, 1))::integer) + (substr(digits, 10, 1))::integer) + (substr(digits, 12, 1))::integer) + (substr(digits, 14, 1))::integer) + (substr('0246813579'::text, ((substr(digits, 1, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 3, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 5, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 7, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 9, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 11, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 13, 1))::integer + 1), 1))::integer) + (substr('0246813579'::text, ((substr(digits, 15, 1))::integer + 1), 1))::integer) % 10)) % 10))::text);

COMMENT ON FUNCTION public.with_mod10(digits text) IS 'The same KID as schemas.rules.kid, for 15 digits, where it is needed by the hundred thousand.';

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.entries (
    entry_id bigint NOT NULL,
    booked_on date NOT NULL,
    source text NOT NULL,
    membership_id text NOT NULL,
    period_from date,
    kind text,
    reference text,
    debit text NOT NULL,
    credit text NOT NULL,
    amount_ore bigint NOT NULL,
    CONSTRAINT entries_amount_ore_check CHECK ((amount_ore > 0)),
    CONSTRAINT entries_between_two_accounts CHECK ((debit <> credit)),
    CONSTRAINT entries_credit_known CHECK ((credit = ANY (ARRAY['members'::text, 'employers'::text, 'suspense'::text, 'central_dues'::text, 'local_dues'::text, 'insurance_premium'::text, 'correction'::text]))),
    CONSTRAINT entries_debit_known CHECK ((debit = ANY (ARRAY['members'::text, 'employers'::text, 'bank'::text, 'central_dues'::text, 'local_dues'::text, 'insurance_premium'::text, 'correction'::text]))),
    CONSTRAINT entries_name_their_source CHECK ((((source = 'charge'::text) = ((period_from IS NOT NULL) AND (kind IS NOT NULL))) AND ((source = 'payment'::text) = (reference IS NOT NULL)))),
    CONSTRAINT entries_source_check CHECK ((source = ANY (ARRAY['charge'::text, 'payment'::text])))
);

COMMENT ON TABLE public.entries IS 'The ledger: each row moves an amount from one account to another, so that debit and credit always balance. Append-only.';

COMMENT ON COLUMN public.entries.debit IS 'The account that gets: what members or employers owe, the bank, or an income given back.';

COMMENT ON COLUMN public.entries.credit IS 'The account that gives: an income, what is owed no longer, or money in suspense.';

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
    CONSTRAINT decisions_number_check CHECK ((number >= 1))
);

COMMENT ON TABLE public.decisions IS 'Who decided what, when, and by which rules. Append-only.';

COMMENT ON COLUMN public.decisions.rulebook_version IS 'The content hash of the rulebook that amounts were computed with; NULL when none were.';

COMMENT ON COLUMN public.decisions.content_hash IS 'Tells a repeated attempt at the decision from another decision under its number.';

COMMENT ON COLUMN public.decisions.receipt IS 'The answer that a repeated attempt is given again.';

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

CREATE TABLE public.dues_runs (
    period_from date NOT NULL,
    charged_on date NOT NULL,
    due_on date NOT NULL,
    CONSTRAINT dues_runs_check CHECK ((due_on >= charged_on)),
    CONSTRAINT dues_runs_period_from_check CHECK ((EXTRACT(day FROM period_from) = (1)::numeric))
);

COMMENT ON TABLE public.dues_runs IS 'The first run for a month sets its dates; a run that goes on, or comes again, keeps them.';

CREATE TABLE public.employers (
    orgnr character(9) NOT NULL,
    name text,
    email text,
    CONSTRAINT employers_orgnr_check CHECK ((orgnr ~ '^[0-9]{9}$'::text))
);

COMMENT ON TABLE public.employers IS 'Where an employer takes payroll requests. Without an address the caseworkers forward them.';

ALTER TABLE public.entries ALTER COLUMN entry_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.entries_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

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

COMMENT ON TABLE public.invoices IS 'Invoices as they were issued; they stand (A12). Append-only.';

COMMENT ON COLUMN public.invoices.kid IS 'The customer identification the payment must carry (section 4).';

COMMENT ON COLUMN public.invoices.serial IS 'Counts a member''s invoices without a gap; part of the KID.';

COMMENT ON COLUMN public.invoices.decision IS 'The decision that ordered it; NULL: the dues run of its period did.';

CREATE TABLE public.letters (
    membership_id text NOT NULL,
    key text NOT NULL,
    decision integer NOT NULL,
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
    CONSTRAINT letters_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT letters_audience_check CHECK ((audience = ANY (ARRAY['member'::text, 'employer'::text, 'insurance_office'::text, 'caseworkers'::text, 'branch'::text, 'recruiter'::text]))),
    CONSTRAINT letters_dated_when_sent CHECK (((status <> 'sent'::text) OR (sent_on IS NOT NULL))),
    CONSTRAINT letters_employer_orgnr_check CHECK ((employer_orgnr ~ '^[0-9]{9}$'::text)),
    CONSTRAINT letters_place_check CHECK ((place >= 0)),
    CONSTRAINT letters_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'suppressed'::text, 'bounced'::text, 'held'::text])))
);

COMMENT ON TABLE public.letters IS 'Every letter a decision called for, once for each key.';

COMMENT ON COLUMN public.letters.key IS 'Unique within the membership: the same letter never goes twice.';

COMMENT ON COLUMN public.letters.message_id IS 'The left part of the Message-ID, made from membership and key: a second copy of a letter can be told by it, and it holds no personal data.';

COMMENT ON COLUMN public.letters.place IS 'Where the decision listed it, from 1: letters go out in this order. 0: it did not say.';

COMMENT ON COLUMN public.letters.forwarded IS 'The caseworkers get it in place of its audience, to pass it on in words of their own.';

COMMENT ON COLUMN public.letters.employer_orgnr IS 'The employer a letter to an employer is for, past or present: it never goes to another one.';

COMMENT ON COLUMN public.letters.employer_name IS 'As the member called it.';

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

CREATE TABLE public.payments (
    reference text NOT NULL,
    membership_id text NOT NULL,
    decision integer NOT NULL,
    invoice_number text,
    amount_ore bigint NOT NULL,
    paid_on date NOT NULL,
    kid text,
    CONSTRAINT payments_amount_ore_check CHECK ((amount_ore > 0))
);

COMMENT ON TABLE public.payments IS 'Money as the bank reported it. Append-only.';

COMMENT ON COLUMN public.payments.reference IS 'The bank''s: the same money is never booked twice.';

COMMENT ON COLUMN public.payments.invoice_number IS 'NULL: in suspense, a task for the caseworkers (section 4).';

CREATE TABLE public.policies (
    name text NOT NULL,
    valid_from date NOT NULL,
    value jsonb NOT NULL,
    source text NOT NULL,
    CONSTRAINT policies_name_known CHECK ((name = ANY (ARRAY['round_half_and_quarter'::text, 'apprentice_insurance'::text, 'half_past_67'::text, 'premium_at_once'::text, 'payroll_needs_first_payment'::text, 'window_days'::text, 'reminder_working_days'::text, 'escalation_working_days'::text, 'lapse_days'::text, 'payroll_reminder_days'::text, 'payroll_timeout_days'::text, 'payment_days'::text, 'lowest_age'::text, 'retirement_age'::text, 'afp_age'::text, 'back_months'::text, 'change_ahead_years'::text, 'pension_question_months'::text, 'study_question_days'::text, 'notice_months'::text, 'struck_off_months'::text])))
);

COMMENT ON TABLE public.policies IS 'Our readings where the source is silent (A1-A35), one value a row. The closed list of names keeps a misspelt one from having no effect unnoticed.';

COMMENT ON COLUMN public.policies.source IS 'The reading''s id in the domain description.';

CREATE TABLE public.premium_rates (
    valid_from date NOT NULL,
    premium_ore bigint NOT NULL,
    CONSTRAINT premium_rates_premium_ore_check CHECK ((premium_ore >= 0))
);

COMMENT ON TABLE public.premium_rates IS 'The insurance package a month, in øre (S7).';

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

CREATE TABLE public.rulebook_revision (
    revision bigint NOT NULL,
    only_row boolean DEFAULT true NOT NULL,
    CONSTRAINT rulebook_revision_only_row_check CHECK (only_row)
);

COMMENT ON TABLE public.rulebook_revision IS 'Counts the changes of the rulebook, so that one number tells whether a copy is current.';

ALTER TABLE public.terms ALTER COLUMN term_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.terms_term_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.benefits
    ADD CONSTRAINT benefits_pkey PRIMARY KEY (category, valid_from);

ALTER TABLE ONLY public.branch_dues
    ADD CONSTRAINT branch_dues_pkey PRIMARY KEY (code, valid_from);

ALTER TABLE ONLY public.branches
    ADD CONSTRAINT branches_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.charges
    ADD CONSTRAINT charges_one_per_kind_and_month PRIMARY KEY (membership_id, period_from, kind);

COMMENT ON CONSTRAINT charges_one_per_kind_and_month ON public.charges IS 'Invariant 1: one line for a member, a period and a kind.';

ALTER TABLE ONLY public.coverages
    ADD CONSTRAINT coverages_pkey PRIMARY KEY (name, valid_from);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (membership_id, number);

ALTER TABLE ONLY public.disclosures
    ADD CONSTRAINT disclosures_pkey PRIMARY KEY (membership_id, key);

ALTER TABLE ONLY public.dues_quarantine
    ADD CONSTRAINT dues_quarantine_pkey PRIMARY KEY (period_from, membership_id);

ALTER TABLE ONLY public.dues_rates
    ADD CONSTRAINT dues_rates_pkey PRIMARY KEY (valid_from);

ALTER TABLE ONLY public.dues_runs
    ADD CONSTRAINT dues_runs_pkey PRIMARY KEY (period_from);

ALTER TABLE ONLY public.employers
    ADD CONSTRAINT employers_pkey PRIMARY KEY (orgnr);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (entry_id);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_kid_key UNIQUE (kid);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_membership_id_serial_key UNIQUE (membership_id, serial);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_number_membership_id_period_from_key UNIQUE (number, membership_id, period_from);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.letters
    ADD CONSTRAINT letters_message_id_key UNIQUE (message_id);

ALTER TABLE ONLY public.letters
    ADD CONSTRAINT letters_pkey PRIMARY KEY (membership_id, key);

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

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (membership_id);

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_pkey PRIMARY KEY (reference);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (membership_id);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (name, valid_from);

ALTER TABLE ONLY public.premium_rates
    ADD CONSTRAINT premium_rates_pkey PRIMARY KEY (valid_from);

ALTER TABLE ONLY public.rejected_intakes
    ADD CONSTRAINT rejected_intakes_pkey PRIMARY KEY (membership_id);

ALTER TABLE ONLY public.rulebook_revision
    ADD CONSTRAINT rulebook_revision_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_one_payer_per_month EXCLUDE USING gist (membership_id WITH =, payer WITH <>, valid WITH &&) WHERE (((superseded_by IS NULL) AND (cadence = 'monthly'::text))) DEFERRABLE;

COMMENT ON CONSTRAINT terms_one_payer_per_month ON public.terms IS 'Invariant 3: what is charged monthly goes through one payer (section 5, A20).';

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_one_per_kind_and_month EXCLUDE USING gist (membership_id WITH =, kind WITH =, valid WITH &&) WHERE ((superseded_by IS NULL)) DEFERRABLE;

COMMENT ON CONSTRAINT terms_one_per_kind_and_month ON public.terms IS 'Invariant 3. Checked when a statement ends, since one statement supersedes and adds.';

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (term_id);

CREATE INDEX charges_of_a_year ON public.charges USING btree (membership_id, kind, period_from) WHERE (cadence = 'yearly'::text);

CREATE INDEX charges_of_employer ON public.charges USING btree (employer_orgnr, period_from) WHERE (employer_orgnr IS NOT NULL);

CREATE INDEX charges_of_invoice ON public.charges USING btree (invoice_number);

CREATE UNIQUE INDEX entries_one_per_charge ON public.entries USING btree (membership_id, period_from, kind) WHERE (source = 'charge'::text);

CREATE UNIQUE INDEX entries_one_per_payment ON public.entries USING btree (reference) WHERE (source = 'payment'::text);

CREATE INDEX payments_in_suspense ON public.payments USING btree (paid_on) WHERE (invoice_number IS NULL);

CREATE INDEX payments_of_invoice ON public.payments USING btree (invoice_number);

CREATE INDEX payments_of_membership ON public.payments USING btree (membership_id);

CREATE INDEX people_name_and_birth_date ON public.people USING btree (name_key, birth_date);

CREATE INDEX people_national_id ON public.people USING btree (national_id);

CREATE INDEX terms_current ON public.terms USING btree (membership_id) WHERE (superseded_by IS NULL);

CREATE TRIGGER benefits_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.benefits FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER branch_dues_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.branch_dues FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER branches_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.branches FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER charge_totals AFTER INSERT ON public.charges REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_invoice_totals();

CREATE TRIGGER charges_append_only BEFORE DELETE OR UPDATE ON public.charges FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER charges_never_emptied BEFORE TRUNCATE ON public.charges FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER coverages_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.coverages FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER decisions_append_only BEFORE DELETE OR UPDATE ON public.decisions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER decisions_never_emptied BEFORE TRUNCATE ON public.decisions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER disclosures_append_only BEFORE DELETE OR UPDATE ON public.disclosures FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER disclosures_never_emptied BEFORE TRUNCATE ON public.disclosures FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER dues_rates_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.dues_rates FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER entries_append_only BEFORE DELETE OR UPDATE ON public.entries FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER entries_never_emptied BEFORE TRUNCATE ON public.entries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER invoice_totals AFTER INSERT ON public.invoices REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_invoice_totals();

CREATE TRIGGER invoices_append_only BEFORE DELETE OR UPDATE ON public.invoices FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER invoices_never_emptied BEFORE TRUNCATE ON public.invoices FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER letters_name_their_employer BEFORE INSERT ON public.letters FOR EACH ROW WHEN (((new.audience = 'employer'::text) AND (new.employer_orgnr IS NULL) AND (new.employer_name IS NULL))) EXECUTE FUNCTION public.name_present_employer();

CREATE TRIGGER letters_never_deleted BEFORE DELETE ON public.letters FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER letters_never_emptied BEFORE TRUNCATE ON public.letters FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER letters_never_unsent BEFORE UPDATE ON public.letters FOR EACH ROW WHEN (((old.status = 'sent'::text) AND (new.status <> ALL (ARRAY['sent'::text, 'bounced'::text])))) EXECUTE FUNCTION public.keep_sent_letter();

CREATE TRIGGER letters_ordered_to_open_members_only AFTER INSERT ON public.letters FOR EACH ROW WHEN ((new.audience <> ALL (ARRAY['member'::text, 'insurance_office'::text, 'caseworkers'::text]))) EXECUTE FUNCTION public.protect_hidden_member();

CREATE TRIGGER letters_sent_for_open_members_only AFTER UPDATE ON public.letters FOR EACH ROW WHEN (((new.audience <> ALL (ARRAY['member'::text, 'insurance_office'::text, 'caseworkers'::text])) AND ((new.status = 'sending'::text) OR (new.audience <> old.audience)))) EXECUTE FUNCTION public.protect_hidden_member();

CREATE TRIGGER payments_append_only BEFORE DELETE OR UPDATE ON public.payments FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER payments_never_emptied BEFORE TRUNCATE ON public.payments FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE CONSTRAINT TRIGGER payments_within_invoice_total AFTER INSERT ON public.payments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.invoice_number IS NOT NULL)) EXECUTE FUNCTION public.check_not_overpaid();

CREATE TRIGGER policies_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.policies FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER premium_rates_counted AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.premium_rates FOR EACH STATEMENT EXECUTE FUNCTION public.count_rulebook_change();

CREATE TRIGGER terms_never_deleted BEFORE DELETE ON public.terms FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER terms_never_emptied BEFORE TRUNCATE ON public.terms FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER terms_only_superseded BEFORE UPDATE ON public.terms FOR EACH ROW EXECUTE FUNCTION public.keep_terms();

CREATE CONSTRAINT TRIGGER terms_without_gap AFTER INSERT OR UPDATE ON public.terms DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.check_terms_without_gap();

ALTER TABLE ONLY public.branch_dues
    ADD CONSTRAINT branch_dues_code_fkey FOREIGN KEY (code) REFERENCES public.branches(code);

ALTER TABLE ONLY public.charges
    ADD CONSTRAINT charges_invoice_number_membership_id_period_from_fkey FOREIGN KEY (invoice_number, membership_id, period_from) REFERENCES public.invoices(number, membership_id, period_from);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.disclosures
    ADD CONSTRAINT disclosures_membership_id_key_fkey FOREIGN KEY (membership_id, key) REFERENCES public.letters(membership_id, key);

ALTER TABLE ONLY public.dues_quarantine
    ADD CONSTRAINT dues_quarantine_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.dues_quarantine
    ADD CONSTRAINT dues_quarantine_period_from_fkey FOREIGN KEY (period_from) REFERENCES public.dues_runs(period_from);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number);

ALTER TABLE ONLY public.letters
    ADD CONSTRAINT letters_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number);

ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_branch_fkey FOREIGN KEY (branch) REFERENCES public.branches(code);

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES public.invoices(number);

ALTER TABLE ONLY public.payments
    ADD CONSTRAINT payments_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.rejected_intakes
    ADD CONSTRAINT rejected_intakes_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(membership_id);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_membership_id_decision_fkey FOREIGN KEY (membership_id, decision) REFERENCES public.decisions(membership_id, number);

ALTER TABLE ONLY public.terms
    ADD CONSTRAINT terms_membership_id_superseded_by_fkey FOREIGN KEY (membership_id, superseded_by) REFERENCES public.decisions(membership_id, number);
