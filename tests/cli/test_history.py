"""`history`, `undo`, `apply` and `policy` on real tools and stores, without a model."""

import json
import sqlite3

import pytest

import tinyagent.cli.running
from tinyagent.cli import main

NOW = "2026-03-02T09:00:00"
REMIND = {"tool": "create_reminder", "args": {"name": "call Sid", "due": "2026-03-02T15:00:00"}}
MILK = {"tool": "add_to_list", "args": {"item": "milk"}}
DELETE = {"tool": "delete_list", "args": {"list_name": "shopping"}}


@pytest.fixture(autouse=True)
def no_scheduler(monkeypatch):
    started = []
    monkeypatch.setattr(tinyagent.cli.running, "start_scheduler", started.append)
    return started


@pytest.fixture
def run(capfd):
    def run(*words):
        code = main(words)
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def apply(run, tmp_path):
    def apply(*calls, options=(), **more):
        path = tmp_path / "plan.json"
        plan = {"text": "the command", "now": NOW, "calls": list(calls), **more}
        path.write_text(json.dumps({"plan": plan, "results": [], "text": ""}))
        return run("apply", str(path), *options)

    return apply


def lists(tmp_path):
    return sorted(path.stem for path in (tmp_path / "home").rglob("*.md"))


def test_a_plan_is_applied_shown_and_undone(apply, run, tmp_path):
    code, out, err = apply(MILK, options=["--now", NOW])
    assert (code, out, err) == (0, "Added milk to the shopping list.\n", "")
    assert lists(tmp_path) == ["shopping"]
    code, out, _ = run("history")
    number, _, status, call, words = out.rstrip("\n").split("\t")
    assert (code, number, status, call, words) == (0, "1", "done", 'add_to_list(item="milk")', "the command")
    code, out, _ = run("undo")
    assert code == 0
    assert out.startswith('Undone: add_to_list(item="milk"), of ')
    assert lists(tmp_path) == []
    assert run("undo") == (1, "", "Error: There is nothing to undo.\n")
    data = json.loads(run("history", "--json")[1])
    assert [entry["status"] for entry in data["entries"]] == ["done", "undone"]
    assert data["entries"][1]["args"] == {"item": "milk"}
    assert len(json.loads(run("history", "--json", "--limit", "1")[1])["entries"]) == 1


def test_nothing_yet(run):
    assert run("history") == (0, "Nothing has been done yet.\n", "")
    assert json.loads(run("history", "--json")[1]) == {"entries": []}
    assert run("undo", "7") == (
        1,
        "",
        "Error: There is no entry 7 in the journal: `tinyagent history` shows them.\n",
    )


@pytest.mark.parametrize("words", [["undo", "0"], ["undo", "x"], ["history", "--limit", "0"]])
def test_bad_numbers_are_bad_usage(run, words):
    assert run(*words)[:2] == (2, "")


def test_undo_as_json(apply, run):
    apply(MILK)
    assert json.loads(run("undo", "1", "--json")[1])["undone"]["tool"] == "add_to_list"


def test_undo_refuses_what_was_changed_since(apply, run, tmp_path):
    apply(MILK)
    [path] = (tmp_path / "home").rglob("shopping.md")
    path.write_text("- [ ] bread\n")
    code, out, err = run("undo")
    assert (code, out) == (1, "")
    assert "was changed since" in err
    assert path.read_text() == "- [ ] bread\n"


def test_the_history_cannot_move_the_cursor(apply, run):
    apply({"tool": "add_to_list", "args": {"item": "milk"}}, text="a\tb\nc")
    assert run("history")[1].count("\n") == 1
    assert run("history")[1].count("\t") == 4


def test_a_destructive_call_of_a_plan_needs_a_yes(apply, tmp_path):
    apply(MILK)
    code, out, err = apply(DELETE)
    assert (code, out) == (1, "Not done: deleting the list “shopping” was not confirmed.\n")
    assert err == "delete_list needs a yes: run it on a terminal, or add --yes.\n"
    assert lists(tmp_path) == ["shopping"]
    assert apply(DELETE, options=["--yes"])[0] == 0
    assert lists(tmp_path) == []


def test_exactly_the_plan_is_run(apply, run):
    code, out, _ = apply(MILK, REMIND, depends=[[1, 0]], options=["--json", "--now", NOW])
    data = json.loads(out)
    assert code == 0
    assert [(r["call"]["tool"], r["call"]["args"]) for r in data["results"]] == [
        (call["tool"], call["args"]) for call in (MILK, REMIND)
    ]
    plans = {entry["plan"] for entry in json.loads(run("history", "--json")[1])["entries"]}
    assert len(plans) == 1


def test_a_duration_counts_from_now_on(apply, run):
    _, out, _ = apply(
        {"tool": "set_timer", "args": {"duration": "PT10M"}},
        options=["--json", "--now", "2026-03-02T12:00:00"],
    )
    assert json.loads(out)["results"][0]["answer"] == "Timer set for 10 minutes, until 12:10."


def test_the_scheduler_is_started_for_what_has_its_time(apply, run, no_scheduler):
    apply(MILK)
    run("undo")
    assert no_scheduler == []
    apply(REMIND, options=["--now", NOW])
    assert len(no_scheduler) == 1
    run("undo")
    assert len(no_scheduler) == 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"tool": "nothing", "args": {}}, "Call 2 of the plan: There is no tool called nothing"),
        ({"tool": "add_to_list", "args": {"item": 5}}, "5 is not a value for item of add_to_list (text)"),
        ({"tool": "add_to_list", "args": {"item": "x", "colour": "red"}}, "no argument colour"),
        ({"tool": "set_alarm", "args": {"time": "soon"}}, "'soon' is not a value for time"),
    ],
)
def test_a_plan_that_does_not_fit_runs_nothing(apply, tmp_path, call, said):
    code, out, err = apply(MILK, call)
    assert (code, out) == (2, "")
    assert said in err and err.count("\n") == 1
    assert lists(tmp_path) == []


def test_a_plan_with_an_open_question_is_not_run(apply, tmp_path):
    code, _, err = apply(MILK, end="ask", question={"text": "Which list?"})
    assert code == 2
    assert "(Which list?)" in err
    assert lists(tmp_path) == []
    assert apply(end="none")[0] == 3


def test_no_such_plan(run, tmp_path):
    assert run("apply", str(tmp_path / "none.json"))[0] == 2


def write_policy(tmp_path, text):
    folder = tmp_path / "home" / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.toml").write_text(text)


def test_a_rule_denies_even_with_a_yes(apply, run, tmp_path):
    apply(MILK)
    write_policy(tmp_path, '[[rule]]\ndecide = "deny"\ntool = "delete_list"\nbecause = "I like lists"\n')
    code, out, err = apply(DELETE, options=["--yes"])
    assert (code, err) == (1, "")
    assert out == (
        "Not done: the policy forbids deleting the list “shopping”, because rule 1, line 1, of policy.toml says so: "
        "I like lists.\n"
    )
    assert lists(tmp_path) == ["shopping"]
    write_policy(
        tmp_path, '[[rule]]\ndecide = "allow"\ntool = "delete_list"\nwhere = { list_name = "shop*" }\n'
    )
    assert apply(DELETE)[0] == 0


def test_a_broken_policy_stops_everything(apply, tmp_path):
    write_policy(tmp_path, '[[rule]]\ndecide = "maybe"\ntool = "x"\n')
    code, out, err = apply(MILK)
    assert (code, out) == (2, "")
    assert err == "Error: Rule 1, line 1, of policy.toml must decide allow, ask or deny, not 'maybe'.\n"
    assert lists(tmp_path) == []


def test_the_policy_is_shown(run, tmp_path):
    code, out, _ = run("policy")
    table = {line.split("\t")[0]: line.split("\t")[1:] for line in out.splitlines()}
    assert code == 0
    assert table["create_reminder"] == ["allow", "always", "it can be undone"]
    assert table["delete_list"][:2] == ["ask", "always"]
    write_policy(
        tmp_path,
        '[[rule]]\ndecide = "deny"\ntool = "delete_list"\nwhere = { list_name = "work*" }\n'
        '[[rule]]\ndecide = "ask"\ntool = "no_such_tool"\n',
    )
    code, out, _ = run("policy", "--json")
    data = json.loads(out)
    [delete] = [one for one in data["tools"] if one["tool"] == "delete_list"]
    assert [(one["decision"], one["when"]) for one in delete["verdicts"]] == [
        ("deny", "list_name is like work*"),
        ("ask", None),
    ]
    assert data["doubts"][0].startswith("rule 2, line 5, of policy.toml speaks of no tool")
    assert "speaks of no tool" in run("policy")[2]


@pytest.mark.parametrize(
    ("tool", "args", "said"),
    [
        ("delete_list", {"list_name": "Work stuff"}, "deny: rule 1, line 1, of policy.toml says so.\n"),
        ("delete_list", {"list_name": "shopping"}, "ask: it takes something away.\n"),
        ("create_reminder", {"name": "x"}, "allow: it can be undone.\n"),
    ],
)
def test_a_call_is_checked(run, tmp_path, tool, args, said):
    write_policy(tmp_path, '[[rule]]\ndecide = "deny"\ntool = "delete_*"\nwhere = { list_name = "work*" }\n')
    assert run("policy", "check", tool, json.dumps(args)) == (0, said, "")
    assert (
        json.loads(run("policy", "check", tool, json.dumps(args), "--json")[1])["decision"]
        == said.split(":")[0]
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["delete_list", "{"], 2, "JSON object"),
        (["delete_list", "[]"], 2, "JSON object"),
        (["delete_list", "{}"], 1, "needs list_name"),
        (["delete_list", '{"list_name": 3}'], 1, "3 is not a value"),
        (["nothing", "{}"], 1, "no tool called nothing"),
    ],
)
def test_a_call_that_cannot_be_checked(run, words, code, said):
    given, out, err = run("policy", "check", *words)
    assert (given, out) == (code, "")
    assert said in err


def test_a_damaged_journal_is_told_and_kept(apply, run, tmp_path):
    apply(MILK)
    path = tmp_path / "home" / "state" / "journal.sqlite3"
    path.write_text("not a database at all, " * 100)
    code, out, err = run("history")
    assert (code, out) == (0, "Nothing has been done yet.\n")
    assert err.startswith("The journal was damaged, so a new one was begun")
    path.write_text("not a database at all, " * 100)
    code, out, _ = apply(MILK)
    assert code == 0
    assert "The journal was damaged" in out
    assert len(list(path.parent.glob("journal.sqlite3.damaged-*"))) >= 1
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT COUNT(*) FROM call").fetchone() == (1,)
    connection.close()
