-- name: rejected_intakes
-- List the applications that can't be read or break a rule, the latest first.
SELECT membership_id, received_on, faults
FROM rejected_intakes
ORDER BY received_on DESC, received_at DESC, membership_id;

-- name: suspended_payments
-- List the payments that no invoice could be found for, the oldest first.
SELECT reference, membership_id, suspense_ore AS amount_ore, paid_on
FROM payment_balances
WHERE suspense_ore > 0
ORDER BY paid_on, reference;

-- name: put_employer(orgnr, name, email)!
-- Keep where an employer takes payroll requests.
INSERT INTO employers (orgnr, name, email) VALUES (:orgnr, :name, :email)
ON CONFLICT (orgnr) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email;

-- name: put_branch(code, name, email)!
-- Keep a branch's name and contact.
INSERT INTO branches (code, name, email) VALUES (:code, :name, :email)
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email;

-- name: put_branch_dues(code, valid_from, local_ore, halves)!
-- Keep what a branch charges from a day on.
INSERT INTO branch_dues (code, valid_from, local_ore, halves)
VALUES (:code, :valid_from, :local_ore, :halves)
ON CONFLICT (code, valid_from)
DO UPDATE SET local_ore = EXCLUDED.local_ore, halves = EXCLUDED.halves;
