"""Pages in a real browser, which asks for nothing and complains of nothing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["NEEDS_CHROMIUM", "Opened", "chromium_browser", "violations"]

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
_AXE = Path(__file__).parents[1] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

NEEDS_CHROMIUM = pytest.mark.skipif(_CHROMIUM is None, reason="needs Chromium")


@contextmanager
def chromium_browser() -> Iterator[Any]:
    """A browser for several pages."""
    with playwright.sync_playwright() as program:
        browser = program.chromium.launch(executable_path=_CHROMIUM, args=_SWITCHES)
        yield browser
        browser.close()


class Opened:
    """A page in the browser, and what it asked for and complained of.

    Args:
        browser: as `chromium_browser` has it.
        page: the file.
        script: runs before those of the page.
        context: how the browser is set up, in Playwright's words.
    """

    def __init__(self, browser: Any, page: Path, *, script: str = "", **context: Any) -> None:
        usual = {"viewport": {"width": 1280, "height": 900}}
        self.context = browser.new_context(**{**usual, **context})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.add_init_script(script)
        self.page.goto(page.as_uri())

    def close(self) -> None:
        """Close it; fail where it complained, or asked for what is not beside it."""
        self.context.close()
        assert self.complaints == []
        assert {url.split(":")[0] for url in self.requests} <= {"file", "data"}

    def until(self, expression: str) -> None:
        """Wait for something to be true; the page's own policy forbids Playwright's way."""
        for _ in range(200):
            if self.page.evaluate(f"!!({expression})"):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never came true: {expression}")

    def state(self) -> dict[str, Any]:
        """What the page tells tests."""
        return dict(self.page.evaluate("hclarity.state()"))

    def text(self, selector: str) -> str:
        """What is to be read there."""
        return str(self.page.inner_text(selector))

    def texts(self, selector: str) -> list[str]:
        """What is to be read in all such places."""
        return list(self.page.locator(selector).all_inner_texts())

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def unfold(self) -> None:
        """Show all that is folded."""
        self.page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")


def violations(opened: Opened) -> list[str]:
    """What axe-core finds; the page must be opened with ``bypass_csp``."""
    if not _AXE.exists():
        pytest.skip("needs axe-core: npm ci in web/")
    opened.page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = opened.page.evaluate("rules => axe.run(document, {runOnly: rules})", list(_RULES))
    return [f"{v['id']}: {[n['html'][:120] for n in v['nodes']]}" for v in found["violations"]]
