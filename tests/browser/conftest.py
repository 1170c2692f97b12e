"""Chromium without a window, where there is one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from browser_options import OPTIONS
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the whole session: as long as it runs, no other test of the process could run an event loop."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium on the path")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield running
        running.close()
