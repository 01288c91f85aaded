-- Erasure: who is to be erased, what keeps them, what goes, and what is said of it afterwards.

CREATE TABLE erasures (
    erasure_id text PRIMARY KEY CHECK (erasure_id ~ '^erasure-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    basis text NOT NULL CHECK (basis IN ('request', 'retention')),
    requested_by text NOT NULL CHECK (requested_by <> ''),
    requested_on date NOT NULL,
    erased_on date,
    counts jsonb,
    kept_until date,
    keys_destroyed integer,
    runs_deleted integer,
    certificate text,
    signature text,
    key_id text,
    certified_on date,
    CONSTRAINT erasures_certified_once_erased CHECK (certificate IS NULL OR erased_on IS NOT NULL),
    CONSTRAINT erasures_certificate_is_whole CHECK (
        num_nonnulls(certificate, certified_on) IN (0, 2)
        AND num_nonnulls(signature, key_id) IN (0, 2)
        AND (signature IS NULL OR certificate IS NOT NULL))
);
COMMENT ON TABLE erasures IS
    'Erasures that were asked for or fell due, how far each has come, and its certificate. Nothing '
    'here tells who it was.';
COMMENT ON COLUMN erasures.requested_by IS
    'Who asked for it, by role or by the name of whoever works here; never the member''s.';
COMMENT ON COLUMN erasures.counts IS 'Rows by table that went, or were made nobody''s.';
COMMENT ON COLUMN erasures.kept_until IS
    'The last day on which the law on bookkeeping wants what is left; NULL: nothing is left for it.';
COMMENT ON COLUMN erasures.certificate IS
    'As schemas.privacy.certificate has it, in the bytes that were signed.';

CREATE TABLE erased_memberships (
    membership_id text PRIMARY KEY REFERENCES memberships,
    erasure_id text NOT NULL REFERENCES erasures
);
COMMENT ON TABLE erased_memberships IS
    'Which memberships and applications an erasure is of. Once it is done each is a tombstone.';
CREATE INDEX erased_memberships_of_erasure ON erased_memberships (erasure_id);

CREATE TABLE erasure_holds (
    hold_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    membership_id text NOT NULL REFERENCES memberships,
    until_on date NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    decided_by text NOT NULL CHECK (decided_by <> ''),
    decided_on date NOT NULL,
    CONSTRAINT erasure_holds_end_later CHECK (until_on >= decided_on)
);
COMMENT ON TABLE erasure_holds IS
    'Who is not erased before a day, by whose decision and why: a dispute, a claim. Of a membership '
    'the latest counts, also to end an earlier one. Append-only.';
COMMENT ON COLUMN erasure_holds.until_on IS 'The first day on which nothing holds it any more.';
CREATE INDEX erasure_holds_of_membership ON erasure_holds (membership_id, hold_id);
CREATE TRIGGER erasure_holds_append_only BEFORE UPDATE OR DELETE ON erasure_holds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasure_holds_never_emptied BEFORE TRUNCATE ON erasure_holds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION people_to_erase(members text[]) RETURNS text[] LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE gone AS (
        -- Whoever keeps a membership stays somebody.
        SELECT people.person_id
        FROM people JOIN memberships AS theirs ON theirs.person_id = people.person_id
        GROUP BY people.person_id
        HAVING bool_and(theirs.membership_id = ANY (members))
        UNION
        SELECT people.person_id FROM people JOIN gone ON people.merged_into = gone.person_id
    )
    SELECT coalesce(array_agg(gone.person_id), '{}') FROM gone
    WHERE NOT EXISTS (
        SELECT FROM memberships
        WHERE memberships.person_id = gone.person_id AND NOT memberships.membership_id = ANY (members));
END;
COMMENT ON FUNCTION people_to_erase(text[]) IS
    'The people who are nobody any more once some memberships are erased, with whoever was merged into '
    'them.';

CREATE FUNCTION erasure_obstacles(members text[], today date)
    RETURNS TABLE (membership_id text, obstacle text, until_on date)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT open.membership_id, open.stage_says, open.until_on
    FROM (SELECT memberships.membership_id, 'open_membership' AS stage_says, NULL::date AS until_on
          FROM memberships WHERE stage <> 'ended' AND memberships.membership_id = ANY (members)
          UNION ALL
          SELECT memberships.membership_id, 'may_be_reopened', open_until + 1
          FROM memberships
          WHERE stage = 'ended' AND open_until >= today AND memberships.membership_id = ANY (members)
         ) AS open
    UNION ALL
    SELECT latest.membership_id, 'hold', latest.until_on
    FROM (SELECT DISTINCT ON (erasure_holds.membership_id) erasure_holds.*
          FROM erasure_holds WHERE erasure_holds.membership_id = ANY (members)
          ORDER BY erasure_holds.membership_id, hold_id DESC) AS latest
    WHERE latest.until_on > today
    UNION ALL
    SELECT DISTINCT invoices.membership_id,
           CASE WHEN balances.open_ore > 0 THEN 'debt' ELSE 'credit' END, NULL::date
    FROM invoices CROSS JOIN LATERAL (
        SELECT open_ore FROM invoice_balances WHERE invoice_balances.number = invoices.number
    ) AS balances
    WHERE invoices.membership_id = ANY (members) AND balances.open_ore <> 0
    UNION ALL
    SELECT DISTINCT payments.membership_id, 'money_to_place', NULL::date
    FROM payments CROSS JOIN LATERAL (
        SELECT suspense_ore FROM payment_balances WHERE payment_balances.reference = payments.reference
    ) AS balances
    WHERE payments.membership_id = ANY (members) AND balances.suspense_ore <> 0
    UNION ALL
    SELECT DISTINCT refunds.membership_id, 'refund', NULL::date FROM refunds
    WHERE refunds.membership_id = ANY (members)
      AND (num_nonnulls(paid_on, released_on) = 0 OR (returned_on IS NOT NULL AND released_on IS NULL))
    UNION ALL
    SELECT DISTINCT final_settlements.membership_id, 'final_settlement', NULL::date
    FROM final_settlements
    WHERE final_settlements.membership_id = ANY (members) AND closed_on IS NULL
    UNION ALL
    SELECT DISTINCT lines.membership_id, 'list_unsettled', NULL::date
    FROM deduction_lines AS lines
    WHERE lines.membership_id = ANY (members) AND NOT EXISTS (
        SELECT FROM deductions
        WHERE deductions.list_number = lines.list_number
          AND deductions.membership_id = lines.membership_id)
    UNION ALL
    SELECT DISTINCT reassessments.membership_id, 'charges_to_compare', NULL::date
    FROM reassessments WHERE reassessments.membership_id = ANY (members)
    UNION ALL
    SELECT DISTINCT payment_plans.membership_id, 'payment_plan', NULL::date FROM payment_plans
    WHERE payment_plans.membership_id = ANY (members)
      AND NOT EXISTS (SELECT FROM payment_plan_ends
                      WHERE payment_plan_ends.plan_id = payment_plans.plan_id)
    UNION ALL
    SELECT DISTINCT tasks.membership_id, 'open_task', NULL::date FROM tasks
    WHERE tasks.membership_id = ANY (members) AND closed_on IS NULL
    UNION ALL
    SELECT DISTINCT holds.membership_id, 'found_by_audit', NULL::date FROM holds
    WHERE holds.membership_id = ANY (members)
    UNION ALL
    SELECT DISTINCT letters.membership_id, 'letter_under_way', NULL::date FROM letters
    WHERE letters.membership_id = ANY (members) AND status IN ('pending', 'sending')
    UNION ALL
    SELECT insurance_told.membership_id, 'insurance_office_to_tell', NULL::date
    FROM insurance_told
    WHERE insurance_told.membership_id = ANY (members) AND EXISTS (
        SELECT FROM jsonb_array_elements(told -> 'stretches') AS stretch
        WHERE coalesce((stretch ->> 'until')::date > today, true))
    UNION ALL
    SELECT moved.membership_id, 'may_be_unmerged', max(merges.undo_until) + 1
    FROM merges JOIN merged_memberships AS moved USING (merge_id)
    WHERE moved.membership_id = ANY (members) AND undo_until >= today
    GROUP BY moved.membership_id;
END;
COMMENT ON FUNCTION erasure_obstacles(text[], date) IS
    'What keeps some memberships from being erased, and until when if a day ends it.';

CREATE FUNCTION last_booked_on(members text[]) RETURNS date LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT max(booked.day) FROM (
        SELECT booked_on AS day FROM entries WHERE membership_id = ANY (members)
        UNION ALL
        SELECT issued_on FROM invoices WHERE membership_id = ANY (members)
        UNION ALL
        SELECT paid_on FROM payments WHERE membership_id = ANY (members)
        UNION ALL
        SELECT allocated_on FROM allocations JOIN invoices ON invoices.number = invoice_number
        WHERE membership_id = ANY (members)
        UNION ALL
        SELECT settled_on FROM deductions WHERE membership_id = ANY (members)
        UNION ALL
        SELECT coalesce(returned_on, paid_on, released_on, requested_on) FROM refunds
        WHERE membership_id = ANY (members)
    ) AS booked;
END;
COMMENT ON FUNCTION last_booked_on(text[]) IS
    'The last day on which anything about some memberships was booked; NULL: nothing ever was.';

CREATE VIEW erasure_steps (nth, name, fate, whose, blanks) AS VALUES
    -- What refers to others goes first. $1: memberships, $2: people who go with
    -- them, $3: the day.
    (10, 'letter_resends', 'erased', 'membership_id = ANY ($1)', NULL),
    (11, 'mail_reports', 'erased', 'membership_id = ANY ($1)', NULL),
    (12, 'letters', 'erased', 'membership_id = ANY ($1)', NULL),
    (13, 'price_notice_lines', 'erased', 'membership_id = ANY ($1)', NULL),
    (14, 'remarks', 'erased', 'membership_id = ANY ($1)', NULL),
    (14, 'kept_records', 'erased', 'membership_id = ANY ($1)', NULL),
    (15, 'decision_actors', 'erased', 'membership_id = ANY ($1)', NULL),
    (16, 'decision_approvals', 'erased', 'membership_id = ANY ($1)', NULL),
    (17, 'decision_consents', 'erased', 'membership_id = ANY ($1)', NULL),
    (18, 'payment_choices', 'erased', 'membership_id = ANY ($1)', NULL),
    (19, 'mandate_reports', 'erased',
     'payer IN (SELECT payer FROM mandates WHERE membership_id = ANY ($1))', NULL),
    (20, 'mandates', 'erased', 'membership_id = ANY ($1)', NULL),
    (21, 'payment_reports', 'erased', 'membership_id = ANY ($1)', NULL),
    (22, 'payments_in_suspense', 'erased', 'membership_id = ANY ($1)', NULL),
    (23, 'reassessments', 'erased', 'membership_id = ANY ($1)', NULL),
    (24, 'reinstatements', 'erased', 'membership_id = ANY ($1)', NULL),
    (25, 'final_settlements', 'erased', 'membership_id = ANY ($1)', NULL),
    (26, 'arrears_steps', 'erased', 'membership_id = ANY ($1)', NULL),
    (27, 'overdue_invoices', 'erased', 'membership_id = ANY ($1)', NULL),
    (28, 'reminder_holds', 'erased', 'membership_id = ANY ($1)', NULL),
    (29, 'payment_plan_instalments', 'erased',
     'plan_id IN (SELECT plan_id FROM payment_plans WHERE membership_id = ANY ($1))', NULL),
    (30, 'payment_plan_ends', 'erased',
     'plan_id IN (SELECT plan_id FROM payment_plans WHERE membership_id = ANY ($1))', NULL),
    (31, 'payment_plans', 'erased', 'membership_id = ANY ($1)', NULL),
    (32, 'tax_delivery_lines', 'erased', 'membership_id = ANY ($1)', NULL),
    (33, 'insurance_told', 'erased', 'membership_id = ANY ($1)', NULL),
    (34, 'insurance_numbers', 'erased', 'membership_id = ANY ($1)', NULL),
    (35, 'imported_members', 'erased', 'membership_id = ANY ($1)', NULL),
    (36, 'dues_quarantine', 'erased', 'membership_id = ANY ($1)', NULL),
    (37, 'holds', 'erased', 'membership_id = ANY ($1)', NULL),
    (38, 'audit_findings', 'erased', 'membership_id = ANY ($1)', NULL),
    (39, 'tasks', 'erased', 'membership_id = ANY ($1)', NULL),
    (39, 'outbox', 'erased', 'membership_id = ANY ($1)', NULL),
    (39, 'events', 'erased', 'membership_id = ANY ($1)', NULL),
    (40, 'case_moves', 'erased', 'membership_id = ANY ($1)', NULL),
    (40, 'erasure_holds', 'erased', 'membership_id = ANY ($1)', NULL),
    (41, 'runs_to_delete', 'erased', 'workflow_id = ANY ($1)', NULL),
    (42, 'applications', 'erased', 'membership_id = ANY ($1)', NULL),
    (43, 'rejected_intakes', 'erased', 'membership_id = ANY ($1)', NULL),
    (44, 'members', 'erased', 'membership_id = ANY ($1)', NULL),
    (45, 'double_charges', 'erased',
     'merge_id IN (SELECT merge_id FROM merges WHERE person_id = ANY ($2) OR merged_id = ANY ($2))',
     NULL),
    (46, 'merged_memberships', 'erased',
     'merge_id IN (SELECT merge_id FROM merges WHERE person_id = ANY ($2) OR merged_id = ANY ($2))',
     NULL),
    (47, 'merge_undoings', 'erased',
     'merge_id IN (SELECT merge_id FROM merges WHERE person_id = ANY ($2) OR merged_id = ANY ($2))',
     NULL),
    (48, 'merges', 'erased', 'person_id = ANY ($2) OR merged_id = ANY ($2)', NULL),
    (49, 'newsletter_subscriptions', 'erased',
     'email_key IN (SELECT email_key FROM people WHERE person_id = ANY ($2))', NULL),
    (50, 'tax_objections', 'erased', 'person_id = ANY ($2)', NULL),
    (51, 'consents', 'erased', 'person_id = ANY ($2)', NULL),
    (52, 'earlier_names', 'erased', 'person_id = ANY ($2)', NULL),
    (53, 'earlier_contacts', 'erased', 'person_id = ANY ($2)', NULL),
    (60, 'decisions', 'pseudonymised', 'membership_id = ANY ($1)',
     'decided_by = ''erased'', says = NULL, receipt = ''{}'', update_id = NULL, applied = NULL'),
    (61, 'write_off_requests', 'pseudonymised',
     'invoice_number IN (SELECT number FROM invoices WHERE membership_id = ANY ($1))',
     'reason = ''erased'''),
    (61, 'write_offs', 'pseudonymised',
     'invoice_number IN (SELECT number FROM invoices WHERE membership_id = ANY ($1))',
     'reason = ''erased'''),
    (62, 'refunds', 'pseudonymised', 'membership_id = ANY ($1)',
     'reason = ''erased'', '
     'released_why = CASE WHEN released_why IS NOT NULL THEN ''erased'' END'),
    (63, 'line_decisions', 'pseudonymised', 'membership_id = ANY ($1)', 'reason = ''erased'''),
    (64, 'memberships', 'pseudonymised', 'membership_id = ANY ($1)',
     'erased_on = $3, person_id = NULL, category = NULL, hidden = false, hiding = false, facts = NULL, '
     'employer_orgnr = NULL, employer_name = NULL, deductor_orgnr = NULL, coming_premiums = NULL, '
     'insurance_status = NULL, covered_from = NULL, reserved_from = NULL, position = NULL, '
     'position_percent = NULL, recruited_by = NULL, transferred_from = NULL, open_until = NULL'),
    (70, 'people', 'erased', 'person_id = ANY ($2)', NULL);
COMMENT ON VIEW erasure_steps IS
    'What erase_memberships does to each table, in its order: rows go (blanks: NULL), or lose what '
    'makes them somebody''s. schemas.privacy.fates says why, and what of the rest is kept for how long.';

CREATE FUNCTION erase_memberships(of_erasure text, today date) RETURNS jsonb LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    members text[]; persons text[]; step record; counted bigint; gone jsonb = '{}'; done jsonb;
    payers bigint;
BEGIN
    SELECT erasures.counts INTO done FROM erasures WHERE erasure_id = of_erasure FOR UPDATE;
    IF done IS NOT NULL THEN
        RETURN done;
    END IF;
    members := ARRAY(SELECT membership_id FROM erased_memberships WHERE erasure_id = of_erasure);
    PERFORM FROM memberships WHERE membership_id = ANY (members) ORDER BY membership_id FOR UPDATE;
    IF members = '{}' OR EXISTS (SELECT FROM erasure_obstacles(members, today)) THEN
        RAISE EXCEPTION 'something keeps % from being erased', of_erasure
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'erasures_wait_for_obstacles';
    END IF;
    persons := people_to_erase(members);
    PERFORM set_config('medlemsflyt.erasing', 'on', true);
    UPDATE erasures SET erased_on = today, kept_until = (
        SELECT make_date(extract(year FROM last_booked_on(members))::integer
                         + policy_on('books_kept_years', today, '5')::integer, 12, 31))
    WHERE erasure_id = of_erasure;
    payers := forget_payers(members, '-infinity') + forget_receivers(members, '-infinity');
    IF payers > 0 THEN
        gone := jsonb_build_object('bank_entries', payers);
    END IF;
    FOR step IN SELECT * FROM erasure_steps ORDER BY nth LOOP
        IF step.blanks IS NULL THEN
            EXECUTE format('DELETE FROM %I WHERE %s', step.name, step.whose)
            USING members, persons;
        ELSE
            EXECUTE format('UPDATE %I SET %s WHERE %s', step.name, step.blanks, step.whose)
            USING members, persons, today;
        END IF;
        GET DIAGNOSTICS counted = ROW_COUNT;
        IF counted > 0 THEN
            gone := gone || jsonb_build_object(step.name, counted);
        END IF;
    END LOOP;
    PERFORM set_config('medlemsflyt.erasing', '', true);
    UPDATE erasures SET counts = gone WHERE erasure_id = of_erasure;
    RETURN gone;
END $$;
COMMENT ON FUNCTION erase_memberships(text, date) IS
    'Erases what an erasure is of, in one transaction; a second time it says what went. What must be '
    'kept stays under the ids of the memberships, which are nobody''s from then on (ADR 77).';

CREATE FUNCTION forget_accesses(before_day date) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE forgotten bigint;
BEGIN
    PERFORM set_config('medlemsflyt.erasing', 'on', true);
    DELETE FROM access_log WHERE at < before_day::timestamp AT TIME ZONE 'Europe/Oslo';
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    -- A login lasts for hours: a cookie of then counts no more, whatever stands here.
    DELETE FROM ended_logins WHERE ended_at < before_day::timestamp AT TIME ZONE 'Europe/Oslo';
    PERFORM set_config('medlemsflyt.erasing', '', true);
    RETURN forgotten;
END $$;
COMMENT ON FUNCTION forget_accesses(date) IS
    'Forgets who looked at what, and logged out, before a day; returns of how many looks (R4).';
