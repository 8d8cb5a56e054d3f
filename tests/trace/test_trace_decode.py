"""The quick decoder and the strict parser say the same."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tosrules.trace import strict
from tosrules.trace.decode import NATIVE, irregular

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(1 - 10**18, 10**18 - 1)
    | st.text(max_size=8)
    | st.decimals(-1000, 1000, places=4).map(lambda number: float(number))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def explained(text):
    """(fault, parsed) of the strict parser; one of them is None."""
    try:
        return None, strict.parse(text)
    except strict.Fault as fault:
        return fault, None


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_plain_is_read_alike(value, escaped, indent):
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    found, end = NATIVE(text, 0)
    parsed = strict.parse(text)
    assert (parsed.value, parsed.end) == (found, end)
    assert not irregular(found, text, 0, end, strict.DEPTH)


@given(VALUES, st.data())
def test_what_the_quick_one_refuses_the_strict_one_explains(value, data):
    text = json.dumps([value])
    at = data.draw(st.integers(1, len(text) - 1))
    changed = text[:at] + data.draw(st.text('"{}[],:\\u dD89e.-+0', max_size=2)) + text[at + 1 :]
    try:
        found, end = NATIVE(changed, 0)
        plain = not irregular(found, changed, 0, end, strict.DEPTH)
    except (ValueError, StopIteration):
        plain = False
    fault, parsed = explained(changed)
    if plain:
        assert fault is None
        assert parsed.value == found
    elif fault is not None:
        assert 0 <= fault.offset <= len(changed)


def test_depth():
    for depth, deep in ((64, False), (65, True)):
        text = "[" * depth + "]" * depth
        value, end = NATIVE(text, 0)
        assert irregular(value, text, 0, end, 64) is deep
    broad = "[" + ",".join("[]" for _ in range(100)) + "]"
    assert not irregular(NATIVE(broad, 0)[0], broad, 0, len(broad), 64)


def test_places():
    text = '{"a": {"b": 1, "c": [2, 3]}, "d": null}'
    assert strict.parse(text).places == {"a": 6, "a.b": 12, "a.c": 20, "d": 34}
