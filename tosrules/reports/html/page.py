"""The page: templates filled in, and a policy of content that admits nothing but the page's own
style and script, by their hashes."""

from __future__ import annotations

import base64
import hashlib
import json
import shlex
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tosrules.reports.common import web_address
from tosrules.reports.html import cited, lanes
from tosrules.reports.html.groups import view
from tosrules.reports.html.markup import output, plain, value
from tosrules.reports.safe import visible
from tosrules.reports.text import verdict
from tosrules.reports.text_clauses import due_words, place, places
from tosrules.reports.text_findings import exception_words, in_force, section
from tosrules.reports.text_marks import acceptance_words
from tosrules.result.encode import to_json
from tosrules.result.model import Result
from tosrules.result.parties import who
from tosrules.result.values import count, cut, day, listed, moment, subject_words, value_words

_HERE = Path(__file__).parent


def page(result: Result) -> str:
    """The whole document."""
    digest = hashlib.sha256(to_json(result).encode("utf-8", "backslashreplace")).hexdigest()
    seen = view(result)
    style, script = _asset("report.css"), _asset("report.js")
    running = _running(result, digest)
    made = (
        _environment()
        .get_template("report.html")
        .render(
            result=result,
            run=result.run,
            view=seen,
            verdict=[text for text, _ in verdict(result)],
            timeline=lanes.timeline(result, seen.findings, seen.register),
            digest=digest,
            style=Markup(style),
            running=Markup(running),
            script=Markup(script),
            policy=Markup(
                "default-src 'none'; "
                f"style-src {_source(style)} {_source(running)}; script-src {_source(script)}; "
                "base-uri 'none'; form-action 'none'"
            ),
            verify=_verify(result),
        )
    )
    return made + "\n"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=output,
        auto_reload=False,
    )
    made.filters.update(
        attr=plain,
        value=value,
        moment=moment,
        day=day,
        json=_json,
        web=web_address,
        cut=cut,
        rule=lambda text: value(cut(text, 2000)),
    )
    made.globals.update(
        acceptance_words=acceptance_words,
        count=count,
        due_words=due_words,
        exception_words=exception_words,
        in_force=in_force,
        listed=listed,
        place=place,
        places=places,
        section=section,
        who=lambda finding: who(finding, 120),
        subject_words=lambda subject: cut(subject_words(subject), 120),
        value_words=value_words,
        computed_value=cited.computed_value,
        LANES=lanes.LANES,
    )
    return made


def _json(data: object) -> Markup:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


@cache
def _asset(name: str) -> str:
    return (_HERE / "assets" / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _running(result: Result, digest: str) -> str:
    """The running header of printed pages, which a style sheet holds as text."""
    names = [t.name for t in result.run.traces]
    title = cut(result.run.title or listed(names, limit=2) or "no trace", 70)
    head = f"{_css_text(f'tosrules · {visible(title)}')} '\\a' 'Result SHA-256 {digest}'"
    return f"@page{{@top-left{{content:{head}}}}}"


def _css_text(text: str) -> str:
    """A CSS string in which nothing but letters and digits stands as itself."""
    kept = (c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text)
    return f'"{"".join(kept)}"'


def _verify(result: Result) -> str:
    """The command with which a stranger holds the result to its trace and rules."""
    words = ["tosrules", "verify", "result.json"]
    for trace in result.run.traces:
        words += ["--trace", _word(trace.name)]
    for pack in result.run.packs:
        if pack.judged:
            words += ["--rules", _word(pack.id)]
    return " ".join(words)


def _word(name: str) -> str:
    seen = visible(name)
    return shlex.quote(f"./{seen}" if seen.startswith("-") else seen)
