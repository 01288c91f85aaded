-- name: empty#
-- Empty what the run filled, past the triggers that forbid it.
SET session_replication_role = replica;
TRUNCATE invoices, charges, entries CASCADE;
RESET session_replication_role;

-- name: save_page#
-- Keep what the run wrote for a page; PAGE, FIRST and LAST are put in.
CREATE TABLE invoices_PAGE AS
    SELECT invoices.* FROM invoices JOIN memberships USING (membership_id)
    WHERE member_number BETWEEN 'FIRST' AND 'LAST';
CREATE TABLE charges_PAGE AS
    SELECT charges.* FROM charges JOIN memberships USING (membership_id)
    WHERE member_number BETWEEN 'FIRST' AND 'LAST';
CREATE TABLE entries_PAGE AS
    SELECT entries.* FROM entries JOIN memberships USING (membership_id)
    WHERE member_number BETWEEN 'FIRST' AND 'LAST';

-- name: write_page#
-- Write what the run wrote for a page, and work nothing out.
WITH invoice AS (
    INSERT INTO invoices SELECT * FROM invoices_PAGE
), charge AS (
    INSERT INTO charges SELECT * FROM charges_PAGE
)
INSERT INTO entries OVERRIDING SYSTEM VALUE SELECT * FROM entries_PAGE;
