ALTER TABLE decisions
    ADD COLUMN update_id text,
    ADD COLUMN applied jsonb,
    ADD CONSTRAINT decisions_applied_with_id CHECK ((update_id IS NULL) = (applied IS NULL));

CREATE UNIQUE INDEX decisions_one_per_update ON decisions (membership_id, update_id)
WHERE update_id IS NOT NULL;

COMMENT ON COLUMN decisions.update_id IS 'The update that the decision applied, under the id its sender chose: it counts once for a life.';
COMMENT ON COLUMN decisions.applied IS 'Which message that was, and its answer, given again when it is sent again.';
