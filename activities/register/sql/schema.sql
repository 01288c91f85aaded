-- Who was carried over from another system, and whose workflow has yet to begin.

CREATE TABLE imported_members (
    number text PRIMARY KEY,
    membership_id text NOT NULL UNIQUE REFERENCES memberships,
    content_hash char(64) NOT NULL,
    month date NOT NULL CHECK (extract(day FROM month) = 1),
    imported_at timestamptz NOT NULL,
    begun boolean NOT NULL DEFAULT false,
    insurance text NOT NULL CHECK (insurance IN (
        'not_applicable', 'window_open', 'covered', 'reserved', 'ended')),
    insurance_on date
);
COMMENT ON TABLE imported_members IS
    'Each member of another system''s register once, from the transaction that wrote its rows on: an '
    'import that was stopped goes on with whoever has not begun.';
COMMENT ON COLUMN imported_members.number IS 'By which that system knew the member.';
COMMENT ON COLUMN imported_members.content_hash IS
    'Of what the register said: another line under a number that is known is refused.';
COMMENT ON COLUMN imported_members.month IS 'The first month that is charged here.';
COMMENT ON COLUMN imported_members.begun IS 'Whether the server has its workflow.';
COMMENT ON COLUMN imported_members.insurance IS
    'Where the package stood, as the register said; what was decided since stands in decisions.';
COMMENT ON COLUMN imported_members.insurance_on IS
    'Covered from, reserved on, or until when to reserve.';
CREATE INDEX imported_members_waiting ON imported_members (number) WHERE NOT begun;
