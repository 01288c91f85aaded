-- name: is_a_hidden_members(email_key)$
-- Tell whether an address is that of somebody whom employers and branches must not know.
SELECT EXISTS (
    SELECT FROM people JOIN memberships USING (membership_id)
    WHERE people.email_key = :email_key AND (hidden OR hiding));

-- name: put_employer(orgnr, name, email, channel, password)!
-- Keep where an employer takes mail, and how its lists reach it; what is not given stays.
INSERT INTO employers (orgnr, name, email, list_channel, list_password)
VALUES (:orgnr, :name, :email, coalesce(:channel, 'folder'), :password)
ON CONFLICT (orgnr) DO UPDATE
SET name = excluded.name, email = excluded.email,
    list_channel = coalesce(:channel, employers.list_channel),
    list_password = coalesce(:password, employers.list_password);
