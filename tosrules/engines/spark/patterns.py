"""Regular expressions of RE2 as ones of Java that match the same texts.

Java's syntax is near enough to RE2's to mislead: `$` is true before a last line break too, `\\b`
and `\\w` of other letters, case folds otherwise, and the tables of Unicode are those of another
version. So nothing is handed on as it stands. Whatever matches one character is written out as
the characters that RE2 itself says it matches; what matches between characters is spelled as
conditions on its neighbours.
"""

from __future__ import annotations

import re
from functools import lru_cache, reduce

from tosrules.engines.spark.ambiguity import Ends, Places, Ranges, TooLong
from tosrules.errors import EvaluationError

_WORD = "[0-9A-Za-z_]"
_EDGE = f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))"
_INSIDE = f"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))"
_BEYOND_ASCII = r"[^\x00-\x7F]"
_NEVER = r"(?!)"
_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}")
_NAMED = re.compile(r"\(\?P?<[^>]+>")
_ESCAPE = re.compile(r"x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{2}|[pP]\{[^}]*\}|[pP].|0[0-7]{0,2}|.", re.S)
_NOTHING: Ends = (True, frozenset(), frozenset())
ALL = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))


@lru_cache(maxsize=1_024)
def java_pattern(pattern: str, ignore_case: bool = False, groups: bool = False) -> str:
    """A Java pattern that is found in the same texts as the RE2 pattern. With `groups` each
    group holds what it holds in RE2; else there are none.

    Raises EvaluationError where there is no such pattern."""
    read = _Reader(pattern, ignore_case, groups)
    tree = read.alternatives()
    if read.here < len(pattern):
        raise _cannot(pattern, "a `)` that closes nothing")
    if _doubles(tree):
        raise _cannot(pattern, "a repetition that reads the same text in more than one way")
    said = tree.java(groups)
    if read.inside and tree.between_bytes():
        # RE2 looks between the bytes of a character too, where nothing but `\B` is true.
        if groups:
            raise _cannot(pattern, "`\\B` where a group is read")
        said = f"(?:{said})|{_BEYOND_ASCII}"
    return said


def _doubles(tree: _Node) -> bool:
    places = Places()
    try:
        tree.places(places)
    except TooLong:
        return False
    return places.doubles()


def _cannot(pattern: str, what: str) -> EvaluationError:
    from tosrules.quoting import quoted

    return EvaluationError(
        f"the pattern {quoted(pattern, 200)} has {what}, which cannot be said on Spark; write it "
        "another way, or use another engine"
    )


# ---- what a pattern is made of ---------------------------------------------------------------


class _Node:
    def places(self, of: Places) -> Ends:
        """Its places among those of the pattern."""
        raise NotImplementedError

    def java(self, groups: bool) -> str:
        raise NotImplementedError

    def between_bytes(self) -> bool:
        """Whether it is met between two bytes of one character."""
        raise NotImplementedError


class _Characters(_Node):
    """One of some characters."""

    def __init__(self, ranges: Ranges) -> None:
        self.ranges = ranges

    def places(self, of: Places) -> Ends:
        return of.one(self.ranges)

    def java(self, groups: bool) -> str:  # noqa: ARG002
        if len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][1]:
            return _spelled(self.ranges[0][0])
        if not self.ranges:
            return _NEVER
        others = _others(self.ranges)
        if len(others) < len(self.ranges):
            return f"[^{_class(others)}]" if others else r"[\x{0}-\x{10FFFF}]"
        return f"[{_class(self.ranges)}]"

    def between_bytes(self) -> bool:
        return False


class _Between(_Node):
    """What is met between characters."""

    def __init__(self, said: str, between_bytes: bool) -> None:
        self._said = said
        self._between_bytes = between_bytes

    def places(self, of: Places) -> Ends:  # noqa: ARG002
        return _NOTHING

    def java(self, groups: bool) -> str:  # noqa: ARG002
        return self._said

    def between_bytes(self) -> bool:
        return self._between_bytes


class _Sequence(_Node):
    def __init__(self, parts: list[_Node]) -> None:
        self.parts = parts

    def places(self, of: Places) -> Ends:
        return reduce(of.both, (part.places(of) for part in self.parts), _NOTHING)

    def java(self, groups: bool) -> str:
        return "".join(part.java(groups) for part in self.parts)

    def between_bytes(self) -> bool:
        return all(part.between_bytes() for part in self.parts)


class _Choice(_Node):
    def __init__(self, branches: list[_Node]) -> None:
        self.branches = branches

    def places(self, of: Places) -> Ends:
        found = [branch.places(of) for branch in self.branches]
        first = frozenset().union(*(first for _, first, _ in found))
        last = frozenset().union(*(last for _, _, last in found))
        return any(empty for empty, _, _ in found), first, last

    def java(self, groups: bool) -> str:
        return "|".join(branch.java(groups) for branch in self.branches)

    def between_bytes(self) -> bool:
        return any(branch.between_bytes() for branch in self.branches)


class _Group(_Node):
    def __init__(self, inner: _Node, captures: bool) -> None:
        self.inner = inner
        self.captures = captures

    def places(self, of: Places) -> Ends:
        return self.inner.places(of)

    def java(self, groups: bool) -> str:
        opened = "(" if self.captures else "(?:"
        return f"{opened}{self.inner.java(groups)})"

    def between_bytes(self) -> bool:
        return self.inner.between_bytes()


class _Repeat(_Node):
    def __init__(self, inner: _Node, least: int, most: int | None, lazy: bool) -> None:
        self.inner = inner
        self.least = least
        self.most = most
        self.lazy = lazy

    def places(self, of: Places) -> Ends:
        found = _NOTHING
        for _ in range(self.least if self.most is not None else self.least - 1):
            found = of.both(found, self.inner.places(of))
        if self.most is None:
            empty, first, last = self.inner.places(of)
            of.after(last, first)
            return of.both(found, (empty or not self.least, first, last))
        for _ in range(self.most - self.least):
            # Each further round stands after the one before it, if at all.
            _, first, last = self.inner.places(of)
            found = of.both(found, (True, first, last))
        return found

    def java(self, groups: bool) -> str:
        counts = {(0, None): "*", (1, None): "+", (0, 1): "?"}
        most = "" if self.most is None else str(self.most)
        count = counts.get((self.least, self.most), f"{{{self.least},{most}}}")
        return f"(?:{self.inner.java(groups)}){count}{'?' if self.lazy and groups else ''}"

    def between_bytes(self) -> bool:
        return self.least == 0 or self.inner.between_bytes()


def _repeat(node: _Node, least: int, most: int | None, lazy: bool) -> _Node:
    """A repetition; of what is repeated without end itself no second one is needed."""
    inner = node
    while isinstance(inner, _Group) and not inner.captures:
        inner = inner.inner
    if most is None and isinstance(inner, _Repeat) and inner.most is None and inner.least < 2:
        return _Repeat(inner.inner, least * inner.least, None, lazy or inner.lazy)
    return _Repeat(node, least, most, lazy)


# ---- reading ---------------------------------------------------------------------------------


class _Reader:
    """Reads a pattern that RE2 has accepted."""

    def __init__(self, pattern: str, ignore_case: bool, groups: bool) -> None:
        self.pattern = pattern
        self.groups = groups
        self.ignore_case = ignore_case
        self.here = 0
        self.inside = False
        """Whether there is a `\\B`."""

    def _ahead(self, text: str) -> bool:
        return self.pattern.startswith(text, self.here)

    def alternatives(self) -> _Node:
        branches = [self._sequence()]
        while self._ahead("|"):
            self.here += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _Choice(branches)

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self.here < len(self.pattern) and not self._ahead("|") and not self._ahead(")"):
            if self._ahead("\\Q"):
                end = self.pattern.find("\\E", self.here)
                stop = len(self.pattern) if end < 0 else end
                parts += map(self._literal, self.pattern[self.here + 2 : stop])
                self.here = stop if end < 0 else stop + 2
            elif self._ahead("\\E"):
                self.here += 2
                continue
            else:
                parts.append(self._atom())
            if parts:
                parts[-1] = self._repeated(parts[-1])
        return parts[0] if len(parts) == 1 else _Sequence(parts)

    def _repeated(self, node: _Node) -> _Node:
        while self.here < len(self.pattern):
            sign = self.pattern[self.here]
            counted = _REPEAT.match(self.pattern, self.here)
            if sign in "*+?":
                least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
                self.here += 1
            elif counted:
                least = int(counted[1])
                most = least if counted[2] is None else int(counted[3]) if counted[3] else None
                self.here = counted.end()
            else:
                break
            lazy = self._ahead("?")
            self.here += lazy
            node = _repeat(node, least, most, lazy)
        return node

    def _atom(self) -> _Node:
        sign = self.pattern[self.here]
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == "\\":
            return self._escape()
        self.here += 1
        if sign == "^":
            return _Between(r"\A", False)
        if sign == "$":
            return _Between(r"\z", False)
        if sign == ".":
            return _Characters(matched(".", False))
        return self._literal(sign)

    def _literal(self, sign: str) -> _Characters:
        if not self.ignore_case:
            return _Characters(((ord(sign), ord(sign)),))
        return _Characters(matched(f"\\x{{{ord(sign):x}}}", True))

    def _group(self) -> _Node:
        named = _NAMED.match(self.pattern, self.here)
        plain = self._ahead("(?:")
        self.here = named.end() if named else self.here + (3 if plain else 1)
        inner = self.alternatives()
        if not self._ahead(")"):
            raise _cannot(self.pattern, "a `(` that is not closed")
        self.here += 1
        return _Group(inner, self.groups and not plain)

    def _class(self) -> _Node:
        first = self.here
        self.here += 1
        if self._ahead("^"):
            self.here += 1
        if self._ahead("]"):
            self.here += 1
        while not self._ahead("]"):
            if self.here >= len(self.pattern):
                raise _cannot(self.pattern, "a `[` that is not closed")
            close = self.pattern.find(":]", self.here + 2) if self._ahead("[:") else -1
            if self._ahead("\\"):
                escape = _ESCAPE.match(self.pattern, self.here + 1)
                self.here = escape.end() if escape else self.here + 1
            elif close > 0 and self.pattern[self.here + 2 : close].strip("^").isalpha():
                self.here = close + 2
            else:
                self.here += 1
        self.here += 1
        return _Characters(matched(self.pattern[first : self.here], self.ignore_case))

    def _escape(self) -> _Node:
        escape = _ESCAPE.match(self.pattern, self.here + 1)
        if escape is None:
            raise _cannot(self.pattern, "a `\\` at its end")
        self.here = escape.end()
        said = escape[0]
        if said == "C":
            raise _cannot(self.pattern, "a `\\C`, a part of a character")
        if said == "B":
            self.inside = True
            return _Between(_INSIDE, True)
        between = {"A": r"\A", "z": r"\z", "b": _EDGE}.get(said)
        if between is not None:
            return _Between(between, False)
        return _Characters(matched("\\" + said, self.ignore_case))


# ---- characters ------------------------------------------------------------------------------


@lru_cache(maxsize=4_096)
def matched(one: str, ignore_case: bool) -> Ranges:
    """The characters that a pattern for one character matches in RE2, as it says itself."""
    import re2

    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return tuple(
        (ord(run[0]), ord(run[-1])) for run in re2.compile(f"(?:{one})+", options).findall(ALL)
    )


def _others(ranges: Ranges) -> Ranges:
    """The characters that are not in some ranges."""
    found: list[tuple[int, int]] = []
    here = 0
    for first, last in ranges:
        if first > here and (here, first - 1) != (0xD800, 0xDFFF):
            found.append((here, first - 1))
        here = last + 1
    if here <= 0x10FFFF:
        found.append((here, 0x10FFFF))
    return tuple(found)


def _class(ranges: Ranges) -> str:
    return "".join(
        _spelled(first) if first == last else f"{_spelled(first)}-{_spelled(last)}"
        for first, last in ranges
    )


def _spelled(code: int) -> str:
    sign = chr(code)
    return sign if sign.isascii() and sign.isalnum() else f"\\x{{{code:X}}}"
