from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.calls import Parameter
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.files import match_files, resolve_file, resolve_files, resolve_folder
from tinyagent.grounding.names import joined, said, shown, tokens
from tinyagent.grounding.resolvers import resolve

HOME = "/home/ana"
FILES = tuple(
    f"{HOME}/{name}"
    for name in (
        "Downloads/invoice 2026-02.pdf", "Downloads/invoice 2026-01.pdf", "Documents/Lease Agreement.pdf",
        "Documents/lease.txt", "Documents/Work/Q3Report.docx", "Documents/Work/Q3-report-final.docx",
        "Documents/Work/budget.xlsx", "Documents/budget.xlsx", "Documents/Work/Roadmap 2026.pptx",
        "Pictures/Paris/IMG_2041.jpg", "Pictures/Paris/IMG_2042.jpg", "Pictures/cat.png", "Documents/CV_Ana_Lima.pdf",
        "Documents/résumé.odt", "Music/Blue Train.flac", "Videos/holiday in rome.mp4", "Documents/room 18.txt",
        "Documents/room 180.txt", "Documents/chapter 3.md", "Documents/notes.tar.gz", "Documents/meeting notes.md",
        "Downloads/IMG_7.JPG",
    )
)  # fmt: skip
FOLDERS = (
    f"Documents\t{HOME}/Dokumente",
    *(f"{HOME}/{name}" for name in ("Downloads", "Documents", "Documents/Work", "Documents/Tax 2025", "Pictures",
                                    "Pictures/Paris", "Documents/Invoices", "Downloads/Old", "Documents/Old")),
)  # fmt: skip
WORLD = World(
    datetime(2026, 3, 2, 9), files=FILES, folders=FOLDERS, note_folders=("Work", "Work/Ideas", "Home")
)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("lease.txt", "Documents/lease.txt"), ("lease", "Documents/lease.txt"),
        ("the lease agreement", "Documents/Lease Agreement.pdf"),
        ("lease agreement pdf", "Documents/Lease Agreement.pdf"), ("the lease pdf", "Documents/Lease Agreement.pdf"),
        ("q3 report", "Documents/Work/Q3Report.docx"), ("Q three report", "Documents/Work/Q3Report.docx"),
        ("the final q3 report", "Documents/Work/Q3-report-final.docx"),
        ("my roadmap", "Documents/Work/Roadmap 2026.pptx"),
        ("roadmap slides", "Documents/Work/Roadmap 2026.pptx"), ("img 2041", "Pictures/Paris/IMG_2041.jpg"),
        ("IMG_2042.jpg", "Pictures/Paris/IMG_2042.jpg"), ("img underscore 2042 dot jpg", "Pictures/Paris/IMG_2042.jpg"),
        ("the cat picture", "Pictures/cat.png"), ("my cv", "Documents/CV_Ana_Lima.pdf"),
        ("resume", "Documents/résumé.odt"),
        ("blue train", "Music/Blue Train.flac"), ("the rome video", "Videos/holiday in rome.mp4"),
        ("holiday in rome", "Videos/holiday in rome.mp4"), ("room 18", "Documents/room 18.txt"),
        ("chapter three", "Documents/chapter 3.md"), ("latest invoice", "Downloads/invoice 2026-02.pdf"),
        ("my most recent photo", "Pictures/Paris/IMG_2041.jpg"),
        ("the newest pdf in downloads", "Downloads/invoice 2026-02.pdf"),
        ("budget in the work folder", "Documents/Work/budget.xlsx"), ("Work/budget.xlsx", "Documents/Work/budget.xlsx"),
        ("the invoice from 2026-01", "Downloads/invoice 2026-01.pdf"),
        ("roadmpa 2026", "Documents/Work/Roadmap 2026.pptx"),
        ("“lease.txt”", "Documents/lease.txt"), ("file called lease", "Documents/lease.txt"),
        ("bluetrain", "Music/Blue Train.flac"), ("the Paris folder", "Pictures/Paris"), ("downloads", "Downloads"),
        ("~/Documents/lease.txt", "Documents/lease.txt"), (f"{HOME}/Documents/lease.txt", "Documents/lease.txt"),
        ("notes.tar.gz", "Documents/notes.tar.gz"), ("meeting notes", "Documents/meeting notes.md"),
        ("img 7", "Downloads/IMG_7.JPG"), ("the work budget spreadsheet", "Documents/Work/budget.xlsx"),
    ],
)  # fmt: skip
def test_the_file_that_is_meant(words, name):
    assert resolve_file(words, WORLD) == f"{HOME}/{name}"


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("budget", ("Work/budget.xlsx", "Documents/budget.xlsx")),
        ("invoice", ("Downloads/invoice 2026-02.pdf", "Downloads/invoice 2026-01.pdf")),
        ("the paris photos", ("Paris/IMG_2041.jpg", "Paris/IMG_2042.jpg")),
        ("room", ("Documents/room 18.txt", "Documents/room 180.txt")),
    ],
)
def test_equally_good_ones_are_a_question_that_can_be_answered(words, options):
    with pytest.raises(Unresolved) as asked:
        resolve_file(words, WORLD)
    assert asked.value.question.options == options
    assert asked.value.question.text.startswith(f"Which “{words}”: ")
    for option in options:
        assert resolve_file(option, WORLD).endswith(option)


def test_many_equal_ones_are_not_all_listed():
    files = tuple(f"/d/photo {n}.jpg" for n in range(40))
    with pytest.raises(Unresolved, match="or one of 34 more"):
        resolve_file("photo", World(WORLD.now, files=files))


@pytest.mark.parametrize(
    "words", ["the unicorn plan", "budget pdf file", "room 19", "../../etc/passwd", "/etc/passwd", "etc passwd", "x/y",
              "the", "lease/../lease.txt", "home", "ana photos", "cat video", "", "🎉"]
)  # fmt: skip
def test_none_is_a_question(words):
    with pytest.raises(Unresolved, match="I find no file"):
        resolve_file(words, WORLD)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("downloads", "Downloads"), ("the downloads folder", "Downloads"), ("to my work folder", "Documents/Work"),
        ("tax 2025", "Documents/Tax 2025"), ("tax", "Documents/Tax 2025"),
        ("the old folder in downloads", "Downloads/Old"),
        ("invoices folder", "Documents/Invoices"), ("the folder called paris", "Pictures/Paris"),
        ("downlaods", "Downloads"), ("Documents/Old", "Documents/Old"), (f"{HOME}/Pictures", "Pictures"),
        ("in the invoice directory", "Documents/Invoices"),
    ],
)  # fmt: skip
def test_the_folder_that_is_meant(words, name):
    assert resolve_folder(words, WORLD) == f"{HOME}/{name}"


def test_folders_that_are_alike_or_absent_are_questions():
    with pytest.raises(Unresolved) as asked:
        resolve_folder("old", WORLD)
    assert asked.value.question.options == ("Downloads/Old", "Documents/Old")
    for words in ("the moon", "/etc", "..", "../Pictures", "trash"):
        with pytest.raises(Unresolved, match="I find no folder"):
            resolve_folder(words, WORLD)
    renamed = World(WORLD.now, folders=(f"Pictures\t{HOME}/Bilder", f"{HOME}/Bilder"))
    assert resolve_folder("pictures", renamed) == resolve_folder("bilder", renamed) == f"{HOME}/Bilder"


def test_a_note_folder_may_be_new():
    folder = Parameter("folder", "folder", prefer="notes")
    assert resolve("my work folder", folder, WORLD) == "Work"
    assert resolve("ideas", folder, WORLD) == "Work/Ideas"
    assert resolve("the recipes folder", folder, WORLD) == "recipes"
    assert resolve("downloads", folder, WORLD) == "downloads"


def test_a_world_without_files_leaves_the_words():
    nothing = World(WORLD.now)
    assert resolve_file("the lease dot pdf", nothing) == "the lease.pdf"
    assert resolve_folder("downloads", nothing) == "downloads"
    assert resolve("contract.pdf", Parameter("file_name", "file"), nothing) == "contract.pdf"


def test_several_files_in_one():
    assert resolve_files("lease.txt and the cat picture", WORLD) == [FILES[3], FILES[11]]
    assert resolve_files("lease.txt, lease.txt", WORLD) == [FILES[3]]
    both = World(WORLD.now, files=("/d/salt and pepper.txt", "/d/salt.txt"))
    assert resolve_files("salt and pepper", both) == ["/d/salt and pepper.txt"]
    with pytest.raises(Unresolved):
        resolve_files("lease.txt and the unicorn plan", WORLD)


def test_names_in_other_scripts():
    files = ("/d/договор.pdf", "/d/契約書.pdf", "/d/Ubersicht.txt", "/d/şarkı.mp3")
    for words, found in (("договор", 0), ("契約書", 1), ("übersicht", 2), ("şarkı", 3)):
        assert match_files(words, files) == [files[found]]


@given(words=st.text(max_size=40))
def test_any_words_end_in_a_known_path_or_a_question(words):
    try:
        assert resolve_file(words, WORLD) in (*FILES, *(folder.split("\t")[-1] for folder in FOLDERS))
    except Unresolved as error:
        assert error.question.text.isprintable()


@given(name=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=30))
def test_the_whole_name_always_finds_its_file(name):
    if not joined(said(name)) or joined(said(name)) != joined(name) or "/" in said(name):
        return
    assert f"/d/{name}" in match_files(name, (f"/d/{name}", "/d/other thing.txt"))


def test_pieces():
    assert tokens("Three Old-Photos") == ["3", "old", "photo"]
    assert said(" “plan dot pdf”. ") == "plan.pdf"
    assert shown("a\x1b[0m\n\u202eb") == "a?[0m ?b"
    assert len(shown("x" * 500)) == 120
