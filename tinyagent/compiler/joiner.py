"""What the person is told at the end: what was done, what was not and why, in the plan's order and in plain words.

LLMCompiler's joiner (arXiv 2312.04511) has a model write the answer; here the results have said it already. Where not
everything was done, each line says what it speaks of, and what was left out for the same reason is told together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from tinyagent.calls import Call, Parameter, Plan, Result
from tinyagent.compiler.naming import doing
from tinyagent.compiler.results import REFERENCE
from tinyagent.grounding.mentions import is_pronoun
from tinyagent.tools.phrases import harmless, join, short
from tinyagent.tools.registry import Catalogue

NO_TOOL = "I have no tool for that, so I did nothing."
_NOT_DONE = "Not done: "
_FORBIDDEN = f"{_NOT_DONE}the policy forbids "
_PEOPLE: Mapping[str, str] = {"recipients": "to", "to": "to", "sender": "from", "name": "of"}
"""What stands before the people who are the value of this parameter, "with" for any other."""
_MOST = 40
"""Characters of a name."""


def answered(
    plan: Plan, results: Sequence[Result], tools: Catalogue, said: Collection[int] = ()
) -> list[str]:
    """Return the sentences for the person.

    `results` are those of the plan's calls, in order; those with an index in `said` have been told before.
    """
    new = {index: result for index, result in enumerate(results) if index not in said}
    rest = _rest(plan)
    if len(new) + len(rest) < 2:
        return [result.answer for result in new.values() if result.answer] + rest
    lines: list[tuple[list[str], str]] = []
    together: dict[str, list[str]] = {}
    for index, result in new.items():
        why = _why(index, plan, results, tools)
        if not why:
            lines.append(([], result.answer))
            continue
        if why not in together:
            together[why] = []
            lines.append((together[why], why))
        name = phrase(plan.calls[index], tools)
        together[why] += [name] if name not in together[why] else []
    return [f"{_NOT_DONE}{join(names)}{why}" if names else why for names, why in lines if why] + rest


def phrase(call: Call, tools: Catalogue) -> str:
    """Return what a call does and to what: "deleting the calendar event “lunch”", "sending the text message to Ana".

    What was read names nothing: `call` is as it was planned, without results in it.
    """
    parameters = tools[call.tool].parameters if call.tool in tools else ()
    name = next(filter(None, (_name(call, parameter) for parameter in parameters)), "")
    return f"{doing(call.tool)} {name}".rstrip()


def cause(index: int, needs: Mapping[int, Collection[int]], results: Mapping[int, Result]) -> int:
    """Return the index of the call that was not done first among those which this one needs: itself where none is."""
    path = [index]
    while broken := [
        i for i in sorted(needs.get(path[-1], ())) if i in results and results[i].status != "done"
    ]:
        if broken[0] in path:
            return index
        path.append(broken[0])
    return path[-1]


def left_out(because: Call, result: Result, tools: Catalogue) -> str:
    """Return the end of the sentence about a call that was not begun, as `because` came to `result`."""
    if result.status != "declined":
        fate = "failed"
    else:
        fate = "is forbidden" if result.answer.startswith(_FORBIDDEN) else "was not confirmed"
    return f", because {phrase(because, tools)} {fate}."


def not_done(call: Call, tools: Catalogue, why: str) -> str:
    """Return the sentence about a call that was not done: `why` is how it ends (" was not confirmed.")."""
    return f"{_NOT_DONE}{phrase(call, tools)}{why}"


def forbidden(call: Call, tools: Catalogue, because: str) -> str:
    """Return the sentence about a call that the policy forbids."""
    return f"{_FORBIDDEN}{phrase(call, tools)}, because {because}."


def _rest(plan: Plan) -> list[str]:
    """Return what is said beside the results; a question comes last, for it waits for an answer."""
    rest = [plan.reason] if plan.reason else [NO_TOOL] if plan.end == "none" else []
    if plan.end == "ask" and plan.question:
        rest.append(harmless(plan.question.text))
    return rest


def _why(index: int, plan: Plan, results: Sequence[Result], tools: Catalogue) -> str:
    """Return how the sentence about a call that was not done ends, "" where its own answer says what it is about."""
    result = results[index]
    if result.status in ("done", "planned"):
        return ""
    needs: dict[int, list[int]] = {}
    for later, earlier in plan.depends:
        needs.setdefault(later, []).append(earlier)
    first = cause(index, needs, dict(enumerate(results)))
    if first != index:
        return left_out(plan.calls[first], results[first], tools)
    if result.answer.startswith(_NOT_DONE):
        return ""
    return f". {result.answer}" if result.answer else "."


def _name(call: Call, parameter: Parameter) -> str:
    """Return the words by which a parameter's value names its call, "" where it names nothing."""
    value, words = call.args.get(parameter.name), call.words.get(parameter.name, "")
    if value is None or REFERENCE.fullmatch(words):
        return ""
    if parameter.type in ("person", "persons"):
        people = [one for one in (value if isinstance(value, list) else [value]) if _plain(one)]
        return f"{_PEOPLE.get(parameter.name, 'with')} {_shown(join(people))}" if people else ""
    if not words or is_pronoun(words, parameter):
        words = value if _plain(value) and not parameter.is_choice else ""
        words = PurePath(words).name if parameter.type in ("file", "folder") else words
    return f"“{_shown(words)}”" if words.strip() else ""


def _plain(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not REFERENCE.fullmatch(value)


def _shown(words: str) -> str:
    return harmless(short(words, _MOST))
