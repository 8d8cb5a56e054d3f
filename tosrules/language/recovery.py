"""All syntax errors of a file at once: each mistake is mended or passed over, and the file is
read again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tosrules.language import syntax as s
from tosrules.language.diagnostics import Diagnostic
from tosrules.language.expected import Words
from tosrules.language.literals import literal
from tosrules.language.machine import Edit, Failure, Lines, Machine
from tosrules.language.reading import MAX_ERRORS
from tosrules.language.scene import Mistake, Scene
from tosrules.language.structure import structure

_MAX_RUNS = 60


class Recovered(NamedTuple):
    file: s.File
    diagnostics: list[Diagnostic]
    damaged: set[str]
    mended: set[tuple[int, int]]
    """Line and column of what a mend put where the author wrote nothing of use: what is found
    wrong with it is a consequence, and not told."""


_STAND_INS = ("_", '""', "2000-01-01", "2000-01-01T00:00:00Z")


class Recovery:
    """The errors of one file. `run` parses it with given edits; `stray` are the places of
    control characters, which were told of before and split the words they stand in."""

    def __init__(
        self,
        text: str,
        lines: Lines,
        machine: Machine,
        words: Words,
        run: Callable[[dict[int, Edit]], s.File | Failure],
        stray: frozenset[int] = frozenset(),
    ) -> None:
        self.text, self.lines, self.machine, self.words = text, lines, machine, words
        self.run = run
        self.stray = stray
        self.edits: dict[int, Edit] = {}
        self.errors: list[Diagnostic] = []
        self.damaged: set[str] = set()
        self.starts = "|".join(sorted(words.keywords(words.declarations)))

    def recover(self, failure: Failure) -> Recovered:
        """Everything that is wrong, from the first failure on, and what could be read."""
        got: s.File | Failure = failure
        reached, passed = -1, 0
        for _ in range(_MAX_RUNS):
            if not isinstance(got, Failure):
                return Recovered(got, self.errors, self.damaged, self.mended())
            if len(self.errors) >= MAX_ERRORS:
                break
            scene = self.scene(self.blamed(got))
            stuck = scene.at <= reached
            passed = passed if stuck else 0
            reached = max(reached, scene.at)
            consequence = stuck or self.follows_mend(scene)
            mistake = literal(scene) or structure(scene)
            if not (consequence or self.told(mistake.diagnostic, scene)):
                self.errors.append(mistake.diagnostic)
            if mistake.edits and not consequence and self.new(mistake):
                self.edits.update(mistake.edits)
            else:
                self.pass_over(scene, passed)
                passed += 1
            got = self.run(self.edits)
        return self.give_up(got)

    def scene(self, failure: Failure) -> Scene:
        return Scene(self.text, self.lines, self.machine, self.words, failure)

    def told(self, new: Diagnostic, scene: Scene) -> bool:
        """Whether this was said already: of the line, or by the control character here."""
        if {scene.at - 1, scene.at, scene.prev().end} & self.stray:
            return True
        return new.code == "foreign-space" and any(
            e.code == new.code and e.span.line == new.span.line for e in self.errors
        )

    def new(self, mistake: Mistake) -> bool:
        return not any(at in self.edits for at in mistake.edits)

    def follows_mend(self, scene: Scene) -> bool:
        """Whether the word before the place was put there by a mend: then the failure only
        says that the mend was not what the author meant."""
        last = scene.prev()
        edit = self.edits.get(last.start)
        return edit is not None and bool(edit.tokens) and bool(scene.failure.seen)

    def blamed(self, failure: Failure) -> Failure:
        """The failure that the author would see: a word that begins an item or declaration
        on its line was perhaps read as a name, because the line before breaks off."""
        scene = self.scene(failure)
        for back in (1, 2, 3):
            token = scene.prev(back)
            if token.terminal != "NAME" or token.start in self.edits:
                continue
            line = self.text.rfind("\n", 0, token.start) + 1
            if self.text[line : token.start].strip():
                continue
            word = scene.said(token)
            starts = dict(self.words.keywords(self.words.items.get(scene.kind, frozenset())))
            if line == token.start:
                starts.update(self.words.keywords(self.words.declarations))
            if word not in starts:
                continue
            edit = Edit(((starts[word], word),), token.end)
            got = self.run(self.edits | {token.start: edit})
            if isinstance(got, Failure) and got.start == token.start:
                return got
        return failure

    # ---- passing over -----------------------------------------------------------------------
    def pass_over(self, scene: Scene, passed: int) -> None:
        """Leave out the smallest part around the place; more of it each time that this was
        done and did not help."""
        self.note_damage(scene)
        whole = scene.inside and scene.first_on_line and scene.want("RBRACE")
        if passed == 0 and (scene.item is not None or whole):
            start, end = self.item_region(scene)
        elif passed <= 1:
            start, end = self.declaration_region(scene)
        else:
            start, end = self.declaration_region(scene)
            start, end = min(start, scene.at), len(self.text)
            self.note_rest(start)
        if end <= start:
            end = max(scene.end, start + 1)
        for at in [a for a in self.edits if start <= a < end]:
            del self.edits[at]
        self.edits[start] = Edit((), end)

    def note_damage(self, scene: Scene) -> None:
        if scene.declaration is None or (scene.want("$END") and not scene.inside):
            if any(scene.lexeme in self.words.keywords(i) for i in self.words.items.values()):
                return
            found = re.compile(r"[\w-]+\s+(\"[^\"\n]*\"|[\w./-]+)").match(self.text, scene.at)
        else:
            begin = scene.failure.seen[scene.declaration]
            found = re.compile(r"[\w-]+\s+(\"[^\"\n]*\"|[\w./-]+)").match(self.text, begin.start)
        if found:
            self.damaged.add(found[1].strip('"'))

    def note_rest(self, start: int) -> None:
        pattern = re.compile(rf"^\s*(?:{self.starts})\s+(\"[^\"\n]*\"|[\w./-]+)", re.M)
        for found in pattern.finditer(self.text, start):
            self.damaged.add(found[1].strip('"'))

    def item_region(self, scene: Scene) -> tuple[int, int]:
        seen = scene.failure.seen
        words = self.words.keywords(self.words.items.get(scene.kind, frozenset()))
        if scene.first_on_line and scene.want("RBRACE"):
            # The item before is whole; the line that begins here is none.
            return scene.at, self.next_item(scene.end, words, 0)
        assert scene.item is not None
        first = scene.item
        start = seen[first].start
        deep = sum(seen[i].terminal == "LBRACE" for i in scene.open if i > first)
        end = self.next_item(scene.at, words, deep)
        steps = [t for t in seen[first:] if t.terminal == "THEN"]
        if steps:
            start = steps[-1].start
            end = self.next_item(scene.at, words | {"then": ""}, deep)
        return start, end

    def next_item(self, pos: int, words: dict[str, str], depth: int) -> int:
        """Where the next item begins on its own line, or the braces close; `depth` is how
        many are open within the item."""
        token = re.compile(r'"(?:[^"\\\n]|\\.)*"?|#[^\n]*|[{}]|[A-Za-z_][\w-]*|.', re.S)
        for found in token.finditer(self.text, pos):
            written = found.group()
            line = self.text.rfind("\n", 0, found.start()) + 1
            first = not self.text[line : found.start()].strip()
            if written == "{":
                depth += 1
            elif written == "}":
                if depth == 0 or line == found.start():
                    return found.start()
                depth -= 1
            elif (first and written in words) or (
                line == found.start() and re.fullmatch(self.starts, written)
            ):
                return found.start()
        return len(self.text)

    def declaration_region(self, scene: Scene) -> tuple[int, int]:
        start = scene.at
        if scene.declaration is not None and not scene.want("$END"):
            start = scene.failure.seen[scene.declaration].start
        own = scene.at if scene.at > start else start + 1
        following = re.compile(rf"^(?:(?:{self.starts})(?![\w-])|\}})", re.M)
        found = following.search(self.text, own)
        if found is None:
            return start, len(self.text)
        return start, found.end() if found.group() == "}" else found.start()

    def give_up(self, got: s.File | Failure) -> Recovered:
        """Too many errors: what stands before the last of them."""
        if isinstance(got, Failure):
            scene = self.scene(got)
            start = min(self.declaration_region(scene)[0], scene.at)
            self.note_damage(scene)
            self.note_rest(start)
            for at in [a for a in self.edits if a >= start]:
                del self.edits[at]
            self.edits[start] = Edit((), len(self.text))
            got = self.run(self.edits)
        if isinstance(got, Failure):
            self.note_rest(0)
            got = s.File(None, ())
        return Recovered(got, self.errors, self.damaged, self.mended())

    def mended(self) -> set[tuple[int, int]]:
        places = [
            self.lines.span(at, edit.end)
            for at, edit in self.edits.items()
            if any(text in _STAND_INS for _, text in edit.tokens)
        ]
        return {(place.line, place.column) for place in places}
