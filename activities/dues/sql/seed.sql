-- A20: directly, or through the employer; never both.
INSERT INTO payers (code, account, by_list)
VALUES
    ('direct', 'members', false),
    ('payroll', 'employers', true);
