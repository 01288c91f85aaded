-- What S25 and X1 say.
INSERT INTO tax_caps (year, cap_ore, confirmed, source)
VALUES
    (2021, 385000, true, 'X1'),
    (2022, 580000, true, 'X1'),
    (2023, 770000, true, 'X1'),
    (2024, 800000, true, 'S25'),
    (2025, 825000, false, 'X1');
