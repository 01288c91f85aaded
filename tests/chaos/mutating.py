"""Wrong inputs, drawn by a seed: a right one with something done to it, or nothing of the kind."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**40, 0.1, -0.0, 1e308, "", " ", "\0",
    "\u202eevil", "٢٠٢٦-١١-٢٢", "9999-12-31", "0000-00-00", "2026-02-30", "2026-11-22T10:00:00Z",
    "<script>alert(1)</script>", "'; DROP TABLE members; --", "=1+1", "../../etc/passwd", "%s%n{0}",
    "\ud7ff\ue000", "😀" * 50, "x" * 10_000, "NaN", "true", [], {}, [[]], [None] * 100, {"": ""},
    {"x": {"x": {"x": 1}}},
)  # fmt: skip
"""What programs of others put where something else belongs."""

RAW = (
    b"", b"\x00", b"\xff\xfe", b"{", b"[", b'"', b"nul", b"{}}", b"[1,]", b"{'a': 1}", b"NaN",
    b"Infinity", b'{"a": 1, "a": 2}', b"\xef\xbb\xbf{}", b'"\\ud800"', b"[" * 5_000,
    b'{"a":' * 2_000, b"1" * 5_000,
)  # fmt: skip
"""What is no JSON, or hardly."""


def wrong_json(right: Any, chance: random.Random) -> bytes:
    """Return a message with one to three things of it made wrong, or something quite else."""
    if chance.random() < 0.15:
        return chance.choice(RAW)
    made = json.loads(json.dumps(right))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        made = _changed(made, chance)
    text = json.dumps(made, ensure_ascii=chance.random() < 0.5)
    return text.encode("utf-8", "surrogatepass")


def _changed(value: Any, chance: random.Random) -> Any:
    """Return a value with something in it, at whatever depth, that does not belong there."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(sorted(value))
        match chance.randrange(5):
            case 0:
                return {key: kept for key, kept in value.items() if key != name}
            case 1:
                return value | {name.upper(): value[name]}
            case 2:
                return value | {chance.choice(("", "surprise", "a\u0000b", "x" * 300)): value[name]}
        return value | {name: _changed(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        at = chance.randrange(len(value))
        return [*value[:at], _changed(value[at], chance), *value[at:]]
    if isinstance(value, str) and value and chance.random() < 0.4:
        at = chance.randrange(len(value))
        return (
            value[:at] + chance.choice(("", "\u0000", "é", " ", value, "\n", "0")) + value[at + 1 :]
        )
    return chance.choice(STRANGE)


Change = Callable[[bytes, random.Random], bytes]


def _flipped(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def _cut_short(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _without_a_part(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.randrange(1, 200) :]


def _with_a_part_twice(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    end = at + chance.randrange(1, 400)
    return content[:end] + content[at:end] + content[end:]


def _other_lines(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(3):
        case 0:
            lines[one], lines[other] = lines[other], lines[one]
        case 1:
            del lines[one]
        case 2:
            lines.insert(other, lines[one])
    return b"".join(lines)


def _other_digits(content: bytes, chance: random.Random) -> bytes:
    places = [at for at, byte in enumerate(content) if chr(byte).isdigit()]
    changed = bytearray(content)
    for at in chance.sample(places, min(len(places), chance.randrange(1, 4))):
        changed[at] = chance.choice(b"0123456789-")
    return bytes(changed)


def _inserted(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    odd = (
        b"\x00",
        b"\x1a",
        b"\r",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"&#0;",
        b"<!DOCTYPE a>",
        b";;;;",
        b'"',
        b"-",
    )
    return content[:at] + chance.choice(odd) + content[at:]


def _saved_otherwise(content: bytes, chance: random.Random) -> bytes:
    text = content.decode("utf-8-sig", "replace")
    return text.encode(chance.choice(("utf-16", "latin-1", "utf-8-sig", "cp865")), "replace")


CHANGES: Sequence[Change] = (
    _flipped, _cut_short, _without_a_part, _with_a_part_twice, _other_lines, _other_digits,
    _inserted, _saved_otherwise,
)  # fmt: skip


def wrong_file(right: bytes, chance: random.Random) -> bytes:
    """Return a file with one to three things done to it, as cables and spreadsheets do."""
    made = right
    for _ in range(chance.choice((1, 1, 2, 3))):
        made = chance.choice(CHANGES)(made, chance) if made else made
    return made
