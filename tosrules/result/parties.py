"""Who answers for a finding, and what an unknown party can be known by."""

from __future__ import annotations

from collections.abc import Mapping

from tosrules.engines.outcome import Finding
from tosrules.policy.model import Policy
from tosrules.result import model
from tosrules.result.secrets import Secrets
from tosrules.result.values import cut, plain, subject_words

_KINDS = ("session", "device", "app")
"""References to what an event was done with, in the order in which they tell of who did it. An
account is none of them, since it may be that of the victim."""
_DONE_TO = ("server", "destination", "target")
"""Addresses under these names are not those of who acted."""


def known_by(found: Finding, policy: Policy, secrets: Secrets) -> Mapping[str, str]:
    """One attribute that the events which complete the matches share, by which their unknown
    party can be sought: what the rule counts by, else an address, else what they were done
    with."""
    events = [m.completing for m in found.matches]
    types = policy.vocabulary.attributes_of(events[0].type) if events else {}
    names = [
        *found.matches[0].key,
        *(
            n
            for n, a in types.items()
            if a.type.name == "address" and n.partition(".")[0] not in _DONE_TO
        ),
        *(n for kind in _KINDS for n, a in types.items() if n == kind and a.type.kind == kind),
    ]
    for name in names:
        attribute = types.get(name)
        if (
            attribute is None
            or attribute.secret
            or attribute.type.name
            not in (
                "reference",
                "address",
            )
        ):
            continue
        values = {event.attributes.get(name) for event in events}
        value = values.pop()
        if not values and value is not None:
            return {name: str(plain(secrets.hide(value), attribute.type))}
    return {}


def who(finding: model.Finding, limit: int = 60) -> str:
    """`svc`, `unknown party (source.ip 192.0.2.201)`."""
    if finding.subject is not None:
        return cut(subject_words(finding.subject), limit)
    known = ", ".join(f"{name} {cut(value, limit)}" for name, value in finding.known_by.items())
    return f"unknown party ({known})" if known else "unknown party"
