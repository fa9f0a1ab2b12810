"""Reads arithmetic from tokens by recursive descent: symbols ("(4+5)*2") and words ("half of ninety").

Each reading function returns a `Node` and moves on, or returns None and leaves the reader where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tinyagent.grounding.expression_nodes import ATOM, NEGATE, POWER, Node, Phrases, join, number, phrases
from tinyagent.grounding.number_words import ORDINALS, Token, read_number, word_at

MAX_DEPTH = 24
MAX_RUN = 400
_PERCENT = (("%",), ("percent",), ("pct",), ("per", "cent"))
_MONEY = frozenset({"$", "€", "£"})
_MONEY_WORDS = frozenset({"dollars", "dollar", "bucks", "euros", "euro", "pounds", "quid"})
_ARTICLES = frozenset({"the", "a", "an", "up", "of"})


_SUMS = phrases(
    plus="+|plus|added to|add|and then add",
    minus="-|−|–|minus|take away|subtract|less",
)
_PRODUCTS = phrases(
    times="*|×|·|x|times|tims|tiems|timse|multiplied by|multiply by",
    over="/|÷|divided by|devided by|over|divide by",
    mod="mod|modulo|modulus",
)
_POWERS = phrases(
    power="^|* *|to the power of|to the power|raised to the power of|raised to the power|raised to",
)
_PARTS = phrases(of="of|tip on|tax on|vat on|tip of|on", off="off|off of|discount on|discount off|off from")
HEAD_WORDS = frozenset(
    "square sqrt root √ squareroot cube cubic cbrt double twice triple thrice sum total add product average "
    "mean avg difference quotient multiply divide split subtract take what fourth fifth sixth".split()
)
"""Words that an operation named before its numbers may start with (see `expression_heads`)."""
_EXPONENTS = {
    "second": 2,
    **{word: part for word, part in ORDINALS.items() if word not in {"half", "quarter"}},
}


class Reader:
    """Reads one expression from `row`, starting at token `at`."""

    def __init__(self, row: Sequence[Token], at: int) -> None:
        self.row = row[at : at + MAX_RUN]
        self.offset = at
        self.place = 0
        self.depth = 0

    @property
    def at(self) -> int:
        """The next token, counted in the whole row."""
        return self.offset + self.place

    @staticmethod
    def may_start(row: Sequence[Token], at: int) -> bool:
        """Whether an expression may start at token `at` (cheap, to skip most words)."""
        token = row[at]
        if token.kind in {"number", "glyph"} or token.text in HEAD_WORDS or token.text in _MONEY:
            return True
        if token.text in {"(", "-", "−", "minus", "negative", "what"}:
            return True
        if token.text in _ARTICLES:
            reads = read_number(row, at) or read_number(row, at + 1)
            return token.text in {"the", "a", "an"} and (
                word_at(row, at + 1) in HEAD_WORDS or reads is not None
            )
        return read_number(row, at) is not None

    def whole(self) -> Node | None:
        """Read the longest expression; None when there is none."""
        return self.sum()

    def word(self, ahead: int = 0) -> str:
        """Return the text of the next token (or one further on), "" past the end."""
        return word_at(self.row, self.place + ahead)

    def match(self, table: Phrases) -> str | None:
        """Move past the longest phrase of the table that comes next and return its name, or None."""
        for phrase, name in table:
            if self.word() == phrase[0] and all(self.word(n) == word for n, word in enumerate(phrase)):
                self.place += len(phrase)
                return name
        return None

    def attempt(self, read: Callable[[], Node | None]) -> Node | None:
        """Call `read`; where it finds nothing, go back to where it started. Bounds the depth."""
        start = self.place
        self.depth += 1
        node = read() if self.depth <= MAX_DEPTH else None
        self.depth -= 1
        if node is None:
            self.place = start
        return node

    def sum(self) -> Node | None:
        """Read terms joined by plus and minus."""
        left = self.attempt(self.product)
        while left is not None:
            start = self.place
            compared = self._compared(left)
            if compared is not None:
                left = compared
                continue
            if self.word() == "all" and (spread := self._spread(left)):
                left = spread
                continue
            sign = self.match(_SUMS)
            if self.word() in {"a", "an", "another"} and sign:
                self.place += 1
                right = self.attempt(self.product)
                if right is None:
                    self.place -= 1
                    right = self.attempt(self.product)
            else:
                right = self.attempt(self.product) if sign else None
            if right is None:
                self.place = start
                break
            left = join(left, "+" if sign == "plus" else "-", right)
        return left

    def _spread(self, left: Node) -> Node | None:
        """Read "all divided by 3": it applies to everything before it."""
        self.place += 1
        sign = self.match(_PRODUCTS)
        right = self.attempt(self.signed) if sign in {"over", "times"} else None
        if right is None:
            return None
        return join(left, "/" if sign == "over" else "*", right)

    def _compared(self, left: Node) -> Node | None:
        """Read "less than 10", "more than 10" after `left`, and "subtracted from 10"."""
        start, sign = self.place, ""
        for first, second, found in (
            ("less", "than", "-"),
            ("more", "than", "+"),
            ("subtracted", "from", "-"),
        ):
            if (self.word(), self.word(1)) == (first, second):
                sign = found
        if not sign:
            return None
        self.place += 2
        right = self.attempt(self.product)
        if right is None:
            self.place = start
            return None
        return join(right, sign, left)

    def product(self) -> Node | None:
        """Read factors joined by times, over, mod, "of" and "off"."""
        left = self.attempt(self.signed)
        while left is not None:
            start = self.place
            sign = self.match(_PRODUCTS) or (self._part(left) if left.part else None) or self._out_of(left)
            right = self.attempt(self.signed) if sign else None
            if right is None:
                self.place = start
                shared = self._shared(left)
                if shared is None:
                    break
                left = shared
                continue
            if sign == "off":
                left = join(right, "-", left)
            elif sign == "out of":
                left = join(join(left, "/", right), "*", Node("100"))
            else:
                name = {"times": "*", "of": "*", "over": "/"}.get(str(sign), "mod")
                divides = sign == "over" and not left.works
                left = replace(join(left, name, right), part=divides)
        return left

    def _shared(self, left: Node) -> Node | None:
        """Read "split five ways" after `left`."""
        from tinyagent.grounding.expression_heads import read_shares

        shares = self.attempt(lambda: read_shares(self))
        return join(left, "/", shares) if shares is not None else None

    def _part(self, left: Node) -> str | None:
        start = self.place
        sign = self.match(_PARTS)
        if sign == "of" and self.row[start].text != "of" and not left.text.endswith("%"):
            self.place = start
            return None
        return sign

    def _out_of(self, left: Node) -> str | None:
        if not left.works and (self.word(), self.word(1)) == ("out", "of"):
            self.place += 2
            return "out of"
        return None

    def signed(self) -> Node | None:
        """Read a factor with its sign and power."""
        if self.word() in {"-", "−", "–", "minus", "negative"}:
            self.place += 1
            node = self.attempt(self.signed)
            return Node(f"-{node.inside(POWER)}", NEGATE, node.works) if node else None
        if self.word() == "+":
            self.place += 1
        return self._power()

    def _power(self) -> Node | None:
        base = self.attempt(self._postfix)
        if base is None:
            return None
        start = self.place
        if self.match(_POWERS):
            exponent = self.attempt(self.signed)
            if exponent is not None:
                return join(base, "^", exponent)
        self.place = start
        if (self.word(), self.word(1)) == ("to", "the") and (power := self._ordinal(2)):
            self.place += 3 + (self.row[self.place + 2].kind == "number")
            self.place += self.word() == "power"
            return join(base, "^", Node(str(power)))
        return base

    def _ordinal(self, ahead: int) -> int:
        word = self.word(ahead)
        if word.isascii() and word.isdigit() and self.word(ahead + 1) in {"th", "st", "nd", "rd"}:
            return int(word)
        return _EXPONENTS.get(word, 0)

    def _postfix(self) -> Node | None:
        node = self.attempt(self._primary)
        while node is not None:
            after = self.row[self.place : self.place + 2]
            if self.match([(phrase, "%") for phrase in _PERCENT]):
                if after[0].text == "%" and self._operand_follows():
                    self.place -= 1
                    return self._remainder(node)
                node = Node(f"{node.inside(ATOM)}%", ATOM, node.works, part=True)
            elif self.word() in {"squared", "cubed"}:
                node = join(node, "^", Node("2" if self.word() == "squared" else "3"))
                self.place += 1
            elif self.word() in {"factorial", "!"} and not (self.word() == "!" and self._ends_sentence()):
                self.place += 1
                node = Node(f"{node.inside(ATOM)}!", ATOM, True)
            else:
                break
        return node

    def _ends_sentence(self) -> bool:
        """Whether "!" is punctuation: last, after a space or a word, or after an operation told in words."""
        before, mark = self.row[self.place - 1 : self.place + 1]
        if before.kind == "word" or before.end != mark.start:
            return True
        told = any(t.kind == "word" and t.text not in {"mod", "sqrt"} for t in self.row)
        return told and self.place == len(self.row) - 1

    def _operand_follows(self) -> bool:
        word = self.word()
        return word == "(" or (bool(word) and self.row[self.place].kind == "number")

    def _remainder(self, left: Node) -> Node | None:
        self.place += 1
        right = self.attempt(self._primary)
        return join(left, "mod", right) if right else None

    def _primary(self) -> Node | None:
        if self.word() == "(":
            self.place += 1
            node = self.attempt(self.sum)
            if node is None or self.word() != ")":
                return None
            self.place += 1
            return node if node.binds == ATOM else Node(f"({node.text})", ATOM, node.works)
        from tinyagent.grounding.expression_heads import read_head

        return self.attempt(lambda: read_head(self)) or self.attempt(self._number)

    def _number(self) -> Node | None:
        if self.word() in {"a", "an", "the"} and word_at(self.row, self.place + 2) in {"%", "percent"}:
            self.place += 1  # "a 20% tip on 60"
        self.place += self.word() in _MONEY
        read = read_number(self.row, self.place, slash=False)
        if read is None:
            return None
        value, after = read
        spelled = self.row[self.place].kind != "number"
        node = replace(number(value), part=spelled and value.denominator != 1)
        self.place = after
        self.place += self.word() in _MONEY_WORDS
        return node
