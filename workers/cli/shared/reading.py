"""Reading what somebody typed: JSON is checked to be JSON, and sent as it stands."""

import json
import re
from datetime import date
from pathlib import Path
from typing import NoReturn

import typer
from pydantic import TypeAdapter, ValidationError

from schemas.shared.base import Line
from workers.errors import UserError

STDIN = "-"

MAX_BYTES = 2_000_000
"""Temporal takes no larger value; asking it would only be answered later and less clearly."""

_BLANK = re.compile(r"[ \t\r\n]*")
_LINE = re.compile(r"[^\r\n]+")


def read_one(file: str) -> bytes:
    """Return the one JSON value in a file, as it stands there.

    Args:
        file: a path, or ``-`` for standard input.

    Raises:
        UserError: the file can't be read, is not JSON, or is larger than Temporal takes.
    """
    text = _text(file)
    _value(text, _called(file))
    return _sendable(text, _called(file))


def read_many(file: str) -> list[bytes]:
    """Return the JSON values in a file: one, the elements of an array, or one a line.

    Args:
        file: a path, or ``-`` for standard input.

    Raises:
        UserError: as for ``read_one``, or there is none.
    """
    text, name = _text(file), _called(file)
    lines = [line.group() for line in _LINE.finditer(text) if line.group().strip()]
    if len(lines) > 1 and _is_whole(lines[0]):
        for number, line in enumerate(lines, start=1):
            _value(line, f"{name}, line {number},")
        found = lines
    elif isinstance(_value(text, name), list):
        found = _elements(text)
    else:
        found = [text]
    if not found:
        raise UserError(f"{name} is an empty list: it holds nothing to send.")
    return [_sendable(part, name) for part in found]


def _text(file: str) -> str:
    name = _called(file)
    try:
        data = typer.get_binary_stream("stdin").read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise UserError(
            f"{name} can't be read ({error.strerror}): name a file, or - for standard input."
        ) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{name} is not UTF-8 text: save it as UTF-8.") from None
    if not text.strip():
        raise UserError(f"{name} is empty: it must hold JSON.")
    return text


def _called(file: str) -> str:
    return "Standard input" if file == STDIN else file


def _value(text: str, name: str) -> object:
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{name} is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is not JSON that can be sent: {error}.") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON value")


def _is_whole(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _elements(text: str) -> list[str]:
    """Return the elements of an array as they stand; the text is known to be valid."""
    decoder, found = json.JSONDecoder(), []
    at = _BLANK.match(text, text.index("[") + 1).end()  # type: ignore[union-attr]
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        found.append(text[at:end])
        at = _BLANK.match(text, end).end()  # type: ignore[union-attr]
        if text[at] == ",":
            at = _BLANK.match(text, at + 1).end()  # type: ignore[union-attr]
    return found


def _sendable(text: str, name: str) -> bytes:
    data = text.strip().encode()
    if len(data) > MAX_BYTES:
        raise UserError(f"{name} is too large: Temporal takes {MAX_BYTES // 1_000_000} MB at most.")
    return data


def day_of(name: str, text: str) -> date:
    """Return a day that is typed as 2027-01-31.

    Raises:
        UserError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"Nothing was changed: --{name} must be a day, as 2027-01-31.") from None


def one_line(name: str, text: str) -> str:
    """Return one line of text as the database keeps it.

    Raises:
        UserError: it is none.
    """
    try:
        return TypeAdapter(Line).validate_python(text)
    except ValidationError:
        raise UserError(
            f"Nothing was changed: --{name} must be one line of 1 to 200 characters."
        ) from None
