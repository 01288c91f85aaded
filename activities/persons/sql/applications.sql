-- What somebody wrote to become a member. It stands behind the memberships it is about.

CREATE TABLE applications (
    membership_id text PRIMARY KEY REFERENCES memberships,
    content jsonb NOT NULL
);
COMMENT ON TABLE applications IS
    'The application of each membership with its free text, as it arrived and was corrected since.';
