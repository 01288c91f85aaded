-- A key of this database's own: 244 random bits.
INSERT INTO fingerprint_key (key)
SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'));
