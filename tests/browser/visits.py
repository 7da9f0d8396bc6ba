"""A page in a real browser, and all that it complains about."""

from __future__ import annotations

import re
from typing import Any

from attrs import define, field
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from tests.browser.pretend_grids import PretendGrid, health
from tests.browser.pretend_server import PretendServer

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)
FAILED = "Failed to load resource"
UNTIL = """() => new Promise((done, fail) => {
    const patience = setTimeout(() => fail(new Error("never came true")), 10_000);
    const look = () => (CONDITION) ? (clearTimeout(patience), done()) : requestAnimationFrame(look);
    look();
})"""


@define
class Visit:
    """Be one visit of the dashboard; `complaints` are errors on its console, `hosts` whom it asked for anything."""

    server: PretendServer
    context: BrowserContext
    page: Page
    complaints: list[str] = field(factory=list)
    hosts: set[str] = field(factory=set)
    is_forgiving: bool = False

    @classmethod
    def begin(cls, browser: Browser, server: PretendServer, **options: Any) -> Visit:
        """Open an empty page that is listened to."""
        context = browser.new_context(**{"viewport": DESK, **options})
        context.set_default_timeout(10_000)
        visit = cls(server, context, context.new_page())
        visit.page.on("console", lambda message: visit.complain(message.type, message.text))
        visit.page.on("pageerror", lambda error: visit.complain("error", str(error)))
        visit.page.on(
            "request", lambda request: visit.hosts.add(request.url.split("/")[2] if "//" in request.url else "")
        )
        return visit

    def complain(self, kind: str, text: str) -> None:
        """Keep what a person would see in red."""
        if kind in ("error", "warning") and not (self.is_forgiving and FAILED in text):
            self.complaints.append(text)

    def arrive(self, path: str = "") -> Visit:
        """Go to the dashboard and wait until it shows something."""
        self.page.goto(self.server.url + path)
        expect(self.at("link")).to_have_text("live")
        expect(self.page.locator("#main:not([data-loading])")).to_be_visible()
        return self

    def at(self, name: str) -> Locator:
        """Find an element by its id."""
        return self.page.locator(f"#{name}")

    def button(self, name: str) -> Locator:
        """Find a button that can be seen, by its words."""
        return self.page.get_by_role("button", name=name, exact=True)

    def wait_until(self, condition: str) -> None:
        """Wait for what JavaScript finds true; Playwright's own way needs an eval, and the page's rules refuse that."""
        self.page.evaluate(UNTIL.replace("CONDITION", condition))

    def tell(self, *parts: str) -> None:
        """Have the server tell what has changed."""
        self.server.tell(*parts)

    def show(self, *grids: PretendGrid) -> None:
        """Have the page show other grids from now on."""
        self.server.grids = list(grids)
        self.tell()

    def put_back(self) -> None:
        """Show one running grid and no dialog, as in the beginning."""
        expect(self.page.locator("#confirm[aria-busy]")).to_have_count(0)
        self.page.evaluate("document.getElementById('confirm').close()")
        self.page.evaluate("(box => box.checked && box.click())(document.getElementById('everything'))")
        self.page.set_viewport_size(DESK)
        self.page.emulate_media(color_scheme="light")
        self.is_forgiving = False
        self.server.answer, self.server.health = None, health()
        while not self.server.posts.empty():
            self.server.posts.get()
        self.show(PretendGrid())
        expect(self.at("sentence")).to_have_text(re.compile("Running"))
        complaints, self.complaints = self.complaints, []
        assert complaints == []

    @property
    def grid(self) -> PretendGrid:
        """Give the first grid."""
        return self.server.grids[0]

    def forgive(self) -> None:
        """Take no offence at what a browser says of a server that was gone or refused."""
        self.is_forgiving = True
        self.complaints = [one for one in self.complaints if FAILED not in one]

    def end(self) -> None:
        """Leave, and find that nothing was wrong and nobody else was asked."""
        self.context.close()
        assert self.complaints == []
        assert self.hosts <= {self.server.url.split("/")[2], ""}
