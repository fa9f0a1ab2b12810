"""The same for what is no text of ours: files on their way to another folder or to the trash, and mails."""

import pytest
from crashing import kill_at_every_step

FILES = {
    "home/Documents/report.txt": "thirty pages",
    "home/Documents/Old/first.txt": "ten pages",
    "home/Documents/Trip/map.txt": "here",
    "home/Documents/Trip/plan.txt": "there",
    "home/Maildir/cur/1.a:2,S": "From: sid@example.org\nSubject: tea\n\nNow?\n",
}


@pytest.mark.parametrize(
    "call",
    [
        ("move_file", {"file_name": "~/Documents/report.txt", "destination": "~/Documents/Old"}),
        ("move_file", {"file_name": "~/Documents/Trip", "destination": "~/Documents/Old"}),
        ("delete_file", {"file_name": "~/Documents/Trip/map.txt"}),
        ("compose_new_email", {"recipients": ["ana@example.org"], "subject": "Budget", "body": "See you."}),
    ],
    ids=["move a file", "move a folder", "delete a file", "draft a mail"],
)
def test_killed_at_any_step(tmp_path, call):
    kill_at_every_step(tmp_path, call, files=FILES)
