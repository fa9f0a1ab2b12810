"""The reader of .desktop entries, on what the specification allows and what people's folders hold."""

from pathlib import Path

import pytest

from tinyagent.tools.app_processes import own_folder
from tinyagent.tools.desktop_entries import arguments, bundles, data_folders, installed, parse, without_env

NONE = frozenset()


def read(text, desktop=NONE, language=""):
    return parse(
        f"[Desktop Entry]\nType=Application\n{text}", "org.example.Thing", Path("/x"), desktop, language
    )


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("firefox %u", ["firefox"]), ("gimp-2.10 %U --new", ["gimp-2.10", "--new"]),
        ("a --title=%c b", ["a", "--title=", "b"]),
        ('"/opt/My App/run" "--say=\\"hi\\"" 100%%', ["/opt/My App/run", '--say="hi"', "100%"]),
        ('sh -c "exec foo; \\$HOME \\`x\\` \\\\\\\\"', ["sh", "-c", "exec foo; $HOME `x` \\\\"]),
        ("env A=1 B=2 prog -x", ["env", "A=1", "B=2", "prog", "-x"]), ('a""b', []), ('"open', []),
        ("", []), ("   ", []),
        ("a; rm -rf / && b | c > d", ["a;", "rm", "-rf", "/", "&&", "b", "|", "c", ">", "d"]), ("x\0y", []),
    ],
)  # fmt: skip
def test_exec_becomes_an_argument_list(command, argv):
    assert arguments(command) == argv


def test_env_is_not_the_program():
    assert without_env(["env", "-i", "A=1", "prog", "-x"]) == ["prog", "-x"]
    assert without_env(["env"]) == [] and without_env([]) == []


def test_what_is_read():
    app = read(
        "Name=Editor\nName[de]=Schreiber\nName[de_AT]=Schreiberling\nGenericName=Text\\sEditor\n# Name=No\nExec=ed %F\n"
        "Keywords=write;note;\nTerminal=true\nPath=/tmp\nX-Flatpak=org.example.Thing\n[Desktop Action x]\nExec=other\n",
        language="de_AT.UTF-8",
    )
    assert (app.name, app.argv, app.keywords) == ("Editor", ("ed",), ("write", "note"))
    assert app.others == ("Schreiberling", "Schreiber", "Text Editor", "ed", "Thing")
    assert app.terminal and app.folder == "/tmp" and app.sandbox == "org.example.Thing"
    tricky = read(f"Name=A\\tB\u202e{'x' * 500}\nExec=a")
    assert "\t" not in tricky.name and "\u202e" not in tricky.name and len(tricky.name) <= 120


@pytest.mark.parametrize(
    "text",
    [
        "Exec=a", "Name=A", "Name=A\nExec=a\nNoDisplay=true", "Name=A\nExec=a\nHidden=true", "Name=A\nExec=\"a",
        "Name=A\nExec=a\nTryExec=no-such-program-at-all", "Name=A\nExec=a\nOnlyShowIn=KDE;",
        "Name=A\nExec=a\nNotShowIn=GNOME;XFCE;",
    ],
)  # fmt: skip
def test_what_the_desktop_would_not_show(text):
    assert read(text, frozenset({"GNOME"})) is None
    assert parse("", "x", Path("/x"), NONE) is None
    assert parse("[Desktop Entry]\nType=Link\nName=A\nExec=a", "x", Path("/x"), NONE) is None


def test_d_bus_alone_starts_some():
    assert read("Name=A\nDBusActivatable=true").argv == () and read("Name=A\nDBusActivatable=true").service


def test_the_persons_own_entries_go_first(tmp_path):
    home, system = tmp_path / "home", tmp_path / "system"
    environment = {"XDG_DATA_DIRS": f"{system}:relative"}
    for root, name in ((home / ".local/share", "Mine"), (system, "Theirs")):
        (root / "applications/kde").mkdir(parents=True)
        (root / "applications/thing.desktop").write_text(
            f"[Desktop Entry]\nType=Application\nName={name}\nExec=a\n"
        )
    damaged = b"\xff\n[Desktop Entry]\nType=Application\nName=K\xe4\nExec=k"
    (system / "applications/kde/kate.desktop").write_bytes(damaged)
    (system / "applications/gone.desktop").symlink_to("/nowhere")
    (system / "applications/other.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=Other\nExec=o\n"
    )
    (home / ".local/share/applications/other.desktop").write_text("[Desktop Entry]\nHidden=true\n")
    assert [(app.name, app.id) for app in installed(home, environment)] == [
        ("K�", "kde-kate"),
        ("Mine", "thing"),
    ]
    assert data_folders(home, environment)[0] == home / ".local/share/applications"
    assert all(folder.is_absolute() for folder in data_folders(home, environment))
    mine = home / ".local/share/applications/thing.desktop"
    mine.write_text("[Desktop Entry]\nType=Application\nName=Changed\nExec=a\n")
    assert "Changed" in [app.name for app in installed(home, environment)]


def test_bundles_of_a_mac(tmp_path):
    (tmp_path / "Visual Studio Code.app/Contents").mkdir(parents=True)
    (app,) = bundles([tmp_path, tmp_path / "missing"])
    assert app.name == "Visual Studio Code"
    assert app.argv == ("open", "-a", str(tmp_path / "Visual Studio Code.app"))


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("/opt/google/chrome/google-chrome", "/opt/google/chrome/"), ("/usr/share/code/bin/code", "/usr/share/code/"),
        ("/usr/lib/libreoffice/program/soffice", "/usr/lib/libreoffice/program/"), ("/usr/bin/firefox", ""),
        ("/usr/lib/x86_64-linux-gnu/foo", ""), ("/opt/run", ""), ("/home/ana/bin/x", ""), ("/usr/games/chess", ""),
    ],
)  # fmt: skip
def test_the_folder_that_only_one_application_has(file, folder):
    assert own_folder(Path(file)) == folder
