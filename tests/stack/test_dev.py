"""A folder that `medlemsflyt dev` is asked to start in."""

import pytest

from activities.secrecy.key_file import make_key_file
from workers.errors import UserError
from workers.stack.dev import DevStack
from workers.stack.ports import Ports


def test_an_encrypted_folder_is_not_started_plainly(tmp_path):
    """Nothing in it could be read: the word says what to do instead."""
    (tmp_path / "keys").mkdir()
    make_key_file(tmp_path / "keys" / "master.json")
    with pytest.raises(UserError, match="without --plain"):
        DevStack(tmp_path, Ports(), print, encrypted=False)
    DevStack(tmp_path, Ports(), print)
