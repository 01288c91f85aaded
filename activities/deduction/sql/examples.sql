-- Fictitious employers, for `dev`, `demo` and tests; the addresses can't belong to anybody.

INSERT INTO employers (orgnr, name, email)
VALUES
    ('974760673', 'Eksempel AS', 'lonn@eksempel.example'),
    ('312345676', 'Fjord Drift AS', 'lonn@fjorddrift.example')
ON CONFLICT (orgnr) DO NOTHING;
