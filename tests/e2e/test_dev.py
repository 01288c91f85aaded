"""What a running `medlemsflyt dev` lets others do, and a second one."""

import subprocess
import sys
from pathlib import Path

from tests.devstack import Dev
from workers.stack.ports import HOST


async def test_second_start_says_who_is_in_the_way(stack):
    """The same folder, or the same ports, are refused with code 2 and a sentence."""
    dev = stack.dev
    same_folder = subprocess.run(dev.command(), capture_output=True, text=True, check=False)
    assert same_folder.returncode == 2
    assert f"(process {dev.process.pid})" in " ".join(same_folder.stderr.split())
    other = Dev(dev.folder.with_name("other"), dev.offset)
    same_ports = subprocess.run(other.command(), capture_output=True, text=True, check=False)
    assert same_ports.returncode == 2
    port = 7233 + int(dev.offset)
    assert f"Port {port}, wanted by Temporal," in " ".join(same_ports.stderr.split())


async def test_listens_on_this_machine_only(stack):
    """No port is reachable from another machine."""
    dev, record = stack.dev, stack.record
    assert record["temporal_address"].startswith(f"{HOST}:")
    wildcard = "00000000:"
    ports = {f"{port + int(dev.offset):04X}" for port in (7233, 8233, 7243, 1025, 8025)}
    listening = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}
    assert not {f"{wildcard}{port}" for port in ports} & listening


def modes(folder: Path, *, depth: int) -> dict[str, int]:
    """What others may do with a folder and what lies in it, by relative path."""
    found = [folder, *(path for level in range(depth) for path in folder.glob("*/" * level + "*"))]
    return {
        str(path.relative_to(folder)): path.stat().st_mode & 0o077
        for path in found
        if path.exists() and not path.is_socket()
    }


async def test_nobody_else_reads_what_is_kept(stack):
    """Also in a folder that was there before, with files that an earlier version left open."""
    dev = stack.dev
    found = modes(dev.folder, depth=2)
    assert {"temporal/temporal.db", "logs/temporal.log", "stack.json", "mail"} <= found.keys()
    assert {path: mode for path, mode in found.items() if mode} == {}


async def test_the_doctor_finds_nothing_broken(stack):
    """All parts work as `dev` starts them; what is for a developer alone is to be looked at."""
    command = (sys.executable, "-P", "-m", "workers", "doctor", "--data", str(stack.folder))
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "All of it works. Before real members come, look at" in ran.stdout
