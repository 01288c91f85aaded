"""A caseworker at the desk, in a real browser: an approval, and what people ring about.

Each is done as somebody would who has read nothing, and counted in clicks; typing is none.
"""

import re
import uuid
from importlib.resources import files
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from schemas.desk.forms import FORMS
from schemas.shared.calendar import months_before
from tests.clock import today
from tests.e2e.conftest import RunningStack
from tests.e2e.test_temporal_ui import (
    Caseworker,
    applied,
    browser,  # noqa: F401 - a fixture
    until,
)

MOST_CLICKS = 5

LOOKED_AT = Path(__file__).with_name("looked_at.js").read_text()

AXE = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
BY_AXE = """
const [done] = arguments;
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).then((found) =>
    done(found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)])));
"""
"""Levels A and AA of WCAG 2.1."""


class AtTheDesk(Caseworker):
    """Somebody at the desk, whose clicks are counted."""

    clicks = 0
    checked: frozenset[str] = frozenset()
    """The kinds of pages that have been looked at already, by their headings."""

    def click(self, xpath: str) -> None:
        """Click, and count it."""
        super().click(xpath)
        self.clicks += 1

    def press(self, words: str) -> None:
        """Click a link or a button by what stands on it."""
        self.click(f"//main//*[self::a or self::button][normalize-space(.)='{words}']")

    def check(self) -> None:
        """See that everybody can use the page that is shown, once for each kind of page."""
        kind = re.sub(r"membership-[^/]+|[0-9a-f]{16,}", "", self.browser.current_url)
        kind += "".join(one.tag_name for one in self.browser.find_elements(By.XPATH, "//main/*"))
        if kind in self.checked:
            return
        self.checked |= {kind}
        assert self.browser.execute_script(LOOKED_AT) == [], self.browser.current_url
        self.browser.execute_script(AXE)
        assert self.browser.execute_async_script(BY_AXE) == [], self.browser.current_url

    def write(self, **given: str) -> None:
        """Type into fields by their ids, with hyphens for underscores of two."""
        for name, text in given.items():
            field = self.see(f"//*[@id='{name.replace('__', '-')}']")
            field.clear()
            field.send_keys(text)

    def ring(self, typed: str, name: str) -> None:
        """Begin a call: look for whoever rings by the keyboard, and open their page."""
        self.clicks = 0
        self.browser.find_element(By.TAG_NAME, "body").send_keys("/")
        field = self.browser.switch_to.active_element
        assert field.get_attribute("id") == "find"
        field.send_keys(typed, Keys.ENTER)
        self.see("//h2[@id='hits']")
        self.check()
        self.click(f"//main//a[normalize-space(.)='{name}']")
        self.see(f"//h1[normalize-space(.)='{name}']")
        self.check()

    def send(self, *, confirmed: bool = False) -> None:
        """See what a form would come to, and send it."""
        self.check()
        self.press("Se hva som skjer")
        self.see("//h2[.='Dette skjer når du sender']")
        self.check()
        if confirmed:
            self.click("//input[@id='confirmed']")
        self.press("Send")
        self.see("//*[@role='status'][contains(., 'Registrert.')]")
        assert self.clicks <= MOST_CLICKS


@pytest.fixture
def desk(browser: webdriver.Chrome, stack: RunningStack) -> AtTheDesk:  # noqa: F811
    """A caseworker who has logged in, at the first page."""
    found = AtTheDesk(browser, stack)
    found.log_in("caseworker")
    browser.get(f"{stack.record['gateway_url']}/desk")
    return found


def somebody(stack: RunningStack, name: str, **changes: object) -> str:
    """Let somebody apply whose name nobody else has."""
    return applied(stack, applicant={"name": name, **changes})


def approve(stack: RunningStack, membership_id: str) -> None:
    """Approve, as another system sees it: by an update."""
    data = {"decision": "approve", "caseworker": "ola", "branch": "OSLO"}
    update(stack, membership_id, "decide_application", data)


def update(stack: RunningStack, membership_id: str, name: str, data: dict[str, str]) -> None:
    """Send a message as another system does."""
    stack.post(
        f"{membership_id}/update/{name}",
        {
            "request": {"meta": {"updateId": str(uuid.uuid4())}, "input": {"args": [data]}},
            "waitPolicy": {"lifecycleStage": "UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED"},
        },
    )


def test_an_application_is_approved_from_the_inbox(desk: AtTheDesk, stack: RunningStack) -> None:
    """Who reads the inbox sees what an approval leads to before it is sent, and who hears of it."""
    name = f"Nina Nordås {uuid.uuid4().hex[:6]}"
    membership_id = somebody(stack, name)
    desk.browser.refresh()
    desk.check()
    desk.clicks = 0
    desk.click(f"//main//a[normalize-space(.)='{name}']")
    desk.see("//h1[starts-with(., 'Sak')]")
    desk.check()
    desk.press("Godkjenn søknaden")
    Select(desk.see("//*[@id='branch']")).select_by_value("OSLO")
    desk.send()
    state = stack.state(membership_id)
    assert (state["stage"], state["branch"]) == ("onboarding", "OSLO")
    assert f"Medlemsnummer {state['member_number']}" in desk.see("//main").text
    assert name not in desk.browser.title + desk.browser.current_url
    log = desk.see("//section[@aria-labelledby='log']").text
    assert "Søknaden ble godkjent" in log
    assert "Ola Saksbehandler" in log


def test_what_people_ring_about(desk: AtTheDesk, stack: RunningStack) -> None:
    """Moved, a name, another job, what is owed, the invoice that never came, and the end."""
    mark = uuid.uuid4().hex[:6]
    name = f"Per Hansen {mark}"
    membership_id = somebody(stack, name, email=f"per-{mark}@example.org")
    approve(stack, membership_id)
    day = f"arguments[0].value = '{today()}'"

    desk.ring(f"per hansen {mark}", name)
    desk.press("Ny adresse")
    desk.write(
        applicant__address__line1="Nygata 2",
        applicant__address__postcode="5003",
        applicant__address__city="Bergen",
    )
    desk.send()
    assert "Nygata 2, 5003 Bergen" in desk.see("//main").text

    desk.ring(f"per-{mark}@example.org", name)
    desk.press("Rett navn eller fødselsnummer")
    name = f"Pär Hanssen {mark}"
    desk.write(applicant__name=name)
    desk.send()

    desk.ring(f"hanssen {mark}", name)
    desk.press("Ny arbeidsgiver")
    desk.browser.execute_script(day, desk.see("//*[@id='effective_on']"))
    desk.write(employer_name="Fjord Drift AS", employer_orgnr="312345676")
    desk.send()
    assert "312345676" in str(stack.state(membership_id)["employments"])

    number = stack.state(membership_id)["member_number"]
    desk.ring(number, name)
    assert re.search(r"Skylder i alt: \d+,00 kr", desk.see("//main").text)
    desk.press("Første faktura")
    until(lambda: "Send på nytt" in desk.see("//main").text)
    desk.check()
    if desk.seen("//a[contains(., 'faktura')]") is None:
        raise AssertionError("the invoice is not there to be read")

    desk.ring(number, name)
    desk.press("Utmelding")
    desk.send(confirmed=True)
    state = stack.state(membership_id)
    assert state["leaves_on"]
    assert "Siste dag som medlem" in desk.see("//main").text


def test_an_employer_who_deducts_twice(desk: AtTheDesk, stack: RunningStack) -> None:
    """Two deduct: the former one is told to stop, which is seen before it is sent."""
    name = f"Liv Dal {uuid.uuid4().hex[:6]}"
    membership_id = somebody(stack, name)
    approve(stack, membership_id)
    update(stack, membership_id, "answer_payroll_request", {"answer": "accepted"})
    desk.ring(name, name)
    desk.press("Ny arbeidsgiver")
    desk.browser.execute_script(
        f"arguments[0].value = '{today()}'", desk.see("//*[@id='effective_on']")
    )
    desk.write(employer_name="Fjord Drift AS", employer_orgnr="312345676")
    desk.press("Se hva som skjer")
    assert "STOP" in desk.see("//section[@aria-labelledby='go']").text
    desk.press("Send")
    desk.see("//*[@role='status'][contains(., 'Registrert.')]")
    assert desk.clicks <= MOST_CLICKS
    assert "STOP" in desk.see("//section[@aria-labelledby='letters']").text


PAGES = ("inbox", "inbox?whose=later", "money", "settlements", "search", "rules", "figures", "none",
         "members/{member}", "members/{member}/refund", "members/{member}/export",
         *(f"members/{{member}}/forms/{form}" for form in FORMS))  # fmt: skip


def test_every_page_can_be_used_by_everybody(desk: AtTheDesk, stack: RunningStack) -> None:
    """No fault of level A or AA, also where something is refused, and in front of the login."""
    member = somebody(stack, f"Tor Lie {uuid.uuid4().hex[:6]}")
    approve(stack, member)
    for role in ("team_lead", "data_protection_officer"):
        desk.log_in(role)
        for page in PAGES:
            desk.browser.get(f"{stack.record['gateway_url']}/desk/{page.format(member=member)}")
            desk.see("//h1")
            desk.check()
    desk.browser.delete_all_cookies()
    desk.browser.get(f"{stack.record['gateway_url']}/desk")
    desk.see("//input[@name='password']")
    desk.browser.execute_script(AXE)
    assert desk.browser.execute_async_script(BY_AXE) == []


def test_by_the_keyboard_alone(desk: AtTheDesk, stack: RunningStack) -> None:
    """From the first page to a member and into a form, and each stop can be seen."""
    name = f"Unn Moe {uuid.uuid4().hex[:6]}"
    somebody(stack, name)
    desk.browser.refresh()
    body = desk.browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.TAB)
    assert desk.browser.switch_to.active_element.get_attribute("class") == "skip"
    body.send_keys("/")
    desk.browser.switch_to.active_element.send_keys(name, Keys.ENTER)
    desk.see("//h2[@id='hits']")
    for words in (name, "Dødsfall", "Se hva som skjer"):
        for _ in range(60):
            desk.browser.switch_to.active_element.send_keys(Keys.TAB)
            here = desk.browser.switch_to.active_element
            if here.tag_name in {"body", "html"}:  # past the last stop
                continue
            seen = here.value_of_css_property("outline-style")
            assert seen != "none", here.get_attribute("outerHTML")
            if here.text.strip() == words:
                break
        assert here.text.strip() == words
        here.send_keys(Keys.ENTER)
        desk.see("//h1")
    desk.see("//*[@role='alert'][contains(., 'må fylles ut')]")


def test_to_temporal_and_back(desk: AtTheDesk, stack: RunningStack) -> None:
    """A member's page leads to the workflow, whose page leads back, in a window of its own."""
    name = f"Geir Aas {uuid.uuid4().hex[:6]}"
    membership_id = somebody(stack, name)
    shown = desk.browser
    shown.get(f"{stack.record['gateway_url']}/desk/members/{membership_id}")
    desk.press("Se saksgangen i Temporal")
    desk.see("//*[normalize-space(text())='More Actions']")
    assert "Åpne ved skranken" in desk.page()
    shown.switch_to.frame(desk.see("//iframe"))
    shown.find_element(By.TAG_NAME, "a").click()
    until(lambda: len(shown.window_handles) == 2)
    first, other = shown.window_handles
    shown.switch_to.window(other)
    desk.see(f"//h1[normalize-space(.)='{name}']")
    shown.close()
    shown.switch_to.window(first)


def test_what_changes_in_a_life(desk: AtTheDesk, stack: RunningStack) -> None:
    """A new address for mail, a leave, and a death that the widow tells of."""
    mark = uuid.uuid4().hex[:6]
    name = f"Odd Vik {mark}"
    membership_id = somebody(stack, name, email=f"odd-{mark}@example.org")
    approve(stack, membership_id)
    now = today()

    desk.ring(f"odd-{mark}@example.org", name)
    desk.press("Ny e-post eller telefon")
    desk.write(applicant__email=f"vik-{mark}@example.com")
    desk.send()
    assert f"vik-{mark}@example.com" in desk.see("//main").text

    desk.ring(f"vik-{mark}@example.com", name)
    desk.press("Permisjon")
    for field, day in (("from_on", now), ("until_on", months_before(now, -6))):
        desk.browser.execute_script(
            f"arguments[0].value = '{day}'", desk.see(f"//*[@id='{field}']")
        )
    desk.send()
    assert "Permisjon til og med" in desk.see("//main").text
    assert stack.state(membership_id)["stage"] == "on_leave"

    number = stack.state(membership_id)["member_number"]
    desk.ring(number, name)
    desk.press("Dødsfall")
    desk.write(member_number=number)
    desk.browser.execute_script(f"arguments[0].value = '{now}'", desk.see("//*[@id='died_on']"))
    desk.send(confirmed=True)
    assert stack.state(membership_id)["outcome"] == "deceased"


def test_what_is_wrong_stands_beside_its_field(desk: AtTheDesk, stack: RunningStack) -> None:
    """In Norwegian, and nothing is sent; a death is confirmed first."""
    name = f"Eva Berg {uuid.uuid4().hex[:6]}"
    membership_id = somebody(stack, name)
    desk.ring(name, name)
    desk.press("Dødsfall")
    desk.press("Se hva som skjer")
    desk.see("//*[@role='alert'][contains(., 'må fylles ut')]")
    desk.check()
    assert desk.browser.find_element(By.ID, "died_on").get_attribute("aria-invalid") == "true"
    desk.browser.execute_script("arguments[0].value = '2026-01-15'", desk.see("//*[@id='died_on']"))
    desk.press("Se hva som skjer")
    desk.press("Send")
    desk.see("//*[@role='alert'][contains(., 'Kryss av')]")
    assert stack.state(membership_id)["stage"] == "under_review"
