"""What was done, kept in the state folder: each call before and after it runs, and the way back."""

from __future__ import annotations

from contextlib import suppress

from tinyagent.errors import SettingsError
from tinyagent.journal.entry import UNDO, Entry
from tinyagent.journal.journal import Journal
from tinyagent.journal.recorder import Record, Recorder
from tinyagent.journal.undo import undo
from tinyagent.settings import Settings
from tinyagent.tools.changes import recover
from tinyagent.tools.context import Folders

__all__ = ["UNDO", "Entry", "Journal", "Record", "Recorder", "open_journal", "recover_stores", "undo"]


def open_journal(settings: Settings) -> Journal:
    """Return the person's journal; its file is made at the first call that is written to it."""
    return Journal(settings.state, days=settings.journal_days, megabytes=settings.journal_mb)


def recover_stores(settings: Settings) -> Folders:
    """Put back what a killed process left half-changed, and return the folders. Raises `StoreError`.

    What was being moved, also to the trash, is put back when the journal is next read: only it knows from where.
    """
    from tinyagent.tools.mail_settings import mail_settings, path_of

    folders = settings.folders
    recover((folders.calendars, folders.tasks, folders.contacts, folders.notes))
    with suppress(SettingsError):  # which whoever asks for mail is told
        recover([path_of(mail_settings(settings.tools).maildir, folders.home, "maildir")])
    return folders
