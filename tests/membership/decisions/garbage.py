"""Garbage for every field of every message, and instead of a message as a whole."""

import json
from typing import Any

SECRET = "HEMMELIG"
"""Stands in everything that is sent and must stand in nothing that is answered."""

LONG = SECRET * 125_000
"""1 MB of text."""

# What each kind of field can't be. Each JSON text holds the secret or a number to look for.
NO_TEXT: dict[str, str] = {
    "number": "8675309",
    "list": f'["{SECRET}"]',
    "object": f'{{"x": "{SECRET}"}}',
    "boolean": "true",
    "float": "867.5309",
    "NaN": "NaN",
    "huge_int": "8675309" * 20,
}
NO_LINE = NO_TEXT | {
    "empty": '""',
    "spaces": '"   "',
    "NUL": f'"{SECRET}\\u0000"',
    "control": f'"{SECRET}\\u0007"',
    "DEL": f'"{SECRET}\\u0080"',
    "megabyte": f'"{LONG}"',
}
NO_WORD = NO_TEXT | {"unknown": f'"{SECRET}"', "empty": '""', "megabyte": f'"{LONG}"'}
NO_DATE = NO_TEXT | {
    "text": f'"{SECRET}"',
    "empty": '""',
    "timestamp": '"513648000"',
    "too_late": '"9999-12-31"',
    "too_early": '"0001-01-01"',
    "impossible": '"2026-02-30"',
    "with_a_time": '"2026-11-22T10:00:00Z"',
    "another_form": '"22.11.2026"',
    "another_script": '"٢٠٢٦-١١-٢٢"',
    "negative": '"-2026-11-22"',
}
KINDS: dict[str, dict[str, str]] = {
    "line": NO_LINE | {"newline": f'"{SECRET}\\nX"', "tab": f'"{SECRET}\\tX"'},
    "prose": NO_LINE,
    "word": NO_WORD,
    "date": NO_DATE,
    "month": NO_WORD | {"date": '"2026-11-22"', "month_13": '"2026-13"', "script": '"٢٠٢٦-١١"'},
    "digits": NO_WORD | {"one": '"8"', "signed": '"-86753"', "script": '"٨٦٧٥"'},
    "ore": {
        "text": f'"{SECRET}"',
        "number_as_text": '"86753"',
        "float": "867.5",
        "whole_float": "867.0",
        "zero": "0",
        "negative": "-8675309",
        "huge_int": "8675309" * 20,
        "endless_int": "8675309" * 1000,
        "NaN": "NaN",
        "infinity": "Infinity",
        "boolean": "true",
        "list": f'["{SECRET}"]',
        "object": f'{{"x": "{SECRET}"}}',
    },
    "object": {
        "text": f'"{SECRET}"',
        "number": "8675309",
        "list": f'["{SECRET}"]',
        "boolean": "true",
        "unknown_field": f'{{"x": "{SECRET}"}}',
    },
    "objects": {
        "text": f'"{SECRET}"',
        "number": "8675309",
        "object": f'{{"x": "{SECRET}"}}',
        "boolean": "true",
        "list_of_text": f'["{SECRET}"]',
        "unknown_field": f'[{{"x": "{SECRET}"}}]',
    },
    "code": NO_TEXT
    | {
        "spaces": f'"{SECRET} {SECRET}"',
        "empty": '""',
        "newline": f'"{SECRET}\\nX"',
        "script": '"٨٦٧٥"',
        "megabyte": f'"{LONG}"',
    },
    "percent": {
        "text": f'"{SECRET}"',
        "empty": '""',
        "negative": "-86753",
        "too_much": '"100.001"',
        "too_fine": '"49.8675309"',
        "NaN": '"NaN"',
        "infinity": '"Infinity"',
        "boolean": "true",
        "list": f'["{SECRET}"]',
        "object": f'{{"x": "{SECRET}"}}',
    },
    "flag": {
        "text": f'"{SECRET}"',
        "true_as_text": '"true"',
        "number": "8675309",
        "one": "1",
        "float": "867.5309",
        "list": f'["{SECRET}"]',
        "object": f'{{"x": "{SECRET}"}}',
    },
    "count": {
        "text": f'"{SECRET}"',
        "number_as_text": '"867"',
        "float": "867.5",
        "negative": "-8675309",
        "too_many": "8675309",
        "endless_int": "8675309" * 1000,
        "NaN": "NaN",
        "boolean": "true",
        "list": f'["{SECRET}"]',
        "object": f'{{"x": "{SECRET}"}}',
    },
}

# Every field of every message: its kind, and whether it must be there.
FIELDS: dict[str, dict[str, tuple[str, bool]]] = {
    "decide_application": {
        "decision": ("word", True),
        "caseworker": ("line", True),
        "reason": ("prose", False),
        "category": ("word", False),
        "branch": ("line", False),
    },
    "supply_information": {
        "information": ("prose", True),
        "applicant": ("object", False),
        "category": ("word", False),
        "employment": ("object", False),
        "other_employments": ("objects", False),
        "study": ("object", False),
        "apprenticeship": ("object", False),
        "pension": ("object", False),
        "additional_information": ("prose", False),
    },
    "withdraw_application": {"reason": ("prose", False)},
    "record_insurance_notice": {"outcome": ("word", True), "on": ("date", True)},
    "reserve_insurance": {"received_on": ("date", True)},
    "enroll_insurance": {"from_on": ("date", True)},
    "record_payment": {
        "reference": ("line", True),
        "amount_ore": ("ore", True),
        "paid_on": ("date", True),
        "kid": ("digits", False),
    },
    "answer_payroll_request": {
        "answer": ("word", True),
        "first_period": ("month", False),
        "reason": ("prose", False),
    },
    "change_employment": {
        "effective_on": ("date", True),
        "employment": ("code", False),
        "employer_orgnr": ("digits", False),
        "employer_name": ("line", False),
        "position_percent": ("percent", False),
        "until_on": ("date", False),
        "deducts": ("flag", False),
        "branch": ("line", False),
    },
    "change_category": {
        "category": ("word", True),
        "effective_on": ("date", True),
        "evidence": ("prose", False),
        "ends_on": ("date", False),
    },
    "report_pension": {
        "kind": ("word", True),
        "from_on": ("date", True),
        "working_percent": ("percent", False),
    },
    "set_hidden": {
        "hidden": ("flag", True),
        "effective_on": ("date", True),
        "consent": ("flag", False),
        "branch": ("line", False),
    },
    "grant_leave": {
        "from_on": ("date", True),
        "until_on": ("date", True),
        "caseworker": ("line", True),
        "reason": ("prose", False),
    },
    "withdraw_change": {
        "change": ("word", True),
        "effective_on": ("date", True),
        "employment": ("code", False),
        "reason": ("prose", False),
    },
    "resign": {"received_on": ("date", True), "reason": ("prose", False)},
    "report_arrears": {
        "as_of": ("date", True),
        "owed_ore": ("ore", True),
        "owed_months": ("count", True),
    },
    "record_death": {"died_on": ("date", True), "caseworker": ("line", True)},
    "reprice": {"rulebook": ("digits", True)},
}

RIGHT: dict[str, dict[str, Any]] = {
    "decide_application": {"decision": "approve", "caseworker": "ola"},
    "supply_information": {"information": "Se vedlagt"},
    "withdraw_application": {},
    "record_insurance_notice": {"outcome": "delivered", "on": "2026-11-25"},
    "reserve_insurance": {"received_on": "2026-12-01"},
    "enroll_insurance": {"from_on": "2027-01-01"},
    "record_payment": {"reference": "B-1", "amount_ore": 1, "paid_on": "2026-12-01"},
    "answer_payroll_request": {"answer": "accepted"},
    "change_employment": {
        "effective_on": "2027-02-01",
        "employer_orgnr": "974760673",
        "position_percent": "50",
    },
    "change_category": {"category": "ordinary", "effective_on": "2027-07-01"},
    "report_pension": {"kind": "afp", "from_on": "2027-03-01"},
    "set_hidden": {"hidden": True, "effective_on": "2027-01-15"},
    "grant_leave": {
        "from_on": "2027-02-01",
        "until_on": "2027-07-31",
        "caseworker": "ola",
    },
    "withdraw_change": {"change": "resign", "effective_on": "2027-01-10"},
    "resign": {"received_on": "2027-01-10"},
    "report_arrears": {"as_of": "2027-05-01", "owed_ore": 198000, "owed_months": 4},
    "record_death": {"died_on": "2027-01-10", "caseworker": "ola"},
    "reprice": {"rulebook": "0f" * 32},
}

WHOLES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "text": f'"{SECRET}"'.encode(),
    "empty_text": b'""',
    "number": b"8675309",
    "float": b"867.5309",
    "NaN": b"NaN",
    "boolean": b"true",
    "list": f'["{SECRET}"]'.encode(),
    "empty_list": b"[]",
    "list_of_objects": f'[{{"decision": "{SECRET}"}}]'.encode(),
    "unknown_field": f'{{"unknown": "{SECRET}"}}'.encode(),
    "half_an_object": f'{{"a": "{SECRET}"'.encode(),
    "no_JSON": SECRET.encode(),
    "python": f"{{'decision': '{SECRET}'}}".encode(),
    "megabyte_of_text": f'"{LONG}"'.encode(),
    "megabyte_of_no_JSON": LONG.encode(),
    "deep_list": b"[" * 100_000,
    "deep_object": b'{"a":' * 100_000,
    "deep_and_closed": b"[" * 50_000 + b"]" * 50_000,
    "lone_surrogate": f'{{"caseworker": "{SECRET}\\ud800"}}'.encode(),
    "no_UTF-8": b'{"caseworker": "\xff\xfe"}',
    "UTF-16": f'{{"a": "{SECRET}"}}'.encode("utf-16"),
    "byte_order_mark": b"\xef\xbb\xbf{}",
    "binary": bytes(range(256)),
    "two_objects": b"{}{}",
    "many_fields": json.dumps({f"f{n}": SECRET for n in range(10_000)}).encode(),
}
