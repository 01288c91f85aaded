"""Every place that keeps somebody hidden from outsiders, opened: each gate taken away by itself."""

from tests.mutations.mutation import mutations

LISTS = ("tests/deduction/test_hidden_in_between.py", "tests/deduction/test_delivery.py")

MUTATIONS = (
    *mutations(
        "activities/deduction/delivery.py",
        LISTS,
        (
            (
                "S30",
                "            if nobody:",
                "            if False:",
            ),
            ("S30", "        raise Stopped(SILENT)\n", "        pass\n"),
            ("invariant 12", 'hiding=row["hiding"],', "hiding=False,"),
            ("invariant 4", 'hidden=row["hidden"],', "hidden=False,"),
        ),
    ),
    *mutations(
        "activities/deduction/sql/queries.sql",
        LISTS,
        (
            (
                "S30",
                "WHERE lines.code <> 'STOP' AND NOT memberships.hidden AND NOT memberships.hiding",
                "WHERE lines.code <> 'STOP'",
            ),
            (
                "invariant 12",
                "AND NOT memberships.hidden AND NOT memberships.hiding\n      -- What the employer",
                "AND NOT memberships.hidden\n      -- What the employer",
            ),
            (
                "invariant 12",
                "WHERE list_number = :list_number AND NOT hidden AND NOT hiding AND NOT EXISTS (",
                "WHERE list_number = :list_number AND NOT hidden AND NOT EXISTS (",
            ),
        ),
    ),
    *mutations(
        "activities/deduction/sql/queries.sql",
        ("tests/deduction/test_silence.py",),
        (
            (
                "S30",
                "WHERE people.email_key = :email_key AND (hidden OR hiding));",
                "WHERE people.email_key = :email_key AND hidden);",
            ),
        ),
    ),
    *mutations(
        "activities/deduction/sql/queries.sql",
        ("tests/deduction/test_return_words.py", "tests/deduction/test_reports.py"),
        (
            (
                "S30",
                "WHERE (hidden OR hiding) AND stage <> 'ended'",
                "WHERE hidden AND stage <> 'ended'",
            ),
            ("S30", "WHERE (hidden OR hiding) AND stage <> 'ended'", "WHERE false"),
        ),
    ),
    *mutations(
        "activities/desk/sql/queries.sql",
        ("tests/desk/test_searching.py",),
        (
            (
                "S33",
                "AND NOT memberships.hidden AND NOT memberships.hiding\n    GROUP BY",
                "\n    GROUP BY",
            ),
            (
                "invariant 12",
                "AND NOT memberships.hidden AND NOT memberships.hiding\n    GROUP BY",
                "AND NOT memberships.hidden\n    GROUP BY",
            ),
            (
                "S33",
                "WHERE :own_branch::text IS NULL\n       OR memberships.branch = :own_branch",
                "WHERE true\n       OR memberships.branch = :own_branch",
            ),
        ),
    ),
    *mutations(
        "activities/membership/sql/queries.sql",
        ("tests/membership/test_changed.py", "tests/access/test_api.py"),
        (
            ("S30", "AND (:hidden OR NOT (hidden OR hiding))", "AND (:hidden OR true)"),
            (
                "invariant 12",
                "AND (:hidden OR NOT (hidden OR hiding))",
                "AND (:hidden OR NOT hidden)",
            ),
        ),
    ),
    *mutations(
        "activities/privacy/sql/queries.sql",
        ("tests/privacy/test_erasing.py",),
        (
            ("S33", "AND NOT (hidden OR hiding) AND letters", "AND letters"),
            (
                "invariant 12",
                "AND NOT (hidden OR hiding) AND letters",
                "AND NOT hidden AND letters",
            ),
        ),
    ),
    *mutations(
        "activities/pricing/sql/queries.sql",
        ("tests/pricing/test_announcing.py",),
        (("invariant 12", "    WHERE NOT hidden AND NOT hiding\n", "    WHERE NOT hidden\n"),),
    ),
    *mutations(
        "activities/persons/sql/queries.sql",
        ("tests/persons/test_merging.py",),
        (
            (
                "invariant 12",
                "SELECT memberships.membership_id, person_id, member_number, hidden OR hiding AS hidden,",
                "SELECT memberships.membership_id, person_id, member_number, hidden,",
            ),
            (
                "invariant 12",
                "coalesce((SELECT hidden OR hiding FROM memberships WHERE membership_id = goes_on), false)",
                "coalesce((SELECT hidden FROM memberships WHERE membership_id = goes_on), false)",
            ),
        ),
    ),
    *mutations(
        "activities/letters/sql/schema.sql",
        ("tests/letters/test_hidden.py", "tests/database/test_constraints.py"),
        (
            ("S30", "    SELECT NOT hidden AND NOT (", "    SELECT true AND NOT ("),
            (
                "invariant 12",
                "hiding AND NEW.status = 'sending'",
                "false AND NEW.status = 'sending'",
            ),
            (
                "L5",
                "AND NOT (NEW.audience = 'employer' AND NEW.template = 'payroll_stop' AND NEW.forwarded)",
                "AND NOT (NEW.audience = 'employer' AND NEW.template = 'payroll_stop')",
            ),
            (
                "S30",
                "AND (NEW.status = 'sending' OR NEW.audience <> OLD.audience))",
                "AND NEW.audience <> OLD.audience)",
            ),
        ),
    ),
    *mutations(
        "activities/letters/sql/open_letters.sql",
        ("tests/letters/test_hidden.py",),
        (
            ("S30", "    memberships.hidden,\n", "    false AS hidden,\n"),
            ("invariant 12", "    memberships.hiding,\n", "    false AS hiding,\n"),
        ),
    ),
    *mutations(
        "activities/letters/recipients.py",
        ("tests/letters/test_hidden.py", "tests/letters/test_delivery.py"),
        (("L5", "return case.hiding and letter.audience == Audience.EMPLOYER", "return False"),),
    ),
    *mutations(
        "schemas/access/shown.py",
        ("tests/access/test_silence.py",),
        (
            ("S30", "or may_view(roles, View.HIDDEN)", "or bool(roles)"),
            ("S33", 'if one["kind"] != "set_hidden"]', "if one]"),
        ),
    ),
    *mutations(
        "workers/gateway/narrowing.py",
        ("tests/access/test_silence.py",),
        (("S30", "    if isinstance(found, dict) and RESULT in found:", "    if False:"),),
    ),
    *mutations(
        "workers/gateway/memberships.py",
        ("tests/access/test_silence.py",),
        (("S30", "return shown_to(caller.roles, query, answer)", "return dict(answer)"),),
    ),
    *mutations(
        "schemas/access/roles.py",
        ("tests/access/test_roles.py",),
        (
            (
                "S33",
                "return bool(roles) and hidden is False and own_branch",
                "return bool(roles) and own_branch",
            ),
        ),
    ),
)
