"""Opens Response pages in headless Chromium, uses them as a person would, and complains about whatever is not as it should be.

Arguments: chromedriver, the page of a big run, of a hostile run and of a suite, a folder for screenshots. Says each complaint in a
line; no line, no complaint.
"""

import json
import re
import sys
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

PATIENCE = 20
COMPLAINTS = []


def same(what, found, wanted):
    if found != wanted:
        COMPLAINTS.append(f"{what}: {found!r}, wanted {wanted!r}")


def browser(chromedriver):
    options = webdriver.ChromeOptions()
    quiet = (
        "headless=new no-sandbox disable-gpu disable-quic no-first-run disable-dev-shm-usage "
        "disable-background-networking disable-component-update disable-sync disable-default-apps"
    )
    for flag in quiet.split():
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(chromedriver), options=options)
    driver.set_window_size(1300, 1400)
    return driver


class Page:
    """A page that is open, and the data inside it, read without the help of its script."""

    def __init__(self, driver, file):
        self.driver = driver
        self.url = Path(file).resolve().as_uri()
        driver.get_log("browser"), driver.get_log("performance")
        driver.get(self.url)
        text = Path(file).read_text(encoding="utf-8")
        data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
        self.data = json.loads(data[1]) if data and data[1] else {}

    def go(self, view):
        """Follows the address of a view, as a link does."""
        self.driver.execute_script("location.hash = arguments[0]", view)
        self.until(lambda: self.shown() == [view if not re.match(r"contact-\d", view) else "contact"], view)

    def shown(self):
        return [one.get_attribute("id") for one in self.all("[data-view]") if one.is_displayed()]

    def all(self, selector, within=None):
        return (within or self.driver).find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.one(selector).text

    def until(self, condition, what):
        try:
            WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(lambda _: condition())
        except Exception:
            COMPLAINTS.append(f"{what}: not within {PATIENCE} seconds")

    def quiet(self, what):
        """Nothing complained in the console, nothing was asked of any network, no foreign script ran."""
        for entry in self.driver.get_log("browser"):
            COMPLAINTS.append(f"{what}: console: {entry['message']}")
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if url.split("#")[0] != self.url:
                    COMPLAINTS.append(f"{what}: request: {url}")
        same(f"{what}: window.pwned", self.driver.execute_script("return window.pwned === undefined"), True)

    def picture(self, folder, name, theme, width=1300, height=1400):
        features = [{"name": "prefers-color-scheme", "value": theme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        wide = self.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            COMPLAINTS.append(f"{name}: {wide} pixels wider than the window of {width}")
        self.driver.save_screenshot(str(Path(folder) / f"{name}.png"))
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def at(track, frame):
    """What a track says at a frame: it lists when it changed to what."""
    value = 0
    for changed, number in zip(track[::2], track[1::2]):
        if changed <= frame:
            value = number
    return value


def spaced(number):
    return f"{number:,}".replace(",", " ")


def span(millis):
    """A duration as scenarios write it."""
    seconds = millis // 1000
    parts = [(seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    text = "".join(f"{count}{unit}" for count, unit in parts if count > 0)
    return text or (f"{millis}ms" if millis > 0 else "0h")


def frames_are_right(page, index, frame):
    """Every number of a mailing's view is that of its track at the frame, and the sums come out."""
    tracks = page.data["frames"][index]["tracks"]
    view = f"#mailing-{index}"
    script = """return [...document.querySelectorAll(arguments[0] + ' [data-t]')]
        .filter((one) => one.dataset.of === undefined).map((one) => [one.dataset.t, one.textContent])"""
    for track, shown in page.driver.execute_script(script, view):
        same(f"mailing {index}, frame {frame}, track {track}", shown, spaced(at(tracks[int(track)], frame)))
    script = """return [...document.querySelectorAll(arguments[0] + ' [data-d]')]
        .map((one) => [one.dataset.d, one.dataset.of, one.textContent])"""
    for track, count, shown in page.driver.execute_script(script, view):
        wanted = span(at(tracks[int(track)], frame)) if at(tracks[int(count)], frame) > 0 else ""
        same(f"mailing {index}, frame {frame}, duration {track}", shown, wanted)
    numbers = [int(one.text.replace(" ", "")) for one in page.all(f"{view} .sum [data-t]")]
    same(f"mailing {index}, frame {frame}: sent", numbers[0], sum(numbers[1:6]))
    same(f"mailing {index}, frame {frame}: selected", numbers[6], sum(numbers[7:10]))


def slider_moves_all_figures(page):
    page.go("overview")
    page.one("#overview a[href='#mailing-0']").click()
    page.until(lambda: page.shown() == ["mailing-0"], "a click opens the mailing")
    slider = page.one("#slider-0")
    last = len(page.data["frames"][0]["moments"]) - 1
    frames_are_right(page, 0, last)
    slider.send_keys(Keys.HOME)
    frames_are_right(page, 0, 0)
    same("the slider's words at the start", page.text("#slider-0-value"), "+00:00")
    for frame in range(1, min(12, last)):
        slider.send_keys(Keys.ARROW_RIGHT)
        frames_are_right(page, 0, frame)
    slider.send_keys(Keys.END)
    frames_are_right(page, 0, last)
    same("the slider says the end", page.text("#slider-0-value").endswith(", the end"), True)


def groups_follow_the_slider(page):
    page.go("overview")
    kinds = [one["kind"] for one in page.data["mailings"]]
    slider = page.one("#slider-run")
    counts = lambda: [one.text for one in page.all("#overview [data-group] h3 .count")]
    wanted = [kinds.count("automated"), 0, kinds.count("test"), kinds.count("regular")]
    same("groups at the end", counts(), [str(count) for count in wanted])
    slider.send_keys(Keys.HOME, Keys.ARROW_RIGHT)
    begun = [one for one in page.data["mailings"] if one["start"] <= page.data["moments"][1]]
    regular = sum(one["kind"] == "regular" for one in begun)
    same("in progress just after the start", counts()[1], str(regular))
    slider.send_keys(Keys.END)
    same("groups at the end again", counts(), [str(count) for count in wanted])


def mailings_stand_at_the_hour_of_the_run(page):
    """At an instant of the run each mailing that goes on then has a frame of that very instant."""
    for frames in page.data["frames"]:
        own = {frames["start"] + offset for offset in frames["moments"]}
        end = max(own)
        for instant in page.data["moments"]:
            if frames["start"] <= instant < end:
                same(f"an instant of the run, {instant}, is one of the mailing", instant in own, True)


def contacts_are_found(page):
    contacts = page.data["contacts"]
    page.go("contacts")
    same("contacts on a page", len(page.all("#contact-list tbody tr")), 50)
    same("contacts found", page.text("#found"), f"{spaced(len(contacts['locals']))} contacts found")
    page.one("#page-next").click()
    address = lambda index: f"{contacts['locals'][index]}@{contacts['domains'][contacts['domain'][index]]}"
    first = lambda: page.text("#contact-list tbody a")
    same("the first contact of page 2", first(), address(50))
    bit = 1 << page.data["mark_words"].index("hard bounced")
    hard = [index for index, marks in enumerate(contacts["marks"]) if marks & bit]
    Select(page.one("#find-mark")).select_by_visible_text("hard bounced")
    found = f"{spaced(len(hard))} contacts found of {spaced(len(contacts['locals']))}"
    same("hard bounced", page.text("#found"), found)
    same("the first of them", first(), address(hard[0]))
    page.one("#find").send_keys(address(hard[-1]))
    same("found by address", first(), address(hard[-1]))
    page.one("#contact-list tbody a").click()
    page.until(lambda: page.shown() == ["contact"], "a click opens the story")
    same("whose story", page.text("#contact-title"), address(hard[-1]))
    story = page.text("#story")
    for word in ["selected", "attempt 1", "settled hard bounced"]:
        same(f"the story has `{word}`", word in story, True)
    page.driver.back()
    page.until(lambda: page.shown() == ["contacts"], "back leads to the list")
    same("the search is kept", page.one("#find").get_attribute("value"), address(hard[-1]))


def pictures(page, folder):
    for view in ["overview", "mailing-0", "checks", "contacts", "contact-0", "made"]:
        page.go(view)
        for theme in ["light", "dark"]:
            page.picture(folder, f"{view}-{theme}", theme)
        page.picture(folder, f"{view}-narrow", "light", width=400)


def hostile_is_used(page):
    """The first contact is found by what its hostile address begins with, and a click opens its story."""
    page.go("contacts")
    page.one("#find").send_keys("contact <script>")
    page.until(lambda: "found of" in page.text("#found"), "the search narrows the list")
    page.one("#contact-list tbody a").click()
    page.until(lambda: page.shown() == ["contact"], "a click opens the hostile story")
    title = page.text("#contact-title")
    same("the title is an address", title.startswith("contact <script>window.pwned = 1</script>"), True)


def suite_sorts_and_filters(page):
    rows = lambda: [one for one in page.all("#scenarios tbody tr") if one.is_displayed()]
    names = lambda: [one.get_property("textContent").strip().lower() for one in page.all("#scenarios tbody th")]
    same("scenarios of the suite", len(rows()), 3)
    page.one("#scenarios thead button").click()
    up = names()
    same("sorted by name", up, sorted(up))
    page.one("#scenarios thead button").click()
    same("sorted the other way", names(), up[::-1])
    page.one("#filter").send_keys("Not-Reached")
    same("filtered", len(rows()), 1)


def hostile_is_harmless(page, folder):
    for view in [one.get_attribute("id") for one in page.all("[data-view]")]:
        if view != "contact":
            page.go(view)
    # The first ones have hostile addresses.
    for contact in range(45):
        page.go(f"contact-{contact}")
        for dialogue in page.all("#story details summary"):
            dialogue.click()
    page.picture(folder, "hostile-contact", "light")
    scripts = page.driver.execute_script("return document.scripts.length")
    same("scripts in the document", scripts, 2)
    for link in page.all("a"):
        target = link.get_attribute("href")
        same(f"a link to {target}", target.split(":")[0] in ["file", "http", "https"], True)
    strange = page.driver.execute_script("return document.querySelectorAll('img, iframe, object, base').length")
    same("elements that no template has", strange, 0)


def main(chromedriver, big, hostile, suite, folder):
    driver = browser(chromedriver)
    try:
        page = Page(driver, big)
        same("the first view", page.shown(), ["overview"])
        slider_moves_all_figures(page)
        groups_follow_the_slider(page)
        mailings_stand_at_the_hour_of_the_run(page)
        contacts_are_found(page)
        pictures(page, folder)
        page.quiet("the page of a big run")
        page = Page(driver, hostile)
        slider_moves_all_figures(page)
        mailings_stand_at_the_hour_of_the_run(page)
        hostile_is_used(page)
        hostile_is_harmless(page, folder)
        page.quiet("the page of a hostile run")
        page = Page(driver, suite)
        suite_sorts_and_filters(page)
        page.picture(folder, "suite", "light")
        page.quiet("the page of a suite")
    finally:
        driver.quit()


main(*sys.argv[1:])
print("\n".join(COMPLAINTS))
sys.exit(1 if COMPLAINTS else 0)
