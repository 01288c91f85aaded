"""`make simulate-mutants`: bugs planted by hand, each of which a simulated union must notice.

Each is made in a copy of the project, where unions are led until something is found, ten at most.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutations.mutation import Mutation, mutations, shown
from tests.simulation.processes import running

ROOT = Path(__file__).parents[2]
SEEDS = 10
LIVES, YEARS = 80, 5
FLOORS = ("schemas", "workflows", "activities", "workers", "tests")

NONE: tuple[str, ...] = ()
"""No test of its own: what is expected comes from the model alone."""

MUTANTS: tuple[Mutation, ...] = (
    *mutations(
        "schemas/dues/rates.py",
        NONE,
        (
            (
                "S12",
                "return round_up(whole * MONTHS * percent / 100, policies)",
                "return int(whole * MONTHS * percent / 100)",
            ),
            ("S2", "return rates.full_central_ore", "return rates.full_central_ore + 1"),
        ),
    ),
    *mutations(
        "schemas/dues/amounts.py",
        NONE,
        (
            (
                "S5",
                "return counts <= in_force(rulebook.dues, on).half_at_most_percent",
                "return counts < in_force(rulebook.dues, on).half_at_most_percent",
            ),
            ("S21", "_part_rate(Paid.QUARTER", "_part_rate(Paid.HALF"),
            ("A13", "remaining = MONTHS + 1 - on.month", "remaining = MONTHS - on.month"),
            ("A15", "if past_retirement and not policies.half_past_67:", "if False:"),
            ("A3", "halved = has_half_dues(facts, rulebook, on)", "halved = False"),
        ),
    ),
    *mutations(
        "schemas/membership/situation.py",
        NONE,
        (
            (
                "A12",
                "return day if day.day == 1 else months_before(day, -1)",
                "return day if day.day == 1 else months_before(day, -2)",
            ),
            (
                "A31",
                "return months_before(notice.recorded_on, months)",
                "return months_before(notice.recorded_on, months - 1)",
            ),
            (
                "L7",
                "return month_after(death.reported_on)",
                "return first_of_month(death.reported_on)",
            ),
            (
                "S33",
                "return None if self.hidden else self.home_branch",
                "return self.home_branch",
            ),
            (
                "A23",
                "idle = self.hidden or self.on_leave or self.position_percent == 0",
                "idle = self.on_leave or self.position_percent == 0",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/insurance.py",
        NONE,
        (
            (
                "A17",
                "return max(coverages_end(born, rulebook).values())",
                "return min(coverages_end(born, rulebook).values())",
            ),
            (
                "A18",
                "return covered_from if whole else month_after(covered_from)",
                "return first_of_month(covered_from)",
            ),
            (
                "A21",
                "timedelta(days=rulebook.policies_on(noticed_on).window_days)",
                "timedelta(days=rulebook.policies_on(noticed_on).window_days + 3)",
            ),
        ),
    ),
    *mutations(
        "schemas/membership/waivers.py",
        NONE,
        (("L4", "WaiverKind.LEAVE: 0,", "WaiverKind.LEAVE: 25,"),),
    ),
    *mutations(
        "workflows/membership/decisions/leaving.py",
        NONE,
        (
            (
                "A29",
                "months_before(message.received_on, -1 - months),",
                "months_before(message.received_on, -months),",
            ),
        ),
    ),
    *mutations(
        "activities/payments/ocr.py",
        NONE,
        (("P8", 'reversal = first.sign == "-" or first.kind in _REVERSALS', "reversal = False"),),
    ),
    *mutations(
        "activities/dues/sql/queries.sql",
        NONE,
        (
            (
                "2",
                "abs(amount_ore) AS amount_ore\n    FROM fresh",
                "abs(amount_ore) + 1 AS amount_ore\n    FROM fresh",
            ),
            (
                "A31",
                "SELECT * FROM due\n    WHERE amount_ore <> 0 AND",
                "SELECT * FROM due\n    WHERE amount_ore > 0 AND",
            ),
        ),
    ),
)


def copy_of(folder: Path) -> Path:
    """Return a copy of what a simulation needs."""
    for name in FLOORS:
        ignored = shutil.ignore_patterns("__pycache__", "histories")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for path in (path for path in ROOT.iterdir() if path.is_file()):
        shutil.copyfile(path, folder / path.name)
    return folder


def simulated(copy: Path, url: str, seeds: int) -> tuple[int, str]:
    """Lead unions in a copy; return the exit code and what was found first."""
    ended = subprocess.run(
        (
            *(sys.executable, "-B", "-m", "tests.simulation", "--first", "--jobs", "0"),
            *("--server", url, "--seeds", f"{seeds}", "--lives", f"{LIVES}", "--years", f"{YEARS}"),
        ),
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in ended.stderr.splitlines() if line.strip()]
    found = next((line for line in lines if line.startswith("seed ")), "".join(lines[-1:]))
    return ended.returncode, found


def main() -> int:
    """Try them and print a line of the table for each; 1 if one is not noticed."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation.mutants")
    options.add_argument("--seeds", type=int, default=SEEDS)
    options.add_argument("rules", nargs="*", help="Only these rules.")
    given = options.parse_args()
    chosen = [one for one in MUTANTS if not given.rules or one.rule in given.rules]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="simulation-mutants-") as name, running() as url:
        copy = copy_of(Path(name))
        for mutant in chosen:
            began, path = time.monotonic(), copy / mutant.path
            right = path.read_text(encoding="utf-8")
            path.write_text(right.replace(mutant.old, mutant.new, 1), encoding="utf-8")
            code, found = simulated(copy, url, given.seeds)
            path.write_text(right, encoding="utf-8")
            caught = code == 1 and found.startswith("seed ")
            missed += not caught
            said = found.partition(":")[0] if caught else f"MISSED {found}"
            seconds = time.monotonic() - began
            print(f"{mutant.rule:<4} {said:<9} {seconds:4.0f} s  {shown(mutant.old)}", flush=True)
            if caught:
                print(f"     {found[:150]}", flush=True)
    print(f"simulation_mutants {len(chosen)}")
    print(f"simulation_mutants_missed {missed}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
