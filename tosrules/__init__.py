"""Terms of Service as code: load rules, load a trace, check it, read the result.

    >>> import tosrules
    >>> result = tosrules.check("examples/massroot8/trace.json", "core")
    >>> result.exit_status
    1

`docs/python.md` is the reference. Importing `tosrules` loads nothing: each name is loaded when
it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # in place of importing `typing`, which would be all that this costs

if TYPE_CHECKING:
    from tosrules.api.checking import check
    from tosrules.api.results import Result
    from tosrules.api.rules import Policy, RulesError, load_rules, run_tests
    from tosrules.api.traces import Trace, load_trace
    from tosrules.authoring.testing import Failure, Tested
    from tosrules.errors import EvaluationError
    from tosrules.language.diagnostics import Diagnostic
    from tosrules.result.model import ClauseResult, Evidence, Finding
    from tosrules.trace.problems import TraceError, TraceProblem

__version__ = "0.1.0"

__all__ = [
    "ClauseResult",
    "Diagnostic",
    "EvaluationError",
    "Evidence",
    "Failure",
    "Finding",
    "Policy",
    "Result",
    "RulesError",
    "Tested",
    "Trace",
    "TraceError",
    "TraceProblem",
    "__version__",
    "check",
    "load_rules",
    "load_trace",
    "run_tests",
]

_HOMES = {
    "ClauseResult": "result.model",
    "Diagnostic": "language.diagnostics",
    "EvaluationError": "errors",
    "Evidence": "result.model",
    "Failure": "authoring.testing",
    "Finding": "result.model",
    "Policy": "api.rules",
    "Result": "api.results",
    "RulesError": "api.rules",
    "Tested": "authoring.testing",
    "Trace": "api.traces",
    "TraceError": "trace.problems",
    "TraceProblem": "trace.problems",
    "check": "api.checking",
    "load_rules": "api.rules",
    "load_trace": "api.traces",
    "run_tests": "api.rules",
}


if not TYPE_CHECKING:  # so that a type checker knows a misspelt name

    def __getattr__(name):
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found = getattr(import_module(f"{__name__}.{home}"), name)
        globals()[name] = found  # so that this function is asked once for each name
        return found

    def __dir__():
        return sorted({*globals(), *__all__})
