"""The first difference of two results, in words."""

from __future__ import annotations

from typing import Any

from tests.differential.compare import difference

RESULT: Any = {
    "run": {"events": 2},
    "summary": {"findings": 1},
    "clauses": [
        {"id": "case/c", "effective": None, "verdict": "violated", "matches": 1},
        {"id": "case/d", "effective": None, "verdict": "clean", "matches": 0},
    ],
    "findings": [
        {
            "id": "f-0123456789",
            "clause": "case/c",
            "severity": "low",
            "evidence": [{"role": "one", "id": "e1"}, {"role": "two", "id": "e2"}],
        }
    ],
}


def changed(**changes: object) -> dict[str, object]:
    return {"whole": {**RESULT, **changes}}


def test_equal_results_do_not_differ() -> None:
    assert difference({"whole": RESULT}, changed()) is None


def test_it_names_clause_and_field_before_what_follows_from_them() -> None:
    clauses = [{**RESULT["clauses"][0], "verdict": "clean"}, RESULT["clauses"][1]]
    found = difference({"whole": RESULT}, changed(clauses=clauses, summary={"findings": 0}))
    assert str(found) == 'whole > clauses > clause case/c > verdict\n    "violated"\n    "clean"'


def test_it_names_finding_and_event() -> None:
    finding = {**RESULT["findings"][0], "evidence": [{"role": "one", "id": "e1"}]}
    found = difference({"whole": RESULT}, changed(findings=[finding]))
    assert found is not None
    assert found.path[2:] == ("finding f-012345 of case/c", "evidence", "event e2 as two")
    assert (found.left, found.right) == ({"role": "two", "id": "e2"}, "(nothing)")


def test_the_order_of_names_and_of_items_matters() -> None:
    assert difference({"whole": {"a": 1, "b": 2}}, {"whole": {"b": 2, "a": 1}}) is not None
    turned = difference({"whole": RESULT}, changed(clauses=RESULT["clauses"][::-1]))
    assert turned is not None
    assert turned.path[-1] == "order"


def test_one_and_true_are_two_values() -> None:
    assert difference({"whole": {"matches": 1}}, {"whole": {"matches": True}}) is not None
