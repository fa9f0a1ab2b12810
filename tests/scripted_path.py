"""The path of a command with a model that wants certain calls: the real code around a tokenizer and made-up logits."""

import numpy as np
from scripted_engine import ScriptedEngine

from tinyagent.calls import Candidate
from tinyagent.dualtune.arguments import Filler
from tinyagent.dualtune.selector import Calibration, Selector
from tinyagent.instructions import Instructions
from tinyagent.retrieval.retriever import Retrieved


class Wanting(ScriptedEngine):
    """A model that wants the calls `wanted`, pairs of a tool's name and the words of its arguments, and then `end`.

    What it is given of earlier calls counts as written, so that a plan can go on after a question.
    """

    def __init__(self, wanted, end="done"):
        super().__init__()
        self.wanted, self.end = list(wanted), end

    def _append(self, owned):
        rows = np.zeros((len(owned), self.vocabulary_size), np.float32)
        for i, pair in enumerate(owned):
            self.state.append(pair)
            following = self._next(self.text([token for token, _ in self.state]))
            if following is not None:
                rows[i, following] = 20
        return rows

    def _next(self, written):
        *lines, last = written.split("\n")
        if not lines:
            return None
        turn = max(i for i, line in enumerate(lines) if line.startswith("<|im_start|>"))
        named = sum(":" not in line for line in lines[turn + 1 :])
        if ":" in last:
            key = last.partition(":")[0]
            line = f"{key}: {self.wanted[named - 1][1].get(key, '-')}\n"
        else:
            line = (self.wanted[named][0] if named < len(self.wanted) else self.end) + "\n"
        return self.tokenize(line[len(last) :])[0] if line.startswith(last) and line != last else None


class FixedRetriever:
    """Finds the same tools for every command."""

    def __init__(self, names, several=0.9, follows=None):
        share = 1 / (len(names) + 1)
        self.found = Retrieved(
            tuple(Candidate(name, share) for name in (*names, "none")),
            (0.0, 1 - several, several),
            follows=follows or {},
            scores=dict.fromkeys((*names, "none"), share),
        )
        self.asked = []

    def retrieve(self, text):
        self.asked.append(text)
        return self.found


class Models:
    """What the planner needs."""

    def __init__(self, catalogue, wanted, end="done", several=0.9, follow="fresh"):
        self.catalogue = catalogue
        self.engine = Wanting(wanted, end)
        self.retriever = FixedRetriever([tool.name for tool in catalogue], several, {follow: 1.0})
        self.selector, self.filler = Selector(self.engine, Calibration()), Filler(self.engine)
        self.instructions = Instructions()

    def into(self, assistant):
        """Let an assistant plan with these models."""
        assistant.__dict__.update(retriever=self.retriever, selector=self.selector, filler=self.filler)
        return assistant
