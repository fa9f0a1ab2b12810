"""What has become of a command so far, from its events, and how a card writes that down. Knows no widget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tinyagent.calls import Answer, Plan
from tinyagent.events import Answered, Event, Finished, Shortlisted, Started, TakenBack
from tinyagent.tui.card_text import answer_rows, foot_rows, title_rows, waiting_rows, without_end
from tinyagent.tui.plan_tree import PlanTree
from tinyagent.tui.rows import Row, indented
from tinyagent.tui.timings import Clock, RunTime
from tinyagent.tui.turn_before import before_rows


class Progress:
    """A command from its first event to its last word; `clock` gives seconds.

    `state` is "planning", "ready" (planned, not run), "running", "asking", "done" or "failed". `note` is a word beside
    the answer.
    """

    def __init__(self, text: str, clock: Clock) -> None:
        self.text, self.state, self.note = text, "planning", ""
        self.plan: Plan | None = None
        self.answer: Answer | None = None
        self.tree = PlanTree()
        self._clock, self._run_time = clock, RunTime(clock)
        self._sentences, self._back = list[str](), list[TakenBack]()

    @property
    def at_rest(self) -> bool:
        """Whether nothing is being planned or run."""
        return self.state not in ("planning", "running")

    @property
    def said(self) -> str:
        """The answer, or what there is of it."""
        return self.answer.text if self.answer else "\n".join(self._sentences)

    def heard(self, event: Event) -> None:
        """Take the next event; the last is `Answered`."""
        self.tree.heard(event)
        self._run_time.heard(event)
        match event:
            case Shortlisted():
                self.state, self._sentences = "planning", []
            case TakenBack():
                self._back.append(event)
            case Started():
                self.state = "running"
            case Finished():
                self._sentences += [event.result.answer] if event.result.answer else []
            case Answered():
                self._answered(event.answer)

    def planned(self, plan: Plan) -> None:
        """Begin anew with a plan of which nothing has run."""
        self.plan, self.answer, self.note, self._back = plan, None, "", []
        self._run_time = RunTime(self._clock)
        self.tree.take(plan)
        self._sentences = [sentence for sentence in (plan.reason,) if sentence]
        self._end_of(plan, "ready" if plan.calls or plan.undoes else "done")

    def broken(self, sentence: str) -> None:
        """Hear that it could not be done, or was stopped, and why."""
        self._run_time.stopped()
        self.state = "failed"
        self.tree.ended()
        self._sentences.append(sentence)

    def body(self, unfolded: bool, with_answer: bool = True) -> Iterator[Row]:
        """Yield the command, how it follows the one before, the plan and the answer."""
        yield from title_rows(self.text, unfolded)
        yield from indented(before_rows(self.plan, self._back, self._sentences))
        tree = list(self.tree.rows(unfolded))
        yield from indented(tree)
        if self.state == "planning" and not tree:
            yield from indented(waiting_rows())
        elif with_answer:
            broken = self.state == "failed" and not self.answer
            yield from indented(answer_rows(self._sentences, unfolded, broken))

    def foot(self, unfolded: bool) -> Iterator[Row]:
        """Yield the note, and how long it took."""
        ran = self._run_time.ms if self.answer and self.answer.results else None
        planned = self.plan.timings_ms if self.plan else {}
        return indented(foot_rows(self.note, planned, ran, unfolded))

    def _answered(self, answer: Answer) -> None:
        # What is taken back stays so: to run the plan again is to run its calls.
        self.plan, self.answer = replace(answer.plan, undoes=()), answer
        self._sentences = answer.text.splitlines()
        self._run_time.stopped()
        failed = any(result.status in ("failed", "declined") for result in answer.results)
        self._end_of(answer.plan, "failed" if failed else "done")

    def _end_of(self, plan: Plan, state: str) -> None:
        self.state = "asking" if plan.question else state
        if plan.question:
            self._sentences = without_end(self._sentences, plan.question.text.splitlines())
