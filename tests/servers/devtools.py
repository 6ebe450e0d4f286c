"""A page in headless Chromium that tests can look into: DevTools' protocol over a pipe, so that no port is opened."""

import base64
import fcntl
import json
import os
import select
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.servers.chromium import FLAGS, Browser

SILENCE_S = 120
_LAUNCH = (
    "import os, sys; i, o = map(int, sys.argv[1:3]); os.dup2(i, 3); os.dup2(o, 4); os.execv(sys.argv[3], sys.argv[3:])"
)
"""Chromium reads its orders from descriptor 3 and answers on 4."""
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowRight": 39, "ArrowLeft": 37, "/": 191}


class Tab:
    """One page of a Chromium that runs; :func:`opened_tab` makes it."""

    def __init__(self, orders: int, answers: int) -> None:
        self._orders, self._answers = orders, answers
        self._pending, self._heard = b"", deque[dict[str, Any]]()
        self._number = 0
        self._session: str | None = None
        self.asked: list[str] = []
        """Addresses that pages asked for, in order."""
        self.said: list[str] = []
        """What scripts complained of."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give one order and return its result."""
        self._number += 1
        order = {"id": self._number, "method": method, "params": parameters}
        os.write(
            self._orders, json.dumps(order | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        )
        while (heard := self._next()).get("id") != self._number:
            self._heard.append(heard)
        if "error" in heard:
            raise RuntimeError(f"Chromium refuses {method}: {heard['error']['message']}")
        result: dict[str, Any] = heard["result"]
        return result

    def open(self, address: str) -> None:
        """Go to a page and wait until it and what it loads at once are there."""
        self._heard.clear()
        self.send("Page.navigate", url=address)
        while not any(event.get("method") == "Page.loadEventFired" for event in self._heard):
            self._heard.append(self._next())

    def run(self, script: str) -> Any:  # noqa: ANN401 - whatever the script gives
        """Return the value of an expression on the page; a promise's value once it is kept."""
        reply = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in reply:
            raise RuntimeError(f"the script failed: {json.dumps(reply['exceptionDetails'])[:2000]}")
        return reply["result"].get("value")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release one key as a person does."""
        told = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS[key], "modifiers": 8 if shift else 0}
        text = {"Enter": "\r", " ": " ", "/": "/"}.get(key)
        self.send("Input.dispatchKeyEvent", type="keyDown", **told, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self.send("Input.insertText", text=text)

    def show(self, *, width_px: int = 1280, height_px: int = 900, dark: bool = False, printed: bool = False) -> None:
        """Take a window size, a colour scheme and a medium; before or after a page is opened."""
        phone = width_px < 600
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width_px, height=height_px, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media="print" if printed else "", features=[scheme])

    def picture(self, *, down_to_px: int | None = None) -> Image.Image:
        """Return what a person sees of the page, or all of it down to some height, in colour."""
        clip = {}
        if down_to_px is not None:
            width, height = self.run("[innerWidth, document.documentElement.scrollHeight]")
            area = {"x": 0, "y": 0, "width": width, "height": min(height, down_to_px), "scale": 1}
            clip = {"clip": area, "captureBeyondViewport": True}
        shot = self.send("Page.captureScreenshot", format="png", **clip)["data"]
        return Image.open(BytesIO(base64.b64decode(shot))).convert("RGB")

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._pending:
            if not select.select([self._answers], [], [], SILENCE_S)[0]:
                raise TimeoutError(f"Chromium said nothing for {SILENCE_S} s")
            chunk = os.read(self._answers, 1 << 20)
            if not chunk:
                raise ConnectionError("Chromium has ended")
            self._pending += chunk
        message, _, self._pending = self._pending.partition(b"\0")
        heard: dict[str, Any] = json.loads(message)
        self._note(heard)
        return heard

    def _note(self, heard: dict[str, Any]) -> None:
        told = heard.get("params", {})
        match heard.get("method"):
            case "Network.requestWillBeSent":
                self.asked.append(told["request"]["url"])
            case "Runtime.exceptionThrown":
                self.said.append(json.dumps(told["exceptionDetails"])[:500])
            case "Log.entryAdded" if told["entry"]["level"] == "error":
                self.said.append(told["entry"]["text"])


@contextmanager
def opened_tab(program: str, folder: Path) -> Iterator[Tab]:
    """Start Chromium with an empty profile below ``folder``, give its page, and end it."""
    (child_in, orders), (answers, child_out) = _high_pipe(), _high_pipe()
    flags = [
        *FLAGS,
        "--remote-debugging-pipe",
        "--allow-file-access-from-files",
        f"--user-data-dir={folder / 'profile'}",
    ]
    command = [sys.executable, "-I", "-c", _LAUNCH, str(child_in), str(child_out), program, *flags]
    with subprocess.Popen(
        command, pass_fds=(child_in, child_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        os.close(child_in)
        os.close(child_out)
        try:
            yield Tab(orders, answers)
        finally:
            process.terminate()
            os.close(orders)
            os.close(answers)


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A page in Chromium, or a skip where there is none."""
    with opened_tab(browser.program, browser.folder) as page:
        yield page


def _high_pipe() -> tuple[int, int]:
    """Return the ends of a pipe, numbered above the two that Chromium takes."""
    ends = os.pipe()
    raised = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return raised[0], raised[1]
