-- name: empty#
-- Take back what the run wrote, past the triggers that forbid it; the month before it stays.
CREATE TABLE invoices_before AS SELECT * FROM invoices WHERE period_from < 'PERIOD';
CREATE TABLE charges_before AS SELECT * FROM charges WHERE period_from < 'PERIOD';
CREATE TABLE entries_before AS SELECT * FROM entries WHERE period_from < 'PERIOD';
SET session_replication_role = replica;
TRUNCATE invoices, charges, entries, corrections CASCADE;
INSERT INTO invoices SELECT * FROM invoices_before;
INSERT INTO charges SELECT * FROM charges_before;
INSERT INTO entries OVERRIDING SYSTEM VALUE SELECT * FROM entries_before;
RESET session_replication_role;

-- name: save_page#
-- Keep what the run wrote for a page; PERIOD, PAGE, FIRST and LAST are put in.
CREATE TABLE invoices_PAGE AS
    SELECT invoices.* FROM invoices JOIN memberships USING (membership_id)
    WHERE period_from = 'PERIOD' AND member_number BETWEEN 'FIRST' AND 'LAST';
CREATE TABLE charges_PAGE AS
    SELECT charges.* FROM charges JOIN memberships USING (membership_id)
    WHERE period_from = 'PERIOD' AND member_number BETWEEN 'FIRST' AND 'LAST';
CREATE TABLE entries_PAGE AS
    SELECT entries.* FROM entries JOIN memberships USING (membership_id)
    WHERE period_from = 'PERIOD' AND member_number BETWEEN 'FIRST' AND 'LAST';
CREATE TABLE corrections_PAGE AS
    SELECT membership_id, charged_in, period_from, kind, reason, was_ore, is_ore
    FROM corrections JOIN memberships USING (membership_id)
    WHERE charged_in = 'PERIOD' AND member_number BETWEEN 'FIRST' AND 'LAST';

-- name: write_page#
-- Write what the run wrote for a page, and work nothing out.
WITH invoice AS (
    INSERT INTO invoices SELECT * FROM invoices_PAGE
), charge AS (
    INSERT INTO charges SELECT * FROM charges_PAGE
), correction AS (
    INSERT INTO corrections (membership_id, charged_in, period_from, kind, reason, was_ore, is_ore)
    SELECT * FROM corrections_PAGE
)
INSERT INTO entries OVERRIDING SYSTEM VALUE SELECT * FROM entries_PAGE;
