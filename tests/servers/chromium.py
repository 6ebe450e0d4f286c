"""A real browser for tests of pages: headless Chromium, which asks nothing of the network."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

REQUIRE_BROWSER = os.environ.pop("NEXUSLIMS_REQUIRE_BROWSER", "") == "1"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Chromium, started anew for each page with an empty profile."""

    program: str
    folder: Path

    def screenshot(
        self, address: str, *, width_px: int = 1280, height_px: int = 1600, dark: bool = False
    ) -> Image.Image:
        """Return what a person sees of a page, in colour."""
        picture = self.folder / "page.png"
        dark_mode = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0") if dark else ()
        self._run(f"--screenshot={picture}", f"--window-size={width_px},{height_px}", *dark_mode, address)
        return Image.open(BytesIO(picture.read_bytes())).convert("RGB")

    def dom(self, address: str) -> str:
        """Return the page's elements after its scripts have run."""
        return self._run("--dump-dom", address)

    def _run(self, *words: str) -> str:
        profile = f"--user-data-dir={self.folder / 'profile'}"
        command = [self.program, *FLAGS, profile, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Chromium, or a skip where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        reason = "no Chromium: install it (Debian: apt-get install chromium) to test how pages look"
        if REQUIRE_BROWSER:
            pytest.fail(reason)
        pytest.skip(reason)
    return Browser(program=program, folder=tmp_path_factory.mktemp("chromium"))
