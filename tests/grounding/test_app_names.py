"""Applications by the words people have for them."""

from datetime import datetime

import pytest

from tinyagent.calls import Parameter
from tinyagent.grounding.apps import bare, match_apps
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.resolvers import missing, resolve

APPS = (
    "Visual Studio Code", "vscode\t\tVisual Studio Code", "Text Editor\tVisual Studio Code", "code\tVisual Studio Code",
    "Firefox", "Web Browser\tFirefox", "GNU Image Manipulation Program", "gimp\tGNU Image Manipulation Program",
    "Google Chrome", "chromium", "Discord", "LibreOffice Writer", "LibreOffice Calc", "WhatsApp", "1Password",
    "App Store", "Thunderbird", "mail\t\tThunderbird", "Files", "nautilus\tFiles", "Kate", "Text Editor\tKate",
    "Calculator", "Photos", "Terminal", "XTerm", "shell\t\tXTerm", "shell\t\tTerminal",
)  # fmt: skip
WORLD = World(datetime(2026, 3, 2, 9), apps=APPS)
NAME = Parameter("name", "app")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("firefox", "Firefox"), ("the calculator", "Calculator"), ("vs code", "Visual Studio Code"),
        ("visual studio code", "Visual Studio Code"), ("gimp", "GNU Image Manipulation Program"),
        ("chrome", "Google Chrome"), ("discrod", "Discord"), ("the discord app", "Discord"), ("whats app", "WhatsApp"),
        ("writer", "LibreOffice Writer"),
        ("LibreOffice Calc", "LibreOffice Calc"), ("app store", "App Store"), ("the web browser", "Firefox"),
        ("a new browser window", "Firefox"), ("one password", "1Password"), ("my mail program", "Thunderbird"),
        ("thuderbird", "Thunderbird"), ("nautilus", "Files"), ("“Firefox”", "Firefox"), ("the photos", "Photos"),
        ("the terminal", "Terminal"), ("a terminal window", "Terminal"), ("the caluclator", "Calculator"),
    ],
)  # fmt: skip
def test_the_application_that_is_meant(words, name):
    assert resolve(words, NAME, WORLD) == name


def test_several_or_none_are_a_question():
    with pytest.raises(Unresolved, match=r"Which “text editor”: Visual Studio Code or Kate\?") as error:
        resolve("the text editor", NAME, WORLD)
    assert error.value.question.options == ("Visual Studio Code", "Kate")
    with pytest.raises(Unresolved, match="Which “libreoffice”"):
        resolve("libreoffice", NAME, WORLD)
    with pytest.raises(Unresolved, match="Which “shell”: XTerm or Terminal"):
        resolve("a shell", NAME, WORLD)
    with pytest.raises(Unresolved, match="no application “photoshop”: what is its name"):
        resolve("photoshop", NAME, WORLD)
    many = World(WORLD.now, apps=tuple(f"Editor {n}" for n in "abcdefgh"))
    with pytest.raises(Unresolved, match="or one of 2 more") as error:
        resolve("editor", NAME, many)
    assert len(error.value.question.options) == 6


def test_without_applications_the_words_stay():
    assert resolve("the Spotify app", NAME, World(WORLD.now)) == "Spotify"
    assert bare("the app") == "app"
    assert match_apps("", APPS) == [] and match_apps("…", APPS) == []
    assert missing("open_app", NAME).text == "Which application?"
