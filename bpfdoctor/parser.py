"""Runs the LALR tables that lark makes of a grammar (grammar.py): what a start needs of lark, and no more.

To import lark costs more than twice a bare Python, its own stand-alone parser little less. What this accepts
and makes of a line is what lark does: a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple


class ParseError(ValueError):
    """The text is none of the grammar's; from `position` on no token fits, or it ends too early."""

    def __init__(self, position: int) -> None:
        super().__init__(f"nothing fits at {position}")
        self.position = position


class Token(str):
    """A piece of the text and the terminal it is; `value` is for who makes tokens without a text."""

    __slots__ = ("start_pos", "type", "value")
    type: str
    start_pos: int
    value: Any

    def __new__(cls, type: str, text: str, start_pos: int = 0) -> Token:
        token = super().__new__(cls, text)
        token.type, token.start_pos = type, start_pos
        return token


class Tree(NamedTuple):
    """What a rule without a method in the transformer becomes."""

    data: str
    children: list[Any]


class Parser:
    """One grammar with one start. `transformer` has methods with the names of rules, or of their aliases."""

    def __init__(self, tables: dict[str, Any], transformer: object = None) -> None:
        terminals = {name: _Terminal(name, *how) for name, how in tables["terminals"].items()}
        self._terminals = terminals
        self._ignored = frozenset(tables["ignored"])
        self._keywords: dict[str, dict[str, str]] = tables["keywords"]
        lexers = [_Lexer([terminals[name] for name in names]) for names in tables["lexers"]]
        self._lexers = [lexers[number] for number in tables["lexer_of_state"]]
        self._actions: list[dict[str, int]] = tables["states"]
        self._rules = [
            (origin, size, _builder(getattr(transformer, name, None) or _tree(name), *shape))
            for origin, size, name, *shape in tables["rules"]
        ]
        self._start, self._end = tables["start"], tables["end"]

    def may_find(self, terminal: str, text: str) -> bool:
        """Whether a terminal begins anywhere in `text`: where not, parsing finds none, and costs far more."""
        return self._terminals[terminal].is_in(text)

    def parse(self, text: str) -> Any:
        """What the rule at the start makes of it. Raises ParseError, and what the transformer raises."""
        run = Run(self)
        states, at, end = run.states, 0, len(text)
        while at < end:
            name, piece = self._lexers[states[-1]].at(text, at)
            if not piece:
                raise ParseError(at)
            if name not in self._ignored:
                if (keyword := self._keywords.get(name, {}).get(piece)) in self._actions[states[-1]]:
                    name = keyword
                run.feed(Token(name, piece, at))
            at += len(piece)
        return run.end(at)


class Run:
    """A parser that takes tokens one by one, as they are found."""

    def __init__(self, parser: Parser) -> None:
        self.states = [parser._start]
        self._values: list[Any] = []
        self._parser = parser

    def feed(self, token: Token) -> None:
        """One more token. Raises ParseError where it does not fit."""
        name = token.type
        while (action := self._parser._actions[self.states[-1]].get(name)) is not None:
            if action >= 0:
                self.states.append(action)
                self._values.append(token)
                return
            self._reduce(~action)
        raise ParseError(token.start_pos)

    def end(self, position: int = 0) -> Any:
        """What the whole is. Raises ParseError when more has to come."""
        while (action := self._parser._actions[self.states[-1]].get("$END")) is not None:
            self._reduce(~action)
            if self.states[-1] == self._parser._end:
                return self._values[-1]
        raise ParseError(position)

    def _reduce(self, rule: int) -> None:
        origin, size, build = self._parser._rules[rule]
        children: list[Any] = []
        if size:
            children = self._values[-size:]
            del self._values[-size:], self.states[-size:]
        self._values.append(build(children))
        self.states.append(self._parser._actions[self.states[-1]][origin])


class _Lexer:
    """The terminals that may come next, in the order in which they are tried.

    Who asks often is answered by one pattern made of all: that costs more at first, and a tenth each time.
    """

    __slots__ = ("_all", "_asked", "_terminals")

    def __init__(self, terminals: list[_Terminal]) -> None:
        self._terminals = terminals
        self._asked = 0
        self._all: re.Pattern[str] | None = None

    def at(self, text: str, at: int) -> tuple[str, str]:
        """The terminal that begins at `at`, and its piece; both "" where there is none."""
        if self._all is not None:
            found = self._all.match(text, at)
            return (found.lastgroup or "", found[0]) if found else ("", "")
        self._asked += 1
        if self._asked > _OFTEN and len(self._terminals) > 1:
            self._all = re.compile(
                "|".join(f"(?P<{terminal.name}>{terminal.pattern})" for terminal in self._terminals)
            )
        for terminal in self._terminals:
            if piece := terminal.at(text, at):
                return terminal.name, piece
        return "", ""


_OFTEN = 2000  # questions: some dozens of lines


class _Terminal:
    """A literal, or a pattern that is compiled when a text first gets so far."""

    __slots__ = ("_is_literal", "_pattern", "_text", "name")

    def __init__(self, name: str, is_literal: bool, text: str) -> None:
        self.name = name
        self._is_literal = is_literal
        self._text = text
        self._pattern: re.Pattern[str] | None = None

    @property
    def pattern(self) -> str:
        """Its text as a regular expression."""
        return re.escape(self._text) if self._is_literal else self._text

    def at(self, text: str, at: int) -> str:
        """The piece of `text` that begins at `at`; "" where there is none."""
        if self._is_literal:
            return self._text if text.startswith(self._text, at) else ""
        if self._pattern is None:
            self._pattern = re.compile(self._text)
        found = self._pattern.match(text, at)
        return found[0] if found else ""

    def is_in(self, text: str) -> bool:
        """Whether there is a piece anywhere in `text`."""
        if self._is_literal:
            return self._text in text
        if self._pattern is None:
            self._pattern = re.compile(self._text)
        return self._pattern.search(text) is not None


def _tree(name: str) -> Callable[[list[Any]], Any]:
    return lambda children: Tree(name, children)


def _builder(
    callback: Callable[[list[Any]], Any],
    single: bool,
    kept: list[tuple[int, bool, int]] | None,
    missing: int,
) -> Callable[[list[Any]], Any]:
    """Gives `callback` the children that count.

    `kept` has of each its number, whether its own children stand in its place, and how many optional parts
    are missing before it; `missing` is how many are after the last. `single`: an only child needs no parent.
    """

    def build(children: list[Any]) -> Any:
        if kept is not None:
            whole, children = children, []
            for number, inlined, before in kept:
                children += [None] * before
                if not inlined:
                    children.append(whole[number])
                elif children:
                    children += whole[number].children
                else:
                    children = whole[number].children  # a list that grows on its left
            children += [None] * missing
        return children[0] if single and len(children) == 1 else callback(children)

    return build
