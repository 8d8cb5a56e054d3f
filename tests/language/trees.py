"""Random syntax trees: everything that a file may say, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tosrules.language import syntax as s
from tosrules.language.machine import RESERVED

st_none = st.none()
words = st.from_regex(r"[a-z_][a-z0-9_]{0,6}(-[a-z0-9]{1,3})?", fullmatch=True).filter(
    lambda w: w not in RESERVED
)
# Words that the grammar uses elsewhere must do as names, too.
plain = st.one_of(words, st.sampled_from(["title", "where", "per", "text", "day", "list", "e"]))


def opt(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st_none, strategy)


def some(strategy: st.SearchStrategy[Any], least: int = 1, most: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


names = st.builds(s.Name, words)
text_characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.builds(s.Text, st.text(text_characters, max_size=30))
digits = st.one_of(
    st.integers(0, 10**9).map(str),
    st.decimals(0, 10**5, places=2).map(lambda d: f"{d:f}"),
)
numbers = st.builds(s.Number, digits)
booleans = st.builds(s.Boolean, st.booleans())
dates = st.builds(s.Date, st.dates().map(lambda d: d.isoformat()))
moments = st.builds(
    s.Moment,
    st.datetimes().map(lambda d: d.isoformat() + "Z"),
)
units = st.sampled_from(["second", "minute", "hour", "day", "week", "month", "year"])
durations = st.builds(s.Duration, digits, units)
dotted = st.lists(words, min_size=1, max_size=3).map(".".join)
paths = st.builds(s.Path, dotted)
calendar_periods = st.builds(s.CalendarPeriod, digits, units, texts)
business_periods = st.builds(s.BusinessPeriod, digits, units, names)
spans = st.one_of(durations, names)
periods = st.one_of(durations, names, calendar_periods, business_periods)
qualified = st.builds(s.Qualified, st.one_of(st.just(""), words), words)
literals = st.one_of(texts, numbers, durations, booleans)

# ---- expressions, by how tightly they bind ---------------------------------------------------


def _sums(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What may stand beside a comparison; `inner` is any expression."""
    calls = st.builds(s.Call, paths, some(inner, 0, 2), opt(paths))
    atoms = st.one_of(
        literals, paths, moments, dates, calls, st.builds(s.Parenthesised, inner),
        st.builds(s.Choice, st.sampled_from(["later", "earlier"]), some(inner, 2, 3)),
    )  # fmt: skip
    unary = st.one_of(
        atoms, st.builds(s.Negate, atoms), st.builds(s.AnyOf, st.one_of(paths, calls))
    )
    product = st.builds(s.Arithmetic, unary, st.sampled_from("*/"), unary)
    factors = st.one_of(unary, product)
    return st.one_of(factors, st.builds(s.Arithmetic, factors, st.sampled_from("+-"), factors))


_pattern_character = st.text(
    st.characters(categories=["L", "N"], include_characters=" .*+?^$()[]|-"), min_size=1, max_size=8
)
regexes = st.lists(
    st.one_of(_pattern_character, st.sampled_from(["/", "\\\\", "\\d", "\\.", '"'])), min_size=1
).map("".join)


def _expressions(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    sums = _sums(inner)
    tests = st.one_of(
        sums,
        st.builds(s.Compare, sums, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), sums),
        st.builds(s.TupleDiffers, some(paths, 2, 3), some(paths, 2, 3)),
        st.builds(s.Missing, sums, st.booleans()),
        st.builds(s.Matches, sums, regexes, st.booleans(), st.booleans()),
        st.builds(s.Member, sums, sums, st.booleans()),
        st.builds(
            s.TextTest, sums, st.sampled_from(["contains", "starts with", "ends with"]), sums
        ),
        st.builds(s.HeldFor, sums, periods),
    )
    negatable = st.one_of(tests, st.builds(s.Not, tests))
    return st.one_of(
        negatable,
        st.builds(s.Or, some(negatable, 2, 4)),
        st.builds(s.And, some(negatable, 2, 4)),
    )


expressions = st.recursive(st.one_of(paths, literals), _expressions, max_leaves=8)

# ---- patterns --------------------------------------------------------------------------------

event_sets = st.builds(s.EventSet, some(st.builds(s.EventName, dotted, st.booleans())))
calls = st.builds(s.Call, paths, some(expressions, 0, 1), opt(paths))
keys = st.builds(s.Key, st.one_of(paths, calls), opt(names))
quantities = st.builds(
    s.Quantity,
    st.booleans(),
    st.one_of(numbers, names, st.builds(s.Scaled, numbers, names)),
    opt(st.one_of(paths, calls)),
)
reaches = st.one_of(
    st.builds(s.Within, spans),
    st.builds(s.Each, st.integers(1, 99).map(str), units, texts),
    st.builds(s.InTotal),
)
windows = st.builds(s.Window, some(keys), reaches)
withouts = st.builds(s.Without, event_sets, opt(names), opt(expressions))
thens = st.builds(
    s.Then, event_sets, opt(names), opt(spans), opt(expressions), some(withouts, 0, 2)
)
patterns = st.builds(
    s.Pattern, opt(quantities), event_sets, opt(names), opt(windows), opt(expressions),
    opt(expressions), some(thens, 0, 2),
)  # fmt: skip

# ---- declarations ----------------------------------------------------------------------------

attributes = st.builds(
    s.AttributeDeclaration, paths, st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    names,
)  # fmt: skip
effective = st.builds(s.Effective, dates, opt(dates), opt(texts))
text_fields = st.builds(
    s.SourceField,
    st.sampled_from(
        ["title", "publisher", "url", "citation", "version", "text", "sha256", "unverified"]
    ),
    texts,
)
fields = st.one_of(text_fields, st.builds(s.SourceField, st.just("jurisdiction"), names), effective)
origins = st.one_of(st.builds(s.ChosenBecause, texts), st.builds(s.StatedIn, names, opt(texts)))
values = st.one_of(periods, numbers, texts, booleans)
changes = st.builds(s.StatusChange, st.booleans(), event_sets, opt(expressions), some(keys))
status_items = st.one_of(
    changes,
    st.builds(s.ExpiresAfter, spans),
    st.builds(s.ExpiresAt, expressions),
    st.builds(s.InitiallyUnknown),
)
ties = st.builds(s.Tie, st.booleans(), paths, paths)
link_changes = st.builds(s.LinkChange, st.booleans(), event_sets, opt(expressions), ties)
severities = st.builds(s.Severity, names, opt(expressions))
unlesses = st.builds(
    s.Unless, opt(st.builds(s.Under, names, opt(texts))), expressions, opt(expressions)
)
requires = st.tuples(periods, expressions, st.booleans()).flatmap(
    lambda due: st.builds(
        s.Require, event_sets, opt(names), opt(expressions), event_sets, opt(names),
        st.just(due[0] if due[2] else None), st.just(None if due[2] else due[1]),
        opt(expressions),
    )
)  # fmt: skip
clause_items = st.one_of(
    st.builds(s.Cite, names, opt(texts), opt(texts), st.booleans()),
    st.builds(s.Law, names, opt(texts), opt(expressions)),
    severities,
    st.builds(s.Binds, st.booleans(), expressions),
    st.builds(s.Applies, expressions),
    effective,
    st.builds(s.Together, spans),
    st.builds(s.SameRules, qualified),
    st.builds(s.Forbid, patterns),
    requires,
    unlesses,
    st.builds(s.Remedy, texts),
)
overlay_items = st.one_of(
    st.builds(s.OverlaySet, names, values, origins),
    severities,
    st.builds(s.OverlayUnless, unlesses, opt(dates)),
    st.builds(s.OverlayOff, opt(dates)),
)
afters = st.builds(s.After, periods, names)
instants = st.one_of(moments, afters)
given_values = st.one_of(
    literals,
    st.builds(s.LiteralList, some(literals, 0, 3)),
    instants,
    st.builds(s.Number, digits.map(lambda d: "-" + d)),
)
members = st.builds(s.MemberValue, paths, given_values)
givens = st.builds(
    s.Given, opt(numbers), paths, opt(names), opt(spans), instants, some(members, 0, 4)
)
told = st.one_of(
    st.builds(s.Told, st.just("by"), texts),
    st.builds(s.Told, st.sampled_from(["findings", "matches"]), numbers),
    st.builds(s.Told, st.sampled_from(["severity", "first", "last"]), names),
    st.builds(s.Told, st.just("due"), instants),
)
verdicts = st.sampled_from(["violated", "undetermined", "pending", "clean", "not exercised"])
test_items = st.one_of(
    st.builds(s.TestObserved, moments, moments),
    st.builds(s.TestSet, names, values),
    givens,
    st.builds(s.Expect, qualified, verdicts, some(told, 0, 3)),
)
declarations = st.one_of(
    st.builds(s.Import, texts, st_none, st_none),
    st.builds(s.Import, st_none, names, opt(texts)),
    st.builds(s.Common, some(attributes, 0)),
    st.builds(s.EventDeclaration, paths, opt(texts), some(attributes, 0)),
    st.builds(s.Source, names, some(fields, 0)),
    st.builds(s.List, names, st_none, some(literals, 0, 4)),
    st.builds(s.List, names, texts, st.just(())),
    st.builds(s.Calendar, names, opt(names), texts),
    st.builds(s.Param, names, values, origins),
    st.builds(s.Define, names, some(names, 0), expressions),
    st.builds(s.Events, names, event_sets),
    st.builds(s.Status, names, some(status_items, 0)),
    st.builds(s.Link, names, some(link_changes, 0)),
    st.builds(s.Signal, names, patterns, some(st.builds(s.Carried, paths, paths), 0, 2)),
    st.builds(s.Clause, names, texts, some(clause_items, 0)),
    st.builds(s.Overlay, qualified, texts, some(overlay_items, 0)),
    st.builds(s.Test, texts, some(test_items, 0)),
)
packs = st.builds(s.Pack, names, opt(texts), st_none, opt(numbers))
titled = st.builds(s.Pack, names, texts, opt(texts), opt(numbers))
files = st.builds(s.File, opt(titled), st.lists(declarations, max_size=4).map(tuple))
