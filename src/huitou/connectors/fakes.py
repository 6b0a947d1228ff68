"""
The four fake systems of one chain folder, served together: `huitou sources fake`, the demo and the tests start them here.

A chain folder holds mall/mall.sqlite3, aftersales/aftersales.sqlite3, membership/membership.sqlite3 and pos/outbox/*.csv,
written by the `fake_store` modules. While they run, new orders, refunds, receipts and tickets can happen (`emit_...`);
seed None draws anew each time. An address they are sent to may hold `{stream}`, which becomes the stream's code.
"""

import json
import os
import random
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

import huitou.connectors.aftersales.fake
import huitou.connectors.mall.fake
from huitou.connectors import fake_live
from huitou.connectors.aftersales import fake_store as aftersales_store
from huitou.connectors.aftersales.fake import FakeAftersales
from huitou.connectors.fake_http import Faults, RunningServer
from huitou.connectors.mall import fake_store as mall_store
from huitou.connectors.mall.fake import FakeMall
from huitou.connectors.membership import fake_store as membership_store

SETTINGS_FILE = "sources.json"
NO_FAULTS = Faults()

SourceSettings = dict[str, dict[str, str]]  # by source code


class RunningFakes:
    """Four systems at work. `settings` connects to them; the same is in <chain>/sources.json (mode 0600)."""

    def __init__(self, chain: Path, *, host: str, mall_port: int, aftersales_port: int, faults: Mapping[str, Faults]) -> None:
        keys = _keys(chain)
        self.chain = chain
        self.mall = FakeMall(
            chain / "mall" / mall_store.FILE_NAME,
            client_id=keys["mall"]["client_id"],
            client_secret=keys["mall"]["client_secret"],
            faults=faults.get("mall", NO_FAULTS),
        )
        self.aftersales = FakeAftersales(
            chain / "aftersales" / aftersales_store.FILE_NAME,
            api_key=keys["aftersales"]["api_key"],
            faults=faults.get("aftersales", NO_FAULTS),
        )
        self._mall_server = RunningServer(self.mall.answer, host=host, port=mall_port)
        self._aftersales_server = RunningServer(self.aftersales.answer, host=host, port=aftersales_port)
        self.settings: SourceSettings = {
            "mall": {"base_url": self._mall_server.url, **keys["mall"]},
            "pos": {"folder": str((chain / "pos" / "outbox").resolve()), **keys["pos"]},
            "membership": {"database": str((chain / "membership" / membership_store.FILE_NAME).resolve())},
            "aftersales": {"base_url": self._aftersales_server.url, **keys["aftersales"]},
        }

    def stop(self) -> None:
        """Stop both servers; files stay as they are."""
        self._mall_server.stop()
        self._aftersales_server.stop()

    def __enter__(self) -> "RunningFakes":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def emit_order(
        self, *, now: datetime, seed: int | None = None, customer_id: str | None = None, webhook_url: str | None = None
    ) -> dict[str, Any]:
        """Let a customer (None: any) buy and pay online now (aware); with an address the mall also sends `order.paid`."""
        order = fake_live.order_new(self.mall_path, now=now, rng=random.Random(seed), customer_id=customer_id)
        mall_store.put(self.mall_path, "orders", [order])
        self._mall_webhook("order.paid", order, webhook_url, now)
        return order

    def emit_refund(self, order_id: str, *, now: datetime, webhook_url: str | None = None) -> dict[str, Any]:
        """Refund a paid order as a whole; with an address the mall also sends `order.refunded`. Raises KeyError."""
        order = fake_live.order_refunded(self.mall_path, order_id, now=now)
        mall_store.put(self.mall_path, "orders", [order])
        self._mall_webhook("order.refunded", order, webhook_url, now)
        return order

    def emit_receipt(
        self, *, now: datetime, seed: int | None = None, member_card: str = "", phone: str = "", push_url: str | None = None
    ) -> dict[str, Any]:
        """Sell something at a till now: pushed to the address, without one added to the file of the day of now."""
        receipt = fake_live.receipt_new(self.outbox, now=now, rng=random.Random(seed), member_card=member_card, phone=phone)
        if push_url is None:
            fake_live.receipt_append(self.outbox, receipt, export_day=fake_live.local(now).date())
        else:
            headers = {"Content-Type": "application/json", "X-Till-Key": self.settings["pos"]["till_key"]}
            _post(push_url.replace("{stream}", "pushed"), headers, json.dumps(receipt, ensure_ascii=False).encode())
        return receipt

    def emit_ticket(
        self,
        *,
        now: datetime,
        contact: Mapping[str, Any] | None = None,
        order_no: str | None = None,
        webhook_url: str | None = None,
    ) -> dict[str, Any]:
        """Open a complaint now (contact as in the desk's README); with an address the desk also sends both webhooks."""
        ticket, event = fake_live.ticket_new(self.aftersales_path, now=now, contact=contact, order_no=order_no)
        aftersales_store.put(self.aftersales_path, "tickets", [ticket])
        aftersales_store.put(self.aftersales_path, "events", [event])
        if webhook_url is not None:
            secret = self.settings["aftersales"]["webhook_secret"]
            messages = {
                "tickets": {"type": "ticket.updated", "ticket": ticket},
                "events": {"type": "ticket.status", "event": event},
            }
            for stream, message in messages.items():
                signed = huitou.connectors.aftersales.fake.webhook(secret, message, now=now.timestamp())
                _post(webhook_url.replace("{stream}", stream), *signed)
        return ticket

    @property
    def mall_path(self) -> Path:
        return self.chain / "mall" / mall_store.FILE_NAME

    @property
    def aftersales_path(self) -> Path:
        return self.chain / "aftersales" / aftersales_store.FILE_NAME

    @property
    def outbox(self) -> Path:
        return self.chain / "pos" / "outbox"

    def _mall_webhook(self, event: str, order: dict[str, Any], url: str | None, now: datetime) -> None:
        if url is not None:
            secret = self.settings["mall"]["webhook_secret"]
            _post(
                url.replace("{stream}", "orders"), *huitou.connectors.mall.fake.webhook(secret, event, order, now=now.timestamp())
            )


def serve_fakes(
    chain: Path,
    *,
    host: str = "127.0.0.1",
    mall_port: int = 0,
    aftersales_port: int = 0,
    faults: Mapping[str, Faults] | None = None,
) -> RunningFakes:
    """
    Serve a chain folder (missing stores are created empty) and write how to connect to <chain>/sources.json.

    Port 0 takes a free one. faults: by source code, "mall" and "aftersales". Keys are made once per chain and kept.
    """
    mall_store.create(chain / "mall" / mall_store.FILE_NAME)
    aftersales_store.create(chain / "aftersales" / aftersales_store.FILE_NAME)
    membership_store.create(chain / "membership" / membership_store.FILE_NAME)
    (chain / "pos" / "outbox").mkdir(parents=True, exist_ok=True)
    fakes = RunningFakes(chain, host=host, mall_port=mall_port, aftersales_port=aftersales_port, faults=faults or {})
    _settings_write(chain / SETTINGS_FILE, fakes.settings)
    return fakes


def _keys(chain: Path) -> SourceSettings:
    """Return the chain's credentials: those of its settings file, else new ones."""
    try:
        known = json.loads((chain / SETTINGS_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = {}
    wanted = {
        "mall": ("client_id", "client_secret", "webhook_secret"),
        "pos": ("till_key",),
        "aftersales": ("api_key", "webhook_secret"),
    }
    return {
        code: {name: known.get(code, {}).get(name) or secrets.token_urlsafe(24) for name in names}
        for code, names in wanted.items()
    }


def _settings_write(path: Path, settings: SourceSettings) -> None:
    half = path.with_name(path.name + ".tmp")
    half.touch(mode=0o600)
    half.write_text(json.dumps(settings, ensure_ascii=False, indent=2), encoding="utf-8")
    os.replace(half, path)


def _post(url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Send one pushed request. Raises httpx.HTTPError when the receiver is away or refuses."""
    httpx.post(url, headers=dict(headers), content=body, timeout=10).raise_for_status()
