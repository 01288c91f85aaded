"""The record of a running one-machine stack: DIR/stack.json."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from workers.errors import UserError
from workers.settings.keys import KeySettings

DEFAULT_DATA_DIR = Path(".medlemsflyt")
STACK_FILE = "stack.json"


@dataclass(frozen=True)
class Stack:
    """Where the parts of a running `medlemsflyt dev` answer: the content of DIR/stack.json.

    Attributes:
        allow_synthetic_ids: as its workers do, so do the commands that are given to it.
        master_key: as MEDLEMSFLYT_MASTER_KEY, of its workers; None: they encrypt nothing.
        keys_database_url: as MEDLEMSFLYT_KEYS_DATABASE_URL.
    """

    temporal_address: str
    namespace: str
    ui_url: str
    http_url: str
    database_url: str
    mail_dir: str
    mail_url: str
    codec_url: str | None = None
    gateway_url: str | None = None
    allow_synthetic_ids: bool = False
    master_key: str | None = None
    keys_database_url: str | None = None

    @property
    def keys(self) -> KeySettings | None:
        """What encrypts its histories, for a command."""
        if self.master_key is None:
            return None
        return KeySettings(self.master_key, self.keys_database_url)

    def write(self, data_dir: Path) -> None:
        """Write DIR/stack.json in one step, so that a reader sees all of it or none."""
        draft = data_dir / f"{STACK_FILE}.new"
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        draft.replace(data_dir / STACK_FILE)


def load_stack(data_dir: Path) -> Stack:
    """Read the record of the stack that serves a folder.

    Args:
        data_dir: The folder given to `medlemsflyt dev --data`.

    Raises:
        UserError: When no stack serves it, or the record can't be read.
    """
    path = data_dir / STACK_FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Stack(**{name: found[name] for name in Stack.__dataclass_fields__ if name in found})
    except FileNotFoundError:
        raise UserError(
            f"No stack is running on {data_dir}: start one with "
            f"`medlemsflyt dev --data {data_dir}`."
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{path} can't be read ({error}): stop the stack and start it again with "
            f"`medlemsflyt dev --data {data_dir}`."
        ) from error
