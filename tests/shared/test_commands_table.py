"""The table of commands: whole, and loaded one by one."""

import subprocess
import sys
from pathlib import Path

import pytest

import workers.cli
from workers.cli.commands import MODULES, commands_of

FOLDER = Path(workers.cli.__file__).parent


@pytest.mark.parametrize("module", MODULES)
def test_the_table_names_what_a_module_registers(module):
    """A command that is missing there could not be called; its line is what its own help says."""
    registered = {
        name: " ".join(command.help.split("\n\n")[0].split())
        for name, command in commands_of(module).items()
    }
    assert list(registered.items()) == list(MODULES[module].items())


def test_no_module_with_commands_is_missing():
    """Whoever adds commands finds out here that the table must name them."""
    with_commands = {
        ".".join(path.relative_to(FOLDER).with_suffix("").parts)
        for path in FOLDER.rglob("*.py")
        if "\ndef register(" in path.read_text(encoding="utf-8")
    }
    assert with_commands == set(MODULES)


def test_a_command_loads_no_other():
    """What only some commands need, as a workbook's library, holds up no other."""
    program = (
        "import sys; from workers.cli.commands import commands_of; commands_of('shared.schema');"
        "print([name for name in ('openpyxl', 'workers.cli.dues') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize(
    "asked",
    [
        "['--help']",
        "[], {'_MEDLEMSFLYT_COMPLETE': 'complete_bash', 'COMP_WORDS': 'x d', 'COMP_CWORD': '1'}",
    ],
)
def test_no_command_is_loaded_to_be_listed(asked):
    """`--help` and the shell's Tab answer at once: a line for each, of no module of a command."""
    program = (
        "import os, sys; from workers.cli import app\n"
        "def ask(words, environ={}):\n"
        "    os.environ.update(environ)\n"
        "    app(words, prog_name='medlemsflyt')\n"
        "try:\n"
        f"    ask({asked})\n"
        "except SystemExit:\n"
        "    pass\n"
        "print([name for name in ('openpyxl', 'workers.cli.dues') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    *said, loaded = ran.stdout.splitlines()
    assert any("dues-run" in line for line in said)
    assert loaded == "[]"
