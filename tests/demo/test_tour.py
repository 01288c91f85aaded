"""The demo's folder is emptied before each story, and nobody else's."""

import pytest

from workers.demo.tour import _empty
from workers.errors import UserError
from workers.gateway.identity.kept import FILE as IDENTITY_FILE
from workers.settings import STACK_FILE
from workers.stack.dev import FOLDERS

FILES = ("lock", STACK_FILE, IDENTITY_FILE, "faktura.pdf", "life.svg", "life.png")


@pytest.fixture
def left(tmp_path):
    """What a demo leaves behind: all that a stack keeps, and its pictures."""
    for folder in (*FOLDERS, "postgres", "postgres-socket"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "kept").touch()
    for file in FILES:
        (tmp_path / file).touch()
    return tmp_path


def test_a_second_demo_clears_what_the_first_one_left(left):
    """Whatever a stack keeps goes, employers' lists among it; the lock is held by the demo."""
    assert (left / "lists").is_dir()
    _empty(left)
    assert [path.name for path in left.iterdir()] == ["lock"]


def test_a_folder_with_something_else_in_it_is_left_alone(left):
    """Nothing is removed, and the sentence says what to do."""
    (left / "thesis.txt").touch()
    before = set(left.rglob("*"))
    with pytest.raises(UserError, match="choose another folder with --data"):
        _empty(left)
    assert set(left.rglob("*")) == before
