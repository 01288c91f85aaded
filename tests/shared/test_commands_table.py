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
    """A command that is missing there could not be called."""
    assert tuple(commands_of(module)) == MODULES[module]


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
