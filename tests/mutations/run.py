"""`make mutants`: makes each rule wrong in a copy of the project, and names what no test notices.

The project's own folder is never touched. Tests are read once; each mutation is tried in a process
forked from there, which makes it in what is loaded (``tests.mutations.live``). What is read when a
process starts, such as SQL, is tried in a process of its own.
"""

import argparse
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutations.live import make_wrong
from tests.mutations.mutation import Mutation
from tests.mutations.tables import MUTATIONS

ROOT = Path(__file__).parents[2]
FLOORS = ("schemas", "workflows", "activities", "workers", "tests", "docs")

LIBRARIES = (
    "asyncpg", "dateutil", "jinja2", "pydantic", "rapidfuzz", "stdnum.luhn", "temporalio.client",
    "temporalio.testing", "temporalio.worker", "typer", "typst",
)  # fmt: skip
"""Loaded once, before the forks; what is the project's own is loaded from the copy."""

PATIENCE = 300.0
"""Seconds; what runs longer was broken by the mutation, and so noticed."""

SURVIVED, NOTICED, NOT_SO = 0, 1, 90
"""Exit codes: no test failed, one did, it can't be made in a process that runs. Any other: what was
made wrong can't even be read."""

OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=short")


@dataclass
class Copy:
    """A copy of the project that a share of the mutations is tried in."""

    root: Path

    def wrong(self, mutation: Mutation) -> str:
        """Make a rule wrong in the copy's file, and return its text."""
        text = self.text(mutation).replace(mutation.old, mutation.new, 1)
        (self.root / mutation.path).write_text(text, encoding="utf-8")
        # Its compiled form may look as new as the text: it is told apart by seconds and length.
        for compiled in (self.root / mutation.path).parent.glob(
            f"__pycache__/{Path(mutation.path).stem}.*"
        ):
            compiled.unlink()
        return text

    def text(self, mutation: Mutation) -> str:
        """Return the text of a mutation's file."""
        return (self.root / mutation.path).read_text(encoding="utf-8")

    def right(self, mutation: Mutation, text: str) -> None:
        """Make it right again, as it was in the copy whatever the project is by now."""
        (self.root / mutation.path).write_text(text, encoding="utf-8")


def copies(folder: Path, number: int) -> list[Copy]:
    """Return so many copies of what the tests need."""
    found = [Copy(folder / str(each)) for each in range(number)]
    for copy in found:
        for name in FLOORS:
            ignored = shutil.ignore_patterns("__pycache__", "histories")
            shutil.copytree(ROOT / name, copy.root / name, ignore=ignored)
        for path in (path for path in ROOT.iterdir() if path.is_file()):
            shutil.copyfile(path, copy.root / path.name)
    return found


def exit_code_of(work: Callable[[], int]) -> int:
    """Return the exit code of work that is done in a process of its own, with a time limit."""
    process = os.fork()
    if not process:
        code = int(pytest.ExitCode.INTERNAL_ERROR)
        try:
            os.setsid()
            code = work()
        except BaseException:  # noqa: BLE001 - whatever it is, this process is not the parent
            traceback.print_exc()
        finally:
            # Nothing of the parent's is tidied up here.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    began = time.monotonic()
    while not (ended := os.waitpid(process, os.WNOHANG))[0]:
        if time.monotonic() - began > PATIENCE:
            os.killpg(process, signal.SIGKILL)
        time.sleep(0.02)  # nothing tells of a child's end that can be waited for with a limit
    return os.waitstatus_to_exitcode(ended[1])


def enter(copy: Copy) -> None:
    """Have everything that is loaded from now on come from the copy, and say nothing."""
    os.chdir(copy.root)
    sys.path[:] = [str(copy.root), *(place for place in sys.path if Path(place or ".") != ROOT)]
    for name in [name for name in sys.modules if name.partition(".")[0] in FLOORS]:
        del sys.modules[name]
    importlib.invalidate_caches()
    with (copy.root / "out.txt").open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)


def tests_alone(copy: Copy, tests: Sequence[str]) -> int:
    """Return pytest's exit code for some tests, in a process that has loaded nothing of ours."""
    enter(copy)
    sys.dont_write_bytecode = True
    return int(pytest.main([*OPTIONS, f"--rootdir={copy.root}", *tests]))


class Trying:
    """A plugin of pytest: in place of the tests it runs the mutations, each with its own tests.

    Args:
        copy: where the tests were read from.
        chosen: what is tried.
        tell: told of each mutation, its exit code and the seconds it took.
    """

    def __init__(
        self, copy: Copy, chosen: Sequence[Mutation], tell: Callable[[Mutation, int, float], None]
    ) -> None:
        self._copy, self._chosen, self._tell = copy, chosen, tell

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try them one after the other."""
        for mutation in self._chosen:
            began = time.monotonic()
            right = self._copy.text(mutation)
            code = self._try(session, mutation, right)
            self._copy.right(mutation, right)
            self._tell(mutation, code, time.monotonic() - began)
        return True

    def _try(self, session: pytest.Session, mutation: Mutation, right: str) -> int:
        wrong = self._copy.wrong(mutation)
        code = exit_code_of(lambda: _tried(session, mutation, right, wrong))
        if code == NOT_SO:
            code = exit_code_of(lambda: tests_alone(self._copy, mutation.tests))
        return code


def _tried(session: pytest.Session, mutation: Mutation, right: str, wrong: str) -> int:
    """Make a rule wrong here, run its tests until one fails, and return the exit code."""
    if mutation.path.endswith("queries.sql"):
        return NOT_SO  # read with the module that stands over it
    if mutation.path.endswith(".py") and not make_wrong(mutation.path, right, wrong):
        return NOT_SO
    root = Path(session.config.rootpath)
    wanted = {root / test for test in mutation.tests}
    items = [item for item in session.items if item.path in wanted]
    for item, following in zip(items, (*items[1:], None), strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            session._setupstate.teardown_exact(None)
            return NOTICED
    return SURVIVED


def share(copy: Copy, chosen: Sequence[Mutation], report: Path) -> int:
    """Try a share of the mutations, and write a line of the report for each."""

    def tell(mutation: Mutation, code: int, seconds: float) -> None:
        with report.open("a") as lines:
            lines.write(f"{code} {seconds:.1f} {MUTATIONS.index(mutation)}\n")

    enter(copy)
    tests = sorted({test for mutation in chosen for test in mutation.tests})
    plugin = Trying(copy, chosen, tell)
    return int(pytest.main([*OPTIONS, f"--rootdir={copy.root}", *tests], plugins=[plugin]))


def told(report: Path, known: int) -> Iterator[str]:
    """Yield the lines of a report that are not known yet, in words."""
    lines = report.read_text().splitlines() if report.exists() else []
    for line in lines[known:]:
        code, seconds, index = line.split()
        yield f"{became(int(code)):<9} {seconds:>5} s  {MUTATIONS[int(index)].says}"


def became(code: int) -> str:
    """Return what an exit code says of a mutation."""
    words = {SURVIVED: "SURVIVED", NOTICED: "noticed"}
    return words.get(code, "noticed" if code < 0 else "BROKEN")


def sound(copy: Copy, chosen: Sequence[Mutation]) -> bool:
    """Tell whether all the tests pass as long as nothing is wrong; prints what they say if not."""
    tests = sorted({test for mutation in chosen for test in mutation.tests})
    passed = not exit_code_of(lambda: tests_alone(copy, tests))
    if not passed:
        print((copy.root / "out.txt").read_text(encoding="utf-8"))
    return passed


def try_all(chosen: Sequence[Mutation], found: Sequence[Copy], report: Path) -> list[str]:
    """Try all of them in as many processes as there are copies; print and return the report."""
    processes = []
    for number, copy in enumerate(found):
        own = chosen[number :: len(found)]
        if not (process := os.fork()):
            os._exit(share(copy, own, report))
        processes.append(process)
    lines: list[str] = []
    while processes:
        processes = [each for each in processes if not os.waitpid(each, os.WNOHANG)[0]]
        for line in told(report, len(lines)):
            print(line, flush=True)
            lines.append(line)
        time.sleep(0.2)  # the children write to a file, and a file tells nobody
    return [*lines, *told(report, len(lines))]


def main() -> int:
    """Try the mutations that are asked for; the exit code tells whether one went unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", nargs="*", help="Ids of rules; all of them if none is named.")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--in", dest="within", default="", help="Only files whose path has this.")
    parser.add_argument("--trust", action="store_true", help="That the tests pass as it is.")
    asked = parser.parse_args()
    chosen = [
        mutation
        for mutation in MUTATIONS
        if (not asked.rules or mutation.rule in asked.rules) and asked.within in mutation.path
    ]
    for name in LIBRARIES:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        found = copies(Path(folder), asked.jobs)
        if not asked.trust and not sound(found[0], chosen):
            return 2
        lines = try_all(chosen, found, Path(folder) / "report")
    missed = [line for line in lines if not line.startswith("noticed")]
    print(
        f"{len(lines)} of {len(chosen)} mutations tried, not noticed: {len(missed)}",
        *missed,
        sep="\n",
    )
    return 1 if missed or len(lines) < len(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
