"""The ids that workflows stand under: the whole form of each type's, in one table.

Whoever starts a workflow chooses its id, and it stands in logs, letters and addresses. So an id is
taken only if it can't say anything: nothing but what we write into it ourselves.
"""

import re

_YEAR = "[0-9]{4}"
_MONTH = f"{_YEAR}-(0[1-9]|1[0-2])"
_DAY = f"{_MONTH}-(0[1-9]|[12][0-9]|3[01])"
_DIGEST = "[0-9a-f]{16}"
_SETTLEMENT = rf"deduction-settlement-[0-9]{{8}}-{_MONTH}"
_BATCH = f"dues-run-{_MONTH}|arrears-{_DAY}|year-end-{_YEAR}|resend-{_DAY}|{_SETTLEMENT}"

FORMS = {
    "ArrearsRun": f"arrears-{_DAY}",
    "Audit": f"audit-{_DAY}(-dry-run)?",
    "BankImport": f"bank-import-{_DIGEST}",
    "DeductionReport": f"deduction-report-{_DIGEST}",
    "DeductionSettlement": rf"{_SETTLEMENT}(\.[0-9]{{1,2}})?",
    "DuesRun": f"dues-run-{_MONTH}",
    "Mailing": f"mailing-({_BATCH})",
    "Membership": "membership-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    # Temporal adds the time to the id that a Schedule names.
    "OnSchedule": rf"scheduled-(dues-run|arrears|audit|year-end)(-{_DAY}T[0-9:.]{{8,18}}Z)?",
    "Repricing": f"repricing-{_DAY}-[0-9a-f]{{12}}",
    "YearEndStatements": f"year-end-{_YEAR}",
}
"""By workflow type: a regular expression for the whole id."""

SHOWN = {
    "ArrearsRun": "arrears-YYYY-MM-DD",
    "Audit": "audit-YYYY-MM-DD",
    "BankImport": "bank-import-<16 hexadecimal digits of the file's id>",
    "DeductionReport": "deduction-report-<16 hexadecimal digits of the file's id>",
    "DeductionSettlement": "deduction-settlement-<payer number>-YYYY-MM",
    "DuesRun": "dues-run-YYYY-MM",
    "Mailing": "mailing-<batch>",
    "Membership": "membership-<uuid>, in lower case",
    "OnSchedule": "scheduled-<schedule>",
    "Repricing": "repricing-YYYY-MM-DD-<12 hexadecimal digits of the rulebook>",
    "YearEndStatements": "year-end-YYYY",
}
"""By workflow type: what whoever chose another id is told."""


def is_own_id(workflow_type: str, workflow_id: str) -> bool:
    """Tell whether an id has the form of its type's, which can hold nothing about anybody."""
    return re.fullmatch(FORMS[workflow_type], workflow_id) is not None
