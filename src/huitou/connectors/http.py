"""
The HTTP client of the REST connectors: every call has a timeout, what may pass is tried again, what will not says why.

Timeouts, lost connections, 429 and 5xx are retried with growing pauses; a Retry-After is honoured, unless it is longer
than LONGEST_WAIT_SECONDS: then the pull ends and is tried again later, because a worker must not sleep that long.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx
import stamina

from huitou.connectors.definition import Clock
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable

LONGEST_WAIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after which pauses (seconds) a call is tried again; connect and read each have the timeout."""

    attempts: int = 6
    wait_initial: float = 0.2
    wait_max: float = 20.0
    timeout: float = 15.0


class Rejected(Exception):
    """The system understood the call and refused it (a 4xx but 429); `status` tells the connector what to make of it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Busy(Exception):
    """The system answered 429 or 5xx; `wait_seconds` is its Retry-After, if it gave one."""

    def __init__(self, message: str, wait_seconds: float | None) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


@cache
def _tls() -> ssl.SSLContext:
    """Trust what this machine trusts, a company's own authority too; read once, because reading it takes 0.1 s."""
    return ssl.create_default_context()


def _pause(error: Exception) -> bool | float:
    """Tell stamina whether to try again: after its own growing pause (True) or after the named seconds."""
    if isinstance(error, _Busy):
        if error.wait_seconds is None:
            return True
        return error.wait_seconds if error.wait_seconds <= LONGEST_WAIT_SECONDS else False
    return isinstance(error, httpx.TransportError)


class RestClient:
    """Calls of one system that answer with a JSON object."""

    def __init__(self, *, source: str, base_url: str, clock: Clock, retry: RetryPolicy | None = None) -> None:
        """source: the name in messages. Raises SourceMisconfigured on an address that is none."""
        try:
            address = httpx.URL(base_url)
        except httpx.InvalidURL as error:
            raise SourceMisconfigured(f"{source}: setting base_url is no address: {base_url!r}") from error
        if address.scheme not in ("http", "https") or not address.host:
            raise SourceMisconfigured(f"{source}: setting base_url must start with http:// or https://, got {base_url!r}")
        self._source = source
        self._base_url = base_url
        self._clock = clock
        self._retry = retry or RetryPolicy()
        self._client = httpx.Client(base_url=address, timeout=self._retry.timeout, verify=_tls(), follow_redirects=False)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """
        Return the JSON object of a 2xx answer.

        Raises Rejected on any other 4xx than 429, SourceUnavailable once the retries are used up or the answer is no JSON.
        """
        request = self._client.build_request(method, path, params=query, data=form, headers=headers)
        try:
            for attempt in stamina.retry_context(
                on=_pause,
                attempts=self._retry.attempts,
                timeout=None,
                wait_initial=self._retry.wait_initial,
                wait_max=self._retry.wait_max,
                wait_jitter=self._retry.wait_initial,
            ):
                with attempt:
                    return self._object(self._client.send(request), path)
        except httpx.HTTPError as error:
            raise SourceUnavailable(
                f"{self._source}: {self._base_url} cannot be reached ({type(error).__name__}: {error}); "
                "if this stays, check the setting base_url"
            ) from error
        except _Busy as error:
            raise SourceUnavailable(f"{self._source}: {error}") from error
        raise AssertionError("a retried call returns or raises")

    def _object(self, response: httpx.Response, path: str) -> dict[str, Any]:
        status = response.status_code
        if status == 429 or status >= 500:
            raise _Busy(f"{path} answers {status}", self._retry_after_seconds(response))
        if not response.is_success:
            raise Rejected(status, f"{path} answers {status}")
        try:
            body = response.json()
        except ValueError as error:
            raise SourceUnavailable(f"{self._source}: {path} answers with something that is not JSON") from error
        if not isinstance(body, dict):
            raise SourceUnavailable(f"{self._source}: {path} answers with JSON that is no object")
        return body

    def _retry_after_seconds(self, response: httpx.Response) -> float | None:
        """Read Retry-After, seconds or a date; None when it is absent or unreadable."""
        text = response.headers.get("retry-after", "").strip()
        if text.isdigit():
            return float(text)
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._clock()).total_seconds())
