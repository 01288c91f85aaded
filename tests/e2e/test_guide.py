"""The caseworkers' Norwegian guide, gone through as it stands: its pictures are made here.

`MEDLEMSFLYT_PICTURES=1 make e2e ARGS="-k guide"` lays them into docs/pictures anew.
"""

import os
import re
from pathlib import Path

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.e2e.conftest import ROOT, RunningStack
from tests.e2e.test_desk import (
    AtTheDesk,
    desk,  # noqa: F401 - a fixture
    somebody,
)
from tests.e2e.test_temporal_ui import browser  # noqa: F401 - a fixture

GUIDE = ROOT / "docs" / "for-saksbehandlere.md"
PICTURES = ROOT / "docs" / "pictures"
NAME = "Guro Prøve"
WIDTH, HEIGHT = 1100, 760


class Guided(AtTheDesk):
    """A caseworker who follows the guide, and what is seen on the way."""

    def __init__(self, at: AtTheDesk, folder: Path) -> None:
        super().__init__(at.browser, at.stack)
        self._folder = folder
        self.taken: list[str] = []
        self.read = ""

    def picture(self, name: str) -> None:
        """Take a picture, and read what stands there."""
        self.browser.save_screenshot(str(self._folder / f"desk-{name}.png"))
        self.taken.append(f"desk-{name}.png")
        self.read += self.browser.page_source

    def press(self, words: str) -> None:
        """Read the page before it is left."""
        self.read += self.browser.page_source
        super().press(words)


def test_the_guide_shows_what_is_there(
    desk: AtTheDesk,  # noqa: F811
    stack: RunningStack,
    tmp_path: Path,
) -> None:
    """Each picture it shows is taken on its way, and each button it names stands on a page."""
    text = GUIDE.read_text(encoding="utf-8")
    folder = PICTURES if os.environ.get("MEDLEMSFLYT_PICTURES") == "1" else tmp_path
    at = Guided(desk, folder)
    at.browser.set_window_size(WIDTH, HEIGHT)
    somebody(stack, NAME)
    at.browser.refresh()
    at.see(f"//main//a[normalize-space(.)='{NAME}']")
    at.picture("inbox")
    at.click(f"//main//a[normalize-space(.)='{NAME}']")
    at.press("Ta saken")
    at.see("//button[normalize-space(.)='Gi fra deg saken']")
    at.picture("case")
    at.press("Godkjenn søknaden")
    Select(at.see("//*[@id='branch']")).select_by_value("OSLO")
    at.press("Se hva som skjer")
    at.see("//h2[.='Dette skjer når du sender']")
    at.picture("preview")
    at.press("Send")
    at.see("//*[@role='status'][contains(., 'Registrert.')]")
    at.see("//input[@id='find']").send_keys(NAME, Keys.ENTER)
    at.see("//h2[@id='hits']")
    at.picture("search")
    at.click(f"//main//a[normalize-space(.)='{NAME}']")
    at.see(f"//h1[normalize-space(.)='{NAME}']")
    at.picture("member")
    at.click("//section[@aria-labelledby='letters']//a")
    at.see("//*[normalize-space(.)='Send på nytt']")
    at.read += at.browser.page_source
    at.browser.get(f"{stack.record['gateway_url']}/desk/money")
    at.see("//h1")
    at.picture("money")

    assert re.findall(r"\(pictures/(desk-[a-z]+\.png)\)", text) == at.taken
    assert all((PICTURES / shown).is_file() for shown in at.taken)
    elsewhere = {"Dette kan ikke sendes slik", "Permisjon", "Meldinger som ikke ble tatt til følge"}
    buttons = set(re.findall("«([^»]+)»", text)) - elsewhere
    seen = " ".join(at.read.split())
    assert {button for button in buttons if button not in seen} == set()
