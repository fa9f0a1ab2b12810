"""JSON over HTTP for the tools that talk to a service: one request, bounded, no redirects, no shared state.

A redirect could carry a token to another host, so it is an error here. Answers are data and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from tinyagent.errors import SettingsError

if TYPE_CHECKING:
    from urllib.error import HTTPError
    from urllib.request import OpenerDirector

TIMEOUT = 10.0
"""Seconds for each step of a request."""
MOST_BYTES = 1 << 20


class ServiceError(Exception):
    """A request came to nothing. `status` is the HTTP status, 0 where nobody answered; `reason` a few words."""

    def __init__(self, status: int, reason: str, body: Any = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.body = status, reason, body


def base_url(value: str, setting: str) -> str:
    """Return a base URL of the settings without its last slash; `SettingsError` for what is no http(s) URL."""
    try:
        parts = urlsplit(value)
        fine = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
        )
        _ = parts.port
    except ValueError:
        fine = False
    if not fine or parts.username is not None or any(c.isspace() or not c.isprintable() for c in value):
        raise SettingsError(
            f"The setting {setting} must be an address such as https://example.org, not {value!r}."
        )
    return value.rstrip("/")


def request_json(
    url: str,
    *,
    query: Mapping[str, Any] | None = None,
    data: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Any:
    """Return the JSON that `url` answers with; a POST where there is `data`. Raises `ServiceError`."""
    from http.client import (
        HTTPException,
    )  # with what it imports a tenth of a second, and few commands need it
    from urllib.error import HTTPError, URLError
    from urllib.request import Request

    full = f"{url}?{urlencode(query)}" if query else url
    body = None if data is None else json.dumps(data).encode("utf-8")
    sent = {"Accept": "application/json", "User-Agent": "tinyagent", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/json"
    try:
        with _opener(full).open(Request(full, data=body, headers=sent), timeout=timeout) as answer:
            return _parsed(answer.read(MOST_BYTES + 1))
    except HTTPError as error:
        with error:
            raise ServiceError(error.code, str(error.reason), _tolerant(error)) from None
    except (URLError, OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise ServiceError(0, str(reason) or type(error).__name__) from None


def _opener(url: str) -> OpenerDirector:
    from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

    class NoRedirect(HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    # What runs on this machine is never asked through a proxy.
    local = urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    return build_opener(NoRedirect, *([ProxyHandler({})] if local else []))


def _parsed(raw: bytes) -> Any:
    if len(raw) > MOST_BYTES:
        raise ServiceError(200, "the answer is too long")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise ServiceError(200, "the answer is no JSON") from None


def _tolerant(error: HTTPError) -> Any:
    from http.client import HTTPException

    try:
        return json.loads(error.read(MOST_BYTES))
    except (OSError, HTTPException, ValueError, RecursionError):
        return None
