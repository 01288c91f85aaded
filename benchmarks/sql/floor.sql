-- name: stand_as_before#
-- Make the tables that a month was inserted into: ordinary ones, with all that held for them then.
CREATE SCHEMA floor;
SET search_path = floor, public;
CREATE TABLE invoices (LIKE public.invoices INCLUDING ALL);
ALTER TABLE invoices ADD FOREIGN KEY (membership_id, decision) REFERENCES public.decisions;
CREATE TABLE charges (
    LIKE public.charges INCLUDING CONSTRAINTS INCLUDING DEFAULTS,
    FOREIGN KEY (invoice_number, membership_id, period_from)
        REFERENCES invoices (number, membership_id, period_from),
    CONSTRAINT charges_one_per_kind_and_month PRIMARY KEY (membership_id, period_from, kind)
);
CREATE UNIQUE INDEX charges_one_per_person_and_month
    ON charges (period_from, (substr(person_id, length('person-') + 1)::uuid), kind)
    WHERE kind <> 'correction';
CREATE INDEX charges_of_invoice ON charges (invoice_number);
CREATE INDEX charges_of_employer ON charges (employer_orgnr, period_from)
    WHERE employer_orgnr IS NOT NULL;
CREATE INDEX charges_of_a_month ON charges USING brin (period_from) WITH (pages_per_range = 32);
CREATE TABLE corrections (LIKE public.corrections INCLUDING ALL);
ALTER TABLE corrections ADD FOREIGN KEY (membership_id) REFERENCES public.memberships;
CREATE TABLE entries (
    LIKE public.entries INCLUDING CONSTRAINTS,
    PRIMARY KEY (entry_id),
    FOREIGN KEY (membership_id) REFERENCES public.memberships
);
CREATE UNIQUE INDEX entries_one_per_charge ON entries (membership_id, period_from, kind)
    WHERE source = 'charge';
CREATE UNIQUE INDEX entries_one_per_source ON entries (source, reference)
    WHERE reference IS NOT NULL;
CREATE INDEX entries_by_day ON entries USING brin (period_from, booked_on)
    WITH (pages_per_range = 32);
INSERT INTO invoices SELECT * FROM public.invoices WHERE period_from < 'PERIOD';
INSERT INTO charges SELECT * FROM public.charges WHERE period_from < 'PERIOD';
INSERT INTO entries SELECT * FROM public.entries WHERE period_from < 'PERIOD';
CREATE TRIGGER invoice_totals AFTER INSERT ON invoices
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_invoice_totals();
CREATE TRIGGER charge_totals AFTER INSERT ON charges
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_invoice_totals();
RESET search_path;

-- name: save_page#
-- Keep what the run wrote for a page; PERIOD, PAGE, FIRST and LAST are put in.
CREATE TABLE floor.invoices_PAGE AS
    SELECT invoices.* FROM invoices JOIN memberships USING (membership_id)
    WHERE period_from = 'PERIOD' AND member_number BETWEEN 'FIRST' AND 'LAST';
CREATE TABLE floor.charges_PAGE AS
    SELECT charges.* FROM charges JOIN memberships USING (membership_id)
    WHERE period_from = 'PERIOD' AND member_number BETWEEN 'FIRST' AND 'LAST';
CREATE TABLE floor.entries_PAGE AS
    SELECT entries.* FROM entries JOIN memberships USING (membership_id)
    WHERE period_from = 'PERIOD' AND member_number BETWEEN 'FIRST' AND 'LAST';
CREATE TABLE floor.corrections_PAGE AS
    SELECT membership_id, charged_in, period_from, kind, reason, was_ore, is_ore
    FROM corrections JOIN memberships USING (membership_id)
    WHERE charged_in = 'PERIOD' AND member_number BETWEEN 'FIRST' AND 'LAST';

-- name: write_page#
-- Write what the run wrote for a page, row by row, and work nothing out.
SET LOCAL search_path = floor, public;
WITH invoice AS (
    INSERT INTO invoices SELECT * FROM invoices_PAGE
), charge AS (
    INSERT INTO charges SELECT * FROM charges_PAGE
), correction AS (
    INSERT INTO corrections (membership_id, charged_in, period_from, kind, reason, was_ore, is_ore)
    SELECT * FROM corrections_PAGE
)
INSERT INTO entries SELECT * FROM entries_PAGE;
