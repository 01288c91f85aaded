-- What other systems are told: facts about members, in the order they were written.

CREATE TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written xid8 NOT NULL DEFAULT pg_current_xact_id(),
    membership_id text NOT NULL,
    type text NOT NULL,
    key text NOT NULL,
    happened_on date NOT NULL
);
COMMENT ON TABLE outbox IS
    'Facts that have no number yet: written with the fact itself, taken out by number_events.';
COMMENT ON COLUMN outbox.written IS
    'By which transaction: of what one of them says of a member, its decision comes first.';

CREATE SEQUENCE event_numbers;
COMMENT ON SEQUENCE event_numbers IS
    'The numbers of events, given under a lock to what is committed; gaps are harmless.';

CREATE TABLE events (
    number bigint PRIMARY KEY,
    event_id uuid NOT NULL DEFAULT gen_random_uuid(),
    membership_id text NOT NULL REFERENCES memberships,
    type text NOT NULL,
    key text NOT NULL,
    happened_on date NOT NULL,
    CONSTRAINT events_once UNIQUE (membership_id, type, key)
);
COMMENT ON TABLE events IS
    'What other systems are told, numbered: of one member in the order it came about. Append-only.';
COMMENT ON COLUMN events.event_id IS 'By which whoever gets it twice knows it again.';
COMMENT ON COLUMN events.key IS
    'Which fact of its type it is: the number of a decision, an invoice''s serial, a list.';
COMMENT ON COLUMN events.happened_on IS 'The business date of the fact.';
CREATE INDEX events_by_day ON events USING brin (happened_on) WITH (pages_per_range = 32);

CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_never_emptied BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION number_events(most integer) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    numbered bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM outbox)
       OR NOT pg_try_advisory_xact_lock(hashtext('medlemsflyt.events')) THEN
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM outbox WHERE outbox_id IN (
            SELECT waiting.outbox_id FROM outbox AS waiting ORDER BY waiting.outbox_id LIMIT most)
        RETURNING *
    ), in_order AS (
        SELECT taken.membership_id, taken.type, taken.key, taken.happened_on
        FROM taken
        LEFT JOIN decisions ON decisions.membership_id = taken.membership_id
                           AND decisions.number::text = taken.key
                           AND decisions.event = taken.type
        ORDER BY min(taken.outbox_id) OVER (PARTITION BY taken.membership_id, taken.written),
                 decisions.number, taken.outbox_id
    )
    INSERT INTO events (number, membership_id, type, key, happened_on)
    SELECT nextval('event_numbers'), in_order.* FROM in_order
    ON CONFLICT ON CONSTRAINT events_once DO NOTHING;
    GET DIAGNOSTICS numbered = ROW_COUNT;
    RETURN numbered;
END $$;
COMMENT ON FUNCTION number_events(integer) IS
    'Gives committed facts their numbers, one caller at a time: what is seen has been committed, '
    'and whatever commits later stands behind it. So a reader never passes anything by (ADR 120).';

-- The facts --------------------------------------------------------------------------------------

CREATE FUNCTION tell_decisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (membership_id, type, key, happened_on)
    SELECT membership_id, event, number::text, decided_on FROM added
    ORDER BY membership_id, number;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_decisions() IS 'Every decision is a fact that other systems may be told.';
CREATE TRIGGER decisions_told AFTER INSERT ON decisions
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tell_decisions();

CREATE FUNCTION tell_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (membership_id, type, key, happened_on)
    SELECT NEW.membership_id, facts.type, NEW.last_decision::text, decisions.decided_on
    FROM (VALUES
        ('category_changed', NEW.category <> OLD.category),
        ('insurance_covered', NEW.insurance_status = 'covered'
             AND OLD.insurance_status IS DISTINCT FROM 'covered'),
        ('insurance_ended', OLD.insurance_status = 'covered'
             AND NEW.insurance_status IS DISTINCT FROM 'covered'),
        ('membership_ended', NEW.stage = 'ended' AND OLD.stage IN (
             'onboarding', 'active', 'on_leave'))
    ) AS facts (type, is_so)
    JOIN decisions ON decisions.membership_id = NEW.membership_id
                  AND decisions.number = NEW.last_decision
    WHERE facts.is_so AND decisions.event <> facts.type AND NEW.erased_on IS NULL
    UNION ALL
    SELECT NEW.membership_id, 'membership_erased', '', NEW.erased_on
    WHERE NEW.erased_on IS NOT NULL AND OLD.erased_on IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_standing() IS
    'What a membership became is a fact by itself, whichever decision led to it: another category, '
    'cover, an end. And that it was erased: who has been told of it has to erase it, too.';
CREATE TRIGGER memberships_told AFTER UPDATE ON memberships FOR EACH ROW
    WHEN (OLD.category <> NEW.category OR OLD.stage <> NEW.stage
          OR OLD.insurance_status IS DISTINCT FROM NEW.insurance_status
          OR OLD.erased_on IS DISTINCT FROM NEW.erased_on)
    EXECUTE FUNCTION tell_standing();

CREATE FUNCTION tell_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (membership_id, type, key, happened_on)
    SELECT membership_id,
           CASE WHEN total_ore < 0 THEN 'credit_note_issued' ELSE 'invoice_issued' END,
           serial::text, issued_on
    FROM added WHERE carried_over IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_invoices() IS
    'What we issue is a fact; what came with the register of another system that one has told.';
CREATE TRIGGER invoices_told AFTER INSERT ON invoices
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tell_invoices();

CREATE FUNCTION tell_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (membership_id, type, key, happened_on)
    SELECT invoices.membership_id,
           CASE WHEN now.ore < invoices.total_ore THEN 'invoice_reopened'
                WHEN paid.is_loss THEN 'invoice_written_off'
                ELSE 'invoice_paid' END,
           invoices.serial::text || '/' || paid.last_id::text, paid.last_on
    FROM (
        SELECT invoice_number, sum(amount_ore) AS ore, max(allocation_id) AS last_id,
               max(allocated_on) AS last_on, bool_or(write_off IS NOT NULL) AS is_loss
        FROM added WHERE invoice_number IS NOT NULL
        GROUP BY invoice_number
    ) AS paid
    JOIN invoices ON invoices.number = paid.invoice_number
    CROSS JOIN LATERAL (
        SELECT sum(amount_ore) AS ore FROM allocations
        WHERE allocations.invoice_number = paid.invoice_number
    ) AS now
    WHERE (now.ore >= invoices.total_ore) <> (now.ore - paid.ore >= invoices.total_ore)
    ORDER BY paid.last_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_paid() IS
    'By the money that pays all that is left of an invoice it is paid, and owed again when some of '
    'it is taken back.';
CREATE TRIGGER allocations_told AFTER INSERT ON allocations
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tell_paid();

CREATE FUNCTION tell_deductions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (membership_id, type, key, happened_on)
    SELECT membership_id,
           CASE outcome WHEN 'redirected' THEN 'deduction_short'
                        WHEN 'written_off' THEN 'deduction_written_off'
                        ELSE 'dues_deducted' END,
           list_number, settled_on
    FROM added;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION tell_deductions() IS
    'What an employer has deducted, or has not, is a fact once its list is settled.';
CREATE TRIGGER deductions_told AFTER INSERT ON deductions
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION tell_deductions();

-- Who is told ------------------------------------------------------------------------------------

CREATE TABLE consumers (
    consumer text PRIMARY KEY CHECK (consumer ~ '^[a-z][a-z0-9-]{0,39}$'),
    url text NOT NULL CHECK (url ~ '^https?://[^[:space:]@]+$'),
    types text[] CHECK (cardinality(types) > 0),
    batch_size integer NOT NULL DEFAULT 1 CHECK (batch_size BETWEEN 1 AND 500),
    secret text NOT NULL,
    former_secret text,
    delivered_to bigint NOT NULL CHECK (delivered_to >= 0),
    caught_up_at timestamptz NOT NULL,
    clearance_asked_by text,
    clearance_asked_by_subject text,
    cleared_by text,
    cleared_by_subject text,
    paused_at timestamptz,
    paused_by text,
    paused_why text,
    CONSTRAINT consumers_cleared_by_two CHECK (
        cleared_by IS NULL
        OR (clearance_asked_by IS NOT NULL
            AND NOT same_hands(cleared_by, cleared_by_subject,
                               clearance_asked_by, clearance_asked_by_subject))),
    CONSTRAINT consumers_paused_by_somebody CHECK (
        num_nulls(paused_at, paused_by, paused_why) IN (0, 3)),
    CONSTRAINT consumers_secret_by_reference CHECK (
        secret ~ '^(env:MEDLEMSFLYT_WEBHOOK_[A-Z0-9_]+|file:/.+)$'
        AND former_secret ~ '^(env:MEDLEMSFLYT_WEBHOOK_[A-Z0-9_]+|file:/.+)$')
);
COMMENT ON TABLE consumers IS
    'Systems that events are posted to (webhooks), and how far each has come. They hold nothing of anybody.';
COMMENT ON COLUMN consumers.types IS
    'Which events it wants, by type; NULL: all. That somebody was erased it is told anyway.';
COMMENT ON COLUMN consumers.batch_size IS
    'Events in one request: 1, or a batch of CloudEvents of at most so many.';
COMMENT ON COLUMN consumers.secret IS
    'Where the secret is that signs: a file or a variable of the worker that posts, never itself.';
COMMENT ON COLUMN consumers.former_secret IS
    'Where the one before it is, which signs as well until all have the new one.';
COMMENT ON COLUMN consumers.delivered_to IS
    'The number of the last event that it has taken, or that is not for it.';
COMMENT ON COLUMN consumers.caught_up_at IS 'When it last had all there was.';
COMMENT ON COLUMN consumers.cleared_by IS
    'Who has allowed that it is told of hidden members: somebody else than who asked for it.';
COMMENT ON COLUMN consumers.paused_at IS 'Since when nothing is posted; NULL: it is.';

CREATE FUNCTION withdraw_clearance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.cleared_by := NULL;
    NEW.cleared_by_subject := NULL;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION withdraw_clearance() IS
    'Two people have cleared an address for hidden members: at another one it has to be done anew.';
CREATE TRIGGER consumers_cleared_by_address BEFORE UPDATE OF url ON consumers FOR EACH ROW
    WHEN (NEW.url <> OLD.url) EXECUTE FUNCTION withdraw_clearance();

CREATE TABLE consumer_changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text NOT NULL REFERENCES consumers,
    change text NOT NULL CHECK (change IN (
        'added', 'changed', 'clearance_asked', 'cleared', 'clearance_withdrawn', 'paused',
        'resumed', 'replayed')),
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL CHECK (changed_by <> ''),
    says text NOT NULL
);
COMMENT ON TABLE consumer_changes IS
    'Who has changed what of a consumer, and when. Append-only.';
COMMENT ON COLUMN consumer_changes.says IS
    'What stands since then: an address, types, where a secret is, why it is paused, a number.';
CREATE TRIGGER consumer_changes_append_only BEFORE UPDATE OR DELETE ON consumer_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consumer_changes_never_emptied BEFORE TRUNCATE ON consumer_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
