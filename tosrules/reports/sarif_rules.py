"""Clauses as SARIF's rules, and the documents and laws that they cite as its taxonomies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tosrules.reports.common import cited, in_force, law_words, web_address
from tosrules.reports.markdown_text import escaped
from tosrules.reports.sarif_text import message
from tosrules.result.model import Citation, ClauseResult, Finding, Law

WHOLE = "whole"
"""Id of the taxon where a document is cited without a section."""


class Taxonomies:
    """One taxonomy for each document, one taxon for each section that is cited, in the order of
    their first mention."""

    def __init__(self) -> None:
        self._components: dict[str, dict[str, Any]] = {}
        self._index: dict[str, int] = {}
        self._taxa: dict[tuple[str, str], int] = {}

    def cite(self, of: Citation) -> dict[str, Any]:
        said = {
            "fullName": ", ".join(part for part in (of.title, of.citation) if part) or of.source,
            "version": of.version,
            "organization": of.publisher,
            "informationUri": web_address(of.url),
        }
        return self._reference(of.source, said, of.section, {})

    def law(self, of: Law) -> dict[str, Any]:
        said = {
            "fullName": ", ".join(part for part in (of.title, of.citation) if part) or of.source,
            "informationUri": web_address(of.url),
        }
        return self._reference(of.source, said, of.section, {"jurisdiction": of.jurisdiction})

    def _reference(
        self, source: str, said: dict[str, str], section: str, more: dict[str, str]
    ) -> dict[str, Any]:
        component = self._components.get(source)
        if component is None:
            filled = {name: text for name, text in said.items() if text}
            component = {"name": source, **filled, "taxa": []}
            if any(more.values()):
                component["properties"] = more
            self._index[source] = len(self._components)
            self._components[source] = component
        id = section or WHOLE
        place = self._taxa.get((source, id))
        if place is None:
            place = self._taxa[source, id] = len(component["taxa"])
            component["taxa"].append({"id": id})
        return {
            "id": id,
            "index": place,
            "toolComponent": {"name": source, "index": self._index[source]},
        }

    def references(self) -> list[dict[str, Any]]:
        return [{"name": name, "index": index} for name, index in self._index.items()]

    def components(self) -> list[dict[str, Any]]:
        return list(self._components.values())


def once(references: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each reference once: a law may be named under two conditions, a section cited twice."""
    return list({(r["toolComponent"]["index"], r["index"]): r for r in references}.values())


def rule(
    clauses: Sequence[ClauseResult], findings: Sequence[Finding], taxonomies: Taxonomies
) -> dict[str, Any]:
    """The rule of a clause; `clauses` are its versions, `findings` those of all of them."""
    first = clauses[0]
    citations = list(dict.fromkeys(c for clause in clauses for c in clause.citations))
    laws = list(dict.fromkeys(law for finding in findings for law in finding.laws))
    remedy = next((f.remedy for f in findings if f.remedy), "")
    links = once([taxonomies.cite(c) for c in citations])
    made: dict[str, Any] = {
        "id": first.id,
        "name": _pascal(first.id),
        "shortDescription": message(first.title or first.id),
        "fullDescription": message("; ".join(_told(c) for c in clauses)),
        "help": {
            **message(_help(citations, laws, remedy)),
            "markdown": _help_markdown(citations, laws, remedy),
        },
    }
    uri = next((c.url for c in citations if web_address(c.url)), "")
    if uri:
        made["helpUri"] = uri
    if links:
        made["relationships"] = [{"target": link, "kinds": ["relevant"]} for link in links]
    made["properties"] = {
        "pack": first.pack,
        "tags": list(
            dict.fromkeys(
                ["terms-of-service", *(f"law {w.jurisdiction}" for w in laws if w.jurisdiction)]
            )
        ),
    }
    return made


def _pascal(id: str) -> str:
    """`NoFakeEngagement`: the name that viewers show beside the id."""
    words = re.findall(r"[A-Za-z0-9]+", id.rpartition("/")[2])
    return "".join(word[:1].upper() + word[1:] for word in words) or id


def _told(of: ClauseResult) -> str:
    when = in_force(of)
    return f"{of.title or of.id} (in force {when})" if when else of.title or of.id


def _parts(
    citations: Sequence[Citation], laws: Sequence[Law], remedy: str
) -> list[tuple[str, str, str, str]]:
    """(label, words, address, quotation) of each thing that helps to judge a finding."""
    said = [
        ("Modelled on" if c.modelled else "Clause", cited(c), web_address(c.url), c.quote)
        for c in citations
    ]
    said += [("Law", law_words(w), web_address(w.url), "") for w in laws]
    said += [("Remedy", remedy, "", "")] if remedy else []
    return said


def _help(citations: Sequence[Citation], laws: Sequence[Law], remedy: str) -> str:
    lines = []
    for label, words, address, quotation in _parts(citations, laws, remedy):
        where = f" <{address}>" if address else ""
        lines.append(f"{label}: {words}{where}" + (f": “{quotation}”" if quotation else ""))
    return "\n".join(lines) or "The clause cites no document."


def _help_markdown(citations: Sequence[Citation], laws: Sequence[Law], remedy: str) -> str:
    lines = []
    for label, words, address, quotation in _parts(citations, laws, remedy):
        where = f" [source](<{address}>)" if address else ""
        said = f": “{escaped(quotation)}”" if quotation else ""
        lines.append(f"- **{label}**: {escaped(words)}{where}{said}")
    return "\n".join(lines) or "The clause cites no document."
