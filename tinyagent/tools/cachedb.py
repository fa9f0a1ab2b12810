"""Small SQLite files that can be made anew at any time: indexes, never the only copy of anything."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tinyagent.errors import StoreError
from tinyagent.tools.files import make_folder, store_error

_BUSY = 10.0


@contextmanager
def database(path: Path, schema: str, version: int) -> Iterator[sqlite3.Connection]:
    """Give a connection whose changes are all kept or, after an exception, none.

    A damaged file or one of another `version` is made anew, empty. Raises `StoreError` where it cannot be
    written or another process keeps it locked.
    """
    make_folder(path.parent)
    try:
        with closing(_opened(path, schema, version)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
    except OSError as error:
        raise store_error(path, "opened", error) from None
    except sqlite3.Error as error:
        raise StoreError(f"The index {path} cannot be used ({error}): remove it, it is made anew.") from None


def _opened(path: Path, schema: str, version: int) -> sqlite3.Connection:
    for last in (False, True):
        # Names of a person's files are nobody else's business.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600))
        connection = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
        try:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found != version and found:
                raise sqlite3.DatabaseError("another version")
            if not found:
                connection.executescript(
                    f"BEGIN IMMEDIATE; {schema}; PRAGMA user_version = {version}; COMMIT;"
                )
            elif not last:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return connection
        except sqlite3.OperationalError:
            connection.close()
            if last or not _made_meanwhile(path, version):
                raise
        except sqlite3.DatabaseError:
            connection.close()
            if last:
                raise
            for ending in ("", "-journal", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    os.unlink(f"{path}{ending}")
    raise AssertionError


def _made_meanwhile(path: Path, version: int) -> bool:
    """Whether another process has made the tables since."""
    with closing(sqlite3.connect(path, timeout=_BUSY)) as connection:
        return bool(connection.execute("PRAGMA user_version").fetchone()[0] == version)


def fts(tokens: list[str], *, every: bool = True) -> str:
    """Return the FTS5 query for words that begin so, short ones whole or with a plural's s.

    Tokens are letters and digits in quotation marks, so no operator can be smuggled in.
    """
    wanted = [token for token in tokens if token.isalnum()]
    terms = [f'"{one}"*' if len(one) > 3 else f'("{one}" OR "{one}s")' for one in wanted]
    return (" AND " if every else " OR ").join(terms) or '""'
