-- A30: reminded twice, a caseworker at two months, a warning at three, struck off above three.
INSERT INTO arrears_ladder
    (step, about, in_hand, members_only, repeats, overdue_days, owed_months, more_months,
     after_step, gap_days, less_days, template, letter_key, task_kind, task_key, task_says)
VALUES
    ('first_reminder', 'invoice', false, false, false, 'first_reminder_days', NULL, 0,
     NULL, NULL, NULL, 'reminder_first', 'reminder-1-', NULL, NULL, NULL),
    -- It keeps its distance from the first, however late that one was.
    ('second_reminder', 'invoice', false, false, false, 'second_reminder_days', NULL, 0,
     'first_reminder', 'second_reminder_days', 'first_reminder_days',
     'reminder_second', 'reminder-2-', NULL, NULL, NULL),
    ('caseworker', 'member', false, false, false, NULL, 'arrears_task_months', 0,
     NULL, NULL, NULL, NULL, NULL, 'arrears', 'arrears/',
     'Owes %1$s øre for %2$s months. Get in touch, and find a way to pay.'),
    ('suspense', 'member', true, false, false, NULL, NULL, 0,
     NULL, NULL, NULL, NULL, NULL, 'arrears_suspense', 'arrears-suspense/',
     'Owes %1$s øre, and has that much in suspense or in credit. Place it: nobody is reminded '
     'meanwhile.'),
    ('warning', 'member', false, true, false, NULL, 'struck_off_months', 0,
     NULL, NULL, NULL, 'struck_off_warning', 'warning-', NULL, NULL, NULL),
    -- Its letter is the membership's own, once it has ended: until then it is told again.
    ('struck_off', 'member', false, true, true, NULL, 'struck_off_months', 1,
     'warning', 'warning_days', NULL, NULL, NULL, NULL, NULL, NULL);

-- Nothing has been listed yet: the first run looks at all there is.
INSERT INTO overdue_watch (listed_before, added_before) VALUES ('-infinity', '-infinity');
