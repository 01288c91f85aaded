-- Whose membership stands how, and who decided it.

-- Memberships -----------------------------------------------------------------------------------

CREATE SEQUENCE member_numbers MINVALUE 1 MAXVALUE 99999999;
COMMENT ON SEQUENCE member_numbers IS 'Member numbers are never used twice; gaps are harmless.';

CREATE TABLE memberships (
    membership_id text PRIMARY KEY,
    person_id text REFERENCES people,
    stage text NOT NULL CHECK (stage IN (
        'received', 'under_review', 'awaiting_information', 'onboarding', 'active', 'on_leave',
        'ended'
    )),
    outcome text CHECK (outcome IN (
        'resigned', 'struck_off', 'deceased', 'rejected', 'withdrawn', 'lapsed', 'invalid',
        'duplicate'
    )),
    category text
        CHECK (category IN ('ordinary', 'student', 'apprentice', 'early_pensioner', 'pensioner')),
    hidden boolean NOT NULL,
    branch text REFERENCES branches,
    member_number char(8) UNIQUE CHECK (member_number ~ '^[0-9]{8}$'),
    member_since date,
    received_at timestamptz NOT NULL,
    received_on date NOT NULL,
    last_decision integer NOT NULL CHECK (last_decision >= 0),
    facts jsonb,
    hiding boolean NOT NULL DEFAULT false,
    employer_orgnr char(9) CHECK (employer_orgnr ~ '^[0-9]{9}$'),
    employer_name text,
    deductor_orgnr char(9) CHECK (deductor_orgnr ~ '^[0-9]{9}$'),
    coming_premiums jsonb,
    insurance_status text CHECK (insurance_status IN (
        'not_applicable', 'window_open', 'covered', 'reserved', 'ended'
    )),
    covered_from date,
    reserved_from date,
    position text,
    position_percent numeric CHECK (position_percent BETWEEN 0 AND 100),
    recruited_by text,
    transferred_from text,
    erased_on date,
    changed xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT memberships_have_a_person CHECK (
        person_id IS NOT NULL OR coalesce(outcome = 'invalid', false) OR erased_on IS NOT NULL
    ),
    CONSTRAINT memberships_erased_is_over CHECK (erased_on IS NULL OR stage = 'ended'),
    CONSTRAINT memberships_erased_is_nobody CHECK (
        erased_on IS NULL OR num_nonnulls(person_id, facts, employer_name, position, recruited_by) = 0
    ),
    open_until date CONSTRAINT memberships_open_once_ended CHECK (stage = 'ended' OR open_until IS NULL),
    CONSTRAINT memberships_outcome_when_ended CHECK ((stage = 'ended') = (outcome IS NOT NULL)),
    CONSTRAINT memberships_hidden_without_branch CHECK (NOT (hidden AND branch IS NOT NULL)),
    CONSTRAINT memberships_member_is_complete CHECK (
        stage NOT IN ('onboarding', 'active', 'on_leave')
        OR (category IS NOT NULL AND member_number IS NOT NULL AND member_since IS NOT NULL)
    )
);
COMMENT ON TABLE memberships IS 'How every membership, and every application for one, stands.';
COMMENT ON COLUMN memberships.membership_id IS 'The id of the workflow that decides about it.';
COMMENT ON COLUMN memberships.person_id IS
    'Whose it is. An application comes with a person of its own; who is approved and was known is '
    'that person from then on.';
COMMENT ON COLUMN memberships.hidden IS
    'Nothing about it goes to employer, branch or recruiter (S30).';
COMMENT ON COLUMN memberships.last_decision IS
    'The number of the latest decision. It stands on the row that is locked, so that a second '
    'attempt at the same decision sees the first one''s.';
COMMENT ON COLUMN memberships.facts IS
    'schemas.membership.situation.Facts as of the last decision: to work out terms for many at once.';
COMMENT ON COLUMN memberships.hiding IS
    'A wish to be hidden has been answered and is not in effect yet: nothing leaves but what ends '
    'it (invariant 12).';
COMMENT ON COLUMN memberships.employer_orgnr IS 'Of the present employer, as its name.';
COMMENT ON COLUMN memberships.deductor_orgnr IS
    'Who deducts at present in place of the employer: NAV, from benefits (A36).';
COMMENT ON COLUMN memberships.coming_premiums IS
    'The months the insurance package will be paid for if nobody does anything: a window is open, or '
    'opens by itself (A21, A38, A39). NULL: as the facts say. A budget counts them.';
COMMENT ON COLUMN memberships.insurance_status IS
    'How the insurance package stands by the last decision; NULL: older decisions did not say.';
COMMENT ON COLUMN memberships.covered_from IS
    'The first day of a cover, up to a month before the first that is paid for (A18).';
COMMENT ON COLUMN memberships.reserved_from IS 'The first day of a reservation (A21).';
COMMENT ON COLUMN memberships.recruited_by IS 'As the application says it.';
COMMENT ON COLUMN memberships.transferred_from IS
    'The union that somebody comes over from, as the application says it (L10).';
COMMENT ON COLUMN memberships.erased_on IS
    'From then on the row is a tombstone: its id is a pseudonym of nobody (erase_memberships).';
COMMENT ON COLUMN memberships.open_until IS
    'Of one that has ended the last day on which it can be reopened: so long its workflow runs (L9).';
COMMENT ON COLUMN memberships.changed IS
    'The transaction that wrote the row last: whoever asks what has changed since misses none that '
    'was still open when they last asked (ADR 104).';
COMMENT ON CONSTRAINT memberships_hidden_without_branch ON memberships IS 'S33';
COMMENT ON CONSTRAINT memberships_have_a_person ON memberships IS
    'Only what could not be read at all is nobody''s.';
CREATE INDEX memberships_of_a_person ON memberships (person_id);
CREATE INDEX memberships_of_the_dead ON memberships (person_id) WHERE outcome = 'deceased';
CREATE INDEX memberships_of_an_employer ON memberships (employer_orgnr)
    WHERE employer_orgnr IS NOT NULL;
CREATE INDEX memberships_by_employer ON memberships USING gin (name_lexemes(employer_name))
    WHERE employer_name IS NOT NULL;
CREATE INDEX memberships_undecided ON memberships (received_at, membership_id)
    WHERE stage IN ('under_review', 'awaiting_information');

CREATE INDEX memberships_by_stage ON memberships (stage);
CREATE INDEX memberships_changed ON memberships (changed, membership_id);

CREATE FUNCTION mark_changed() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.changed = pg_current_xact_id();
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION mark_changed() IS 'Notes which transaction changes a row.';

CREATE TRIGGER memberships_mark_changed BEFORE UPDATE ON memberships
    FOR EACH ROW EXECUTE FUNCTION mark_changed();

CREATE TABLE members (
    membership_id text PRIMARY KEY REFERENCES memberships,
    person_id text CONSTRAINT members_one_membership UNIQUE REFERENCES people,
    number_print bigint CONSTRAINT members_one_per_national_id UNIQUE,
    person_print uuid,
    CONSTRAINT members_one_per_person EXCLUDE USING gist (
        person_print WITH =,
        (CASE WHEN number_print IS NULL THEN int8range(NULL, NULL)
              ELSE int8range(number_print, number_print, '[]') END) WITH &&
    )
);
COMMENT ON TABLE members IS
    'Everybody who is a member now: a row from the approval to the end, so that nobody is a '
    'member twice. Of who they are there are fingerprints, by which people can be told apart and not '
    'named (ADR 84).';
COMMENT ON COLUMN members.number_print IS 'Of the national id; NULL: nobody has it.';
COMMENT ON COLUMN members.person_print IS
    'Of name, birth date and e-mail address together; NULL: without an address.';
COMMENT ON CONSTRAINT members_one_per_person ON members IS
    'The same name, birth date and e-mail address are one person unless two national ids say '
    'otherwise. A missing national id spans all of them and so contradicts none; a missing e-mail '
    'address agrees with none.';

CREATE FUNCTION known_as(whose text) RETURNS TABLE (stage text, outcome text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT theirs.stage, theirs.outcome
    FROM certainly_same(whose) AS same JOIN memberships AS theirs USING (person_id)
    WHERE theirs.person_id = whose OR theirs.member_number IS NULL
       OR NOT EXISTS (
        SELECT FROM memberships AS own
        WHERE own.person_id = whose AND own.member_number IS NOT NULL);
END;
COMMENT ON FUNCTION known_as(text) IS
    'All that somebody was and applies for. Members are one person by their row; of an application '
    'it is who certainly is the same.';

CREATE FUNCTION has_died(whose text) RETURNS boolean
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM known_as(whose) WHERE outcome = 'deceased')
       AND NOT EXISTS (
        SELECT FROM known_as(whose) WHERE stage IN ('onboarding', 'active', 'on_leave'));
END;
COMMENT ON FUNCTION has_died(text) IS
    'Whether somebody is dead by whichever membership or application of theirs a death was recorded '
    'of (L7, M17). Who is a member all the same was approved by a caseworker who knew of it.';

CREATE FUNCTION members_who_died() RETURNS TABLE (person_id text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT dead.person_id
    FROM (
        SELECT memberships.person_id FROM memberships WHERE outcome = 'deceased'
        UNION
        SELECT same.person_id
        FROM memberships AS applied CROSS JOIN LATERAL certainly_same(applied.person_id) AS same
        WHERE applied.outcome = 'deceased' AND applied.member_number IS NULL
    ) AS dead
    WHERE NOT EXISTS (
        SELECT FROM memberships AS living
        WHERE living.person_id = dead.person_id
          AND living.stage IN ('onboarding', 'active', 'on_leave'));
END;
COMMENT ON FUNCTION members_who_died() IS
    'Of everybody who is or was a member, those of whom has_died is true: for statements over many '
    'members, each of whom has_died would cost a query of its own.';

CREATE TABLE rejected_intakes (
    membership_id text PRIMARY KEY REFERENCES memberships,
    received_at timestamptz NOT NULL,
    received_on date NOT NULL,
    faults text[] NOT NULL CHECK (cardinality(faults) > 0)
);
COMMENT ON TABLE rejected_intakes IS
    'Applications that can''t be read or break a rule: none is lost silently. What arrived stands in '
    'applications, or in remarks when it could not be read.';
CREATE INDEX rejected_intakes_latest ON rejected_intakes (received_on DESC, received_at DESC, membership_id);

-- Decisions -------------------------------------------------------------------------------------

CREATE TABLE decisions (
    membership_id text NOT NULL REFERENCES memberships,
    number integer NOT NULL CHECK (number >= 1),
    event text NOT NULL,
    message text,
    says text,
    decided_at timestamptz NOT NULL,
    decided_on date NOT NULL,
    decided_by text NOT NULL,
    rules text[] NOT NULL,
    rulebook_version text,
    content_hash char(64) NOT NULL,
    receipt jsonb NOT NULL,
    update_id text,
    applied jsonb,
    given_back_from date CHECK (extract(day FROM given_back_from) = 1),
    PRIMARY KEY (membership_id, number),
    CONSTRAINT decisions_applied_with_id CHECK ((update_id IS NULL) = (applied IS NULL))
);
COMMENT ON TABLE decisions IS 'Who decided what, when, and by which rules. Append-only.';
COMMENT ON COLUMN decisions.message IS
    'The name of the message that it answers; NULL: a deadline, a report, or an older version.';
COMMENT ON COLUMN decisions.says IS
    'What was decided, and of a correction which fields: their names, and nothing that stands in them.';
COMMENT ON COLUMN decisions.rulebook_version IS
    'The content hash of the rulebook that amounts were computed with; NULL when none were.';
COMMENT ON COLUMN decisions.content_hash IS
    'Tells a repeated attempt at the decision from another decision under its number.';
COMMENT ON COLUMN decisions.receipt IS 'The answer that a repeated attempt is given again.';
COMMENT ON COLUMN decisions.update_id IS 'The update that the decision applied, under the id its sender chose: it counts once for a life.';
COMMENT ON COLUMN decisions.applied IS 'Which message that was, and its answer, given again when it is sent again.';
COMMENT ON COLUMN decisions.given_back_from IS
    'The first month of which comes back what its terms no longer charge, however long ago it was: '
    'of a death, and of a reservation that came in time (A21, A31).';
CREATE UNIQUE INDEX decisions_one_per_update ON decisions (membership_id, update_id)
WHERE update_id IS NOT NULL;

CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decisions_never_emptied BEFORE TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE kept_records (
    membership_id text PRIMARY KEY REFERENCES memberships,
    number integer NOT NULL CHECK (number >= 1),
    content text NOT NULL
) WITH (fillfactor = 80);
COMMENT ON TABLE kept_records IS
    'What a membership''s workflow knew with its last decision and no other row tells: by it the '
    'membership goes on where its workflow is lost, reset or overtaken (ADR 101).';
COMMENT ON COLUMN kept_records.number IS
    'Of the decision it came with. Where that is not the last one, an older workflow decided since.';
COMMENT ON COLUMN kept_records.content IS 'Packed, and sealed where histories are encrypted.';

-- After a restore -------------------------------------------------------------------------------

CREATE TABLE restores (
    restore_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    restored_on date NOT NULL,
    last_member_number bigint NOT NULL,
    last_serial integer NOT NULL CHECK (last_serial BETWEEN 0 AND 999998)
);
COMMENT ON TABLE restores IS
    'When this database was put back to an earlier moment. Numbers that may have been given since are '
    'passed over, so that none is given twice (ADR 102). Append-only.';
COMMENT ON COLUMN restores.last_member_number IS 'The last member number that is passed over.';
COMMENT ON COLUMN restores.last_serial IS
    'The last serial that is passed over, of every membership''s invoices and every employer''s lists: '
    'KIDs are made of it.';
CREATE TRIGGER restores_append_only BEFORE UPDATE OR DELETE ON restores
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER restores_never_emptied BEFORE TRUNCATE ON restores
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE VIEW serials_given AS
SELECT coalesce(max(last_serial), 0) AS serial FROM restores;
COMMENT ON VIEW serials_given IS
    'The serial up to which any membership''s invoices, and any employer''s lists, may have been '
    'numbered before a restore.';

CREATE TABLE number_holds (held_on date PRIMARY KEY);
COMMENT ON TABLE number_holds IS
    'A workflow knew decisions that this database has lost: no number is given until somebody says '
    'that it was restored (medlemsflyt restored), which lets go of it.';
