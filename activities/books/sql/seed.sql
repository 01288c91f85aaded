-- After NS 4102. What is charged for branches and for the insurer is not the union's income.
INSERT INTO book_accounts (account, number, title, grouping_category, grouping_code)
VALUES
    ('members', '1500', 'Medlemsfordringer', 'balanseverdiForOmloepsmiddel', '1500'),
    ('employers', '1510', 'Trekk til gode hos arbeidsgivere', 'balanseverdiForOmloepsmiddel', '1500'),
    ('bank', '1920', 'Bankinnskudd', 'balanseverdiForOmloepsmiddel', '1920'),
    ('suspense', '2990', 'Uplasserte innbetalinger', 'kortsiktigGjeld', '2990'),
    ('refunds', '2991', 'Tilbakebetalinger på vei ut', 'kortsiktigGjeld', '2990'),
    ('local_dues', '2992', 'Lokal kontingent til avdelingene', 'kortsiktigGjeld', '2990'),
    ('insurance_premium', '2993', 'Premie til forsikringsselskapet', 'kortsiktigGjeld', '2990'),
    ('insurance_office', '2995', 'Oppgjør med forsikringsselskapet', 'kortsiktigGjeld', '2990'),
    ('correction', '2994', 'Trukket for mye, og overført fra annet system',
     'kortsiktigGjeld', '2990'),
    ('branches', '2996', 'Skyldig avdelingene etter oppgjør', 'kortsiktigGjeld', '2990'),
    ('central_dues', '3920', 'Kontingent', 'annenDriftsinntekt', '3900'),
    ('bank_charges', '7770', 'Bankgebyr', 'annenDriftskostnad', '7700'),
    ('losses', '7830', 'Tap på fordringer', 'annenDriftskostnad', '7830'),
    ('bank_interest', '8050', 'Renteinntekt', 'finansinntekt', '8050');
