-- What S25 and section 6 say.
INSERT INTO tax_caps (year, cap_ore, confirmed, source)
VALUES
    (2021, 385000, true, 'section 6'),
    (2022, 580000, true, 'section 6'),
    (2023, 770000, true, 'section 6'),
    (2024, 800000, true, 'S25'),
    (2025, 825000, false, 'section 6');
