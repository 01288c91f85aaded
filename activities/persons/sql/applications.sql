-- What somebody wrote to become a member, and about it. It stands behind the memberships it is about.

CREATE TABLE applications (
    membership_id text PRIMARY KEY REFERENCES memberships,
    content jsonb NOT NULL
);
COMMENT ON TABLE applications IS
    'The application of each membership with its free text, as it arrived and was corrected since.';

CREATE TABLE remarks (
    membership_id text NOT NULL,
    number integer NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (membership_id, number),
    CONSTRAINT remarks_of_a_decision FOREIGN KEY (membership_id, number) REFERENCES decisions
);
COMMENT ON TABLE remarks IS
    'What people wrote: an applicant''s answer, somebody''s reason, what came in place of an '
    'application; with the decision it led to. '
    'Decisions are kept as they are; what was written of a person can be taken away.';
