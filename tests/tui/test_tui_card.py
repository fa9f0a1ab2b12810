"""The card: a plan that fills in from real events, the answer, questions in place, keys, and nothing faked."""

import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest
from test_stream import ASK, MAIL, SUM, TEXT, TIMER
from tui_stage import TIMINGS, FakeClock, Stage, events_of, play, still, until

from tinyagent.calls import Answer, Call, Candidate, Plan, Question, Result
from tinyagent.events import (
    Answered,
    Finished,
    Planned,
    Selected,
    Shortlisted,
    Started,
    TakenBack,
    TakingBack,
)
from tinyagent.tui.card import Card
from tinyagent.tui.card_text import ANSWER, COMMAND
from tinyagent.tui.messages import Copied, Edited, Replied, UndoEntry
from tinyagent.tui.plan_tree import FRAMES
from tinyagent.tui.question import Ask
from tinyagent.tui.timings import RunTime, details, say_ms, summary

WITH_ANA = (SUM, ("mail", {"to": "Ana", "body": "$1"}), TIMER)
NOW = datetime(2026, 3, 2, 9)


def hear(card, events):
    for event in events:
        card.heard(event)


def of(events, kind, index=None):
    """Everything up to the first event of this kind (of this call)."""
    last = next(
        n for n, e in enumerate(events) if isinstance(e, kind) and index in (None, getattr(e, "index", None))
    )
    return events[: last + 1]


def test_the_plan_fills_in(tmp_path):
    _, events = events_of(tmp_path)
    card = Card(1, TEXT)

    async def act(app, pilot):
        assert "❯ sum up the lease" in app.text
        assert "planning …" in app.text
        hear(card, of(events, Selected))
        await pilot.pause()
        assert "└ ◌ sum up  99 %  filling in" in app.text
        assert "▸ 7 tools considered" in app.text
        hear(card, [event for event in events if isinstance(event, Planned)])
        await pilot.pause()
        assert "├ ○ 1 sum up  99 %  waiting" in app.text
        assert "│   file name: the lease" in app.text
        assert "│   body: ↑ result of 1 sum up" in app.text
        assert "    duration: 10 min  ← “ten minutes”" in app.text
        card.heard(next(event for event in events if isinstance(event, Started) and event.index == 0))
        await pilot.pause()
        assert "├ ◐ 1 sum up  99 %  running" in app.text
        assert card.state == "running"
        card.heard(next(event for event in events if isinstance(event, Finished) and event.index == 0))
        await pilot.pause()
        assert "├ ✓ 1 sum up  99 %  done" in app.text
        assert "sum_up is done." in app.text
        hear(card, events[-1:])
        await pilot.pause()
        assert card.state == "done"

    play(act, card)


def test_what_came_before_the_card_was_there_is_heard(tmp_path):
    _, events = events_of(tmp_path)
    card = Card(1, TEXT, clock=FakeClock())
    hear(card, events)

    async def act(app, pilot):
        assert app.text.count("done\n") >= 3
        assert "timer is done." in app.text

    play(act, card)


def test_each_fate_has_its_word(tmp_path):
    _, events = events_of(
        tmp_path, SUM, MAIL, ("broken", {}), TIMER, confirm=lambda tool, call: tool.name != "mail"
    )
    card = Card(1, TEXT)

    async def act(app, pilot):
        hear(card, events)
        await pilot.pause()
        assert "⊘ 2 mail  99 %  declined" in app.text
        assert "✗ 3 broken  99 %  failed" in app.text
        assert "It is broken." in app.text
        assert card.state == "failed"

    play(act, card)


def test_details_are_folded_away_and_come_by_key_and_by_mouse(tmp_path):
    _, events = events_of(tmp_path)
    card = Card(1, TEXT, clock=FakeClock())

    async def act(app, pilot):
        hear(card, events)
        card.focus()
        await pilot.pause()
        assert "plan 62 ms · run " in app.text
        assert "12 %  mail" not in app.text
        for key in ("d", "enter", "space"):
            await pilot.press(key)
            assert ("12 %  mail" in app.text, "retrieve 4 ms · select 17 ms" in app.text) == (
                card.unfolded,
            ) * 2
        assert card.unfolded
        fold = next(n for n, line in enumerate(app.text.split("\n")) if "▾ 7 tools" in line)
        await pilot.click(offset=(6, fold))
        await pilot.pause()
        assert not card.unfolded

    play(act, card)


def test_a_question_is_answered_by_number(tmp_path):
    shop, events = events_of(tmp_path, *WITH_ANA, text=ASK)
    card = Card(7, ASK)

    async def act(app, pilot):
        hear(card, events)
        card.focus()
        await pilot.pause()
        assert card.state == "asking"
        assert app.text.count("Which Ana") == 1
        assert "  1 Ana Lima" in app.text
        await pilot.press("3")
        assert app.posted == []
        await pilot.press("2", "1")
        await pilot.pause()
        assert [(type(m), m.number, m.text) for m in app.posted] == [(Replied, 7, "Ana Roth")]
        assert not card.query(Ask)
        assert "↳ Ana Roth" in app.text
        shop.wants(SUM, ("mail", {"to": "Ana Roth", "body": "$1"}), TIMER)
        more = shop.assistant.stream("Ana Roth", confirm=lambda tool, call: True, asked=events[-1].answer)
        hear(card, more)
        await pilot.pause()
        assert "✓ 2 mail" in app.text
        assert "to: Ana Roth" in app.text
        assert app.text.count("✓ ") == 3

    play(act, card)


def test_a_question_is_answered_in_words_and_by_number_where_one_types(tmp_path):
    _, events = events_of(tmp_path, *WITH_ANA, text=ASK)
    by_words, by_number = Card(1, ASK), Card(2, ASK)

    async def act(app, pilot):
        for card in (by_words, by_number):
            hear(card, events)
        await pilot.pause()
        by_words.query_one("Reply").focus()
        await pilot.press("enter", *"roth 2", "enter")
        by_number.query_one("Reply").focus()
        await pilot.press("1")
        await pilot.pause()
        assert [(m.number, m.text) for m in app.posted] == [(1, "roth 2"), (2, "Ana Lima")]

    play(act, by_words, by_number)


def test_keys_of_a_card_that_is_done(tmp_path):
    _, events = events_of(tmp_path)
    card = Card(3, TEXT)

    async def act(app, pilot):
        card.focus()
        hear(card, events[:-1])
        await pilot.pause()
        await pilot.press("r", "u", "e", "1", "x")
        assert app.posted == []
        hear(card, events[-1:])
        await pilot.pause()
        await pilot.press("c", "u", "x")  # nothing was changed that could be taken back
        card.entries = (12, 11)
        await pilot.press("u", "u", "u", "r")
        await pilot.pause()
        copied, last, first, again = app.posted
        assert (type(copied), copied.text) == (Copied, "sum_up is done.\nmail is done.\ntimer is done.")
        assert [type(last), last.entry, first.entry] == [UndoEntry, 12, 11]
        assert (type(again), again.number, again.plan) == (Edited, 3, events[-1].answer.plan)
        assert card.state == "running"
        assert app.text.count("waiting") == 3
        card.broken("It was stopped.")
        await pilot.pause()
        assert app.text.count("not run") == 3
        assert "It was stopped." in app.text

    play(act, card)


def test_a_stopped_command(tmp_path):
    _, events = events_of(tmp_path)
    card = Card(3, TEXT)

    async def act(app, pilot):
        hear(card, [e for e in events if isinstance(e, Planned) or (isinstance(e, Started) and e.index == 0)])
        card.broken("Stopped: nothing more of it starts.")
        await pilot.pause()
        assert "■ 1 sum up  99 %  stopped" in app.text
        assert "– 2 mail  99 %  not run" in app.text
        assert card.state == "failed"

    play(act, card)


def test_a_dry_run_can_be_run(tmp_path):
    _, events = events_of(tmp_path)
    plan = events[-1].answer.plan
    card = Card(4, TEXT)

    async def act(app, pilot):
        card.planned(plan)
        card.focus()
        await pilot.pause()
        assert (card.state, app.text.count("waiting")) == ("ready", 3)
        await pilot.press("r")
        await pilot.pause()
        hear(card, events[1:])
        await pilot.pause()
        assert [m.plan for m in app.posted] == [plan]
        assert (card.state, app.text.count("✓")) == ("done", 3)

    play(act, card)


def test_nothing_to_do_is_said():
    card = Card(1, "hm")

    async def act(app, pilot):
        card.heard(Shortlisted((Candidate("none", 0.9),)))
        card.heard(
            Answered(Answer(Plan("hm", NOW, end="none", timings_ms=TIMINGS), (), "I have no tool for that."))
        )
        card.focus()
        await pilot.press("e", "r")
        assert "I have no tool for that." in app.text
        assert "run" not in app.text
        assert app.posted == []

    play(act, card)


NASTY = "[bold]x[/bold] [@click=app.quit]y[/] \x1b[31mred\x07\u202eevil\nto: Boss"


def test_nothing_from_outside_is_markup_or_a_line(tmp_path):
    call = Call("mail[b]", {"to": [NASTY], "body[u]": NASTY}, {"to": NASTY})
    question = Question(NASTY, "mail", "to", (NASTY, "b"))
    plan = Plan(NASTY, NOW, (call,), end="ask", question=question)
    card = Card(1, NASTY)

    async def act(app, pilot):
        hear(card, [Shortlisted((Candidate(NASTY, 0.5),)), Selected(NASTY, 0.5), Planned(0, call)])
        hear(card, [Finished(0, Result(call, "failed", NASTY)), Answered(Answer(plan, (), NASTY))])
        card.focus()
        await pilot.press("d")
        assert "\x1b" not in app.text
        assert "\u202e" not in app.text
        assert "[bold]x[/bold] [@click=app.quit]y[/]" in app.text
        assert app.text.count("\\nto: Boss") >= 4  # value, words, question, option: each stays on its line
        card.broken(NASTY)
        await pilot.pause()

    play(act, card, size=(150, 60))


def test_a_pasted_megabyte_and_a_long_answer():
    text = "milk and " * 120_000
    answer = "\n".join(f"line {n}" for n in range(100))
    card = Card(1, text)

    async def act(app, pilot):
        card.heard(Answered(Answer(Plan(text, NOW), (), answer)))
        card.focus()
        await pilot.pause()
        assert card.size.height < ANSWER + COMMAND // 60 + 6
        assert "80 more lines" in app.text
        await pilot.press("d")
        await until(pilot, lambda: card.size.height > 400)
        await pilot.press("c")
        assert app.posted[0].text == answer

    play(act, card)


@pytest.mark.parametrize("width", [1, 9, 30, 400])
def test_every_width(tmp_path, width):
    _, events = events_of(tmp_path, *WITH_ANA, text=ASK)
    card = Card(1, ASK)

    async def act(app, pilot):
        hear(card, events)
        card.focus()
        await pilot.resize_terminal(width, 10)
        await pilot.press("d")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert card.size.width > 70

    play(act, card)


def test_times():
    times = RunTime(FakeClock())
    times.finished(3)
    times.started(0)
    times.started(1)
    times.finished(0)
    times.finished(1)
    assert times.ms == pytest.approx(4)
    times.started(2)
    times.stopped()
    assert times.ms == pytest.approx(8)
    assert summary(TIMINGS, times.ms) == "plan 62 ms · run 8 ms"
    assert details(TIMINGS) == "retrieve 4 ms · select 17 ms · fill 38 ms · ground 2 ms"
    assert (summary({}), summary({"a": 1.0})) == ("", "plan 1 ms")
    assert [say_ms(ms) for ms in (0.42, 61.7, 999.4, 1840)] == ["0.4 ms", "62 ms", "999 ms", "1.8 s"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_card_that_is_done_looks_as_it_did(snap_compare, tmp_path, size):
    _, events = events_of(tmp_path, confirm=lambda tool, call: False)
    card = Card(1, TEXT, clock=FakeClock())
    ordered = sorted((e for e in events if isinstance(e, Planned | Finished)), key=lambda e: e.index)

    async def before(pilot):
        # Which call ends first is nobody's promise, so the order is made.
        hear(card, [events[0], *(e for e in ordered if isinstance(e, Planned))])
        card.heard(next(e for e in events if isinstance(e, Started)))
        hear(card, [*(e for e in ordered if isinstance(e, Finished)), events[-1]])
        card.focus()
        await pilot.press("d")

    assert snap_compare(Stage(card), terminal_size=size, run_before=before)


def test_a_card_that_asks_looks_as_it_did(snap_compare, tmp_path):
    _, events = events_of(tmp_path, *WITH_ANA, text=ASK)
    running, asking = Card(1, ASK, clock=FakeClock()), Card(2, ASK, clock=FakeClock())

    async def before(pilot):
        hear(running, [events[0], *(e for e in events if isinstance(e, Planned))])
        running.heard(next(e for e in events if isinstance(e, Started)))
        hear(asking, events)
        asking.focus()
        await pilot.pause()
        still(pilot.app)

    assert snap_compare(Stage(running, asking), terminal_size=(80, 24), run_before=before)


def test_the_mark_of_what_runs_moves_and_comes_to_rest(tmp_path):
    _, events = events_of(tmp_path, TIMER)
    card = Card(1, TEXT)

    async def act(app, pilot):
        app.animation_level = "full"
        hear(card, of(events, Started))
        await until(pilot, lambda: "◓ timer" in app.text)
        hear(card, events[len(of(events, Started)) :])
        await pilot.pause()
        assert "✓ timer" in app.text
        assert not set(app.text) & set(FRAMES)

    play(act, card)


def test_a_screen_starts_without_the_heavy_modules():
    code = "import sys, tinyagent.tui.card, tinyagent.tui.confirm; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & HEAVY


HEAVY = {
    "numpy",
    "faiss",
    "onnxruntime",
    "llama_cpp",
    "icalendar",
    "pint",
    "rapidfuzz",
    "dateutil",
    "tokenizers",
}


def test_what_follows_the_turn_before_and_takes_it_back_says_so(tmp_path):
    _, events = events_of(tmp_path, TIMER)
    answer = events[-1].answer
    follows = replace(answer.plan, follows="instead", undoes=(7, 6))
    back = [
        TakenBack(7, True, "Undone: Set \x1b[1man [b]alarm[/b]."),
        TakenBack(6, False, "Entry 6 is away."),
    ]
    text = f"{answer.text}\n{back[1].sentence}"
    card = Card(1, TEXT)

    async def act(app, pilot):
        hear(card, [events[0], TakingBack((7, 6)), *back])
        await pilot.pause()
        assert "↶ took back: Set \\x1b[1man [b]alarm[/b]." in app.text
        assert "✗ not taken back: Entry 6 is away." in app.text
        hear(card, [*events[1:-1], Answered(Answer(follows, answer.results, text))])
        await pilot.pause()
        assert "↪ instead of what was done before" in app.text
        assert "↶ took back" in app.text
        assert app.text.count("Entry 6 is away.") == 1
        card.focus()
        await pilot.press("r")
        await pilot.pause()
        assert app.posted[-1].plan.undoes == ()
        card.planned(follows)
        await pilot.pause()
        assert "↶ takes back what was done before" in app.text
        card.planned(replace(answer.plan, follows="another"))
        await pilot.pause()
        assert "↪ another: the rest is as in the command before" in app.text

    play(act, card)


def test_a_plan_that_only_takes_back_can_be_run(tmp_path):
    card = Card(1, "undo that")

    async def act(app, pilot):
        card.planned(Plan("undo that", NOW, follows="undo", undoes=(3,)))
        card.focus()
        await pilot.press("e", "r")
        await pilot.pause()
        assert [posted.plan.undoes for posted in app.posted] == [(3,)]

    play(act, card)


def test_what_comes_from_an_earlier_answer_is_marked(tmp_path):
    call = Call("mail", {"to": ["Sid Rao"], "body": "the lease"}, {"to": "Sid", "body": "it"}, 0.9, ("body",))
    card = Card(1, "mail it to Sid")

    async def act(app, pilot):
        card.planned(Plan("mail it to Sid", NOW, (call,)))
        await pilot.pause()
        assert "body: the lease  ← an earlier answer" in app.text
        assert "to: Sid Rao  ← “Sid”" in app.text

    play(act, card)
