"""Memberships that began before histories were encrypted replay where they are (ADR 68)."""

from temporalio.worker import Replayer

from tests.replay.corpus import CORPUS, RECORDED, failures
from workers.encryption import converter_for
from workers.workflows import CONVERTER
from workflows.shared.sandbox import sandboxed_runner
from workflows.shared.tolerance import ToleranceInterceptor

WITH_TIMERS = ("early_pension", "notice_comes_too_late", "without_work")
"""Those with runs that lived on, by a timer, where they heard something."""


async def test_plain_histories_replay_where_all_is_encrypted_now(process):
    """What was heard in plain text made no run end then, and makes none end at its replay."""
    replayer = Replayer(
        workflows=RECORDED,
        workflow_runner=sandboxed_runner(),
        interceptors=[ToleranceInterceptor()],
        data_converter=converter_for(CONVERTER, process()),
    )
    lives = [path for path in CORPUS if path.stem.startswith(WITH_TIMERS)]
    assert len(lives) > len(WITH_TIMERS)
    assert await failures(replayer, lives) == {}
