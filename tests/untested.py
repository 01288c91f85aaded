"""What a machine lacks is not tested, and never silently: the last line says so, CI fails.

A plugin of pytest; tests/conftest.py loads it.
"""

import os
from collections import Counter
from collections.abc import Generator
from typing import Any, NoReturn

import pytest

NO_SKIPS = "MEDLEMSFLYT_NO_SKIPS"
"""Set to 1 where everything that tests need is installed: what is skipped there has failed."""


def not_tested(missing: str, packages: str) -> NoReturn:
    """Skip a test for want of a program.

    Args:
        missing: what is not there, as the beginning of a sentence.
        packages: what brings it on Debian.
    """
    pytest.skip(f"{missing} is not installed: `apt-get install {packages}`, as root, brings it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that was skipped fail where nothing may be skipped."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _judge(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file."""
    report = yield
    _judge(report)
    return report


def _judge(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get(NO_SKIPS) == "1":
        report.outcome = "failed"
        report.longrepr = f"{NO_SKIPS}=1, and this was skipped: {_reason(report)}"


def _reason(report: Any) -> str:
    """Return why a test was skipped, in its own words."""
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(said).removeprefix("Skipped: ")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a sentence what was not tested, and how to get it."""
    skipped = Counter(_reason(report) for report in terminalreporter.getreports("skipped"))
    for reason, number in skipped.items():
        tests = "1 test" if number == 1 else f"{number} tests"
        terminalreporter.write_line(f"Not tested: {tests}, since {reason}.", yellow=True)
