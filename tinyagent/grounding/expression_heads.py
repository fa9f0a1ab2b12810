"""Operations named before their numbers: "the sum of 2 and 3", "subtract 3 from 10", "the root of 2"."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from tinyagent.grounding.expression_nodes import MULTIPLY, Node, Phrases, join, phrases
from tinyagent.grounding.expression_words import Reader
from tinyagent.grounding.number_words import ORDINALS

_HEADS = phrases(
    sqrt="square root of|square root|sqrt|sqrt of|root of|√|squareroot of",
    cbrt="cube root of|cubic root of|cbrt",
    square="square of",
    cube="cube of",
    double="double|twice|double of",
    triple="triple|thrice",
    sum="sum of|sum up|total of|add|add up",
    product="product of",
    average="average of|mean of|avg of",
    difference="difference between|difference of",
    quotient="quotient of",
    multiply="multiply",
    divide="divide|split",
    subtract="subtract",
    take="take",
    share="what percent of|what percentage of|what percent is|what percentage is",
)
_COMMA = phrases(and_=", and|,|and|with|plus|+|&", to=", to|to")
_BY = phrases(by="by|times|and|with|,|, and")
_INTO = phrases(by="by|into|between|among|in|over|and")
_SHARERS = frozenset("people persons friends guests ways parts kids roommates shares groups".split())


def read_head(reader: Reader) -> Node | None:
    """Read an operation named in front, with an optional article; None when none comes next."""
    reader.place += reader.word() in {"the", "a", "an"}
    root = _nth_root(reader)
    if root is not None:
        return root
    name = reader.match(_HEADS)
    return _READERS[name](reader) if name else None


def _nth_root(reader: Reader) -> Node | None:
    degree = 0 if reader.word() == "quarter" else ORDINALS.get(reader.word(), 0)
    if degree < 3 or (reader.word(1), reader.word(2)) != ("root", "of"):
        return None
    reader.place += 3
    return _root(reader, degree)


def _operand(reader: Reader) -> Node | None:
    """Read what a root or "double" applies to: brackets alone, or one factor."""
    if reader.word() == "(":
        start = reader.place
        reader.place += 1
        node = reader.attempt(reader.sum)
        if node is not None and reader.word() == ")":
            reader.place += 1
            return node
        reader.place = start
    return reader.attempt(reader.signed)


def _root(reader: Reader, degree: int) -> Node | None:
    node = _operand(reader)
    if node is None:
        return None
    if degree == 2:
        return Node(f"sqrt({node.text})", works=True)
    return join(node, "^", Node(f"1 / {degree}", MULTIPLY))


def _power(reader: Reader, exponent: str) -> Node | None:
    node = _operand(reader)
    return join(node, "^", Node(exponent)) if node else None


def _many(reader: Reader, factor: str) -> Node | None:
    node = _operand(reader)
    return join(Node(factor), "*", node) if node else None


def _list(reader: Reader, table: Phrases) -> tuple[list[Node], str]:
    """Read at least two items; return them with the name of the last separator ([] where there are fewer)."""
    items: list[Node] = []
    last = separator = ""
    while True:
        start = reader.place
        if items:
            separator = reader.match(table) or ""
            reader.match(table)  # ", and"
        node = reader.attempt(reader.product) if not items or separator else None
        if node is None:
            reader.place = start
            return (items if len(items) > 1 else []), last
        items.append(node)
        last = separator


def _sum(reader: Reader) -> Node | None:
    items, last = _list(reader, _COMMA)
    if len(items) == 2 and last == "to":
        items.reverse()
    return reduce(lambda a, b: join(a, "+", b), items) if items else None


def _product(reader: Reader) -> Node | None:
    items, _ = _list(reader, _BY)
    if not items:
        node = reader.attempt(reader.product)
        return node if node and node.works else None
    return reduce(lambda a, b: join(a, "*", b), items)


def _average(reader: Reader) -> Node | None:
    items, _ = _list(reader, _COMMA)
    return join(reduce(lambda a, b: join(a, "+", b), items), "/", Node(str(len(items)))) if items else None


def _difference(reader: Reader) -> Node | None:
    items, _ = _list(reader, _COMMA)
    if len(items) != 2:
        return None
    first, second = items
    try:
        if float(first.text) < float(second.text):
            first, second = second, first
    except ValueError:
        pass  # not plain numbers: as said
    return join(first, "-", second)


def _quotient(reader: Reader) -> Node | None:
    items, _ = _list(reader, _COMMA)
    return join(items[0], "/", items[1]) if len(items) == 2 else None


def _divide(reader: Reader) -> Node | None:
    first = reader.attempt(reader.product)
    if first is None:
        return None
    joined = reader.match(_INTO)
    second = reader.attempt(reader.signed)
    if second is None or not (joined or reader.word() in {"ways", "way"}):
        return first if first.works and second is None and not joined else None
    reader.place += reader.word() in _SHARERS
    return join(first, "/", second)


def read_shares(reader: Reader) -> Node | None:
    """Read "split five ways", "shared between four people", "split by 3": among how many what stands before is."""
    if reader.word() not in {"split", "shared", "divided", "devided", "divvied"}:
        return None
    reader.place += 1 + (reader.word(1) in {"up", "evenly", "equally"})
    joined = reader.match(_INTO)
    shares = reader.attempt(reader.signed)
    if shares is None or not (joined or reader.word() in {"ways", "way"}):
        return None
    reader.place += reader.word() in _SHARERS | {"way"}
    return shares


def _subtract(reader: Reader) -> Node | None:
    first = reader.attempt(reader.product)
    if first is None:
        return None
    reader.place += reader.word() in {"away", "off"}
    if reader.word() != "from":
        return first if first.works else None
    reader.place += 1
    second = reader.attempt(reader.product)
    return join(second, "-", first) if second else None


def _share(reader: Reader) -> Node | None:
    of_first = reader.row[reader.place - 1].text == "of"
    first = reader.attempt(reader.signed)
    if first is None or reader.word() != ("is" if of_first else "of"):
        return None
    reader.place += 1
    second = reader.attempt(reader.signed)
    if second is None:
        return None
    part, whole = (second, first) if of_first else (first, second)
    return join(join(part, "/", whole), "*", Node("100"))


_READERS: dict[str, Callable[[Reader], Node | None]] = {
    "sqrt": lambda reader: _root(reader, 2),
    "cbrt": lambda reader: _root(reader, 3),
    "square": lambda reader: _power(reader, "2"),
    "cube": lambda reader: _power(reader, "3"),
    "double": lambda reader: _many(reader, "2"),
    "triple": lambda reader: _many(reader, "3"),
    "sum": _sum,
    "product": _product,
    "multiply": _product,
    "average": _average,
    "difference": _difference,
    "quotient": _quotient,
    "divide": _divide,
    "subtract": _subtract,
    "take": _subtract,
    "share": _share,
}
