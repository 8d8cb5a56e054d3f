"""No secret reaches a result, and a digest tells nothing of one."""

from __future__ import annotations

from tosrules.result.digests import event_digest
from tosrules.result.secrets import Secrets
from tosrules.trace.event import Event, Origin
from tosrules.vocabulary import TEXT, Attribute, EventType, Vocabulary

SITE = Attribute("site", TEXT)
PASSWORD = Attribute("password", TEXT, secret=True)
TOKEN_OPEN = Attribute("token", TEXT)
TOKEN = Attribute("token", TEXT, secret=True)
VOCABULARY = Vocabulary(
    {
        "credential.submit": EventType(
            "credential.submit", "", {"site": SITE, "password": PASSWORD}
        ),
        "token.use": EventType("token.use", "", {"token": TOKEN}),
        "page.view": EventType("page.view", "", {"site": SITE, "token": TOKEN_OPEN}),
    },
    {"site": SITE},
)


def event(type: str = "credential.submit", id: str = "e1", **attributes: str) -> Event:
    return Event(id, 0, type, attributes, Origin("t.json", 1))


def test_names_are_given_by_first_appearance():
    secrets = Secrets(VOCABULARY)
    first, second = event(password="hunter22"), event(password="correct horse")
    again = event(password="hunter22")
    for each in (first, second, again):
        secrets.cite(each)
    shown = [secrets.shown(e)["password"] for e in (first, second, again)]
    assert shown == ["secret-1", "secret-2", "secret-1"]


def test_a_secret_inside_another_text_of_its_event():
    secrets = Secrets(VOCABULARY)
    leaky = event(password="hunter22", site="x.example/?p=hunter22")
    secrets.cite(leaky)
    assert secrets.shown(leaky)["site"] == "x.example/?p=secret-1"


def test_a_misplaced_secret_is_still_one():
    secrets = Secrets(VOCABULARY)
    assert "password" in secrets.of("token.use")
    assert "password" in secrets.of("nobody.knows")
    assert "token" not in secrets.of("page.view"), "declared to be in the open there"


def test_a_key_that_is_a_secret_is_hidden():
    secrets = Secrets(VOCABULARY)
    secrets.cite(event(password="hunter22"))
    assert secrets.hide("hunter22") == "secret-1"
    assert secrets.hide("svc") == "svc"
    assert secrets.hide(7) == 7


def test_a_digest_is_no_oracle_for_passwords():
    secrets = Secrets(VOCABULARY)
    assert event_digest(event(password="a"), secrets) == event_digest(event(password="b"), secrets)


def test_a_digest_changes_with_all_else():
    secrets = Secrets(VOCABULARY)
    of = [
        event(password="a"),
        event(password="a", site="s"),
        event(id="e2", password="a"),
        event(type="token.use", password="a"),
    ]
    assert len({event_digest(e, secrets) for e in of}) == len(of)


def test_a_digest_does_not_depend_on_what_else_is_cited():
    alone, among = Secrets(VOCABULARY), Secrets(VOCABULARY)
    among.cite(event(password="other"))
    leaky = event(password="hunter22", site="x.example/?p=hunter22")
    among.cite(leaky)
    assert event_digest(leaky, alone) == event_digest(leaky, among)


def test_what_is_looked_for_in_other_texts():
    secrets = Secrets(VOCABULARY)
    secrets.cite(event(password="sid=Zk39fjW0q1; theme=dark"))
    secrets.cite(event(password="short"))
    assert secrets.within_texts() == {
        "sid=Zk39fjW0q1; theme=dark": "secret-1",
        "Zk39fjW0q1": "secret-1",
    }
