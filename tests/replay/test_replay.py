"""Recorded histories keep replaying: what runs today survives every new version of the code.

What is recorded, and how to add to it, stands in README.md beside this file.
"""

import os

import pytest
from temporalio import workflow

from tests.replay.contents import workflow_type
from tests.replay.corpus import (
    CORPUS,
    HISTORIES,
    failures,
    history_of,
    is_recording,
    replayer,
    replays,
)
from tests.replay.erased import ERASED
from tests.replay.later import LATER
from tests.replay.mutated import (
    MUTATIONS,
    BeginsLate,
    MutatedMembership,
    UnchangedMembership,
    UnchangedSettlement,
)
from tests.replay.posted import POSTED
from tests.replay.rebuilt import REBUILT
from tests.replay.settlements import SETTLEMENTS
from tests.replay.stories import STORIES
from workflows.membership.workflow import Membership

TOLD = LATER | SETTLEMENTS | ERASED | POSTED | REBUILT

EVERY = os.environ.get("MEDLEMSFLYT_STORIES") == "all" or is_recording()
PLAYED = TOLD if EVERY else ("another_job", "hides", "pays", "new_prices", "late_list", "new_build")
"""Those with the most turns; `make days` plays all."""


@pytest.mark.parametrize("name", STORIES)
async def test_every_story_plays_and_its_history_replays(apply, name):
    """What the present code does can be replayed by the present code."""
    life = await STORIES[name](apply)
    await replays(life.handle, life.skipper.client, name)


@pytest.mark.parametrize("name", PLAYED)
async def test_every_later_story_plays_and_its_history_replays(town, name):
    """The same for what comes after the approval, and for lists of deductions."""
    for recorded, handle in (await TOLD[name](town)).items():
        await replays(handle, town.hall.client, recorded)


@pytest.fixture(scope="module")
async def replayed():
    """Why histories do not replay, by their run: one replayer takes all of them."""
    return await failures(replayer(), CORPUS)


@pytest.fixture(scope="module")
async def mutated():
    """The same for workflows that do one thing more."""
    lives = [path for path in CORPUS if workflow_type(path) == Membership.__name__]
    others = [path for path in CORPUS if path not in lives]
    return {
        **await failures(replayer(MutatedMembership), lives),
        **await failures(replayer(mutations=[BeginsLate()]), others),
    }


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_recorded_histories_still_replay(replayed, path):
    """A change that breaks running memberships is caught here."""
    assert replayed.get(history_of(path).run_id) is None


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_mutation_is_caught(mutated, path):
    """The corpus has teeth: a workflow that does one thing more fails to replay."""
    assert isinstance(mutated.get(history_of(path).run_id), workflow.NondeterminismError)


async def test_a_stand_in_alone_spoils_nothing():
    """What is caught below is the change, not that another class makes it."""
    for name in ("another_job-2", "late_list"):
        history = history_of(HISTORIES / f"{name}.json")
        await replayer(UnchangedMembership, UnchangedSettlement).replay_workflow(history)


@pytest.mark.parametrize(
    ("mutation", "name"), [(cls, name) for cls, names in MUTATIONS.items() for name in names]
)
async def test_a_change_of_what_comes_late_is_caught(mutation, name):
    """It need not show in the first task: each history guards what only it goes through."""
    with pytest.raises(workflow.NondeterminismError):
        await replayer(mutation).replay_workflow(history_of(HISTORIES / f"{name}.json"))
