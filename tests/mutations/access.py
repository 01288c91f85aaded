"""Who decided, and together with whom, made wrong."""

from tests.mutations.mutation import mutations

STAMPS = ("tests/access/test_stamps.py",)
SIGNED = ("tests/membership/decisions/test_signed.py",)

MUTATIONS = (
    *mutations(
        "activities/payments/write_offs.py",
        ("tests/payments/test_by_two.py",),
        (("R6", "if not policies.four_eyes_write_off:", "if policies.four_eyes_write_off:"),),
    ),
    *mutations(
        "activities/payments/sql/schema.sql",
        ("tests/payments/test_by_two.py",),
        (("R6", "THEN one_subject = other_subject", "THEN false"),),
    ),
    *mutations(
        "schemas/access/stamps.py",
        STAMPS,
        (
            ("R5", "if claims.message != message:", "if False:"),
            ("R5", "if claims.sha256 != hashlib.sha256(data).hexdigest():", "if False:"),
            ("R5", "if now - claims.issued_at > valid_for:", "if False:"),
        ),
    ),
    *mutations(
        "schemas/access/signing.py",
        STAMPS,
        (
            ("R5", "if not voucher.vouches_for(claims):", "if False:"),
            ("R5", "if self.service != (AccessRole.SERVICE in claims.roles):", "if False:"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/four_eyes.py",
        SIGNED,
        (
            ("R6", "    if asker.system or is_same(asked.by, asker):", "    if asker.system:"),
            (
                "R6",
                "    if asker.system or is_same(asked.by, asker):",
                "    if is_same(asked.by, asker):",
            ),
            ("R6", "(asked.by.system and not asker.system)", "False"),
            ("R6", "return one.subject == other.subject", "return False"),
            ("R6", "one.said == said and one.on >= oldest", "one.said == said"),
            ("R6", 'message.change == "set_hidden"', "False"),
        ),
    ),
    *mutations(
        "workflows/membership/decisions/dispatch.py",
        SIGNED,
        (("R5", "replace(step, decided_by=by.name, outcomes=outcomes)", "step"),),
    ),
    *mutations(
        "workflows/membership/decisions/leaving.py",
        SIGNED,
        (("R6", "if not confirmed and not (alone and ", "if not confirmed and not ("),),
    ),
    *mutations(
        "workers/signing.py",
        ("tests/access/test_required.py",),
        (("R5", "            if stamp is None or signatures.ring:", "            if False:"),),
    ),
)
