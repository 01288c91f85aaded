-- Who somebody is, how to reach them, and what they have consented to. Names, addresses, national
-- ids and free text stand in this room alone.

CREATE FUNCTION plain_letters(written text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN replace(replace(replace(replace(translate(
            lower(written), 'åäàáâãæöøòóôõúùûüéèêëíìîïýÿçñðđłšžćčńőűğıśźżąęř''',
            'aaaaaaaoooooouuuueeeeiiiiyycnddlszccnougiszzaer'),
            'ß', 'ss'), 'aa', 'a'), 'ae', 'a'), 'oe', 'o');
COMMENT ON FUNCTION plain_letters(text) IS
    'A name in the letters a to z, as schemas.persons.folding has it for names of Latin letters.';

CREATE FUNCTION surname_key(name_key text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN substring(plain_letters(name_key) FROM '([a-z0-9]+)[^a-z0-9]*$');
COMMENT ON FUNCTION surname_key(text) IS
    'The last part of a name in plain letters: by it a payer''s name is looked up, whatever its order '
    '(P6).';

CREATE FUNCTION name_lexemes(written text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(array_remove(
        regexp_split_to_array(plain_letters(written), '[^a-z0-9]+'), ''));
COMMENT ON FUNCTION name_lexemes(text) IS
    'All parts of a name in plain letters, to be looked up by how they begin.';

-- What can be compared and not read ---------------------------------------------------------------

CREATE TABLE fingerprint_key (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    key bytea NOT NULL CHECK (length(key) = 32)
);
COMMENT ON TABLE fingerprint_key IS
    'What fingerprints are made under: without it all national ids could be tried. Made with the '
    'database, and read by the functions below alone (ADR 84).';

CREATE FUNCTION fingerprint(what text) RETURNS bytea
    LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
    SELECT sha256(key || sha256(key || convert_to(what, 'UTF8'))) FROM fingerprint_key;
END;
COMMENT ON FUNCTION fingerprint(text) IS
    'Tells a text from others without saying it: a keyed hash, the same in one database alone.';

CREATE FUNCTION fingerprint_of_number(national_id char(11)) RETURNS bigint
    LANGUAGE sql STABLE STRICT
    RETURN ('x' || left(encode(fingerprint('number ' || national_id), 'hex'), 16))::bit(64)::bigint;
COMMENT ON FUNCTION fingerprint_of_number(char) IS 'Of a national id: a place on a line, as ranges have it.';

CREATE FUNCTION fingerprint_of_person(name_key text, birth_date date, email_key text) RETURNS uuid
    LANGUAGE sql STABLE STRICT
    RETURN left(encode(fingerprint(jsonb_build_array(name_key, birth_date, email_key)::text), 'hex'),
                32)::uuid;
COMMENT ON FUNCTION fingerprint_of_person(text, date, text) IS
    'Of who is somebody by name, birth date and e-mail address; NULL: without an address nobody is.';

CREATE TABLE people (
    person_id text PRIMARY KEY CHECK (
        person_id ~ '^person-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    name text NOT NULL,
    name_key text NOT NULL,
    birth_date date NOT NULL,
    national_id char(11) CHECK (national_id ~ '^[0-9]{11}$'),
    email text,
    email_key text,
    phone text,
    address jsonb,
    language text NOT NULL CHECK (language IN ('nb', 'nn', 'en')),
    merged_into text REFERENCES people,
    merged_on date,
    CONSTRAINT people_are_reached CHECK (num_nonnulls(email, address) > 0),
    CONSTRAINT people_email_with_its_key CHECK ((email IS NULL) = (email_key IS NULL)),
    CONSTRAINT people_merged_on_a_day CHECK ((merged_into IS NULL) = (merged_on IS NULL)),
    CONSTRAINT people_merged_into_others CHECK (merged_into <> person_id)
);
COMMENT ON TABLE people IS
    'Every person once, with what is true of them now; memberships refer to their person.';
COMMENT ON COLUMN people.person_id IS 'Opaque. Made from the id of the application it came with.';
COMMENT ON COLUMN people.name_key IS 'The name without case and superfluous spaces, to compare.';
COMMENT ON COLUMN people.email_key IS 'The e-mail address without case, to compare.';
COMMENT ON COLUMN people.address IS 'As in the application. Without an e-mail address letters go there.';
COMMENT ON COLUMN people.merged_into IS
    'The person this one turned out to be: an applicant who was known. The row stays as it was, '
    'and no membership refers to it any more.';
CREATE INDEX people_national_id ON people (national_id);
CREATE INDEX people_name_and_birth_date ON people (name_key, birth_date);
CREATE INDEX people_birth_date ON people (birth_date);
CREATE INDEX people_surname ON people (surname_key(name_key));
CREATE INDEX people_by_name ON people USING gin (name_lexemes(name_key));
CREATE INDEX people_email ON people (email_key);
CREATE INDEX people_phone ON people (phone) WHERE phone IS NOT NULL;
CREATE INDEX people_merged ON people (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE earlier_names (
    person_id text NOT NULL REFERENCES people,
    serial bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    name_key text NOT NULL,
    until_on date NOT NULL,
    PRIMARY KEY (person_id, serial)
);
COMMENT ON TABLE earlier_names IS
    'What somebody was called before a change or a correction, and until when. Append-only.';
CREATE INDEX earlier_names_by_key ON earlier_names (name_key);
CREATE INDEX earlier_names_by_surname ON earlier_names (surname_key(name_key));
CREATE INDEX earlier_names_by_name ON earlier_names USING gin (name_lexemes(name_key));

CREATE TABLE earlier_contacts (
    person_id text NOT NULL REFERENCES people,
    serial bigint GENERATED ALWAYS AS IDENTITY,
    email text,
    email_key text,
    phone text,
    address jsonb,
    until_on date NOT NULL,
    PRIMARY KEY (person_id, serial)
);
COMMENT ON TABLE earlier_contacts IS
    'How somebody was reached before a change, and until when. Append-only.';
CREATE INDEX earlier_contacts_by_email ON earlier_contacts (email_key)
    WHERE email_key IS NOT NULL;
CREATE INDEX earlier_contacts_by_phone ON earlier_contacts (phone) WHERE phone IS NOT NULL;

CREATE TABLE consents (
    consent_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL REFERENCES people,
    kind text NOT NULL CHECK (kind IN ('terms', 'tell_recruiter', 'newsletter', 'guardian')),
    given boolean NOT NULL,
    stated_on date NOT NULL,
    how text NOT NULL
);
COMMENT ON TABLE consents IS
    'What somebody agreed to or took back, on which day and how; the latest of a kind holds. '
    'Append-only.';
COMMENT ON COLUMN consents.kind IS
    'The newsletter is independent of membership (S36); a guardian''s word lets a minor into the '
    'insurance package (A38).';
CREATE INDEX consents_of_a_person ON consents (person_id, kind, consent_id DESC);

CREATE VIEW present_consents AS
SELECT DISTINCT ON (person_id, kind) person_id, kind, given, stated_on, how
FROM consents
ORDER BY person_id, kind, consent_id DESC;
COMMENT ON VIEW present_consents IS 'What somebody''s word is now, of each kind the latest.';

CREATE TRIGGER earlier_names_append_only BEFORE UPDATE OR DELETE ON earlier_names
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER earlier_names_never_emptied BEFORE TRUNCATE ON earlier_names
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER earlier_contacts_append_only BEFORE UPDATE OR DELETE ON earlier_contacts
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER earlier_contacts_never_emptied BEFORE TRUNCATE ON earlier_contacts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consents_append_only BEFORE UPDATE OR DELETE ON consents
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consents_never_emptied BEFORE TRUNCATE ON consents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What two people are compared by ---------------------------------------------------------------

CREATE FUNCTION particulars_of(whose text)
    RETURNS TABLE (
        person_id text, birth_date date, national_id char(11), names text[], emails text[],
        phones text[], addresses jsonb)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE rows AS (
        SELECT people.* FROM people WHERE people.person_id = whose
        UNION ALL
        SELECT people.* FROM people JOIN rows ON people.merged_into = rows.person_id
    ), named AS (
        SELECT name, rows.person_id <> whose AS of_another, 0 AS serial FROM rows
        UNION ALL
        SELECT earlier_names.name, true, -earlier_names.serial
        FROM earlier_names JOIN rows ON rows.person_id = earlier_names.person_id
    ), reached AS (
        SELECT email, phone, address, rows.person_id <> whose AS of_another, 0 AS serial
        FROM rows
        UNION ALL
        SELECT earlier_contacts.email, earlier_contacts.phone, earlier_contacts.address, true,
               -earlier_contacts.serial
        FROM earlier_contacts JOIN rows ON rows.person_id = earlier_contacts.person_id
    )
    SELECT people.person_id, people.birth_date,
           coalesce(people.national_id, (SELECT min(rows.national_id) FROM rows)),
           (SELECT array_agg(name ORDER BY of_another, serial) FROM named),
           (SELECT array_agg(email ORDER BY of_another, serial) FROM reached
            WHERE email IS NOT NULL),
           (SELECT array_agg(phone ORDER BY of_another, serial) FROM reached
            WHERE phone IS NOT NULL),
           (SELECT jsonb_agg(address ORDER BY of_another, serial) FROM reached
            WHERE address IS NOT NULL)
    FROM people WHERE people.person_id = whose;
END;
COMMENT ON FUNCTION particulars_of(text) IS
    'What is known of a person, the present first, then what was so before; what is known of whoever '
    'was merged into them is known of them (N8).';

CREATE TABLE newsletter_subscriptions (
    email_key text PRIMARY KEY,
    email text NOT NULL,
    name text,
    language text NOT NULL CHECK (language IN ('nb', 'nn', 'en')),
    consented_on date NOT NULL,
    withdrawn_on date,
    CONSTRAINT newsletter_withdrawn_later CHECK (withdrawn_on >= consented_on)
);
COMMENT ON TABLE newsletter_subscriptions IS
    'Who asked for the newsletter by an address alone, whether or not they are members (S36); what a '
    'person consented to stands in consents.';

CREATE FUNCTION certainly_same(whose text) RETURNS TABLE (person_id text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT whose
    UNION
    SELECT other.person_id
    FROM people AS own JOIN people AS other ON other.national_id = own.national_id
    WHERE own.person_id = whose
    UNION
    SELECT other.person_id
    FROM people AS own JOIN people AS other
      ON other.name_key = own.name_key AND other.birth_date = own.birth_date
         AND other.email_key = own.email_key
         AND coalesce(other.national_id = own.national_id, true)
    WHERE own.person_id = whose;
END;
COMMENT ON FUNCTION certainly_same(text) IS
    'Who certainly is the same as a person, with that person: by national id, or by name, birth date '
    'and e-mail address (N8). An application comes with a person of its own.';

CREATE FUNCTION present_person(whose text) RETURNS text
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE up AS (
        SELECT people.person_id, people.merged_into FROM people WHERE people.person_id = whose
        UNION ALL
        SELECT people.person_id, people.merged_into
        FROM people JOIN up ON people.person_id = up.merged_into
    )
    SELECT person_id FROM up WHERE merged_into IS NULL;
END;
COMMENT ON FUNCTION present_person(text) IS
    'Who somebody is now: themselves, or whom they were merged into.';
