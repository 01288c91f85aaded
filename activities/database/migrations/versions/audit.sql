-- What the audit finds, and whom it holds until that is put right.

CREATE INDEX entries_by_day ON entries USING brin (period_from, booked_on)
    WITH (pages_per_range = 32);
CREATE INDEX allocations_by_day ON allocations USING brin (allocated_on)
    WITH (pages_per_range = 32);

CREATE TABLE audit_findings (
    run text NOT NULL,
    check_name text NOT NULL,
    subject text NOT NULL,
    found_on date NOT NULL,
    membership_id text REFERENCES memberships,
    says text NOT NULL,
    mended boolean NOT NULL,
    PRIMARY KEY (run, check_name, subject)
);
COMMENT ON TABLE audit_findings IS
    'What each audit found to have drifted, and whether it mended it. No personal data. '
    'Append-only.';
CREATE TRIGGER audit_findings_append_only BEFORE UPDATE OR DELETE ON audit_findings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_findings_never_emptied BEFORE TRUNCATE ON audit_findings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
