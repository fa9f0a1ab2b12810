"""What holds for all wishes and calls: twice is once, what was said stays, and every value has a meaning."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.resolvers import resolve
from tinyagent.instructions import Instructions
from tinyagent.instructions.wishes import Wish
from tinyagent.tools.registry import catalogue

TOOLS = catalogue()
WORLD = World(datetime(2026, 3, 2, 9), ("Ana Lima", "Nick Cave", "Sid Vance"), ("weekend", "work"))
WISHES = """always cc Nick
cc Sid by default
when I email Ana cc Bo
always cc my lawyer and Ana
always invite Ana to meetings
meetings last 25 minutes by default
meetings with Sid last an hour
meetings at the office last two hours
meetings are at the office
lunches are at Joe's
reminders go on the work list
reminders about work are urgent
reminders are due at nine by default
alarms on weekdays are called work
alarms repeat every weekday
timers last five minutes
snooze for ten minutes
groceries go on the weekend list
milk goes on the dairy list
notes about work go in the Work folder
I always cycle
directions start from home
the weather is for Lisbon by default
lights are warm white
set lights to 30 percent
lights are in the bedroom
the volume is 40 percent
play jazz by default
texts go to Ana by default
emails go to Nick by default
emails have the subject Hello
convert to kilograms
file searches are for documents""".splitlines()
NAMES = """my lawyer is Jane Doe
mum is Ana
Ana is Ana Lima
Bo is Ana
the team is Ana, Sid and mum
call me Nick
home is 5 Elm Street
the office is home""".splitlines()
DESTRUCTIVE = [tool for tool in TOOLS if tool.effect == "destructive"]
SAID = st.sampled_from(
    "Ana|sid and mum|my lawyer|me|the team|Nick Cave|noon|tomorrow|an hour|every weekday|home|the office|work|milk|"
    "lunch with Sid|on|off|louder|weekend|urgent|bike|30|everything|a cc of it|$1|ana, ana and ANA".split("|")
)
TEXTS = st.sampled_from(["", "no cc", "leave Nick out", "no location", "without a list", "email ana"])


@st.composite
def calls(draw, among=sorted(TOOLS, key=lambda tool: tool.name)):  # noqa: B008
    tool = draw(st.sampled_from(among))
    words = {p.name: draw(SAID) for p in tool.parameters if draw(st.booleans())}
    return tool, words, draw(TEXTS)


def some(lines):
    return st.lists(st.sampled_from(lines), max_size=6, unique=True).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(some(WISHES + NAMES), calls(), st.booleans())
def test_twice_is_once(lines, call, known):
    tool, words, text = call
    wishes, people = Instructions.of(lines, TOOLS), WORLD.people if known else ()
    once = wishes.apply(tool, words, text, people)
    assert wishes.apply(tool, dict(once), text, people) == once


@settings(max_examples=150, deadline=None)
@given(some(WISHES), calls())
def test_what_was_said_stays(lines, call):
    tool, words, text = call
    made = Instructions.of(lines, TOOLS).apply(tool, words, text)
    assert all(made[name].startswith(said) for name, said in words.items())
    adding = {"cc", "invitees"}
    assert all(made[name] == said for name, said in words.items() if name not in adding)
    assert set(made.added) == {name for name in made if made[name] != words.get(name)}


@settings(max_examples=100, deadline=None)
@given(some(WISHES), calls(DESTRUCTIVE))
def test_what_takes_away_gets_a_list_at_most(lines, call):
    tool, words, text = call
    made = Instructions.of(lines, TOOLS).apply(tool, words, text)
    assert set(made) - set(words) <= {"list_name"}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from(" ".join(WISHES).split()), max_size=12).map(" ".join))
def test_any_line_is_a_wish_or_one_sentence(line):
    wishes = Instructions.of(line, TOOLS)
    for one in wishes.lines:
        assert (one.meaning is None) == bool(one.problem)
    for problem in wishes.problems():
        assert problem.endswith(".")


def test_the_words_of_every_wish_resolve():
    for line in Instructions.of("\n".join(WISHES), TOOLS).lines:
        assert isinstance(line.meaning, Wish), line.text
        for tool, name in line.meaning.targets:
            try:
                assert resolve(line.meaning.words, TOOLS[tool].parameter(name), WORLD)
            except Unresolved as error:
                raise AssertionError(line.text) from error
