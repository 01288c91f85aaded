-- name: put_employer(orgnr, name, email, channel, password)!
-- Keep where an employer takes mail, and how its lists reach it; what is not given stays.
INSERT INTO employers (orgnr, name, email, list_channel, list_password)
VALUES (:orgnr, :name, :email, coalesce(:channel, 'folder'), :password)
ON CONFLICT (orgnr) DO UPDATE
SET name = excluded.name, email = excluded.email,
    list_channel = coalesce(:channel, employers.list_channel),
    list_password = coalesce(:password, employers.list_password);
