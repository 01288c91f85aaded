-- A month that is built beside the books, checked as one, and attached whole (ADR 46).
--
-- Tables are made and attached by their owner alone. What the worker asks for runs with the owner's
-- rights (SECURITY DEFINER, ADR 74): it names every table itself, and takes no more than a date.

CREATE TABLE dues_building (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    period_from date NOT NULL REFERENCES dues_runs,
    charged_on date NOT NULL,
    first_no integer,
    attached_by xid8
);
COMMENT ON TABLE dues_building IS
    'The month that is being built, one at a time, and the day of its run. A run of another month '
    'or day that finds it lets go of it: nobody gets an invoice with dates that have passed.';
COMMENT ON COLUMN dues_building.first_no IS 'Of the numbers reserved for its invoices.';
COMMENT ON COLUMN dues_building.attached_by IS
    'The transaction that attached it; what is left then is to use credits, and who comes row by row.';

CREATE TABLE built_members (
    numbers int4range NOT NULL,
    left_over boolean NOT NULL DEFAULT false,
    CONSTRAINT built_members_once EXCLUDE USING gist (numbers WITH &&)
);
COMMENT ON TABLE built_members IS
    'The member numbers whose lines have been built, so that a run that was cut off goes on there.';
COMMENT ON COLUMN built_members.left_over IS
    'Somebody among them could not be built, and is charged row by row once the month is attached.';

CREATE FUNCTION give_rights(made regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held record;
BEGIN
    FOR held IN
        SELECT grantee::regrole AS role, string_agg(privilege_type, ', ') AS rights
        FROM pg_class CROSS JOIN aclexplode(relacl)
        WHERE pg_class.oid = 'built_members'::regclass AND grantee <> relowner
        GROUP BY grantee
    LOOP
        EXECUTE format('GRANT %s ON %s TO %s', held.rights, made, held.role);
    END LOOP;
END $$;
COMMENT ON FUNCTION give_rights(regclass) IS
    'Lets those write what is built who note whose lines have been built, and nobody else.';

CREATE FUNCTION take_rights(made regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held record;
BEGIN
    FOR held IN
        SELECT DISTINCT grantee::regrole AS role FROM pg_class CROSS JOIN aclexplode(relacl)
        WHERE pg_class.oid = made AND grantee <> relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', made, held.role);
    END LOOP;
END $$;
COMMENT ON FUNCTION take_rights(regclass) IS
    'Leaves a month''s partition to its owner: everybody else goes by the table it is part of.';

CREATE FUNCTION renew_built() RETURNS void LANGUAGE plpgsql AS $$
DECLARE made regclass;
BEGIN
    DROP TABLE IF EXISTS built_invoices, built_charges, built_entries, built_corrections,
                         built_comparisons;
    -- By hand alone: whoever analyzes in the background would hold up the attaching.
    CREATE TABLE built_invoices (LIKE invoices INCLUDING CONSTRAINTS)
        WITH (autovacuum_enabled = false);
    -- They are numbered when they are published.
    ALTER TABLE built_invoices DROP CONSTRAINT invoices_in_the_series;
    CREATE TABLE built_charges (LIKE charges INCLUDING CONSTRAINTS INCLUDING DEFAULTS)
        WITH (autovacuum_enabled = false);
    CREATE TABLE built_entries (LIKE entries INCLUDING CONSTRAINTS)
        WITH (autovacuum_enabled = false);
    CREATE TABLE built_corrections (
        membership_id text NOT NULL, charged_in date NOT NULL, period_from date NOT NULL,
        kind text NOT NULL, reason text NOT NULL, was_ore bigint NOT NULL, is_ore bigint NOT NULL);
    CREATE TABLE built_comparisons (membership_id text NOT NULL, revision integer NOT NULL);
    COMMENT ON TABLE built_invoices IS 'The invoices of the month that is being built.';
    COMMENT ON TABLE built_charges IS
        'The charges of the month that is being built: bare rows, and in the end its partition.';
    COMMENT ON TABLE built_entries IS
        'The entries of the month that is being built: bare rows, and in the end its partition.';
    COMMENT ON TABLE built_corrections IS 'The corrections that the built lines are the sum of.';
    COMMENT ON TABLE built_comparisons IS
        'Whose marks in reassessments are dealt with, once the month is attached.';
    FOREACH made IN ARRAY ARRAY['built_invoices', 'built_charges', 'built_entries',
                                'built_corrections', 'built_comparisons']::regclass[] LOOP
        PERFORM give_rights(made);
    END LOOP;
END $$;
COMMENT ON FUNCTION renew_built() IS
    'Lets go of what has been built, and has empty tables for the next month.';
SELECT renew_built();

CREATE FUNCTION open_building(month date, run_on date) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM renew_built();
    TRUNCATE built_members;
    DELETE FROM dues_building;
    INSERT INTO dues_building (period_from, charged_on) VALUES (month, run_on);
    -- With it nothing needs to be read through when the table becomes the month's partition.
    EXECUTE format('ALTER TABLE built_charges ADD CONSTRAINT of_the_month CHECK (period_from = %L)',
                   month);
    EXECUTE format('ALTER TABLE built_entries ADD CONSTRAINT of_the_month'
                   ' CHECK (period_from IS NOT NULL AND period_from = %L)', month);
END $$;
COMMENT ON FUNCTION open_building(date, date) IS 'Begins to build a month, from nothing.';

CREATE FUNCTION index_as(parent regclass, built regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wanted record;
    named text;
BEGIN
    FOR wanted IN
        SELECT relname, pg_get_indexdef(indexrelid) AS definition, indisprimary
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = parent
          AND to_regclass(replace(relname, parent::text, built::text)) IS NULL
        ORDER BY relname
    LOOP
        named := replace(wanted.relname, parent::text, built::text);
        EXECUTE regexp_replace(wanted.definition, 'INDEX \S+ ON ONLY \S+',
                               format('INDEX %I ON %s', named, built));
        IF wanted.indisprimary THEN
            EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I PRIMARY KEY USING INDEX %I', built,
                           named, named);
        END IF;
    END LOOP;
    EXECUTE format('ANALYZE %s', built);
END $$;
COMMENT ON FUNCTION index_as(regclass, regclass) IS
    'Gives a built table the indexes of the table it will be part of, sorted as one.';

CREATE FUNCTION refer_as(parent regclass, built regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE wanted record;
BEGIN
    FOR wanted IN
        SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint AS theirs
        WHERE conrelid = parent AND contype = 'f' AND conparentid = 0
          AND NOT EXISTS (
            SELECT FROM pg_constraint
            WHERE conrelid = built AND pg_constraint.conname = theirs.conname)
    LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', built, wanted.conname,
                       wanted.definition);
    END LOOP;
END $$;
COMMENT ON FUNCTION refer_as(regclass, regclass) IS
    'Gives a built table the foreign keys of the table it will be part of, to be checked as one: '
    'what they refer to is locked for a moment alone.';

CREATE FUNCTION index_charges() RETURNS void LANGUAGE sql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT index_as('charges', 'built_charges')
$$;
COMMENT ON FUNCTION index_charges() IS 'Gives the built charges the indexes of all charges.';

CREATE FUNCTION index_entries() RETURNS void LANGUAGE sql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT index_as('entries', 'built_entries')
$$;
COMMENT ON FUNCTION index_entries() IS 'Gives the built entries the indexes of all entries.';

CREATE FUNCTION refer_built() RETURNS void LANGUAGE sql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT refer_as('charges', 'built_charges'), refer_as('entries', 'built_entries');
$$;
COMMENT ON FUNCTION refer_built() IS 'Gives what was built its foreign keys, not yet checked.';

CREATE FUNCTION check_charges() RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- What was just written is in memory: with more than a few months invoices are looked up.
    SET LOCAL random_page_cost = 1.1;
    ALTER TABLE built_charges
        VALIDATE CONSTRAINT charges_invoice_number_membership_id_period_from_fkey;
END $$;
COMMENT ON FUNCTION check_charges() IS 'Says what a foreign key would say of the built charges.';

CREATE FUNCTION weed_built() RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE weeds text[];
BEGIN
    weeds := ARRAY(
        SELECT membership_id FROM built_invoices
        WHERE EXISTS (SELECT FROM invoices WHERE invoices.number = built_invoices.number)
           OR EXISTS (SELECT FROM invoices WHERE invoices.kid = built_invoices.kid)
           OR EXISTS (SELECT FROM invoices WHERE invoices.membership_id = built_invoices.membership_id
                                             AND invoices.serial = built_invoices.serial)
        UNION
        SELECT unnest(array_agg(membership_id)) FROM built_invoices
        GROUP BY number HAVING count(*) > 1
        UNION
        SELECT unnest(array_agg(membership_id)) FROM built_invoices
        GROUP BY kid HAVING count(*) > 1
        UNION
        SELECT unnest(array_agg(membership_id)) FROM built_charges WHERE kind <> 'correction'
        GROUP BY person_id, kind HAVING count(*) > 1
        UNION
        SELECT membership_id FROM built_charges JOIN dues_building USING (period_from)
        WHERE EXISTS (
            SELECT FROM charges_unbuilt
            WHERE charges_unbuilt.period_from = dues_building.period_from
              AND (charges_unbuilt.membership_id = built_charges.membership_id
                   OR charges_unbuilt.person_id = built_charges.person_id))
        UNION
        SELECT membership_id
        FROM built_entries JOIN entries_unbuilt USING (membership_id, period_from, kind));
    UPDATE built_members SET left_over = true
    FROM memberships
    WHERE memberships.membership_id = ANY (weeds)
      AND numbers @> memberships.member_number::integer;
    DELETE FROM built_invoices WHERE membership_id = ANY (weeds);
    DELETE FROM built_charges WHERE membership_id = ANY (weeds);
    DELETE FROM built_entries WHERE membership_id = ANY (weeds);
    DELETE FROM built_corrections WHERE membership_id = ANY (weeds);
    DELETE FROM built_comparisons WHERE membership_id = ANY (weeds);
    RETURN cardinality(weeds);
END $$;
COMMENT ON FUNCTION weed_built() IS
    'Takes out again whose lines clash with what is there, or with each other''s, once a key has '
    'said so; they are charged row by row, where each clash has its reason told. How many they are.';

CREATE FUNCTION check_built() RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong text;
BEGIN
    ALTER TABLE built_entries VALIDATE CONSTRAINT entries_membership_id_fkey;
    ANALYZE built_invoices;
    -- Not the first that is found: the planner expects one at once, and compares each with each.
    SELECT min(built_invoices.number) INTO wrong
    FROM built_invoices
    LEFT JOIN (SELECT invoice_number, sum(amount_ore) AS ore FROM built_charges
               WHERE invoice_number IS NOT NULL GROUP BY invoice_number) AS lines
      ON lines.invoice_number = built_invoices.number
    WHERE lines.ore IS DISTINCT FROM built_invoices.total_ore;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the total of invoice % is not the sum of its lines', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'invoice_total_is_sum_of_lines';
    END IF;
END $$;
COMMENT ON FUNCTION check_built() IS
    'What check_invoice_totals and a foreign key would say of what was built, said of it as one.';

CREATE FUNCTION reserve_numbers() RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wanted integer := (SELECT count(*) FROM built_invoices);
    run dues_building;
BEGIN
    UPDATE dues_building SET first_no = take_numbers(charged_on, wanted)
    WHERE first_no IS NULL AND wanted > 0
    RETURNING * INTO run;
    IF FOUND THEN
        INSERT INTO reserved_numbers (year, first_no, past_no, period_from, reserved_on)
        VALUES (extract(year FROM run.charged_on), run.first_no, run.first_no + wanted,
                run.period_from, run.charged_on);
    END IF;
END $$;
COMMENT ON FUNCTION reserve_numbers() IS
    'Takes numbers for all that was built, once, in a transaction of its own: nobody else who '
    'issues an invoice waits until the month is attached.';

CREATE FUNCTION publish_built() RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE dues_building SET attached_by = pg_current_xact_id();
    -- In the order of their numbers and KIDs: each page of those indexes is gone to once.
    INSERT INTO invoices
        (number, kid, membership_id, serial, decision, period_from, issued_on, due_on, total_ore,
         currency, series_no)
    SELECT number, kid, membership_id, serial, decision, built_invoices.period_from, issued_on,
           due_on, total_ore, currency, first_no - 1 + row_number() OVER (ORDER BY number)
    FROM built_invoices CROSS JOIN dues_building
    ORDER BY number;
    INSERT INTO corrections
        (membership_id, charged_in, period_from, kind, reason, was_ore, is_ore)
    SELECT * FROM built_corrections;
    DELETE FROM reassessments USING built_comparisons
    WHERE reassessments.membership_id = built_comparisons.membership_id
      -- The terms may have changed once more since the page was built.
      AND reassessments.revision = built_comparisons.revision;
END $$;
COMMENT ON FUNCTION publish_built() IS
    'Writes what has no partition, in the transaction of attach_built; nobody waits for it.';

CREATE FUNCTION move_early(parent text, month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE early boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE period_from = %L)', parent || '_unbuilt',
                   month) INTO early;
    IF early THEN
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER %I', parent || '_unbuilt',
                       parent || '_append_only');
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE period_from = %L RETURNING *)'
                       ' INSERT INTO %I SELECT * FROM moved', parent || '_unbuilt', month,
                       'built_' || parent);
        EXECUTE format('ALTER TABLE %I ENABLE TRIGGER %I', parent || '_unbuilt',
                       parent || '_append_only');
    END IF;
END $$;
COMMENT ON FUNCTION move_early(text, date) IS
    'Takes along what came before the month was attached, or stood there before it was built: the '
    'same rows, in the place where the month''s rows are.';

CREATE FUNCTION rename_indexes(before text, after text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE theirs record;
BEGIN
    FOR theirs IN
        SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = after::regclass
    LOOP
        EXECUTE format('ALTER INDEX %I RENAME TO %I', theirs.relname,
                       replace(theirs.relname, before, after));
    END LOOP;
END $$;
COMMENT ON FUNCTION rename_indexes(text, text) IS
    'Gives the indexes of a table its new name: the next month is built under the one they had.';

CREATE FUNCTION attach_built() RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    month date := (SELECT period_from FROM dues_building);
    taken record;
    part text;
BEGIN
    LOCK TABLE charges_unbuilt, entries_unbuilt IN ACCESS EXCLUSIVE MODE;
    LOCK TABLE memberships, invoices, charges, entries IN SHARE ROW EXCLUSIVE MODE;
    FOR taken IN SELECT * FROM (VALUES ('charges'), ('entries')) AS parents (name) LOOP
        part := format('%s_%s', taken.name, to_char(month, 'YYYY_MM'));
        PERFORM move_early(taken.name, month);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', taken.name,
                       'built_' || taken.name, month);
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT of_the_month', 'built_' || taken.name);
        EXECUTE format('ALTER TABLE %I RESET (autovacuum_enabled)', 'built_' || taken.name);
        EXECUTE format('ALTER TABLE %I RENAME TO %I', 'built_' || taken.name, part);
        EXECUTE format('COMMENT ON TABLE %I IS %L', part,
                       format('The %s of %s, built.', taken.name, to_char(month, 'YYYY-MM')));
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT'
                       ' EXECUTE FUNCTION refuse_change()', taken.name || '_never_emptied', part);
        PERFORM rename_indexes('built_' || taken.name, part);
        PERFORM take_rights(part::regclass);
    END LOOP;
    PERFORM renew_built();
END $$;
COMMENT ON FUNCTION attach_built() IS
    'Makes what was built the month''s partitions. Writers wait for this function and its commit; '
    'whoever reads sees the month whole from then on, and nothing of it before.';

CREATE FUNCTION look_through() RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    known real := (SELECT reltuples FROM pg_class WHERE oid = 'charges'::regclass);
    lines real := (SELECT sum(greatest(reltuples, 0)) FROM pg_inherits
                   JOIN pg_class ON pg_class.oid = inhrelid
                   WHERE inhparent = 'charges'::regclass);
BEGIN
    -- A part of them all: read through as thoroughly as a month, they would cost more each month.
    SET LOCAL default_statistics_target = 5;
    ANALYZE invoices;
    SET LOCAL default_statistics_target = 20;
    -- A month has statistics of its own; those of all months are read from every one of them.
    IF lines > 1.1 * known THEN
        ANALYZE ONLY charges, ONLY entries;
    END IF;
END $$;
COMMENT ON FUNCTION look_through() IS
    'Has the planner know what all months together are like, once they have grown by a tenth: what '
    'PostgreSQL does by itself for a table that has no partitions.';
