-- Two people who turned out to be one: who decided it, what it moved, and that it was undone. It
-- stands behind the memberships it is about.

CREATE TABLE merges (
    merge_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL REFERENCES people,
    merged_id text NOT NULL REFERENCES people,
    goes_on text REFERENCES memberships,
    ends text REFERENCES memberships,
    took_national_id boolean NOT NULL,
    decided_on date NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL,
    undo_until date NOT NULL CHECK (undo_until >= decided_on),
    CONSTRAINT merges_of_two CHECK (person_id <> merged_id),
    CONSTRAINT merges_end_one_of_two CHECK ((goes_on IS NULL) = (ends IS NULL) AND goes_on <> ends)
);
COMMENT ON TABLE merges IS
    'That two people are one, by a caseworker''s decision. Append-only; undone in merge_undoings.';
COMMENT ON COLUMN merges.person_id IS 'Who they are from then on.';
COMMENT ON COLUMN merges.merged_id IS 'Who was taken for another; the row of people stays as it was.';
COMMENT ON COLUMN merges.goes_on IS 'Of two living memberships the one that goes on; NULL: there were not two.';
COMMENT ON COLUMN merges.ends IS 'The other one: its workflow is told, and ends as a duplicate.';
COMMENT ON COLUMN merges.took_national_id IS 'The person had none and was given the other''s.';
CREATE INDEX merges_of_a_person ON merges (person_id);
CREATE INDEX merges_of_the_merged ON merges (merged_id);
CREATE INDEX merges_by_ended ON merges (ends) WHERE ends IS NOT NULL;

CREATE TABLE merge_undoings (
    merge_id bigint PRIMARY KEY REFERENCES merges,
    decided_on date NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL
);
COMMENT ON TABLE merge_undoings IS 'Merges that were a mistake, and who undid them. Append-only.';

CREATE TABLE merged_memberships (
    merge_id bigint NOT NULL REFERENCES merges,
    membership_id text NOT NULL REFERENCES memberships,
    PRIMARY KEY (merge_id, membership_id)
);
COMMENT ON TABLE merged_memberships IS
    'Whose memberships became another person''s by a merge, to be given back. Append-only.';

CREATE TABLE double_charges (
    merge_id bigint NOT NULL REFERENCES merges,
    membership_id text NOT NULL REFERENCES memberships,
    period_from date NOT NULL CHECK (extract(day FROM period_from) = 1),
    kind text NOT NULL CHECK (kind IN ('central_dues', 'local_dues', 'insurance_premium')),
    stays_ore bigint NOT NULL CHECK (stays_ore >= 0),
    PRIMARY KEY (merge_id, membership_id, period_from, kind)
);
COMMENT ON COLUMN double_charges.stays_ore IS
    'What the person was not charged twice of it: of a year''s fee the months that nothing else was '
    'charged for.';
COMMENT ON TABLE double_charges IS
    'What one person was charged twice, found by a merge: the dues run gives it back on this membership '
    'once, and charges it again when the merge is undone (N9). Append-only.';
CREATE INDEX double_charges_of_a_membership ON double_charges (membership_id);

CREATE VIEW standing_merges AS
SELECT * FROM merges
WHERE NOT EXISTS (SELECT FROM merge_undoings WHERE merge_undoings.merge_id = merges.merge_id);
COMMENT ON VIEW standing_merges IS 'The merges that hold.';

CREATE VIEW merge_credits AS
SELECT membership_id, period_from, kind,
       bool_or(merge_id IN (SELECT merge_id FROM standing_merges)) AS standing,
       min(stays_ore) FILTER (WHERE merge_id IN (SELECT merge_id FROM standing_merges)) AS stays_ore
FROM double_charges
GROUP BY membership_id, period_from, kind;
COMMENT ON VIEW merge_credits IS
    'Which charges are to be given back, as they were made twice; not standing: no longer, as the merge '
    'was undone.';

CREATE TRIGGER merges_append_only BEFORE UPDATE OR DELETE ON merges
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER merges_never_emptied BEFORE TRUNCATE ON merges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER merge_undoings_append_only BEFORE UPDATE OR DELETE ON merge_undoings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER merge_undoings_never_emptied BEFORE TRUNCATE ON merge_undoings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER merged_memberships_append_only BEFORE UPDATE OR DELETE ON merged_memberships
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER merged_memberships_never_emptied BEFORE TRUNCATE ON merged_memberships
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER double_charges_append_only BEFORE UPDATE OR DELETE ON double_charges
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER double_charges_never_emptied BEFORE TRUNCATE ON double_charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
