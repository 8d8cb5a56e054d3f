"""Reports in a real browser: Chromium, driven through Playwright, opening files.

Where Chromium or the driver is missing the tests are skipped and say so; with TOSRULES_BROWSER
set to `required`, as .ci/run sets it, they fail instead, and with `skip` they are left out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.reports import EXAMPLES, report_of

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT = 90_000
"""Milliseconds that a step of a browser may take, on a machine that others use too."""
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def _missing() -> str:
    """What is missing for these tests; empty if nothing."""
    import importlib.util

    for package in ("playwright", "pypdfium2"):
        if importlib.util.find_spec(package) is None:
            return f"{package} is not installed (pip install 'tosrules[browser]')"
    if not any(map(shutil.which, _CHROMIUM)):
        return "there is no Chromium (apt-get install chromium)"
    return ""


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if os.environ.get("TOSRULES_BROWSER") == "skip":
        pytest.skip("TOSRULES_BROWSER is `skip`")
    missing = _missing()
    if missing and os.environ.get("TOSRULES_BROWSER") == "required":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    found = next(path for path in map(shutil.which, _CHROMIUM) if path)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest, folder: Path) -> Path:
    """The report of each example, in turn."""
    return report_of(request.param, folder)


@pytest.fixture
def massroot8(folder: Path) -> Path:
    return report_of("massroot8", folder)


class Watched:
    """A page, and everything that it must not have done."""

    def __init__(self, page: Any, file: Path) -> None:
        self.page = page
        self.done: list[str] = []
        address = file.as_uri()

        def asked(request: Any) -> None:
            if request.url.split("#")[0] != address:
                self.done.append(f"request {request.url}")

        page.on("request", asked)
        page.on("console", lambda message: self.done.append(f"console {message.text}"))
        page.on("pageerror", lambda error: self.done.append(f"error {error}"))
        page.on("popup", lambda _: self.done.append("popup"))

        def dialog(shown: Any) -> None:
            self.done.append(f"dialog {shown.message}")
            shown.dismiss()

        page.on("dialog", dialog)
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) =>"
            " console.log('refused ' + event.violatedDirective + ' ' + event.blockedURI))"
        )


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a report; what the page did that it must not do fails the test at its end."""
    watched: list[Watched] = []
    contexts = []

    def open_(file: Path, anchor: str = "", **options: Any) -> Any:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(**options)
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        watched.append(Watched(page, file))
        page.goto(file.as_uri() + anchor)
        return page

    yield open_
    done = [what for each in watched for what in each.done]
    for context in contexts:
        context.close()
    assert done == []
