-- AvtaleGiro: who has told the bank to pay, and what is claimed of them.

CREATE TABLE mandate_reports (
    file_id char(64) NOT NULL REFERENCES inbound_files,
    position integer NOT NULL CHECK (position >= 1),
    place text NOT NULL,
    payer text CHECK (payer ~ '^[0-9]{9}$'),
    kid text,
    told text CHECK (told IN ('active', 'changed', 'ended')),
    wants_notice boolean,
    reported_on date NOT NULL,
    taken_on date NOT NULL,
    aside text,
    PRIMARY KEY (file_id, position),
    CONSTRAINT mandate_reports_have_a_place CHECK (
        aside IS NOT NULL OR num_nulls(payer, told, wants_notice) = 0)
);
COMMENT ON TABLE mandate_reports IS
    'What files of the bank tell of AvtaleGiro mandates for our account, record by record, and '
    'which of it is set aside. Append-only (P9).';
COMMENT ON COLUMN mandate_reports.payer IS
    'The fixed part of the KID: its type and the member number.';
COMMENT ON COLUMN mandate_reports.told IS
    'active: in a list of all there are; changed: new, or changed; ended: the member has ended it.';
COMMENT ON COLUMN mandate_reports.reported_on IS
    'The day of the bank''s transmission: what an older one tells changes nothing.';

CREATE TRIGGER mandate_reports_append_only BEFORE UPDATE OR DELETE ON mandate_reports
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER mandate_reports_never_emptied BEFORE TRUNCATE ON mandate_reports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE mandates (
    payer text PRIMARY KEY CHECK (payer ~ '^[0-9]{9}$'),
    membership_id text NOT NULL REFERENCES memberships,
    kid text NOT NULL,
    wants_notice boolean NOT NULL,
    since date NOT NULL,
    ended_on date,
    reported_on date NOT NULL
);
COMMENT ON TABLE mandates IS
    'Who has told the bank to pay our claims, as the latest report of the bank has it (P9).';
COMMENT ON COLUMN mandates.kid IS 'The one it was registered with: any of the member''s.';
COMMENT ON COLUMN mandates.wants_notice IS 'Whether the member wants to hear of each claim.';
COMMENT ON COLUMN mandates.since IS
    'The day we learned of it: what was issued up to it asks the member to pay.';
COMMENT ON COLUMN mandates.ended_on IS 'The day we learned of its end; NULL: it stands.';
CREATE INDEX mandates_of_membership ON mandates (membership_id);

CREATE TABLE mandate_lists (
    file_id char(64) PRIMARY KEY REFERENCES inbound_files,
    reported_on date NOT NULL
);
COMMENT ON TABLE mandate_lists IS
    'Files that list all mandates there are: who does not stand in the latest has none, whatever '
    'older files tell afterwards.';
