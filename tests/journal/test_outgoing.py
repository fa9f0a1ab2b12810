"""What the journal says of calls that send: what left, what did not, and what nobody can know."""

import socket
from dataclasses import replace

import pytest
from stores import run, snapshot

from tinyagent.calls import Call
from tinyagent.errors import ToolError
from tinyagent.journal import Journal, recover_stores, undo
from tinyagent.settings import load
from tinyagent.tools import changes, messages
from tinyagent.tools.changes import changing
from tinyagent.tools.dbus import BusError
from tinyagent.tools.registry import catalogue
from tinyagent.tools.text_messages import Way

MAIL = {"recipients": ["ana@example.org"], "subject": "Budget", "body": "See you."}


@pytest.fixture
def closed():
    """The settings of a mail server that is not there: a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        yield {"host": "localhost", "port": port, "security": "none", "address": "me@example.org"}


def test_a_mail_that_was_not_sent(journal, ctx, closed, tmp_path):
    before = snapshot(tmp_path)
    [result] = run(journal, replace(ctx, tools={"mail": closed}), ("compose_new_email", MAIL))
    [entry] = journal.entries()
    assert (result.status, entry.status, entry.answer) == ("failed", "failed", result.answer)
    assert "was not sent" in entry.answer and "it is kept as a draft in" in entry.answer
    # The draft is all that is left of it, and can be taken back.
    assert entry.undoable
    assert undo(journal, catalogue(), ctx).id == 1
    assert {path for path in snapshot(tmp_path) if path not in before} <= {"home", "home/Maildir"}
    assert journal.entries()[0].answer == "Took back compose_new_email on this machine."


def test_a_failure_that_left_nothing_is_passed_over(journal, ctx):
    run(journal, ctx, ("add_to_list", {"item": "milk"}))
    run(journal, ctx, ("compose_new_email", {"recipients": ["Nobody Known"], "body": "hi"}))
    with pytest.raises(
        ToolError, match=r"Entry 2 .* failed and left nothing here to take back: There is no Nobody"
    ):
        undo(journal, catalogue(), ctx, 2)
    assert undo(journal, catalogue(), ctx).id == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "may not have been sent"),
        ("org.freedesktop.DBus.Error.NoReply", "may not have been sent"),
        ("org.x.Refused", "was not sent"),
    ],
)
def test_a_text_without_an_answer_may_have_been_sent(journal, ctx, monkeypatch, name, said):
    def silent(number, text):
        raise BusError("The phone does not answer: is it on?", name)

    monkeypatch.setattr(messages, "phone", lambda device: Given(Way("your phone", silent)))
    run(journal, ctx, ("send_sms", {"recipients": ["+49 30 1234"], "message": "hi"}))
    [entry] = journal.entries()
    assert entry.answer.startswith(
        f"The message to +49301234 {said} by your phone: The phone does not answer"
    )


class Given:
    def __init__(self, way):
        self.way = way

    def __enter__(self):
        return self.way

    def __exit__(self, *_):
        return None


# Cut off


def cut_off(ctx, clock, write=lambda record: None):
    """Leave what a process leaves that ends while it sends; `write` is what it did before."""
    gone = Journal(ctx.folders.state, clock=clock)
    tool = catalogue()["compose_new_email"]
    record = gone.recorder("mail ana").begin(tool, Call(tool.name, MAIL), "ask")
    with changes.keeping(record.keep):
        write(record)
    gone.close()


def test_one_that_was_cut_off_is_never_said_to_have_done_nothing(journal, ctx, clock):
    cut_off(ctx, clock)
    [entry] = journal.entries()
    assert (entry.status, entry.answer) == (
        "interrupted",
        "It was cut off and may have been sent all the same, so look before you repeat it.",
    )
    with pytest.raises(ToolError, match=r"Entry 1 .* may have left this machine .* nothing of it is here"):
        undo(journal, catalogue(), ctx)


@pytest.mark.parametrize("filed", [False, True])
def test_the_draft_of_one_that_was_cut_off(journal, ctx, clock, filed):
    """It is there until it is filed among the sent mails; then there is nothing to take back."""
    box = ctx.folders.home / "Maildir"

    def draft(record):
        with changing(box) as files:
            files.write(box / "draft", "See you.")
        if filed:
            (box / "draft").rename(box / "sent")

    cut_off(ctx, clock, draft)
    [entry] = journal.entries()
    assert entry.answer.startswith("It was cut off and may have been sent all the same")
    assert entry.undoable is not filed
    assert entry.answer.endswith("Undo takes back what it wrote here, and no more.") is not filed
    if not filed:
        undo(journal, catalogue(), ctx)
        assert not (box / "draft").exists()


def test_a_mail_half_written_is_put_back_by_the_next_command(tmp_path):
    settings = load({"TINYAGENT_HOME": str(tmp_path), "HOME": str(tmp_path / "home")})
    box = settings.home_folder / "Maildir"

    class Killed(BaseException):
        pass

    class Changes(changes.Changes):
        def roll_back(self):
            self._guard.close()  # which is all that the death of a process does

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(changes, "Changes", Changes)
        with changing(box) as files:
            files.folder(box / "cur")
            files.write(box / "cur" / "1.a:2,DS", "See you.")
            raise Killed
    assert (box / "cur" / "1.a:2,DS").exists()
    recover_stores(settings)
    assert not (box / "cur").exists()
    # A table that is wrong is said to whoever asks for mail, and stops nothing else.
    recover_stores(replace(settings, tools={"mail": {"maildir": "nowhere"}}))
