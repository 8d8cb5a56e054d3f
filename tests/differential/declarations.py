"""Random declarations: what conditions ask for is declared when they first ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tests.differential import conditions
from tests.differential.conditions import EVERY, Scope, condition, day, zone
from tests.differential.draw import Draw
from tests.differential.themes import Theme
from tests.differential.words import LENGTHS, TYPES, ZONES, day_of

DEEPEST = 3
"""Declarations that stand on one another."""
QUOTA_UNITS = (
    "15 minutes", "hour", "hour", "day", "day", "week", "month", "year", "5 minutes", "60 minutes",
)  # fmt: skip


@dataclass(frozen=True)
class Events:
    """An event set as written, and what may be read of its events."""

    text: str
    attributes: Mapping[str, str]


@dataclass
class Pack:
    """A pack in the making."""

    draw: Draw
    middle: int
    """The instant that the trace is about."""
    zone: str
    theme: Theme
    declarations: list[str] = field(default_factory=list)
    statuses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Kinds of the keys by name."""
    links: list[str] = field(default_factory=list)
    kits: list[str] = field(default_factory=list)
    signals: dict[str, dict[str, str]] = field(default_factory=dict)
    """Attributes by name."""
    others: dict[str, list[str]] = field(default_factory=dict)
    """Lists, params, definitions and sets, by what they hold."""
    named: dict[str, int] = field(default_factory=dict)
    """How many names begin with a word."""

    def name(self, word: str) -> str:
        self.named[word] = self.named.get(word, 0) + 1
        return f"{word}{self.named[word]}"

    def _known(self, what: str, most: int) -> str | None:
        known = self.others.setdefault(what, [])
        return self.draw.pick(known) if known and len(known) >= self.draw.whole(1, most) else None

    def declare(self, what: str, name: str, text: str) -> str:
        self.others.setdefault(what, []).append(name)
        self.declarations.append(text)
        return name

    # ---- lists, parameters, definitions -------------------------------------------------------
    def list_of(self, kind: str) -> str:
        known = self._known("list of " + kind, 2)
        if known is not None:
            return known
        items = {
            "text": ('"p"', '"q"', '"u"', '"a1"', '"d1"', '""'),
            "number": ("1", "2", "0.5", "0"),
            "networks": ('"192.0.2.0/25"', '"2001:db8::/32"', '"0.0.0.0/0"', '"192.0.2.200"'),
        }[kind]
        name = self.name("list_")
        some = ", ".join(self.draw.some(items, 1, 3))
        return self.declare("list of " + kind, name, f"list {name} = [{some}]")

    def param(self, kind: str) -> str:
        known = self._known("param of " + kind, 2)
        if known is not None:
            return known
        pick = self.draw.pick
        value = {
            "number": lambda: pick(("1", "2", "2", "3")),
            "length": lambda: pick(LENGTHS)[0],
            "period": lambda: self._period(),
        }[kind]()
        origin = pick(('stated in s section "1"', 'chosen because "of a test"'))
        name = self.name("param_")
        return self.declare("param of " + kind, name, f"param {name} = {value} {origin}")

    def length(self) -> str:
        """A fixed one."""
        if self.draw.chance(0.1):
            return self.param("length")
        return self.draw.pick((*[LENGTHS[0][0]] * 7, *dict(LENGTHS)))

    def period(self) -> str:
        """Fixed, of the calendar, of working days, or a parameter that is one of these."""
        match self.draw.weighed(fixed=5, drawn=4, param=1):
            case "fixed":
                return self.length()
            case "drawn":
                return self._period()
        return self.param("period")

    def _period(self) -> str:
        draw = self.draw
        if draw.chance(0.5):
            unit = draw.pick(("day", "days", "week", "month", "year"))
            amount = draw.pick(("1", "1", "2")) if unit != "days" else "0"
            amount = "2" if amount == "0" else amount
            zone_ = self.zone if draw.chance(0.6) else draw.pick(ZONES)
            return f'{amount} calendar {unit} in "{zone_}"'
        return f"{draw.pick(('1', '1', '2', '3'))} business days of {self.calendar()}"

    def calendar(self) -> str:
        known = self._known("calendar", 1)
        if known is not None:
            return known
        draw, name = self.draw, self.name("calendar_")
        days = [
            (day_of(self.middle) + timedelta(days=n)).isoformat()
            for n in sorted(draw.some(range(-1, 4), 0, 2))
        ]
        off = ""
        if days:
            listed = self.name("list_")
            self.declare(
                "days off", listed, f"list {listed} = [" + ", ".join(f'"{d}"' for d in days) + "]"
            )
            off = f" except {listed}"
        zone_ = self.zone if draw.chance(0.6) else draw.pick(ZONES)
        return self.declare("calendar", name, f'calendar {name} {{ weekdays{off} in "{zone_}" }}')

    def ask_define(self, scope: Scope) -> str | None:
        """A definition of one event, or of a value."""
        if scope.depth >= DEEPEST or set(scope.attributes) != set(EVERY):
            return None
        known = self._known("define", 2)
        if known is not None:
            return self._asked(known, scope)
        name = self.name("define_")
        deeper = Scope(self, "e.", EVERY, scope.depth + 1)
        if self.draw.chance(0.3):
            text = f'define {name}(v, w) = v = w or v = "p"'
        else:
            text = f"define {name}(e) = {condition(deeper, 1)}"
        return self._asked(self.declare("define", name, text), scope)

    def _asked(self, name: str, scope: Scope) -> str:
        text = next(d for d in self.declarations if d.startswith(f"define {name}("))
        if text.startswith(f"define {name}(v, w)"):
            return f"{name}({scope.one('text')}, {scope.one('text')})"
        return f"{name}({scope.prefix[:-1] or 'event'})"

    # ---- event sets ---------------------------------------------------------------------------
    def types(self) -> str:
        """Recorded events only."""
        draw = self.draw
        match draw.weighed(one=10, two=3, prefix=1.5, named=1.5):
            case "one":
                return draw.pick(("a", "a", "a", "b", "b", "c", "d", "x", *TYPES))
            case "two":
                return " or ".join(draw.some(("a", "b", "c", "d", "x", "a.*")))
            case "prefix":
                return "a.*"
        known = self._known("events", 2)
        if known is not None:
            return known
        name = self.name("events_")
        some = " or ".join(draw.some(("a", "b", "c", "d", "x", "a.*", "message.send"), 2, 3))
        return self.declare("events", name, f"events {name} = {some}")

    def events(self, depth: int, signals: float = 0.25) -> Events:
        draw = self.draw
        if depth < DEEPEST and draw.chance(signals * self.theme.signals):
            signal = self.signal(depth)
            if draw.chance(0.3):
                return Events(f"{signal} or {self.types()}", EVERY)
            return Events(signal, {**self.signals[signal], "time": "time"})
        return Events(self.types(), EVERY)

    def where(self, events: Events, depth: int, share: float = 0.4, prefix: str = "") -> str:
        if not self.draw.chance(share * self.theme.where):
            return ""
        scope = Scope(self, prefix, events.attributes, depth)
        return " where " + condition(scope, self.draw.pick((0, 0, 1, 2)))

    # ---- statuses -----------------------------------------------------------------------------
    def ask_status(self, scope: Scope) -> tuple[str, bool, Mapping[str, str]] | None:
        """How a status is asked; whether of single parties; what it remembers."""
        draw = self.draw
        fits = [s for s, kinds in self.statuses.items() if all(scope.of(k) for k in kinds)]
        if not fits or (scope.depth < DEEPEST and len(self.statuses) < 4 and draw.chance(0.4)):
            if scope.depth >= DEEPEST or not scope.of("party"):
                return None
            fits = [self.status(scope.depth + 1)]
            if not all(scope.of(k) for k in self.statuses[fits[0]]):
                return None
        name = draw.pick(fits)
        asked, plain = [], True
        for kind in self.statuses[name]:
            value = scope.one(kind) or ""
            if kind == "party" and draw.chance(0.08):
                value = draw.pick(('"u"', '"v"'))
            if kind == "party" and plain and draw.chance(0.25):
                link = self.directed(scope)
                if link is not None:
                    value, plain = f"any of {link}({value})", False
            if kind == "text" and plain and scope.of("list of text") and draw.chance(0.2):
                value, plain = f"any of {scope.one('list of text')}", False
            asked.append(value)
        return f"{name}({', '.join(asked)})", plain, self.remembered.get(name, {})

    @property
    def remembered(self) -> Mapping[str, Mapping[str, str]]:
        return self._remembered

    _remembered: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def status(self, depth: int) -> str:
        draw = self.draw
        kinds = draw.pick(
            (("party",), ("party",), ("party",), ("party", "text"), ("account",), ("text",))
        )
        lines = ["  initially unknown"] if draw.chance(0.2) else []
        remembered: Mapping[str, str] = EVERY
        for word, most in (("begins", draw.pick((1, 1, 2))), ("ends", draw.pick((0, 1, 1, 2)))):
            for _ in range(most):
                events = self.events(depth, 0.2)
                if not all(kind in events.attributes.values() for kind in kinds):
                    events = Events(self.types(), EVERY)
                if word == "begins":
                    remembered = {n: k for n, k in events.attributes.items() if n in remembered}
                where = self.where(events, depth, 0.6)
                scope = Scope(self, "", events.attributes, depth)
                keys = ", ".join(scope.one(kind) or "" for kind in kinds)
                lines.append(f"  {word} on {events.text}{where} for {keys}")
        match draw.weighed(never=4, after=3, at=2):
            case "after":
                lines.append(f"  expires after {self.length()}")
            case "at" if "due" in remembered:
                at = draw.pick(
                    (
                        "due",
                        "due",
                        "later of (due, time + 10 minutes)",
                        "time + span",
                        "due - 1 minute",
                    )
                )
                lines.append(f"  expires at {at if 'span' in remembered else 'due'}")
            case "at":
                lines.append("  expires at time + 10 minutes")
        name = self.name("status_")
        self.statuses[name] = kinds
        self._remembered[name] = remembered
        self.declarations.append(f"status {name} {{\n" + "\n".join(lines) + "\n}")
        return name

    # ---- links --------------------------------------------------------------------------------
    def directed(self, scope: Scope) -> str | None:
        if scope.depth >= DEEPEST and not self.links:
            return None
        if self.links and (len(self.links) > 1 or self.draw.chance(0.8)):
            return self.draw.pick(self.links)
        name = self._link("link_", scope.depth + 1, ("actor", "to"), "from {} to {}", "party")
        self.links.append(name)
        return name

    def mutual(self, depth: int) -> str | None:
        if depth >= DEEPEST and not self.kits:
            return None
        if self.kits:
            return self.draw.pick(self.kits)
        ends = self.draw.pick((("account", "device"), ("device", "account"), ("account", "device")))
        name = self._link("kit_", depth + 1, ends, "between {} and {}", "account")
        self.kits.append(name)
        return name

    def _link(self, word: str, depth: int, ends: tuple[str, str], tie: str, kind: str) -> str:
        draw, lines = self.draw, []
        for change, most in (("begins", draw.pick((1, 1, 2))), ("ends", draw.pick((0, 1, 1)))):
            for _ in range(most):
                events = self.events(depth, 0.15)
                if not all(e in events.attributes for e in ends):
                    events = Events(self.types(), EVERY)
                where = self.where(events, depth, 0.5)
                pair = ends[::-1] if kind == "party" and draw.chance(0.2) else ends
                lines.append(f"  {change} on {events.text}{where} {tie.format(*pair)}")
        name = self.name(word)
        self.declarations.append(f"link {name} {{\n" + "\n".join(lines) + "\n}")
        return name

    # ---- signals ------------------------------------------------------------------------------
    def signal(self, depth: int) -> str:
        if self.signals and (len(self.signals) > 2 or self.draw.chance(0.5)):
            return self.draw.pick(list(self.signals))
        from tests.differential.rules import rate, sequence

        draw = self.draw
        match draw.weighed(rate=5, quota=2, sequence=4):
            case "sequence":
                made = sequence(self, depth + 1, draw.pick((2, 2, 3)))
                carried: dict[str, str] = {}
                given = []
                for name, kind in draw.some(list(EVERY.items()), 4, 9):
                    holders = [a for a, attributes in made.roles.items() if name in attributes]
                    if name != "time" and holders:
                        given.append(f"{name} = {draw.pick(holders)}.{name}")
                        carried[name] = kind
                pattern = made.text + ("\n  carrying " + ", ".join(given) if given else "")
            case kind_of:
                made = rate(self, depth + 1, quota=kind_of == "quota", simple=True)
                carried = dict(made.keys)
                given = []
                for name, kind in draw.some(list(EVERY.items()), 0, 3):
                    if name not in carried and name != "time" and name in made.attributes:
                        given.append(f"{name} = {name}")
                        carried[name] = kind
                pattern = made.text + ("\n  carrying " + ", ".join(given) if given else "")
        name = self.name("signal_")
        self.signals[name] = carried
        self.declarations.append(f"signal {name} = {pattern}")
        return name

    def finish(self) -> str:
        return "\n".join(self.declarations)


__all__ = ["EVERY", "Events", "Pack", "conditions", "day", "zone"]
