"""Pictures for the documents: `make screenshots` takes them anew, each below MOST_BYTES."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
from browser_options import OPTIONS
from serving import serving

from cds_hooks.app import utc_now

IMAGES = Path(__file__).parents[1] / "docs" / "images"
MOST_BYTES = 150_000
COLOURS = 64
CARDS = {"critical": "cauda-equina", "warning": "worsening-spasms", "question": "bilateral-sciatica", "info": "night-cramps", "potassium": "low-potassium"}


def main() -> None:
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Chromium is needed on the path.")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        _pages(browser, running.base)
        _cards(browser, running.base)
        _audit(browser, running.base)
        browser.close()
    heavy = [each.name for each in IMAGES.glob("*.png") if each.stat().st_size > MOST_BYTES]
    sys.exit(f"Too large: {', '.join(heavy)}" if heavy else 0)


def _pages(browser: Browser, base: str) -> None:
    page = browser.new_page(viewport={"width": 1120, "height": 760})
    page.goto(base)
    _keep(page, "start")
    page.get_by_role("link", name="start here").click()
    _keep(page, "chart")
    page.get_by_role("group", name="Urinary incontinence").get_by_label("Date").fill((utc_now().date() - timedelta(days=40)).isoformat())
    page.get_by_role("button", name="Open chart again").click()
    _keep(page, "changed")
    page.close()
    phone = browser.new_page(viewport={"width": 390, "height": 760}, color_scheme="dark")
    phone.goto(f"{base}/samples/cauda-equina")
    _keep(phone, "phone")
    phone.close()


def _cards(browser: Browser, base: str) -> None:
    page = browser.new_page(viewport={"width": 760, "height": 900})
    for kind, sample in CARDS.items():
        page.goto(f"{base}/samples/{sample}")
        _keep_card(page, kind)
    page.goto(f"{base}/samples/cauda-equina")
    page.locator("summary", has_text="What the EHR sends").click()
    page.get_by_label("conditions").select_option("cut")
    page.get_by_role("group", name="Urinary incontinence").get_by_label("Record").select_option("deleted")
    page.get_by_role("button", name="Open chart again").click()
    _keep_card(page, "not-evaluated")
    page.goto(f"{base}/samples/cauda-equina")
    page.locator("summary", has_text="Dismiss").click()
    page.get_by_label("MRI requested or done").check()
    _keep(page.locator("details.dismiss"), "dismiss")
    page.get_by_role("button", name="Dismiss this card").click()
    page.get_by_role("status").wait_for()
    page.get_by_role("button", name="Open chart again").click()
    _keep_card(page, "answered")
    page.close()


def _audit(browser: Browser, base: str) -> None:
    page = browser.new_page(viewport={"width": 1120, "height": 760})
    page.goto(f"{base}/audit?kind=feedback")
    page.locator("table.entries tbody a").first.click()
    _keep(page, "audit-entry")
    page.close()


def _keep(shown: Page | Locator, name: str) -> None:
    """With as many colours as text and flat surfaces have."""
    with Image.open(BytesIO(shown.screenshot())) as picture:
        picture.convert("RGB").quantize(COLOURS).save(IMAGES / f"{name}.png", optimize=True)


def _keep_card(page: Page, kind: str) -> None:
    _keep(page.locator("article.card").first, f"card-{kind}")


if __name__ == "__main__":
    main()
