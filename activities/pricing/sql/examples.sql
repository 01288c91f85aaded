-- Fictitious branches, for `dev`, `demo` and tests: neither the source nor a reading names a branch or
-- an amount (S4). The addresses can't belong to anybody. What is there already stays.

WITH added AS (
    INSERT INTO branches (code, name, email)
    VALUES
        ('OSLO', 'Oslo og omegn', 'oslo@example.org'),
        ('BERGEN', 'Bergen og Hordaland', 'bergen@example.org')
    ON CONFLICT (code) DO NOTHING
    RETURNING code
)
INSERT INTO branch_dues (code, valid_from, local_ore, halves)
SELECT code, '1970-01-01', local_ore, halves
FROM added JOIN (
    VALUES
        ('OSLO', 5000, false),
        -- A3: a branch that halves its dues together with the central ones.
        ('BERGEN', 4500, true)
) AS fictitious (code, local_ore, halves) USING (code);
