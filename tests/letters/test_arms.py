"""Every arm of every condition of the templates is one that a letter goes through."""

from functools import lru_cache
from itertools import product
from typing import Any

import pytest

from activities.letters import render
from schemas.shared.vocabulary import Audience, Language
from tests.letters.arms import Arms
from tests.letters.making import AUDIENCES
from tests.letters.test_templates import values
from tests.letters.variants import TO_OTHERS, VARIANTS


@pytest.mark.parametrize("language", Language)
def test_every_arm_is_written_by_some_letter(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no letter of the tests says is read by nobody before it goes out."""
    monkeypatch.setattr(render, "Environment", Arms)
    environment: Any = render._environment.__wrapped__(language)
    read_source = lru_cache(render.read_source.__wrapped__)
    monkeypatch.setattr(render, "_environment", lambda _: environment)
    to_all = VARIANTS if language is not Language.NB else (*VARIANTS, *TO_OTHERS)
    for (template, changes), posted in product(to_all, (False, True)):
        if posted and AUDIENCES[template] is not Audience.MEMBER:
            continue
        values_of = values(template, **changes, posted=posted)
        read_source(template, language).body.render(values_of)
    never = sorted(environment.known - environment.passed)
    assert not never, "\n".join(never)
