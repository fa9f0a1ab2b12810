"""A home: zigbee2mqtt's topics on a real mosquitto, and a small server that speaks Home Assistant's REST."""

import json
import shutil
import socket
import subprocess
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tinyagent.errors import NotFoundError, SettingsError, ToolError
from tinyagent.settings import load
from tinyagent.tools import home
from tinyagent.tools.colors import find_color
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.home import set_device, set_light
from tinyagent.tools.home_settings import HomeSettings, device_of, lights_of

LIGHTS = {"kitchen": "kitchen_ceiling", "living room": ["sofa lamp", "upstairs/tv lamp"]}
DEVICES = {"coffee maker": "plug_1", "kitchen fan": "fan_k", "bedroom fan": "fan_b"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def broker(folder, *lines):
    """Start mosquitto on a free port; return the process and the port."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if not program:
        pytest.fail("mosquitto is missing: apt-get install -y --no-install-recommends mosquitto")
    port = free_port()
    config = folder / "mosquitto.conf"
    config.write_text("\n".join([f"listener {port} 127.0.0.1", "persistence false", "user root", *lines, ""]))
    process = subprocess.Popen(
        [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            assert process.poll() is None and time.monotonic() < until, "mosquitto does not start"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def open_broker(tmp_path_factory):
    process, port = broker(tmp_path_factory.mktemp("open"), "allow_anonymous true")
    yield port
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="module")
def guarded_broker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    if not shutil.which("mosquitto_passwd"):
        pytest.fail("mosquitto_passwd is missing: apt-get install -y --no-install-recommends mosquitto")
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(folder / "words"), "ana", "s3cret"], check=True)
    process, port = broker(folder, "allow_anonymous false", f"password_file {folder / 'words'}")
    yield port
    process.terminate()
    process.wait(10)


class Zigbee:
    """Does what zigbee2mqtt does: tells states when asked and after they were set. `mute` ones never say a word."""

    def __init__(self, port, states, mute=(), user=None, base="zigbee2mqtt"):
        self.states, self.mute, self.base, self.sets = states, set(mute), base, []
        self.ready = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2)
        if user:
            self.client.username_pw_set(*user)
        self.client.on_message = self.heard
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.connect("127.0.0.1", port)
        self.client.subscribe(
            [(f"{base}/+/set", 1), (f"{base}/+/get", 1), (f"{base}/+/+/set", 1), (f"{base}/+/+/get", 1)]
        )
        self.client.loop_start()
        assert self.ready.wait(5)

    def heard(self, client, userdata, message):
        topic, _, verb = message.topic.rpartition("/")
        name, payload = topic.removeprefix(self.base + "/"), json.loads(message.payload)
        if verb == "set":
            self.sets.append((name, payload))
        if name in self.mute or name not in self.states:
            return
        if verb == "set":
            state = self.states[name]
            step = payload.pop("brightness_step", None)
            state |= payload
            if "color" in payload or "color_temp" in payload:
                state["color_mode"] = "xy" if "color" in payload else "color_temp"
            if step is not None:
                state["brightness"] = min(254, max(1, state["brightness"] + step))
        client.publish(topic, json.dumps(self.states[name]))

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def lamps():
    return {
        "kitchen_ceiling": {"state": "OFF", "brightness": 100, "color_mode": "color_temp", "color_temp": 300},
        "sofa lamp": {"state": "ON", "brightness": 127, "color_mode": "xy", "color": {"x": 0.4, "y": 0.4}},
        "upstairs/tv lamp": {"state": "ON", "brightness": 127, "color_mode": "color_temp", "color_temp": 370},
        "plug_1": {"state": "OFF"}, "fan_k": {"state": "OFF"}, "fan_b": {"state": "ON"},
    }  # fmt: skip


@pytest.fixture
def zigbee(open_broker):
    made = Zigbee(open_broker, lamps())
    yield made
    made.close()


@pytest.fixture
def make(tmp_path):
    def build(**table):
        table = {"lights": LIGHTS, "devices": DEVICES} | table
        return Context(
            datetime(2026, 3, 2, 9), ZoneInfo("UTC"), Folders.under(tmp_path), tools={"home": table}
        )

    return build


@pytest.fixture
def ctx(make, open_broker):
    return make(mqtt_host="127.0.0.1", mqtt_port=open_broker)


def undo(ctx, outcome):
    home._undo(ctx, json.loads(json.dumps(outcome.undo)))


def settle(zigbee, name, state):
    until = time.monotonic() + 3
    while not state.items() <= zigbee.states[name].items():
        assert time.monotonic() < until, zigbee.states[name]
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("arguments", "name", "sent", "answer"),
    [
        ({"room": "kitchen", "state": "on"}, "kitchen_ceiling", {"state": "ON"}, "The kitchen light is on."),
        ({"room": "the kitchn", "level": 40}, "kitchen_ceiling", {"state": "ON", "brightness": 102},
         "The kitchen light is at 40%."),
        ({"room": "kitchen", "change": "brighter"}, "kitchen_ceiling", {"state": "ON", "brightness": 51},
         "The kitchen light is brighter, at 20%."),
        ({"room": "kitchen", "color": "blue"}, "kitchen_ceiling", {"state": "ON", "color": {"hex": "#0000ff"}},
         "The kitchen light is blue."),
        ({"room": "kitchen", "color": "warm white", "level": 100}, "kitchen_ceiling",
         {"state": "ON", "brightness": 254, "color_temp": 370}, "The kitchen light is warm white, at 100%."),
        ({"room": "Living Room lights", "change": "dimmer"}, "sofa lamp", {"state": "ON", "brightness": 76},
         "The living room lights are dimmer, at 30%."),
        ({"room": "living room", "state": "off"}, "upstairs/tv lamp", {"state": "OFF"},
         "The living room lights are off."),
        ({"room": "living room", "level": 0}, "sofa lamp", {"state": "OFF"}, "The living room lights are off."),
        ({"state": "off"}, "sofa lamp", {"state": "OFF"}, "All lights are off."),
        ({"room": "everywhere", "state": "on"}, "kitchen_ceiling", {"state": "ON"}, "All lights are on."),
    ],
)  # fmt: skip
def test_lights_and_back(ctx, zigbee, arguments, name, sent, answer):
    outcome = set_light(ctx, **arguments)
    assert outcome.answer == answer
    assert (name, sent) in zigbee.sets
    assert all(one["confirmed"] for one in outcome.value)
    before = {one["name"]: lamps()[one["name"]] for one in outcome.value}
    undo(ctx, outcome)
    for name, state in before.items():
        keys = ("state", "brightness") if state["state"] == "ON" else ("state",)
        settle(zigbee, name, {key: state[key] for key in keys})
        if state["state"] == "ON":
            mode = "color_temp" if state["color_mode"] == "color_temp" else "color"
            settle(zigbee, name, {mode: state[mode]})


def test_dimmer_on_a_light_that_is_off_does_nothing(ctx, zigbee):
    outcome = set_light(ctx, room="kitchen", change="dimmer")
    assert outcome.answer == "The kitchen light is off." and zigbee.sets == []


def test_the_room_of_the_computer(make, open_broker, zigbee):
    ctx = make(mqtt_host="127.0.0.1", mqtt_port=open_broker, room="kitchen")
    assert set_light(ctx, state="on").answer == "The kitchen light is on."
    assert {name for name, _ in zigbee.sets} == {"kitchen_ceiling"}


@pytest.mark.parametrize(
    ("arguments", "name", "state", "answer"),
    [
        (("coffee maker", "on"), "plug_1", "ON", "The coffee maker is on."),
        (("cofee maker", "on"), "plug_1", "ON", "The coffee maker is on."),
        (("fan", "off", "bedroom"), "fan_b", "OFF", "The bedroom fan is off."),
        (("the kitchen fan", "on"), "fan_k", "ON", "The kitchen fan is on."),
        (("coffee maker", "on", "kitchen"), "plug_1", "ON", "The coffee maker is on."),
    ],
)
def test_devices_and_back(ctx, zigbee, arguments, name, state, answer):
    outcome = set_device(ctx, *arguments)
    assert outcome.answer == answer and zigbee.sets == [(name, {"state": state})]
    undo(ctx, outcome)
    settle(zigbee, name, {"state": lamps()[name]["state"]})


def test_which_one(ctx, make, open_broker, zigbee):
    with pytest.raises(ToolError, match="Which one do you mean: bedroom fan or kitchen fan"):
        set_device(ctx, "fan", "on")
    with pytest.raises(NotFoundError, match="no device called fan in the garage"):
        set_device(ctx, "fan", "on", "garage")
    with pytest.raises(NotFoundError, match="no device called sauna: there is bedroom fan, coffee maker or"):
        set_device(ctx, "sauna", "on")
    with pytest.raises(NotFoundError, match="no light called attic: there is kitchen or living room"):
        set_light(ctx, "attic", "on")
    here = make(mqtt_host="127.0.0.1", mqtt_port=open_broker, room="bedroom")
    assert zigbee.sets == []
    assert set_device(here, "fan", "off").answer == "The bedroom fan is off."


def test_what_does_not_answer(make, open_broker):
    ctx = make(mqtt_host="127.0.0.1", mqtt_port=open_broker)
    zigbee = Zigbee(open_broker, lamps(), mute={"kitchen_ceiling", "sofa lamp"})
    try:
        started = time.monotonic()
        outcome = set_light(ctx, room="kitchen", change="brighter")
        assert time.monotonic() - started < 5
        assert outcome.answer == "I asked for the kitchen light to be brighter, but got no confirmation."
        assert outcome.undo is None and zigbee.sets == [("kitchen_ceiling", {"brightness_step": 51})]
        outcome = set_light(ctx, room="living room", state="off")
        assert outcome.answer == "I asked for the living room lights to be off; sofa lamp did not confirm."
        assert set(outcome.undo["before"]) == {"upstairs/tv lamp"}
    finally:
        zigbee.close()


def test_a_broker_with_a_password(make, guarded_broker):
    zigbee = Zigbee(guarded_broker, lamps(), user=("ana", "s3cret"), base="home/z")
    table = {"mqtt_host": "127.0.0.1", "mqtt_port": guarded_broker, "mqtt_topic": "home/z"}
    try:
        outcome = set_light(make(**table, mqtt_user="ana", mqtt_password="s3cret"), "kitchen", "on")
        assert outcome.answer == "The kitchen light is on."
        for wrong in ({}, {"mqtt_user": "ana", "mqtt_password": "guess"}):
            with pytest.raises(
                ToolError, match=r"refused the connection .*: correct mqtt_user and mqtt_password"
            ) as e:
                set_light(make(**table, **wrong), "kitchen", "off")
            assert "guess" not in str(e.value)
        assert zigbee.sets == [("kitchen_ceiling", {"state": "ON"})]
    finally:
        zigbee.close()


def test_no_broker(make):
    ctx = make(mqtt_host="127.0.0.1", mqtt_port=free_port())
    with pytest.raises(ToolError, match=r"MQTT broker 127\.0\.0\.1:\d+ cannot be reached"):
        set_light(ctx, "kitchen", "on")
    with pytest.raises(SettingsError, match="certificate /nowhere cannot be read"):
        set_light(make(mqtt_host="127.0.0.1", mqtt_tls=True, mqtt_ca="/nowhere"), "kitchen", "on")


def test_nonsense_on_the_wire_is_passed_over(ctx, zigbee, monkeypatch):
    monkeypatch.setattr("tinyagent.tools.home_mqtt.PATIENCE", 0.2)
    monkeypatch.setattr("tinyagent.tools.home_mqtt.TELL", 0.2)
    zigbee.mute.add("kitchen_ceiling")
    topic = "zigbee2mqtt/kitchen_ceiling"
    for payload in (b"\xff", b"[1]", b'{"state": []}', b'{"state": "ON", "brightness": "x"}', b"{" * 100_000):
        zigbee.client.publish(topic, payload, qos=1, retain=True).wait_for_publish(5)
        outcome = set_light(ctx, "kitchen", change="brighter")
        assert "no confirmation" in outcome.answer
    zigbee.client.publish(topic, b"", qos=1, retain=True).wait_for_publish(5)


@pytest.mark.parametrize("name", ["a/+", "#", "x\ny", "a//b", "$SYS/x", "a\x00b", "x" * 201, "/a"])
def test_a_name_is_never_a_pattern(make, open_broker, zigbee, name):
    ctx = make(mqtt_host="127.0.0.1", mqtt_port=open_broker, lights={"kitchen": name})
    with pytest.raises(SettingsError, match="is no MQTT name"):
        set_light(ctx, "kitchen", "on")
    assert zigbee.sets == []


# Home Assistant


class Assistant(ThreadingHTTPServer):
    """Speaks the two paths of Home Assistant's REST that matter, with its status codes."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.states = {
            "light.kitchen": {"state": "off", "attributes": {"brightness": None, "color_mode": None}},
            "light.sofa": {"state": "on", "attributes": {
                "brightness": 128, "color_mode": "xy", "xy_color": [0.4, 0.4], "friendly_name": "Sofa"}},
            "switch.plug": {"state": "off", "attributes": {}},
            "climate.heating": {"state": "heat", "attributes": {}},
            "light.gone": {"state": "unavailable", "attributes": {}},
        }  # fmt: skip
        self.calls, self.fail = [], None
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status in (301, 302):
            self.send_header("Location", "http://127.0.0.1:1/steal")
        self.end_headers()
        self.wfile.write(body)

    def refused(self):
        if self.server.fail:
            self.answer(*self.server.fail)
        elif self.headers["Authorization"] != "Bearer t0ken":
            self.answer(401, {"message": "Unauthorized"})
        else:
            return False
        return True

    def do_GET(self):
        name = self.path.removeprefix("/api/states/")
        if not self.refused():
            found = self.server.states.get(name)
            self.answer(
                *((200, {"entity_id": name, **found}) if found else (404, {"message": "Entity not found."}))
            )

    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.refused():
            return
        domain, service = self.path.removeprefix("/api/services/").split("/")
        self.server.calls.append((domain, service, dict(data)))
        name = data.pop("entity_id")
        entity = self.server.states[name]
        if entity["state"] != "unavailable":
            entity["state"] = "on" if service == "turn_on" else "off"
            attributes = entity["attributes"]
            if "brightness_pct" in data:
                attributes["brightness"] = round(data["brightness_pct"] * 2.55)
            attributes |= {k: v for k, v in data.items() if k in ("brightness", "xy_color", "rgb_color")}
        self.answer(200, [])

    def log_message(self, *args):
        pass


@pytest.fixture
def assistant():
    server = Assistant()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def rest(make, assistant):
    lights = {"kitchen": "light.kitchen", "sofa": "light.sofa", "hall": "light.gone", "porch": "switch.plug"}
    return make(url=assistant.url + "/", token="t0ken", lights=lights,
                devices={"heating": "climate.heating", "plug": "switch.plug"})  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "call", "answer"),
    [
        ({"room": "kitchen", "state": "on"}, ("light", "turn_on", {}), "The kitchen light is on."),
        ({"room": "kitchen", "level": 30}, ("light", "turn_on", {"brightness_pct": 30}),
         "The kitchen light is at 30%."),
        ({"room": "sofa", "change": "brighter"}, ("light", "turn_on", {"brightness_pct": 70}),
         "The sofa light is brighter, at 70%."),
        ({"room": "sofa", "color": "red"}, ("light", "turn_on", {"rgb_color": [255, 0, 0]}), "The sofa light is red."),
        ({"room": "sofa", "color": "daylight"}, ("light", "turn_on", {"color_temp_kelvin": 6500}),
         "The sofa light is daylight."),
        ({"room": "sofa", "state": "off"}, ("light", "turn_off", {}), "The sofa light is off."),
        ({"room": "porch", "state": "on"}, ("homeassistant", "turn_on", {}), "The porch light is on."),
    ],
)  # fmt: skip
def test_lights_by_home_assistant_and_back(rest, assistant, arguments, call, answer):
    before = json.loads(json.dumps(assistant.states))
    outcome = set_light(rest, **arguments)
    name = outcome.value[0]["name"]
    assert outcome.answer == answer
    assert assistant.calls == [(call[0], call[1], {"entity_id": name, **call[2]})]
    undo(rest, outcome)
    now, was = assistant.states[name], before[name]
    assert now["state"] == was["state"]
    if was["state"] == "on":
        assert now["attributes"]["brightness"] == 128 and now["attributes"]["xy_color"] == [0.4, 0.4]


def test_devices_by_home_assistant(rest, assistant):
    outcome = set_device(rest, "plug", "on")
    assert outcome.answer == "The plug is on."
    undo(rest, outcome)
    assert assistant.states["switch.plug"]["state"] == "off"
    outcome = set_device(rest, "the heating", "off")
    assert outcome.answer == "The heating is off." and outcome.undo is None


def test_what_home_assistant_says_no_to(rest, make, assistant, monkeypatch):
    monkeypatch.setattr("tinyagent.tools.home_assistant.PATIENCE", 0.3)
    assert "no confirmation" in set_light(rest, "hall", "on").answer
    with pytest.raises(ToolError, match=r"switch\.plug is no light that can be dimmed"):
        set_light(rest, "porch", level=20)
    with pytest.raises(ToolError, match="refuses the token"):
        set_light(make(url=assistant.url, token="wrong", lights={"a": "light.kitchen"}), "a", "on")
    with pytest.raises(ToolError, match=r"does not know light\.none"):
        set_light(make(url=assistant.url, token="t0ken", lights={"a": "light.none"}), "a", "on")
    for fail, said in (((500, {}), "did not do it"), ((200, [1]), "does not answer as Home Assistant"),
                       ((200, b"<html>"), "no JSON"), ((302, {}), "302"),
                       ((200, b" " * (1 << 20) + b"{}"), "too long")):  # fmt: skip
        assistant.fail = fail
        with pytest.raises(ToolError, match=said):
            set_light(rest, "sofa", "off")
    assert assistant.states["light.sofa"]["state"] == "on"


def test_no_home_assistant(make):
    ctx = make(url=f"http://127.0.0.1:{free_port()}", token="x", lights={"a": "light.a"})
    with pytest.raises(ToolError, match=r"Home Assistant at .* cannot be reached"):
        set_light(ctx, "a", "on")


@pytest.mark.parametrize(
    "name", ["kitchen", "light.x/../../api", "light.a b", "light.a\n", "light.", "light.a?x"]
)
def test_an_entity_is_never_a_path(make, assistant, name):
    ctx = make(url=assistant.url, token="t0ken", lights={"kitchen": name})
    with pytest.raises(SettingsError, match="no entity of Home Assistant"):
        set_light(ctx, "kitchen", "on")


@pytest.mark.parametrize(
    "url", ["ftp://x", "localhost:8123", "http://", "http://u:p@x", "http://x/?a", "http://x:bad"]
)
def test_an_address_that_is_none(make, url):
    with pytest.raises(SettingsError, match=r"url in the table \[home\] must be an address"):
        set_light(make(url=url, token="x", lights={"kitchen": "light.a"}), "kitchen", "on")


def test_a_token_with_a_line_break(make):
    with pytest.raises(SettingsError, match=r"token .* is damaged"):
        set_light(make(url="http://x", token="a\nHost: y"), "kitchen", "on")


# What is asked, and the settings


def test_nothing_asked_and_nothing_known(make, ctx):
    with pytest.raises(ToolError, match="What shall I do"):
        set_light(ctx, room="kitchen")
    with pytest.raises(ToolError, match="do not know the colour bluish-octarine"):
        set_light(ctx, color="bluish-octarine")
    with pytest.raises(ToolError, match="no level"):
        set_light(ctx, level=300)
    with pytest.raises(ToolError, match="No home is configured"):
        set_light(make(), state="on")
    with pytest.raises(ToolError, match="needs a token"):
        set_light(make(url="http://x"), state="on")
    with pytest.raises(ToolError, match="No lights are configured"):
        set_light(make(mqtt_host="x", lights={}), state="on")
    with pytest.raises(ToolError, match="No devices are configured"):
        set_device(make(mqtt_host="x", devices={}), "fan", "on")
    with pytest.raises(SettingsError, match="must be a name or a list of names"):
        set_light(make(mqtt_host="x", lights={"a": 3}), state="on")
    with pytest.raises(SettingsError, match="must be a whole number"):
        set_light(make(mqtt_host="x", mqtt_port="1883"), state="on")
    with pytest.raises(ToolError, match="reached in another way"):
        home._undo(ctx, {"hub": "rest", "before": {}})


def test_available(tmp_path):
    config = tmp_path / "config.toml"
    settings = {"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_CONFIG_FILE": str(config)}
    assert "No home is configured" in home.available(load(settings))
    config.write_text('[home]\nmqtt_host = "x"\n')
    assert "No lights or devices are named" in home.available(load(settings))
    config.write_text('[home]\nmqtt_host = "x"\n[home.lights]\nkitchen = "a"\n"living room" = ["b", "c"]\n')
    assert home.available(load(settings)) is None
    config.write_text('[home]\nurl = "nothing"\ntoken = "x"\n[home.devices]\nfan = "switch.fan"\n')
    assert "must be an address" in home.available(load(settings))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("blue", "blue"), ("purpel", "purple"), ("Warm White light", "warm white"), ("blu", "blue"),
        ("oragne", "orange"),
        ("#ff8800", "#ff8800"), ("3000 K", "3000 K"), ("warmer", "warmer"), ("a soft pink", "soft pink"), ("xyz", None),
        ("", None), ("magnolia tree", None), ("99999 k", None),
    ],
)  # fmt: skip
def test_colours(said, name):
    found = find_color(said)
    assert (found.name if found else None) == name
    assert found is None or (found.rgb is None) != (found.kelvin is None)


@pytest.mark.parametrize(
    ("room", "said"),
    [
        ("kitchen", "the kitchen light"), ("the kids' room", "the kids' room light"),
        ("reading lamp", "the reading lamp"),
        ("upstairs hall", "the upstairs hall lights"), ("bedrm", "the bedroom light"),
        ("livingroom", "the living room light"),
        ("hallway", "the upstairs hall lights"),
    ],
)  # fmt: skip
def test_rooms(room, said):
    lights = {"kitchen": "a", "kids' room": "b", "reading lamp": "c", "upstairs hall": ["d", "e"], "bedroom": "f",
              "living room": "g"}  # fmt: skip
    if room == "hallway":
        with pytest.raises(NotFoundError):
            lights_of(HomeSettings(lights=lights), room)
    else:
        assert lights_of(HomeSettings(lights=lights), room).said == said
    assert device_of(HomeSettings(devices={"tv": "x", "tv socket": "y"}), "the TV", None).names == ("x",)
