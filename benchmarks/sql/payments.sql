-- name: add_members!
-- Add members with a person each, who pay 495.00 a month themselves.
WITH member AS (
    INSERT INTO memberships
        (membership_id, person_id, stage, category, hidden, member_number, member_since,
         received_at, received_on, last_decision)
    SELECT 'membership-' || md5(i::text)::uuid, 'person-' || md5(i::text)::uuid, 'active',
           'ordinary', false, lpad(i::text, 8, '0'), '2026-11-02', '2026-11-02', '2026-11-02', 1
    FROM generate_series(1, :members::integer) AS i
    RETURNING membership_id, person_id, member_number, received_at, received_on
), person AS (
    INSERT INTO people (person_id, name, name_key, birth_date, email, email_key, language)
    SELECT person_id, 'Medlem ' || member_number, 'medlem ' || member_number, '1986-04-12',
           member_number || '@example.org', member_number || '@example.org', 'nb'
    FROM member
)
INSERT INTO decisions
    (membership_id, number, event, decided_at, decided_on, decided_by, rules, content_hash,
     receipt)
SELECT membership_id, 1, 'application_approved', received_at, received_on, 'bench', '{S2}',
       repeat('0', 64), '{}'
FROM member;

-- name: add_terms!
-- Let each pay full dues from November on.
INSERT INTO terms (membership_id, kind, rate, cadence, payer, valid, decision, prorated)
SELECT membership_id, 'central_dues', 'central.full', 'monthly', 'direct',
       daterange('2026-11-01', NULL), 1, false
FROM memberships;

-- name: keep_rows#
-- Keep what the import has written, and empty the tables of it, past the triggers that forbid that.
CREATE TABLE kept_payments AS SELECT * FROM payments;
CREATE TABLE kept_allocations AS SELECT * FROM allocations;
CREATE TABLE kept_entries AS SELECT * FROM entries WHERE source <> 'charge';
CREATE TABLE kept_tasks AS SELECT * FROM tasks;
CREATE TABLE kept_bank_entries AS SELECT * FROM bank_entries;
CREATE TABLE kept_suspense AS SELECT * FROM payments_in_suspense;
CREATE TABLE kept_reports AS SELECT * FROM payment_reports;
SET session_replication_role = replica;
TRUNCATE payments, allocations, tasks, bank_entries, payments_in_suspense, payment_reports CASCADE;
DELETE FROM entries WHERE source <> 'charge';
RESET session_replication_role;

-- name: open_bare#
-- Open a table with what the file brings.
CREATE TEMPORARY TABLE bare (
    position bigint, place text, reference text, amount_ore bigint, paid_on date, kid text,
    reversal boolean, account text
) ON COMMIT DROP;

-- name: join_and_keep#
-- Join what the file brings with members and invoices, and write what the import has written.
ANALYZE bare;
INSERT INTO bank_entries
SELECT kept.* FROM kept_bank_entries AS kept JOIN bare USING (position);
INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid, file_id, reverses)
SELECT bare.reference, memberships.membership_id, bare.amount_ore, bare.paid_on, bare.kid,
       kept_payments.file_id, kept_payments.reverses
FROM bare
JOIN kept_payments USING (reference)
LEFT JOIN memberships
  ON member_number = substr(bare.kid, 2, 8)::char(8) AND kept_payments.membership_id IS NOT NULL;
INSERT INTO allocations (reference, serial, invoice_number, amount_ore, allocated_on, allocated_by)
SELECT bare.reference, kept_allocations.serial, invoices.number, kept_allocations.amount_ore,
       allocated_on, allocated_by
FROM bare
JOIN kept_allocations USING (reference)
JOIN invoices ON invoices.number = kept_allocations.invoice_number;
INSERT INTO entries
    (booked_on, source, membership_id, reference, debit, credit, amount_ore)
SELECT booked_on, source, membership_id, reference, debit, credit, amount_ore FROM kept_entries;
INSERT INTO payments_in_suspense SELECT * FROM kept_suspense;
INSERT INTO payment_reports SELECT * FROM kept_reports;
INSERT INTO tasks (key, kind, says, membership_id, opened_on, closed_on, closed_by, note, settled)
SELECT key, kind, says, membership_id, opened_on, closed_on, closed_by, note, settled
FROM kept_tasks;

-- name: count_rows^
-- Count what an import writes.
SELECT (SELECT count(*) FROM payments) AS payments,
       (SELECT count(*) FROM allocations) AS allocations,
       (SELECT count(*) FROM entries) AS entries,
       (SELECT count(*) FROM tasks) AS tasks,
       (SELECT count(*) FROM bank_entries) AS brought,
       (SELECT count(*) FROM payments_in_suspense) AS suspended;
