"""Lights and devices by MQTT, in zigbee2mqtt's topics: BASE/NAME tells a state, BASE/NAME/set changes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from tinyagent.errors import SettingsError, ToolError
from tinyagent.tools.home_hub import PATIENCE, Done, Wish
from tinyagent.tools.home_settings import HomeSettings

CONNECT = 5.0
TELL = 1.0
"""Seconds for a device to tell its state before it is changed."""
MOST_BYTES = 64 << 10
_KEPT = ("state", "brightness", "color_mode", "color", "color_temp")


class MqttHub:
    """zigbee2mqtt behind a broker. Each use is a connection of its own."""

    def __init__(self, home: HomeSettings) -> None:
        self.home = home
        self.base = _topic(home.mqtt_topic)

    def switch(self, names: Sequence[str], wish: Wish) -> list[Done]:
        """Change the named lamps and say how each was and whether it confirmed. Raises `ToolError`."""
        topics = {name: f"{self.base}/{_topic(name)}" for name in names}
        with self._connected() as line:
            line.listen(topics.values())
            for topic in topics.values():
                line.send(f"{topic}/get", {"state": ""})
            line.wait(lambda: all(topic in line.fresh for topic in topics.values()), TELL)
            before = {name: line.states.get(topic) for name, topic in topics.items()}
            wanted = {name: _payload(wish, before[name]) for name in names}
            line.fresh.clear()
            for name, payload in wanted.items():
                if payload:
                    line.send(f"{topics[name]}/set", payload)

            def confirmed(name: str) -> bool:
                payload = wanted[name]
                return not payload or _agrees(line.fresh.get(topics[name]), payload)

            line.wait(lambda: all(confirmed(name) for name in names), PATIENCE)
            return [
                Done(name, _kept(before[name]), confirmed(name), *_now(wanted[name], before[name]))
                for name in names
            ]

    def restore(self, before: Mapping[str, Mapping[str, Any]]) -> None:
        """Tell every lamp to be as it was; `ToolError` without the broker."""
        with self._connected() as line:
            for name, state in before.items():
                line.send(f"{self.base}/{_topic(name)}/set", _back(state))

    @contextmanager
    def _connected(self) -> Iterator[_Line]:
        line = _Line(self.home)
        try:
            line.open()
            yield line
        finally:
            line.close()


class _Line:
    """A connection: what was told on it lately, and a way to wait for more."""

    def __init__(self, home: HomeSettings) -> None:
        import paho.mqtt.client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion

        self.where = f"{home.mqtt_host}:{home.mqtt_port or (8883 if home.mqtt_tls else 1883)}"
        self.states: dict[str, dict[str, Any]] = {}
        self.fresh: dict[str, dict[str, Any]] = {}
        self._news = threading.Condition()
        self._answer: Any = None
        self._subscribed = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.connect_timeout = CONNECT
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        if home.mqtt_user:
            self._client.username_pw_set(home.mqtt_user, home.mqtt_password or None)
        if home.mqtt_tls:
            try:
                self._client.tls_set(ca_certs=home.mqtt_ca or None)
            except OSError as error:
                raise SettingsError(
                    f"The certificate {home.mqtt_ca} cannot be read ({error}): correct mqtt_ca."
                ) from None

    def open(self) -> None:
        host, _, port = self.where.rpartition(":")
        try:
            self._client.connect(host, int(port), keepalive=30)
        except (OSError, ValueError) as error:
            raise ToolError(
                f"The MQTT broker {self.where} cannot be reached ({error}): "
                "is it running, and is mqtt_host in [home] right?"
            ) from None
        self._client.loop_start()
        if not self.wait(lambda: self._answer is not None, CONNECT):
            raise ToolError(f"The MQTT broker {self.where} does not answer: is it running?")
        if self._answer.is_failure:
            raise ToolError(
                f"The MQTT broker {self.where} refused the connection ({self._answer}): "
                "correct mqtt_user and mqtt_password in [home]."
            )

    def close(self) -> None:
        with suppress(Exception):  # it is over, whatever the other end thinks
            self._client.disconnect()
        self._client.loop_stop()

    def listen(self, topics: Any) -> None:
        self._client.subscribe([(topic, 1) for topic in topics])
        if not self.wait(lambda: self._subscribed, CONNECT):
            raise ToolError(f"The MQTT broker {self.where} does not answer: is it running?")

    def send(self, topic: str, payload: Mapping[str, Any]) -> None:
        sent = self._client.publish(topic, json.dumps(payload), qos=1)
        try:
            sent.wait_for_publish(CONNECT)
            done = sent.is_published()
        except (RuntimeError, ValueError):
            done = False
        if not done:
            raise ToolError(f"The MQTT broker {self.where} did not take the message: is it running?")

    def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        end = monotonic() + seconds
        with self._news:
            while not until():
                left = end - monotonic()
                if left <= 0:
                    return False
                self._news.wait(left)
        return True

    def _on_connect(self, client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        with self._news:
            self._answer = reason
            self._news.notify_all()

    def _on_subscribe(self, *_: Any) -> None:
        with self._news:
            self._subscribed = True
            self._news.notify_all()

    def _on_message(self, client: Any, userdata: Any, message: Any) -> None:
        try:
            state = json.loads(message.payload) if len(message.payload) <= MOST_BYTES else None
        except (ValueError, RecursionError):
            return
        if not isinstance(state, dict):
            return
        with self._news:
            self.states[message.topic] = {**self.states.get(message.topic, {}), **state}
            if not message.retain:
                self.fresh[message.topic] = self.states[message.topic]
            self._news.notify_all()


def _topic(name: str) -> str:
    """Return a name that is one topic and no pattern; `SettingsError` otherwise."""
    if (
        not name
        or len(name) > 200
        or any(c in "+#" or not c.isprintable() for c in name)
        or name.startswith("$")
    ):
        raise SettingsError(
            f"{name!r} in the table [home] is no MQTT name: it may hold no +, # or control characters."
        )
    if any(not part for part in name.split("/")):
        raise SettingsError(f"{name!r} in the table [home] is no MQTT name: no part of it may be empty.")
    return name


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _seen(state: Mapping[str, Any] | None) -> tuple[bool | None, int | None]:
    """Return whether a lamp is on and its level in percent, None for what it does not tell."""
    told = str((state or {}).get("state", "")).upper()
    raw = _number((state or {}).get("brightness"))
    on = {"ON": True, "OFF": False}.get(told)
    return on, None if raw is None else min(max(round(raw / 2.54), 0), 100)


def _payload(wish: Wish, state: Mapping[str, Any] | None) -> dict[str, Any]:
    made = wish.for_lamp(*_seen(state))
    if made is None:
        return {}
    payload: dict[str, Any] = {"state": "ON" if made.on else "OFF"}
    if made.level is not None:
        payload["brightness"] = max(1, round(made.level * 2.54))
    if made.step:
        del payload["state"]
        payload["brightness_step"] = round(made.step * 2.54)
    if made.color:
        payload |= {"color": {"hex": made.color.hex}} if made.color.rgb else {}
        payload |= {"color_temp": round(1_000_000 / made.color.kelvin)} if made.color.kelvin else {}
    return payload


def _agrees(told: Mapping[str, Any] | None, payload: Mapping[str, Any]) -> bool:
    """Return whether what a lamp told after it was changed is what it was told."""
    if told is None or str(told.get("state", "")).upper() != payload.get("state", "ON"):
        return False
    raw = _number(told.get("brightness"))
    return "brightness" not in payload or raw is None or abs(raw - payload["brightness"]) <= 3


def _now(payload: Mapping[str, Any], before: Mapping[str, Any] | None) -> tuple[bool, int | None]:
    if not payload:
        return False, None
    raw = _number(payload.get("brightness"))
    return payload.get("state", "ON") == "ON", None if raw is None else round(raw / 2.54)


def _kept(state: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {key: state[key] for key in _KEPT if key in state} if state and "state" in state else None


def _back(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload that makes a lamp as it was."""
    if str(state["state"]).upper() != "ON":
        return {"state": "OFF"}
    keys = ["brightness", "color_temp" if state.get("color_mode") == "color_temp" else "color"]
    return {"state": "ON"} | {key: state[key] for key in keys if state.get(key) is not None}
