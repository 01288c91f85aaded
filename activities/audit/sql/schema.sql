-- What the audit finds, and whom it holds until that is put right.

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

CREATE TABLE holds (
    membership_id text NOT NULL REFERENCES memberships,
    check_name text NOT NULL,
    reason text NOT NULL,
    held_on date NOT NULL,
    about date,
    PRIMARY KEY (membership_id, check_name)
);
COMMENT ON TABLE holds IS
    'Who is not charged until something that drifted is put right. The row goes when an audit '
    'does not find it any more.';
COMMENT ON COLUMN holds.about IS 'The month it is about: audits look back so far while it stands.';
