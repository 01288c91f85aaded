"""What a caseworker sees and does in the real Temporal UI, in a real browser."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.e2e.conftest import ROOT, RunningStack
from tests.life import application
from tests.untested import not_tested
from workers.gateway.identity import kept

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-software-rasterizer",
    "--force-prefers-reduced-motion",
    "--window-size=1500,1400",
)
PATIENCE_SECONDS = 60.0

APPROVAL = '{"decision":"approve","caseworker":"ola","branch":"OSLO"}'

DIALOG = "//dialog[@open]"

PICTURES = ROOT / "docs" / "pictures"
"""`MEDLEMSFLYT_PICTURES=1 make e2e ARGS="-k temporal_ui"` lays those of the guide there anew."""

T = TypeVar("T")


def until(look: Callable[[], T | None]) -> T:
    """Return what is there as soon as it is there: the UI draws itself in steps."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            found = look()
        except (StaleElementReferenceException, ElementClickInterceptedException):
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, "the page does not show it"
        time.sleep(0.1)


class Caseworker:
    """Somebody at the browser, who finds things by what is written on them."""

    def __init__(self, browser: webdriver.Chrome, stack: RunningStack) -> None:
        self.browser = browser
        self.stack = stack

    def log_in(self, role: str) -> None:
        """Log in as the stack's user of a role, by the form that its gateway leads to."""
        identity = kept.load(self.stack.folder / kept.FILE)
        user = next(user for user in identity.users if user.username == role)
        self.browser.get(f"{self.stack.record['gateway_url']}/me")
        self.browser.delete_all_cookies()
        self.browser.get(f"{self.stack.record['gateway_url']}/login?next=/me")
        self.see("//input[@name='username']").send_keys(user.username)
        self.see("//input[@name='password']").send_keys(user.password, Keys.ENTER)
        self.see(f"//h1[normalize-space(.)='{user.name}']")

    def seen(self, xpath: str) -> WebElement | None:
        """Return the first visible element of an XPath, if there is one now."""
        found = self.browser.find_elements(By.XPATH, xpath)
        return next((element for element in found if element.is_displayed()), None)

    def see(self, xpath: str) -> WebElement:
        """Wait for the first visible element of an XPath."""
        return until(lambda: self.seen(xpath))

    def click(self, xpath: str) -> None:
        """Click what is seen, again if the UI draws it anew just then."""

        def clicked() -> bool:
            found = self.seen(xpath)
            if found is not None:
                found.click()
            return found is not None

        until(clicked)

    def open_from_inbox(self, membership_id: str) -> None:
        """Follow the link that `medlemsflyt inbox` prints, and open one row."""
        command = (sys.executable, "-P", "-m", "workers", "inbox", "--json")
        printed = subprocess.run(
            (*command, "--data", str(self.stack.folder)), capture_output=True, check=True
        )
        self.browser.get(json.loads(printed.stdout)["url"])
        self.click(f"//a[normalize-space(.)='{membership_id}']")
        self.see("//*[normalize-space(text())='More Actions']")

    def open(self, membership_id: str) -> None:
        """Go straight to a membership, anew."""
        ui_url = self.stack.record["ui_url"]
        self.browser.get(f"{ui_url}/namespaces/default/workflows/{membership_id}")
        self.see("//*[normalize-space(text())='More Actions']")

    def page(self) -> str:
        """Turn to the tab User Metadata, and return what Current Details says."""
        self.click("//a[normalize-space(.)='User Metadata']")
        self.browser.switch_to.frame(self.see("//iframe"))
        try:
            text: str = until(lambda: self.browser.find_element(By.TAG_NAME, "body").text)
        finally:
            self.browser.switch_to.default_content()
        return text

    def picture_of(self, part: str, name: str) -> None:
        """Take a picture of a part of what is seen, for the guide if it is to be made anew."""
        made_anew = os.environ.get("MEDLEMSFLYT_PICTURES") == "1"
        picture = self.see(part).screenshot_as_png
        if made_anew:
            (PICTURES / name).write_bytes(picture)

    def open_dialog(self, action: str) -> None:
        """Choose an action of the menu."""
        self.click("//button[normalize-space(.)='More Actions']")
        self.click(f"//*[@role='menuitem'][normalize-space(.)='{action}']")
        self.see(DIALOG)

    def names(self) -> dict[str, str]:
        """Open the dialog's list of names and return each with its description."""
        self.click(f"{DIALOG}//button[@aria-haspopup]")
        self.see(f"{DIALOG}//*[@role='option']")
        options = self.browser.find_elements(By.XPATH, f"{DIALOG}//*[@role='option']")
        shown = [option.text.split("\n", 1) for option in options if option.is_displayed()]
        return {name: "".join(description) for name, *description in shown}

    def fill_in(self, action: str, name: str, data: str) -> None:
        """Open an action's dialog, choose a name and type the data."""
        self.open_dialog(action)
        self.click(f"{DIALOG}//button[@aria-haspopup]")
        self.click(f"{DIALOG}//*[@role='option'][.//span[normalize-space(.)='{name}']]")
        if data:
            box = f"{DIALOG}//*[@role='textbox'][@aria-label='Data']"
            self.click(box)
            self.see(box).send_keys(data)

    def submit(self) -> None:
        """Press Submit by the keyboard.

        Leaving the Data box lays its JSON out and moves Submit away from under a first click.
        """
        self.see(f"{DIALOG}//button[normalize-space(.)='Submit']").send_keys(Keys.ENTER)

    def signal(self, data: str) -> None:
        """Send decide_application as a signal and see it go green."""
        self.fill_in("Send a Signal", "decide_application", data)
        self.submit()
        until(lambda: self.seen(DIALOG) is None)
        self.see("//*[normalize-space(text())='Workflow signaled.']")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A headless browser with a profile of its own."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        not_tested("Chromium with its chromedriver", "chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    found = webdriver.Chrome(options=options, service=Service(driver))
    yield found
    found.quit()


@pytest.fixture
def caseworker(browser: webdriver.Chrome, stack: RunningStack) -> Caseworker:
    """A caseworker who has logged in, in front of the UI of a running stack."""
    found = Caseworker(browser, stack)
    found.log_in("caseworker")
    return found


def applied(stack: RunningStack, **changes: Any) -> str:
    """Let somebody apply, and wait until the caseworkers are asked."""
    membership_id = f"membership-{uuid.uuid4()}"
    stack.start(membership_id, application(**changes))
    until(lambda: stack.state(membership_id)["stage"] == "under_review")
    return membership_id


def test_the_inbox_leads_to_a_page_that_says_what_is_asked(
    caseworker: Caseworker, stack: RunningStack
) -> None:
    """The link of `medlemsflyt inbox` lists the application; its page tells all and how to decide.

    What the applicant writes is shown as written, whatever Markdown would make of it.
    """
    applicant = {"name": "Nina *Nord* <b>mann</b>"}
    membership_id = applied(stack, applicant=applicant)
    caseworker.open_from_inbox(membership_id)
    page = caseworker.page()
    for words in (
        "Til behandling",
        "saksbehandler: decide_application",
        "Slik godkjenner du",
        '{"decision":"approve","caseworker":"navnet ditt"}',
        "arbeider 100 %",
        "Hva som skjer av seg selv",
        "søknaden kom",
    ):
        assert words in page
    assert "Nina" not in page  # the UI sends the page inside an address
    caseworker.picture_of("//main", "page.png")


def test_a_wrong_update_is_answered_in_the_dialog(
    caseworker: Caseworker, stack: RunningStack
) -> None:
    """The dialog names every message with an example, and says in words what is wrong."""
    membership_id = applied(stack)
    caseworker.open(membership_id)
    caseworker.open_dialog("Send an Update")
    names = caseworker.names()
    assert "Godkjenn, avslå eller be om opplysninger" in names["decide_application"]
    assert '{"decision":"approve","caseworker":"ola"}' in names["decide_application"]
    assert all(name.strip() for name in names)
    assert all("{" in text for name, text in names.items() if name != "Custom")

    caseworker.open(membership_id)
    caseworker.fill_in("Send an Update", "decide_application", '{"decision":"aprove"}')
    sentence = "must be one of approve, reject, request_information"
    caseworker.submit()
    until(lambda: sentence in caseworker.see(DIALOG).text)
    answer = caseworker.see(DIALOG).text
    assert "caseworker: is required" in answer
    assert "File " not in answer  # no code below the sentence
    caseworker.picture_of(DIALOG, "update.png")
    assert stack.rejected(membership_id) == 0


def test_what_a_page_is_made_of_is_fetched_once(
    caseworker: Caseworker, stack: RunningStack
) -> None:
    """Its hundred files never change under their names: the next page takes those that are here."""
    membership_id = applied(stack)
    fetched = []
    for _ in range(2):
        caseworker.open(membership_id)
        files = caseworker.browser.execute_script(
            "return performance.getEntriesByType('resource').map((f) => [f.name, f.transferSize])"
        )
        own = {name: size for name, size in files if "/_app/immutable/" in name}
        fetched.append(sum(size > 0 for size in own.values()))
        assert len(own) > 50
    assert fetched[1] == 0


def test_a_wrong_signal_goes_green_but_stands_on_the_page(
    caseworker: Caseworker, stack: RunningStack
) -> None:
    """Wrong JSON and an empty Data box wedge nothing; the right signal then approves."""
    membership_id = applied(stack)
    caseworker.open(membership_id)
    caseworker.signal('{"decision":"aprove"}')
    until(lambda: stack.rejected(membership_id) == 1)
    caseworker.open(membership_id)  # a dialog keeps what was typed into it before
    caseworker.signal("")
    until(lambda: stack.rejected(membership_id) == 2)
    caseworker.open(membership_id)  # the page does not refresh by itself
    page = caseworker.page()
    assert "Meldinger som ikke ble tatt til følge (2)" in page
    assert "må være en av approve, reject, request_information" in page
    assert "meldingen er tom; send JSON som" in page

    caseworker.open(membership_id)
    caseworker.signal(APPROVAL)
    until(lambda: stack.state(membership_id)["stage"] == "onboarding")
    caseworker.open(membership_id)
    page = caseworker.page()
    number = stack.state(membership_id)["member_number"]
    assert f"Nytt medlem · medlem {number}" in page
    assert "første faktura" in page
    assert "ola" in page


def test_an_update_approves_and_the_log_says_who(
    caseworker: Caseworker, stack: RunningStack
) -> None:
    """What is sent through the door arrives, and it is kept who sent it and who looked."""
    membership_id = applied(stack)
    caseworker.open(membership_id)
    caseworker.fill_in("Send an Update", "decide_application", APPROVAL)
    caseworker.submit()
    until(lambda: stack.state(membership_id)["stage"] == "onboarding")
    caseworker.open(membership_id)
    assert "Nytt medlem · medlem" in caseworker.page()
    command = (sys.executable, "-P", "-m", "workers", "access-log", "--json")
    about = ("--membership", membership_id, "--data", str(stack.folder))
    printed = subprocess.run((*command, *about), capture_output=True, check=True)
    kept_of = json.loads(printed.stdout)["entries"]
    assert {entry["subject"] for entry in kept_of} == {"caseworker"}
    assert {"read", "query", "message"} <= {entry["act"] for entry in kept_of}


def test_a_branch_sees_and_sends_nothing_here(caseworker: Caseworker, stack: RunningStack) -> None:
    """Somebody of a branch is refused what the page is made of, and whatever its script sends."""
    membership_id = applied(stack)
    caseworker.log_in("branch")
    path = f"/namespaces/default/workflows/{membership_id}"
    caseworker.browser.get(f"{stack.record['ui_url']}{path}")
    sent = caseworker.browser.execute_async_script(
        """
        const [path, data, done] = arguments;
        const token = document.cookie.match(/_csrf=([^;]*)/)[1];
        const headers = {"content-type": "application/json", "x-csrf-token": token};
        const post = (what) => fetch(`/api/v1${path}/${what}`, {method: "POST", headers,
            body: JSON.stringify({input: [JSON.parse(data)]})}).then((r) => r.json());
        Promise.all([post("signal/decide_application"), post("query/state")])
            .then((found) => done(found.map((one) => one.reason)));
        """,
        path,
        APPROVAL,
    )
    assert sent == ["not_allowed", "not_allowed"]
    caseworker.see("//h1[normalize-space(.)='Rollen din får ikke se dette.']")
    assert stack.state(membership_id)["stage"] == "under_review"


def test_request_cancellation_ends_nothing(caseworker: Caseworker, stack: RunningStack) -> None:
    """Whoever has the button is refused visibly, and the application still waits."""
    membership_id = applied(stack)
    caseworker.log_in("team_lead")
    caseworker.open(membership_id)
    caseworker.click("//button[normalize-space(.)='Request Cancellation']")
    caseworker.click("//dialog//button[normalize-space(.)='Confirm']")
    until(lambda: stack.rejected(membership_id) == 1)
    caseworker.open(membership_id)
    assert "et medlemskap avbrytes aldri" in caseworker.page()
    assert stack.state(membership_id)["stage"] == "under_review"


def test_the_caseworkers_letter_leads_to_the_page(
    caseworker: Caseworker, stack: RunningStack
) -> None:
    """The mail page shows the letter about a new application; its link opens the membership."""
    membership_id = applied(stack)
    browser = caseworker.browser

    def opened() -> bool:
        browser.get(stack.record["mail_url"])
        caseworker.click("//a[contains(., 'caseworkers@example.org')]")
        browser.switch_to.frame(caseworker.see("//iframe"))
        (link,) = browser.find_elements(By.TAG_NAME, "a")
        if link.text.endswith(membership_id):
            link.click()
            return True
        return False

    until(opened)
    mail_page, ui_page = browser.window_handles
    browser.switch_to.window(ui_page)
    caseworker.see(f"//*[normalize-space(text())='{membership_id}']")
    browser.close()
    browser.switch_to.window(mail_page)
