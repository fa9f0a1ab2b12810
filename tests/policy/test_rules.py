"""Tables of rules and calls: which decision comes out."""

import re

import pytest

from tinyagent.calls import Effect, Parameter, Tool
from tinyagent.errors import SettingsError, StoreError
from tinyagent.policy import Decision, Policy, read_policy
from tinyagent.policy.people import Contacts
from tinyagent.tools.context import Folders


def tool(name, toolset, effect, /, **parameters):
    made = tuple(Parameter(each, type, required=False) for each, type in parameters.items())
    return Tool(name, toolset, "", Effect(effect), made, print)


TOOLS = [
    tool("send_sms", "messages", "outgoing", recipients="persons", message="text"),
    tool("delete_file", "files", "destructive", file_name="file"),
    tool("search_email", "mail", "read", query="text"),
    tool("create_reminder", "reminders", "write", name="text"),
    tool("set_volume", "system", "write", level="percent"),
    tool("delete_calendar_event", "calendar", "destructive", query="text", span="span"),
]
BY_NAME = {one.name: one for one in TOOLS}


@pytest.fixture
def policy(tmp_path):
    def policy(text):
        path = tmp_path / "policy.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_policy(path)

    return policy


def decision(policy, name, knows=lambda value: False, /, **args):
    return str(policy.verdict(BY_NAME[name], args, knows).decision)


def test_without_a_file_the_effect_decides(tmp_path):
    policy = read_policy(tmp_path / "policy.toml")
    assert policy == Policy()
    assert [decision(policy, one.name) for one in TOOLS] == ["ask", "ask", "allow", "allow", "allow", "ask"]


STRANGERS = """
[[rule]]
decide = "deny"
tool = "send_sms"
where = { recipients = { outside = "contacts" } }
because = "no messages to strangers"

[[rule]]
decide = "allow"
tool = "send_sms"
where = { recipients = { in = "contacts" } }
"""


@pytest.mark.parametrize(
    ("recipients", "expected"),
    [
        (["Ana Lima"], "allow"),
        (["Ana Lima", "Sid"], "allow"),
        (["+1 555 0101"], "allow"),
        (["001-555-0101"], "allow"),
        (["ana@example.org"], "allow"),
        (["ANA@example.org"], "allow"),
        (["+1 555 0199"], "deny"),
        (["Ana Lima", "+1 555 0199"], "deny"),
        (["mallory@example.org"], "deny"),
        (["Ana Lima <mallory@example.org>"], "deny"),
        (["Ana Lima 5550199"], "deny"),
        (["Nobody"], "deny"),
        (["555 0101"], "deny"),
        ([], "ask"),
        (None, "ask"),
    ],
)
def test_messages_to_strangers(policy, tmp_path, recipients, expected):
    folder = Folders.under(tmp_path).contacts
    folder.mkdir()
    for name, details in (
        ("Ana Lima", "EMAIL:ana@example.org\nTEL:+1 (555) 0101"),
        ("Sid Rao", "NICKNAME:Sid"),
    ):
        (folder / f"{name}.vcf").write_text(
            f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nN:;{name};;;\n{details}\nEND:VCARD\n"
        )
    assert decision(policy(STRANGERS), "send_sms", Contacts(folder).knows, recipients=recipients) == expected


def test_contacts_that_cannot_be_read_allow_nothing(policy, tmp_path):
    (tmp_path / "contacts").write_text("")
    with pytest.raises(StoreError):
        decision(policy(STRANGERS), "send_sms", Contacts(tmp_path / "contacts").knows, recipients=["Ana"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("{home}/Downloads/a.pdf", "allow"),
        ("~/Downloads/deep/a.pdf", "allow"),
        ("{home}/Downloads/../secret.txt", "ask"),
        ("{home}/Downloads/out/secret.txt", "ask"),
        ("{home}/Downloadsx/a.pdf", "ask"),
        ("{home}/Private/a.pdf", "deny"),
        ("{home}/Downloads/private/a.pdf", "deny"),
        ("{home}/Downloads/../Private/a.pdf", "deny"),
        ("a.pdf", "deny"),
        ("Downloads/a.pdf", "deny"),
        ("", "deny"),
        ("{home}/Downloads/a\0.pdf", "deny"),
    ],
)
def test_paths(policy, tmp_path, monkeypatch, path, expected):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "Downloads").mkdir()
    (tmp_path / "Private").mkdir()
    (tmp_path / "Downloads" / "out").symlink_to(tmp_path)
    (tmp_path / "Downloads" / "private").symlink_to(tmp_path / "Private")
    rules = policy(
        '[[rule]]\ndecide = "deny"\ntool = "delete_file"\nwhere = { file_name = { under = "~/Private" } }\n'
        '[[rule]]\ndecide = "allow"\ntoolset = "files"\nwhere = { file_name = { under = "~/Downloads" } }\n'
    )
    assert decision(rules, "delete_file", file_name=path.format(home=tmp_path)) == expected


@pytest.mark.parametrize(
    ("rule", "name", "args", "expected"),
    [
        ('tool = "delete_*"\ndecide = "deny"', "delete_file", {}, "deny"),
        ('tool = ["send_sms", "delete_file"]\ndecide = "deny"', "delete_file", {}, "deny"),
        ('toolset = "mail"\ndecide = "deny"', "search_email", {}, "deny"),
        ('effect = "write"\ndecide = "ask"', "create_reminder", {}, "ask"),
        ('effect = "write"\ndecide = "ask"', "search_email", {}, "allow"),
        ('tool = "*"\neffect = "read"\ndecide = "deny"', "create_reminder", {}, "allow"),
        ('tool = "search_email"\ndecide = "deny"\nwhere = { query = "*salary*" }', "search_email",
         {"query": "my  SALARY slip"}, "deny"),
        ('tool = "search_email"\ndecide = "deny"\nwhere = { query = "*salary*" }', "search_email",
         {"query": "lunch"}, "allow"),
        ('tool = "search_email"\ndecide = "deny"\nwhere = { query = { unlike = ["a*", "b*"] } }', "search_email",
         {"query": "c"}, "deny"),
        ('tool = "set_volume"\ndecide = "ask"\nwhere = { level = { above = 80 } }', "set_volume",
         {"level": 81}, "ask"),
        ('tool = "set_volume"\ndecide = "ask"\nwhere = { level = { above = 80 } }', "set_volume",
         {"level": 80}, "allow"),
        ('tool = "set_volume"\ndecide = "ask"\nwhere = { level = { above = 80 } }', "set_volume",
         {"level": "loud"}, "ask"),
        ('tool = "set_volume"\ndecide = "deny"\nwhere = { level = { above = 10, below = 20 } }', "set_volume",
         {"level": [5, 25]}, "allow"),
        ('tool = "delete_calendar_event"\ndecide = "deny"\nwhere = { query = { given = false } }',
         "delete_calendar_event", {"span": "x"}, "deny"),
        ('tool = "delete_calendar_event"\ndecide = "deny"\nwhere = { query = { given = false } }',
         "delete_calendar_event", {"query": "x"}, "ask"),
        ('tool = "send_sms"\ndecide = "allow"\nwhere = { recipients = { in = ["Ana"] }, message = "on my way" }',
         "send_sms", {"recipients": ["ana"], "message": "On my way"}, "allow"),
        ('tool = "send_sms"\ndecide = "allow"\nwhere = { recipients = { in = ["Ana"] }, message = "on my way" }',
         "send_sms", {"recipients": ["ana", "eve"], "message": "On my way"}, "ask"),
    ],
)  # fmt: skip
def test_one_rule(policy, rule, name, args, expected):
    assert decision(policy(f"[[rule]]\n{rule}\n"), name, **args) == expected


def test_the_first_rule_that_fits_decides(policy):
    rules = policy(
        '[[rule]]\ndecide = "allow"\ntool = "delete_file"\n[[rule]]\ndecide = "deny"\neffect = "destructive"\n'
    )
    assert decision(rules, "delete_file") == "allow"
    assert decision(rules, "delete_calendar_event") == "deny"
    assert next(rules.outlook(BY_NAME["delete_file"]))[1].decision is Decision.ALLOW
    assert len(list(rules.outlook(BY_NAME["delete_file"]))) == 1
    assert rules.verdict(BY_NAME["delete_file"], {}).because == "rule 1, line 1, of policy.toml says so"


def test_the_outlook_names_conditions(policy):
    [first, *_] = policy(STRANGERS).outlook(BY_NAME["send_sms"])
    assert first[0] == "recipients is outside contacts"
    assert first[1].because == "rule 1, line 2, of policy.toml says so: no messages to strangers"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rule]\n", "line 1"),
        ("\n\nx = = 1\n", "line 3"),
        (b"\xff", "not UTF-8"),
        ("x = " + "[" * 5000, "cannot be read"),
        ("rules = 1\n", "'rules'"),
        ("rule = 1\n", "[[rule]] tables only"),
        ("[rule]\ndecide = 'ask'\n", "[[rule]] tables only"),
        ("# mine\n\n[[rule]]\ntool = 'x'\n", "Rule 1, line 3, of policy.toml must decide allow, ask or deny"),
        ("[[rule]]\ntool = 'x'\ndecide = 'ask'\n[[rule]]\ntool = 'x'\ndecide = 'never'\n",
         "Rule 2, line 4, of policy.toml must decide allow, ask or deny, not 'never'"),
        ("rule = [{ decide = 'no' }]\n", "Rule 1 of policy.toml must decide"),
        ("[[rule]]\ndecide = 'allow'\n", "which tools"),
        ("[[rule]]\ndecide = 'allow'\ntool = []\n", "`tool` as text"),
        ("[[rule]]\ndecide = 'allow'\ntool = ' '\n", "`tool` as text"),
        ("[[rule]]\ndecide = 'allow'\ntool = 7\n", "`tool` as text"),
        ("[[rule]]\ndecide = 'allow'\neffect = 'reed'\n", "'reed': there are read, write"),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nwhen = 1\n", "unknown key 'when'"),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nbecause = 1\n", "`because` as text"),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nwhere = 1\n", "`where` as a table"),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nwhere = { a = {} }\n", "for a"),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nwhere = { a = { is = 'b' } }\n", "unknown test 'is' for a"),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nwhere = { a = { in = 'friends' } }\n", '"contacts" or a list'),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nwhere = { a = { under = 'here' } }\n", "whole folders"),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nwhere = { a = { above = 'b' } }\n", "a number for `above`"),
        ("[[rule]]\ndecide = 'allow'\ntool = 'x'\nwhere = { a = { given = 'b' } }\n", "true or false"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_with_its_place(policy, text, said):
    with pytest.raises(SettingsError, match=re.escape(said)) as error:
        policy(text)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(".")


def test_a_folder_for_a_file_is_one_sentence(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        read_policy(tmp_path)


def test_a_rule_that_could_never_fit_is_found(policy):
    with pytest.raises(SettingsError, match="argument 'recipient' that no tool"):
        policy(STRANGERS.replace("recipients", "recipient")).check(TOOLS)
    assert policy(STRANGERS).check(TOOLS) == []
    [doubt] = policy(STRANGERS.replace("send_sms", "send_smss", 1)).check(TOOLS)
    assert doubt.startswith("rule 1, line 2, of policy.toml speaks of no tool")
