"""Headless Chromium, driven by the DevTools protocol; for tests of the report."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import aiohttp
import pytest

FOUND = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needed = pytest.mark.skipif(FOUND is None, reason="there is no Chromium: apt-get install chromium")
_FLAGS = (
    "--headless=new",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-port=0",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),  # its sandbox refuses root
)
_SECONDS = 60


class Chromium:
    """One page. `complaints`: what its console said, which is nothing as long as all is well."""

    def __init__(self, folder: Path) -> None:
        assert FOUND is not None
        command = [FOUND, *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._runner = asyncio.Runner()
        self._sent = 0
        self._events: list[dict[str, Any]] = []
        try:
            self._runner.run(self._connect(folder / "DevToolsActivePort"))
        except BaseException:
            self.close()
            raise

    async def _connect(self, listening: Path) -> None:
        """`listening`: the file in which Chromium says at which port it does."""
        async with asyncio.timeout(_SECONDS):
            while not listening.exists() or "\n" not in listening.read_text():
                assert self._process.poll() is None, "Chromium ended before it listened"
                await asyncio.sleep(0.05)
        self._session = aiohttp.ClientSession()
        port = listening.read_text().split()[0]
        async with self._session.get(f"http://127.0.0.1:{port}/json/list") as reply:
            targets = await reply.json()
        [url] = [one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page"][:1]
        self._socket = await self._session.ws_connect(url, max_msg_size=0)
        for domain in ("Page", "Runtime", "Log"):
            await self._send(f"{domain}.enable")

    async def _send(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._sent += 1
        await self._socket.send_json({"id": self._sent, "method": method, "params": parameters})
        async with asyncio.timeout(_SECONDS):
            while True:
                said = await self._socket.receive_json()
                if said.get("id") == self._sent:
                    assert "error" not in said, said
                    return said["result"]
                self._events.append(said)

    async def _until(self, event: str) -> None:
        async with asyncio.timeout(_SECONDS):
            while all(one["method"] != event for one in self._events):
                self._events.append(await self._socket.receive_json())

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._runner.run(self._send(method, **parameters))

    def open(self, path: Path, width: int = 1200, scheme: str = "light") -> None:
        """Opens a file from disk, in a window of that width, for somebody who likes it `light` or `dark`."""
        self._events.clear()
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500
        )
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.send("Page.navigate", url=path.resolve().as_uri())
        self._runner.run(self._until("Page.loadEventFired"))

    def run(self, script: str) -> Any:
        """The value of an expression on the page."""
        found = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key: str, code: int = 0) -> None:
        """A key as a person presses it; `code` for those that are no sign, such as Tab (9)."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        common = {"key": key, "windowsVirtualKeyCode": code or ord(key)}
        self.send("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        self.send("Input.insertText", text=text)

    @property
    def complaints(self) -> list[str]:
        self.run("0")  # what was said before has arrived then
        found = []
        for event in self._events:
            if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
                found.append(str(event["params"]))
        return found

    def screenshot(self, path: Path, whole: bool = False) -> None:
        """Of what the window shows, or of the `whole` page."""
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"clip": {**size, "scale": 1}, "captureBeyondViewport": True} if whole else {}
        taken = self.send("Page.captureScreenshot", **clip)
        path.write_bytes(base64.b64decode(taken["data"]))

    def close(self) -> None:
        async def bye() -> None:
            if hasattr(self, "_session"):
                await self._session.close()

        self._runner.run(bye())
        self._runner.close()
        self._process.kill()
        self._process.wait()
