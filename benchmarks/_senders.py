"""Who sends to the events API in `huitou bench events`: view events at a rate or as fast as answers come, and markers."""

import itertools
import json
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

MARKER_EVERY_SECONDS = 3.0
_TWICE_EVERY = 50  # requests
LOOK_FOR_SECONDS = 90.0  # after the last event
_IN_FILTER = json.dumps({"field": "days_since_search", "op": "lte", "value": 1})
PLACES = ("phone", "page", "filter")  # where a marker is looked for


def client(root: str, key: str) -> httpx.Client:
    """Return one connection that sends with the key."""
    return httpx.Client(base_url=root, timeout=30, headers={"Authorization": f"Bearer {key}"})


def now() -> str:
    return datetime.now(UTC).isoformat()


@dataclass
class Senders:
    """
    Post view events for so many seconds from several connections.

    With a rate (events per second of all together) each request has a moment it is due at, whatever the answers before it
    took, as tills and sites send; without one every connection sends as soon as it has its answer. One request in fifty is sent
    twice. `ended` set stops them before the time is over.
    """

    root: str
    key: str
    seconds: float
    connections: int
    batch: int
    rate: float
    ended: threading.Event
    sent: int = 0
    refused: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    def run(self) -> None:
        began = time.monotonic()
        numbers, lock = itertools.count(), threading.Lock()
        threads = [threading.Thread(target=self._send, args=(began, numbers, lock)) for _ in range(self.connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.elapsed = time.monotonic() - began

    def _send(self, began: float, numbers: "itertools.count[int]", lock: threading.Lock) -> None:
        with client(self.root, self.key) as http:
            while True:
                number = next(numbers)
                due = began + number * self.batch / self.rate if self.rate else time.monotonic()
                if due >= began + self.seconds or self.ended.is_set():
                    return
                time.sleep(max(0.0, due - time.monotonic()))
                late = time.monotonic() - due
                rng = random.Random(number)
                body = {"source": "app", "events": [_view(number, place, rng) for place in range(self.batch)]}
                for _ in range(2 if number % _TWICE_EVERY == 0 else 1):
                    asked = time.perf_counter()
                    status = http.post("/api/v1/events", json=body).status_code
                    waited = time.perf_counter() - asked
                    with lock:
                        self.waits.append(waited)
                        self.lateness.append(late)
                        if status != 202:
                            self.refused.append(status)
                    if status != 202:
                        break
                else:
                    with lock:
                        self.sent += self.batch

    def result(self) -> dict[str, object]:
        waits, late = sorted(self.waits), sorted(self.lateness)
        return {
            "events_per_request": self.batch, "sent": self.sent, "events_per_second": round(self.sent / self.elapsed, 1),
            "request_p50_ms": round(1000 * waits[len(waits) // 2], 1),
            "request_p95_ms": round(1000 * waits[int(0.95 * len(waits))], 1),
            "sent_late_p95_ms": round(1000 * late[int(0.95 * len(late))], 1) if self.rate else None,
            "refused": len(self.refused),
        }  # fmt: skip


@dataclass
class Markers:
    """
    Every few seconds a new customer who searches for something; each is looked for until the API finds the person by phone,
    the search on the person's page, and the person by a filter on what people did.
    """

    root: str
    key: str
    ended: threading.Event  # of the sending; those who are still waited for are looked for a while longer
    seen: dict[str, list[float]] = field(default_factory=lambda: {place: [] for place in PLACES})
    began_at: float = field(default_factory=time.monotonic)
    slowest: dict[int, float] = field(default_factory=dict)  # by the minutes since the beginning in which a marker was posted
    _waiting: dict[str, "_Marker"] = field(default_factory=dict)

    def run(self) -> None:
        with client(self.root, self.key) as http:
            number, ended_at = 0, float("inf")
            while not self.ended.is_set() or (self._waiting and time.monotonic() < ended_at + LOOK_FOR_SECONDS):
                round_began = time.monotonic()
                if self.ended.is_set():
                    ended_at = min(ended_at, round_began)
                else:
                    number += 1
                    self._post(http, f"137{(number * 7_919_317 + 12_345_678) % 10**8:08d}")
                self._look(http)
                time.sleep(max(0.2, round_began + MARKER_EVERY_SECONDS - time.monotonic()))
        for marker in self._waiting.values():
            for place in marker.missing:
                self.seen[place].append(float("inf"))

    def _post(self, http: httpx.Client, phone: str) -> None:
        who = {"phone": phone}
        events = [
            {"type": "customer", "id": phone, "occurred_at": now(), "customer": who},
            {"type": "search", "id": f"s{phone}", "occurred_at": now(), "customer": who},
        ]
        self._waiting[phone] = _Marker(time.monotonic())
        http.post("/api/v1/events", json={"source": "app", "events": events})

    def _look(self, http: httpx.Client) -> None:
        answer = http.get("/api/v1/customers", params={"filter": _IN_FILTER, "sort": "-id", "limit": 200}).json()
        listed = {item["id"] for item in answer.get("items", [])}
        for phone, marker in list(self._waiting.items()):
            found = http.post("/api/v1/customers/search", json={"text": phone}).json().get("items")
            if not found:
                continue
            person_id = found[0]["id"]
            page = http.get(f"/api/v1/customers/{person_id}/events").json().get("items", [])
            has = {"phone": True, "page": any(row["type"] == "search" for row in page), "filter": person_id in listed}
            for place in [place for place in marker.missing if has[place]]:
                self.seen[place].append(time.monotonic() - marker.posted_at)
                marker.missing.remove(place)
            if not marker.missing:
                minute = int((marker.posted_at - self.began_at) // 60)
                self.slowest[minute] = max(self.slowest.get(minute, 0.0), time.monotonic() - marker.posted_at)
                del self._waiting[phone]

    def result(self) -> dict[str, object]:
        """Return the 95th percentile of the seconds until a marker was seen, per place, and how many were never seen."""
        ordered = {place: sorted(times) for place, times in self.seen.items()}
        return {
            "markers": len(ordered["phone"]),
            **{f"seen_by_{place}_p95_s": _short(times[int(0.95 * len(times))]) for place, times in ordered.items() if times},
            "slowest_by_minute_s": [round(seconds) for _, seconds in sorted(self.slowest.items())],
            "markers_never_seen": max((times.count(float("inf")) for times in ordered.values()), default=0),
        }


@dataclass
class _Marker:
    posted_at: float
    missing: list[str] = field(default_factory=lambda: list(PLACES))


def _short(seconds: float) -> float | None:
    return None if seconds == float("inf") else round(seconds, 1)


def _view(number: int, place: int, rng: random.Random) -> dict[str, Any]:
    """One view by one of ten thousand people."""
    return {
        "type": "view", "id": f"v{number}-{place}", "occurred_at": now(), "customer": {"openid": f"o{rng.randrange(10_000)}"},
        "product": f"P{rng.randrange(500)}",
    }  # fmt: skip
