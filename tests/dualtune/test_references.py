"""Which results an argument may be, and that a file named twice is one file."""

import pytest

from tinyagent.dualtune.references import feeds, fitting, same_file
from tinyagent.tools.registry import catalogue

TOOLS = catalogue().tools
OPEN, SUM, MAIL = TOOLS["open_and_get_file_path"], TOOLS["summarize_pdf"], TOOLS["compose_new_email"]


def test_a_result_feeds_what_has_its_type():
    assert feeds(OPEN, MAIL) and feeds(SUM, MAIL)
    assert not feeds(MAIL, OPEN)
    assert not feeds(SUM, TOOLS["set_brightness"])


@pytest.mark.parametrize(
    ("parameter", "words", "expected"),
    [
        ("attachments", "the budget", "$1"),
        ("attachments", "the other one", "the other one"),
        # Words of a mail are what they are, also where they name a file.
        ("body", "the budget", "the budget"),
        # A summary is no file.
        ("attachments", "lease.pdf", "lease.pdf"),
    ],
)
def test_a_file_that_is_named_again_is_the_one_that_was_found(parameter, words, expected):
    earlier = [(OPEN, {"file_name": "the budget"}), (SUM, {"pdf_path": "lease.pdf"})]
    references = fitting(MAIL.parameter(parameter), [tool for tool, _ in earlier])
    assert same_file(MAIL.parameter(parameter), words, references, earlier) == expected
