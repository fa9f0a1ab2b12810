"""The Wyoming service over real sockets, spoken to with the clients of the package `wyoming`."""

import asyncio
import dataclasses
import importlib
import inspect
import json
import os
import pkgutil
import socket
import stat
import typing

import numpy as np
import pytest
import wyoming
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wyoming.asr import Transcribe, Transcript
from wyoming.error import Error
from wyoming.event import Event, Eventable
from wyoming.handle import Handled, HandledChunk, HandledStart, HandledStop, NotHandled
from wyoming.intent import Intent, IntentsStart, IntentsStop, NotRecognized, Recognize
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize
from wyoming_stage import NOW, Ear, Echo, Voice, answers, ask, beside, client, eventually, service

from tinyagent.calls import Call, Plan, Question
from tinyagent.errors import VoiceError
from tinyagent.voice import wyoming_client, wyoming_sound, wyoming_wire
from tinyagent.voice.wyoming_events import AudioChunk, AudioStart, AudioStop, Describe, Info
from tinyagent.voice.wyoming_server import checked


def play(script, **options):
    """Run `script(service, client)` against a service of its own; returns what it returns."""

    async def main():
        async with service(**options) as made, client(made.uri) as one:
            return await script(made, one)

    return asyncio.run(main())


def sound(samples, rate=16_000, channels=1, width=2, size=None):
    """The events of a recording."""
    audio = samples if isinstance(samples, bytes) else samples.astype("<i2").tobytes()
    size = size or len(audio) or 1
    given = {"rate": rate, "width": width, "channels": channels}
    yield AudioStart(**given)
    for at in range(0, len(audio), size):
        yield AudioChunk(**given, audio=audio[at : at + size])
    yield AudioStop()


async def hear(one, samples, **options):
    """Send a recording and return the last answer."""
    for event in sound(samples, **options):
        await one.write_event(event.event())
    return (await answers(one, Transcript, Error))[-1]


# What it offers


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_it_says_what_it_offers_at_a_unix_socket_and_at_a_port(kind, tmp_path):
    async def script(made, one):
        assert made.uri.startswith(kind)
        return Info.from_event((await ask(one, Describe(), Info))[0])

    found = play(script, uri=f"unix://{tmp_path}/w.sock" if kind == "unix" else "tcp://127.0.0.1:0")
    for program in (*found.asr, *found.tts, *found.handle, *found.intent):
        assert program.name == "tinyagent" and program.installed
        assert program.description and program.version
    assert found.handle[0].models[0].languages == ["en"] == found.intent[0].models[0].languages
    assert found.asr[0].models[0].languages == ["en"] == found.tts[0].voices[0].languages
    assert found.handle[0].supports_handled_streaming and not found.wake


def test_a_ping_is_answered():
    async def script(made, one):
        return Pong.from_event((await ask(one, Ping("hi\x1b[31m"), Pong))[0]).text

    assert play(script) == "hi\\x1b[31m"


# Commands


def test_a_command_is_answered_in_pieces_and_as_a_whole():
    async def script(made, one):
        return await ask(one, Transcript("hello"), HandledStop)

    begin, *pieces, whole, _ = play(script)
    assert HandledStart.is_type(begin.type) and Handled.is_type(whole.type)
    assert len(pieces) == 2 and all(HandledChunk.is_type(piece.type) for piece in pieces)
    said = Handled.from_event(whole).text
    assert said == "You said hello. That is all."
    assert "".join(piece.data["text"] for piece in pieces).split() == said.split()


def test_what_was_not_done_is_not_handled():
    async def script(made, one):
        return await ask(one, Transcript("fly", context={"conversation_id": "a"}), Handled, NotHandled)

    (only,) = play(script)
    assert NotHandled.from_event(only) == NotHandled(
        "You said fly. That is all.", context={"conversation_id": "a"}
    )


def test_a_conversation_is_known_by_its_name_on_every_connection():
    async def script(made, one):
        context = {"conversation_id": "kitchen", "device_id": "x"}
        for text in ("one", "two"):
            async with client(made.uri) as another:
                *_, whole, _ = await ask(another, Transcript(text, context=context), HandledStop)
        return Handled.from_event(whole)

    said = play(script)
    assert said.text == "You said one, two. That is all." and said.context == {"conversation_id": "kitchen"}


def test_without_a_name_a_conversation_is_the_connection():
    handler = Echo()

    async def script(made, one):
        async with client(made.uri) as another:
            await ask(another, Transcript("one"), HandledStop)
            await ask(another, Transcript("two", context={"conversation_id": 7}), HandledStop)
        await ask(one, Transcript("three", context={"conversation_id": "x" * 500}), HandledStop)
        await eventually(lambda: len(handler.forgotten) == 1)

    play(script, handler=handler)
    assert sorted(handler.said.values()) == [["one", "two"], ["three"]]
    assert set(handler.forgotten) == set(handler.said)


@pytest.mark.parametrize("text", [None, 7, ["a"], "x" * 2001])
def test_a_command_that_is_no_text_is_an_error_and_the_next_one_is_heard(text):
    async def script(made, one):
        await one.write_event(Event("transcript", {"text": text}))
        heard = await answers(one, Error)
        return heard + await ask(one, Transcript("hello"), Handled)

    heard = play(script)
    assert Error.from_event(heard[0]).code == "malformed" and heard[-1].data["text"].startswith(
        "You said hello"
    )


def test_a_fault_of_ours_is_an_error_without_its_details():
    async def script(made, one):
        heard = await ask(one, Transcript("crash"), Error)
        return heard + await ask(one, Transcript("hello"), Handled)

    first, *_, last = play(script)
    assert "ZeroDivisionError" in first.data["text"] and "secret" not in first.data["text"]
    assert Handled.is_type(last.type)


# Plans


def test_what_would_be_done_is_an_intent_and_nothing_is():
    handler = Echo()
    call = Call("set_timer", {"duration": "PT10M", "label": None})
    handler.plans["one"] = Plan("one", NOW, (call,))

    async def script(made, one):
        return await ask(one, Recognize("one", context={"conversation_id": "a"}), Intent, NotRecognized)

    (only,) = play(script, handler=handler)
    found = Intent.from_event(only)
    assert found.name == "set_timer" and found.context == {"conversation_id": "a"} and found.text is None
    assert [(entity.name, entity.value) for entity in found.entities] == [("duration", "PT10M")]
    assert not handler.said


def test_several_calls_are_a_list_and_an_open_question_comes_with_the_last():
    handler = Echo()
    calls = Call("find", {"query": "Sid"}), Call("mail", {"to": ["$1"], "urgent": True})
    handler.plans["both"] = Plan("both", NOW, calls, end="ask", question=Question("Which one?"))

    async def script(made, one):
        return await ask(one, Recognize("both"), IntentsStop, NotRecognized)

    start, *intents, _ = play(script, handler=handler)
    assert IntentsStart.is_type(start.type)
    found = [Intent.from_event(event) for event in intents]
    assert [one.name for one in found] == ["find", "mail"] and [one.text for one in found] == [
        None,
        "Which one?",
    ]
    assert [(entity.name, entity.value) for entity in found[1].entities] == [("to", ["$1"]), ("urgent", True)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("sing", wyoming_client.NO_TOOL), ("fail", "This cannot be planned."), ("ask", "When?")],
)
def test_what_cannot_be_planned_is_not_recognized(text, said):
    handler = Echo()
    handler.plans["ask"] = Plan("ask", NOW, end="ask", question=Question("When?"))

    async def script(made, one):
        return (await ask(one, Recognize(text), Intent, NotRecognized))[0]

    assert NotRecognized.from_event(play(script, handler=handler)).text == said


# Hearing and speaking


@pytest.mark.parametrize(
    ("rate", "channels", "width"),
    [(16_000, 1, 2), (48_000, 2, 2), (8_000, 1, 1), (44_100, 1, 3), (32_000, 3, 4)],
)
def test_what_is_sent_is_heard_at_16_khz(rate, channels, width):
    ear = Ear()
    tone = (8000 * np.sin(np.arange(rate) * 2 * np.pi * 400 / rate)).astype(np.int64)
    if width == 1:
        audio = ((tone >> 8) + 128).astype(np.uint8).tobytes()
    else:
        wide = (tone << (8 * (width - 2))).astype("<i8")
        audio = wide[:, None].view(np.uint8)[:, :width].tobytes()
    if channels > 1:
        audio = b"".join(audio[i : i + width] * channels for i in range(0, len(audio), width))

    async def script(made, one):
        await one.write_event(Transcribe(language="en", transcript_names=["Ana", "", 7]).event())
        return await hear(one, audio, rate=rate, channels=channels, width=width, size=9996)

    event = play(script, ear=ear)
    assert Transcript.is_type(event.type) and event.data == {"text": "16000 samples", "language": "en"}
    assert ear.hotwords == ("Ana",)
    wanted = 8000 * np.sin(np.arange(16_000) * 2 * np.pi * 400 / 16_000)
    middle = slice(500, -500)
    assert np.abs(ear.samples[middle] - wanted[middle]).max() < 300


def test_nothing_sent_is_nothing_said():
    async def script(made, one):
        return (await ask(one, AudioStop(), Transcript, Error))[-1].data["text"]

    assert play(script) == ""


def test_sound_may_come_without_its_beginning():
    async def script(made, one):
        await one.write_event(AudioChunk(rate=16_000, width=2, channels=1, audio=bytes(64)).event())
        return (await ask(one, AudioStop(), Transcript, Error))[-1].data["text"]

    assert play(script) == "32 samples"


def test_too_long_is_told_once_and_the_next_recording_is_heard(monkeypatch):
    monkeypatch.setattr(wyoming_sound, "MOST", 10_000)

    async def script(made, one):
        first = await hear(one, np.zeros(50_000, np.int16), size=2048)
        return first, await hear(one, np.zeros(4_000, np.int16))

    first, second = play(script)
    assert "too long" in first.data["text"] and second.data["text"] == "4000 samples"


def test_a_minute_is_the_most():
    recording = wyoming_sound.Recording(AudioStart(rate=16_000, width=2, channels=1).event())
    second = AudioChunk(rate=16_000, width=2, channels=1, audio=bytes(32_000)).event()
    for _ in range(60):
        recording.add(second)
    with pytest.raises(wyoming_wire.MalformedError, match="at most 60 seconds"):
        recording.add(AudioChunk(rate=16_000, width=2, channels=1, audio=bytes(2)).event())


@pytest.mark.parametrize(
    "wrong",
    [{"rate": 0}, {"rate": 15_999}, {"width": 5}, {"width": 0}, {"channels": 0}, {"channels": 99}, {"rate": "16000"},
     {"rate": 16_000.0}, {"channels": True}, {"rate": None}],
)  # fmt: skip
def test_sound_of_no_known_format_is_an_error(wrong):
    async def script(made, one):
        data = {"rate": 16_000, "width": 2, "channels": 1, **wrong}
        await one.write_event(Event("audio-start", data))
        await one.write_event(Event("audio-chunk", data, bytes(100)))
        await one.write_event(AudioStop().event())
        heard = await answers(one, Error)
        return [*heard, await hear(one, np.zeros(320, np.int16))]

    first, last = play(script)
    assert Error.from_event(first).code == "malformed" and last.data["text"] == "320 samples"


def test_the_format_may_not_change_on_the_way():
    async def script(made, one):
        await one.write_event(AudioStart(rate=16_000, width=2, channels=1).event())
        return (await ask(one, AudioChunk(rate=8_000, width=2, channels=1, audio=bytes(2)), Error))[-1]

    assert "format" in play(script).data["text"]


def test_a_fault_of_the_recogniser_is_told():
    ear = Ear()
    ear.broken = VoiceError("The speech model is damaged.")

    async def script(made, one):
        event = await hear(one, np.zeros(320, np.int16))
        ear.broken = None
        return event, await hear(one, np.zeros(320, np.int16))

    first, second = play(script, ear=ear)
    assert Error.from_event(first) == Error("The speech model is damaged.", "failed")
    assert second.data["text"] == "320 samples"


def test_words_are_spoken_piece_by_piece():
    text = "This is a sentence of some length. " * 20

    async def script(made, one):
        return await ask(one, Synthesize(text=text), AudioStop, Error)

    start, *pieces, stop = play(script)
    assert AudioStart.from_event(start) == AudioStart(rate=16_000, width=2, channels=1, timestamp=0)
    audio = b"".join(piece.payload for piece in pieces)
    said = np.frombuffer(audio, "<i2")[::10].astype("<i2").tobytes().decode("utf-16-le")
    assert "".join(said.split()) == "".join(text.split())
    assert AudioStop.from_event(stop).timestamp == len(audio) // 2 * 1000 // 16_000
    assert [piece.data["timestamp"] for piece in pieces[:2]] == [0, 34 * 10 * 1000 // 16_000]


def test_where_nothing_can_be_said_there_is_no_sound():
    async def script(made, one):
        return await ask(one, Synthesize(text=" ... "), AudioStop, Error)

    assert [event.type for event in play(script)] == ["audio-start", "audio-stop"]


def test_a_fault_of_the_voice_is_told_also_after_it_has_begun():
    voice = Voice()

    class Breaks(Voice):
        def speak(self, text):
            if "second" in text:
                raise VoiceError("The voice is gone.")
            return super().speak(text)

    async def script(made, one):
        return await ask(one, Synthesize(text="The first one. The second one."), AudioStop)

    assert [event.type for event in play(script, voice=Breaks())] == [
        "audio-start", "audio-chunk", "error", "audio-stop",
    ]  # fmt: skip
    voice.broken = VoiceError("The voice is gone.")
    assert play(lambda made, one: ask(one, Synthesize(text="hello"), Error), voice=voice)[0].data == {
        "text": "The voice is gone.",
        "code": "failed",
    }


def test_markup_is_refused_rather_than_read_out():
    async def script(made, one):
        return (await ask(one, Synthesize(text="<speak>hi</speak>", text_format="ssml"), Error, AudioStop))[0]

    assert Error.is_type(play(script).type)


# Every event there is


def every_event():
    """Every event class of the package, with a value for each of its fields."""
    values = {str: "hello", int: 1, float: 1.0, bool: True, bytes: bytes(2), dict: {}, list: []}
    found = {}
    for module in pkgutil.iter_modules(wyoming.__path__):
        if module.name in ("mic", "pyaudioop", "zeroconf", "http"):
            continue
        for kind in vars(importlib.import_module(f"wyoming.{module.name}")).values():
            if inspect.isclass(kind) and issubclass(kind, Eventable) and not inspect.isabstract(kind):
                hints = typing.get_type_hints(kind)
                needed = [
                    field.name
                    for field in dataclasses.fields(kind)
                    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
                ]
                found[kind.__name__] = (kind, {name: hints[name] for name in needed}, values)
    return found


def made_up(kind, needed, values):
    def value(hint):
        origin = typing.get_origin(hint) or hint
        members = list(origin) if isinstance(origin, type) and hasattr(origin, "__members__") else None
        return members[0] if members else values[origin]

    given = {name: value(hint) for name, hint in needed.items()}
    if {"rate", "width", "channels"} <= given.keys():
        given |= {"rate": 16_000, "width": 2}
    return kind(**given)


ANSWERED = {
    "AudioChunk": None, "AudioStart": None, "AudioStop": Transcript, "Describe": Info, "Ping": Pong,
    "Recognize": NotRecognized, "SelectProgram": None, "Synthesize": AudioStop, "Transcribe": None,
    "Transcript": HandledStop,
}  # fmt: skip
"""What the last answer to each event is."""


def test_the_service_handles_exactly_these_events():
    assert {kind.__name__ for kind in wyoming_client.ANSWERS} == set(ANSWERED)
    assert set(ANSWERED) <= set(every_event())


@pytest.mark.parametrize("name", sorted(every_event()))
def test_every_event_of_the_protocol_is_answered_or_left_alone(name):
    event = made_up(*every_event()[name])

    async def script(made, one):
        return [heard.type for heard in await ask_then_ping(one, event)]

    async def ask_then_ping(one, event):
        await one.write_event(event.event())
        return await ask(one, Ping("end"), Pong)

    heard = play(script)
    if name == "Ping":
        assert heard == ["pong"]  # the second is on its way
    elif ANSWERED.get(name) is None:
        assert heard == ["pong"]
    else:
        assert ANSWERED[name].is_type(heard[-2]) and "error" not in heard


@pytest.mark.parametrize("kind", wyoming_client.ANSWERS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "data", [{}, {"text": {}, "context": 5, "rate": [], "name": {}, "transcript_names": 3}]
)
def test_every_event_may_come_with_the_wrong_data(kind, data):
    event = Event(made_up(*every_event()[kind.__name__]).event().type, data)

    async def script(made, one):
        await one.write_event(event)
        return (await ask(one, Ping("end"), Pong))[-1]

    assert Pong.is_type(play(script).type)


# What is no event


@pytest.fixture(scope="module")
def running():
    with beside("tcp://127.0.0.1:0", Ear(), Voice()) as uri:
        yield wyoming_wire.read_address(uri)


def said_to(address, data, half=True):
    """Send bytes; return all that comes back."""
    with socket.create_connection((address.host, address.port), 30) as connection:
        connection.settimeout(30)
        with_rest = b""
        try:
            connection.sendall(data)
            if half:
                connection.shutdown(socket.SHUT_WR)
            while more := connection.recv(65536):
                with_rest += more
        except ConnectionResetError:
            pass
    return with_rest


def types(data):
    """The types of the events in these bytes."""
    found = []
    while data:
        line, _, data = data.partition(b"\n")
        header = json.loads(line)
        found.append(header["type"])
        data = data[(header.get("data_length") or 0) + (header.get("payload_length") or 0) :]
    return found


PING = b'{"type": "ping"}\n'


@pytest.mark.parametrize(
    "line",
    [
        b"\n", b"hello\n", b"[]\n", b"7\n", b"null\n", b"{}\n", b'{"type": 7}\n', b'{"type": "ping", "data": []}\n',
        b'{"type": "ping", "data_length": -1}\n', b'{"type": "ping", "data_length": "1"}\n',
        b'{"type": "ping", "data_length": true}\n', b'{"type": "ping", "payload_length": 99999999999}\n',
        b'{"type": "ping", "data_length": 3}\n[1]', b'{"type": "ping", "data_length": 1.5}\n', b"\xff\xfe\n",
        b'{"a":' * 5000 + b"\n", b"x" * 200_000, b'{"type": "ping", "x": ' + b"9" * 60_000 + b"}\n",
    ],
    ids=lambda line: repr(line[:24]),
)  # fmt: skip
def test_what_is_no_event_ends_the_connection_with_an_error(running, line):
    assert types(said_to(running, PING + line + PING)) == ["pong", "error"]
    assert types(said_to(running, PING)) == ["pong"]


def test_a_web_page_cannot_give_commands(running):
    event = b'{"type": "transcript", "data": {"text": "hello"}}\n'
    request = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n" + event
    assert types(said_to(running, request)) == ["error"]


@pytest.mark.parametrize("data", [b"{", b'{"type": "ping"', b'{"type": "ping", "payload_length": 100}\nabc'])
def test_somebody_may_go_in_the_middle_of_an_event(running, data):
    assert said_to(running, data) == b""
    assert types(said_to(running, PING)) == ["pong"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.sampled_from([kind.__name__ for kind in wyoming_client.ANSWERS]).map(
                lambda name: (
                    json.dumps(
                        {"type": made_up(*every_event()[name]).event().type, "data": {"rate": 8000}}
                    ).encode()
                    + b"\n"
                )
            ),
            st.dictionaries(
                st.sampled_from(["type", "data", "data_length", "payload_length", "text", "\ud800"]),
                st.recursive(
                    st.none()
                    | st.booleans()
                    | st.integers()
                    | st.text()
                    | st.sampled_from(["ping", "transcript"]),
                    lambda inner: st.dictionaries(st.sampled_from(["text", "context", "rate"]), inner),
                    max_leaves=4,
                ),
            ).map(lambda found: json.dumps(found).encode() + b"\n"),
        ),
        max_size=6,
    ).map(b"".join)
)
def test_whatever_bytes_come_the_others_are_served(running, data):
    types(said_to(running, data))
    assert types(said_to(running, PING)) == ["pong"]


# Clients that come, go and stay


def test_a_client_that_goes_is_no_harm_and_its_command_is_done():
    handler = Echo()

    async def script(made, one):
        async with client(made.uri) as gone:
            await gone.write_event(Transcript("wait").event())
            await eventually(lambda: handler.begun)
        handler.go.set()
        await eventually(lambda: len(handler.said) == 1)
        return await ask(one, Transcript("hello"), Handled)

    assert Handled.is_type(play(script, handler=handler)[-1].type)


def test_many_are_served_at_once_and_too_many_sent_away():
    handler = Echo()

    async def script(made, one):
        async with client(made.uri) as waiting:
            await waiting.write_event(Transcript("wait").event())
            await ask(one, Ping(), Pong)
            async with client(made.uri) as third:
                heard = await answers(third, Error)
            await eventually(lambda: made.clients == 2)
            handler.go.set()
            return heard + await answers(waiting, Handled)

    first, *_, last = play(script, handler=handler, clients=2)
    assert Error.from_event(first).code == "busy" and Handled.is_type(last.type)


def test_a_client_that_reads_nothing_is_left(monkeypatch):
    monkeypatch.setattr(wyoming_wire, "STALLED", 0.2)

    class Endless(Voice):
        def speak(self, text):
            said = super().speak(text)
            return dataclasses.replace(said, samples=np.tile(said.samples, 2000))

    async def script(made, one):
        _, deaf = await asyncio.open_connection(made.address.host, made.address.port)
        deaf.transport.pause_reading()
        event = json.dumps({"type": "synthesize", "data": {"text": "A long word. " * 400}}).encode()
        deaf.write(event + b"\n")
        await eventually(lambda: made.clients == 2)
        await ask(one, Ping(), Pong)
        await eventually(lambda: made.clients == 1)
        deaf.transport.abort()
        return await ask(one, Ping("still"), Pong)

    assert play(script, voice=Endless())[0].data["text"] == "still"


def test_who_says_nothing_for_long_is_left(monkeypatch):
    async def main():
        reader = asyncio.StreamReader()
        with pytest.raises(TimeoutError):
            await wyoming_wire.read_event(reader, idle=0.01)
        monkeypatch.setattr(wyoming_wire, "STALLED", 0.01)
        reader.feed_data(b'{"type": "ping", "payload_length": 5}\n123')
        with pytest.raises(TimeoutError):
            await wyoming_wire.read_event(reader)

    asyncio.run(main())


def test_closing_stops_what_is_being_done():
    handler = Echo()

    async def script(made, one):
        await one.write_event(Transcript("wait").event())
        await eventually(lambda: handler.begun)
        await made.close()
        assert made.clients == 0 and await one.read_event() is None
        with pytest.raises(OSError):
            await client(made.uri).connect()

    play(script, handler=handler)
    assert handler.cut == 1


# Addresses


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("unix:///run/a.sock", "unix:///run/a.sock"), ("tcp://127.0.0.1:10400", "tcp://127.0.0.1:10400"),
        (" tcp://localhost:1 ", "tcp://127.0.0.1:1"), ("tcp://[::1]:5", "tcp://[::1]:5"),
        ("tcp://127.8.8.8:5/", "tcp://127.8.8.8:5"),
    ],
)  # fmt: skip
def test_addresses_of_this_machine(uri, address):
    assert str(checked(uri)) == address


@pytest.mark.parametrize(
    "uri",
    ["", "10400", "127.0.0.1:10400", "tcp://127.0.0.1", "tcp://:10400", "tcp://127.0.0.1:x", "tcp://127.0.0.1:99999",
     "http://127.0.0.1:1", "unix://a.sock", "unix:a.sock", "unix://", "stdio://", "tcp://me@127.0.0.1:1",
     "tcp://127.0.0.1:1/x", "tcp://127.0.0.1:1?x", "tcp://[::1:5", "\x1b[31m"],
)  # fmt: skip
def test_what_is_no_address(uri):
    with pytest.raises(VoiceError, match="is no address: write it as") as caught:
        checked(uri)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "uri", ["tcp://0.0.0.0:0", "tcp://[::]:0", "tcp://192.168.1.5:10400", "tcp://host.lan:10400"]
)
def test_others_on_the_network_are_let_in_only_where_that_is_asked_for(uri):
    with pytest.raises(VoiceError, match=r"anyone on the network could command .* wyoming_open = true"):
        checked(uri)
    assert not checked(uri, is_open=True).is_local


def test_an_open_service_is_reached():
    async def main():
        async with (
            service("tcp://0.0.0.0:0", is_open=True) as made,
            client(f"tcp://127.0.0.1:{made.address.port}") as one,
        ):
            return await ask(one, Ping(), Pong)

    assert asyncio.run(main())


def test_the_socket_is_the_person_s_and_goes_with_the_service(tmp_path):
    path = tmp_path / "w.sock"

    async def main():
        async with service(f"unix://{path}"):
            mode = path.stat().st_mode
            with pytest.raises(VoiceError):
                await service(f"unix://{path}").__aenter__()
        return mode

    mode = asyncio.run(main())
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600 and not path.exists()


def test_a_socket_that_was_left_behind_is_replaced_and_a_file_is_not(tmp_path):
    path = tmp_path / "w.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(os.fspath(path))

    async def script(made, one):
        return await ask(one, Ping(), Pong)

    assert play(script, uri=f"unix://{path}")
    path.write_text("mine")
    with pytest.raises(VoiceError, match="in the way"):
        play(script, uri=f"unix://{path}")
    assert path.read_text() == "mine"


def test_an_address_that_is_taken_is_told():
    async def main():
        async with service() as made:
            with pytest.raises(VoiceError, match=r"cannot listen at tcp://127\.0\.0\.1:.*wyoming_listen"):
                await service(made.uri).__aenter__()

    asyncio.run(main())
