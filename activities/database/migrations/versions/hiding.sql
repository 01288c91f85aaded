-- What a membership says from the moment a wish to be hidden is answered (invariant 12).

ALTER TABLE memberships ADD hiding boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN memberships.hiding IS
    'A wish to be hidden has been answered and is not in effect yet: nothing leaves but what ends '
    'it (invariant 12).';

-- Whoever has such a wish now: the last word of the notices is that they hide.
UPDATE memberships SET hiding = true
WHERE NOT hidden AND (
    SELECT (notice ->> 'hidden')::boolean
    FROM jsonb_array_elements(facts -> 'notices') WITH ORDINALITY AS told (notice, place)
    WHERE notice ->> 'kind' = 'set_hidden'
    ORDER BY place DESC LIMIT 1);

CREATE OR REPLACE FUNCTION protect_hidden_member() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_open boolean;
BEGIN
    SELECT NOT hidden AND NOT (
        hiding AND NEW.status = 'sending'
        AND NOT (NEW.audience = 'employer' AND NEW.template = 'payroll_stop' AND NEW.forwarded)
        AND NOT (NEW.audience = 'branch' AND NEW.template = 'branch_member_left'))
    INTO is_open
    FROM memberships WHERE membership_id = NEW.membership_id;
    IF is_open IS NOT TRUE THEN
        RAISE EXCEPTION 'nothing about a hidden member goes to %', NEW.audience
            USING ERRCODE = 'check_violation', CONSTRAINT = 'letters_protect_hidden_members';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION protect_hidden_member() IS
    'Invariants 4 and 12 (S30, S33, A27): refused unless the member is known not to be hidden; '
    'while a wish to be hidden waits, what that wish itself needs.';
