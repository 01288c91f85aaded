-- New prices: what was decided, by whom, and the rulebook that came of it.

CREATE TABLE repricings (
    effective_on date NOT NULL CHECK (extract(day FROM effective_on) = 1),
    rulebook_version char(64) NOT NULL CHECK (rulebook_version ~ '^[0-9a-f]{64}$'),
    change jsonb NOT NULL,
    approved_by text NOT NULL CHECK (approved_by <> ''),
    approved_on date NOT NULL,
    PRIMARY KEY (effective_on, rulebook_version),
    CONSTRAINT repricings_lie_ahead CHECK (approved_on < effective_on)
);
COMMENT ON TABLE repricings IS
    'Changes of prices and rules as they were approved: the past is never among them. Append-only.';
COMMENT ON COLUMN repricings.rulebook_version IS
    'The rulebook with the change in it; every membership plans its terms by it.';
COMMENT ON COLUMN repricings.change IS 'schemas.pricing.contracts.PriceChange.';
CREATE TRIGGER repricings_append_only BEFORE UPDATE OR DELETE ON repricings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER repricings_never_emptied BEFORE TRUNCATE ON repricings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
