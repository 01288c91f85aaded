-- name: find_members
-- Which of some people are members: by national id, or by name, birth date and e-mail address.
SELECT wanted.place, memberships.member_number
FROM unnest(:national_ids::text[], :name_keys::text[], :birth_dates::date[], :email_keys::text[])
         WITH ORDINALITY AS wanted (national_id, name_key, birth_date, email_key, place)
JOIN members ON members.national_id = wanted.national_id
JOIN memberships USING (membership_id)
UNION
SELECT wanted.place, memberships.member_number
FROM unnest(:national_ids::text[], :name_keys::text[], :birth_dates::date[], :email_keys::text[])
         WITH ORDINALITY AS wanted (national_id, name_key, birth_date, email_key, place)
JOIN members ON members.name_key = wanted.name_key AND members.birth_date = wanted.birth_date
            AND members.email_key = wanted.email_key
            AND coalesce(members.national_id = wanted.national_id, true)
JOIN memberships USING (membership_id);

-- name: find_member_numbers
-- Which of some member numbers are given.
SELECT member_number::text FROM memberships WHERE member_number = ANY (:numbers::char(8)[]);

-- name: find_kids
-- Which of some KIDs are an invoice's.
SELECT kid FROM invoices WHERE kid = ANY (:kids::text[]);

-- name: find_invoices
-- Which of some numbers are an invoice's.
SELECT number FROM invoices WHERE number = ANY (:numbers::text[]);
