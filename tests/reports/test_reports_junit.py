"""JUnit: read back by an independent reader."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from junitparser import Failure, JUnitXml, Skipped

from tests.reports.samples import HOSTILE, accepted, hostile, whole
from tosrules.record import replace
from tosrules.reports import Options, rendered


def suite_of(result, **options):
    xml = JUnitXml.fromstring(rendered("junit", result, Options(**options)))
    (suite,) = list(xml)
    return suite


def test_a_clause_is_a_test_case():
    suite = suite_of(whole())
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (5, 4, 0, 1)
    cases = {case.name.partition(":")[0]: case for case in suite}
    assert list(cases) == [c.id for c in whole().clauses]
    assert {case.classname for case in suite} == {"house"}
    (failure,) = cases["house/no-access"].result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("critical", "1 finding by mass")
    assert "because   8 " in failure.text
    assert "House Terms, section 3.2" in failure.text
    assert "at        trace.json:7" in failure.text
    (silent,) = cases["house/quiet"].result
    assert isinstance(silent, Skipped)
    assert silent.message == "not exercised: there is no content.publish"


def test_what_is_not_decided_is_skipped_and_what_is_clean_passes():
    result = whole()
    last = result.clauses[-1]
    made = {
        "clean": replace(last, verdict="clean"),
        "undetermined": replace(result.clauses[2], verdict="undetermined", findings=()),
        "pending": replace(result.clauses[0], verdict="pending", findings=()),
    }
    suite = suite_of(replace(result, clauses=tuple(made.values()), findings=()))
    said = [case.result[0].message if case.result else "" for case in suite]
    assert said == [
        "",
        "undetermined: 1 event: attribute missing (automated)",
        "pending: 1 duty not yet due",
    ]
    assert (suite.failures, suite.skipped) == (0, 2)


def test_what_the_baseline_accepts_is_no_failure_and_still_there():
    suite = suite_of(accepted())
    id = whole().findings[0].clause
    (case,) = [c for c in suite if c.name.startswith(id)]
    (skipped,) = case.result
    assert isinstance(skipped, Skipped)
    assert skipped.message == "violated: 1 finding, accepted by the baseline"


def test_place_and_time():
    data = rendered("junit", whole(), Options(base="cases/one"))
    root = ElementTree.fromstring(data)
    case = root.find("./testsuite/testcase[@line]")
    assert case is not None
    assert case.get("file") == "cases/one/trace.json"
    assert root.find("testsuite").get("timestamp") == "2026-11-22T12:00:00Z"
    without = ElementTree.fromstring(rendered("junit", whole(""), Options()))
    assert without.find("testsuite").get("timestamp") is None


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text):
    suite = suite_of(hostile(text))
    assert (suite.tests, suite.failures) == (5, 4)
    assert len(list(suite)) == 5
