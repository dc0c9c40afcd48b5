"""A geocoding service on the loopback that answers as it is told, and counts how often it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from geopy.geocoders import Nominatim, Photon

Answer = tuple[int, dict[str, str], bytes]
Script = Callable[[dict[str, str]], Answer]


def say(body: Any, status: int = 200, **headers: str) -> Answer:
    """Make an answer: text or bytes as they are, other things as JSON."""
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body


def town(name: str, latitude: float, longitude: float, code: str, **more: Any) -> dict[str, Any]:
    """Make one answer of Nominatim."""
    return {
        "lat": str(latitude),
        "lon": str(longitude),
        "display_name": f"{name}, somewhere",
        "addresstype": "town",
        "address": {"country_code": code},
        "licence": "Data © OpenStreetMap contributors, ODbL 1.0. http://osm.org/copyright",
        **more,
    }


class FakeService:
    """Answers on 127.0.0.1 in a thread, at most `limit` times."""

    def __init__(self, *script: Answer | Script, limit: int = 60) -> None:
        """Take answers one after the other, the last for good; or what makes them of the words asked."""
        self.script, self.limit = list(script), limit
        self.asked: list[dict[str, str]] = []
        self.agents: list[str] = []
        self.moments: list[float] = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Say nothing of those who hang up."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            words = dict(parse_qsl(urlsplit(handler.path).query))
            self.asked.append(words)
            self.agents.append(handler.headers["User-Agent"])
            self.moments.append(time.monotonic())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            step = self.script[min(len(self.asked), len(self.script)) - 1]
        try:
            if len(self.asked) > self.limit:
                status, headers, body = say("asked too often", 403)
            else:
                status, headers, body = step(words) if callable(step) else step
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            if "Content-Length" not in headers:
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        finally:
            with self._lock:
                self.at_once -= 1

    @property
    def domain(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def nominatim(self, **options: Any) -> Nominatim:
        from geopy.geocoders import Nominatim

        return Nominatim(domain=self.domain, scheme="http", proxies={}, user_agent="x", **{"timeout": 5, **options})

    def photon(self) -> Photon:
        from geopy.geocoders import Photon

        return Photon(domain=self.domain, scheme="http", proxies={}, timeout=5)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        assert len(self.asked) <= self.limit, "the service was asked too often"
