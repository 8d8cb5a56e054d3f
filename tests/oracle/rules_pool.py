"""The rules that the oracle and the properties try, by feature; windows are ten minutes."""

from __future__ import annotations

PRELUDE = """pack case "A case" version "1"
source s { title "The text" }
source law1 { title "A law" }
common {
  may have k text
  may have j text
  may have n number
  may have ok boolean
  may have due time
  may have to party
}
event a "A"
event b "B"
event c "C"
event d "D"
event x "X"
"""

STATUS = """status held {
  begins on x where ok = true for to
  ends on d where ok = true for to
}
"""
EXPIRING = """status held {
  begins on x where ok = true for to
  begins on c for to
  ends on d where ok = true for to
  ends on b where n = 1 for to
  expires after 10 minutes
}
"""
EXPIRING_AT = """status held {
  initially unknown
  begins on x where ok = true for to
  ends on x where n = 2 for actor
  ends on d for to
  expires at due
}
"""
LINK = """link acts_for {
  begins on b where ok = true from actor to to
  ends on d where ok = true from actor to to
}
"""
KIT = """link kit {
  begins on b where ok = true between account and device
  ends on d where ok = true between account and device
}
"""
MANY = "signal many = at least 2 a per k within 10 minutes\n"
RATES_OF_RATES = """signal many = at least 2 a per k within 10 minutes where ok = true
signal greater = at least 2 many or x per k within 10 minutes
"""
PAIR = """signal pair = a as one then b as two within 10 minutes where two.k = one.k
  carrying k = two.k, actor = one.actor, to = two.to
"""
QUOTA_SIGNAL = 'signal lot = at least 2 a per k each hour in "UTC"\n'

RATES = [
    ("", "forbid at least 3 a per k within 10 minutes"),
    ("", "forbid more than 1 a or b per k, j within 10 minutes where n = 1"),
    ("", "forbid at least 2 distinct j in a per k within 10 minutes\n  unless ok = true"),
    ("", "forbid at least 2 distinct j in a per actor within 10 minutes where n = 1 or ok = true"),
    ("", "forbid a per k within 10 minutes with count(ok = true) * 2 >= count and count >= 2"),
    ("", "forbid a per k within 10 minutes with sum(n) >= 3 and min(n) = 1 and max(n) <= 2"),
    ("", "forbid a per k within 10 minutes with count >= 3 and stddev(gap) < 2 minutes"),
    ("", "forbid a per k within 10 minutes with stddev(n) >= 0.6 or max(gap) > 9 minutes"),
    (
        "",
        "applies when ok = true\n  forbid a per actor within 10 minutes with sum(n) / count > 1.5",
    ),
    ("", "forbid a per k within 10 minutes with sum(n) / count(ok = true) > 1.5"),
    ("", "binds to\n  forbid at least 2 a per k within 10 minutes"),
    (MANY, "forbid at least 2 many or b per k within 10 minutes"),
    (PAIR, "forbid at least 2 pair or a per k within 10 minutes"),
]
QUOTAS = [
    ("", 'forbid at least 2 a per k each hour in "UTC"'),
    ("", 'forbid a per k each 15 minutes in "Asia/Kathmandu" with sum(n) / count > 1.5'),
    ("", 'forbid more than 1 distinct j in a or b per k each day in "Europe/Madrid"'),
    ("", "forbid at least 3 a per actor in total where n = 1\n  unless ok = true"),
    ("", 'forbid a per k each hour in "America/St_Johns" with stddev(n) = 0 and count >= 2'),
    (QUOTA_SIGNAL, "forbid lot or b"),
    (QUOTA_SIGNAL, "forbid b as one then lot as two within 10 minutes where two.k = one.k"),
]
SEQUENCES = [
    ("", "forbid a as one then b as two within 10 minutes where two.k = one.k"),
    (
        "",
        "forbid a as one where one.n = 1 then b as two within 10 minutes\n"
        "    where two.k = one.k and two.actor != one.actor",
    ),
    (
        "",
        "forbid a as one then b as two within 10 minutes\n"
        "    where two.k = one.k and (two.actor, two.j) != (one.actor, one.j)",
    ),
    (
        "",
        "forbid a as one then b as two within 10 minutes where two.k = one.k\n"
        "    then c as three within 10 minutes where three.j = two.j\n  unless three.ok = true",
    ),
    (
        "",
        "forbid a as one then b as two within 10 minutes where two.k = one.k\n"
        "    without x as no where no.k = two.k and no.ok = true",
    ),
    (
        "",
        "forbid a as one then b as two later where two.k = one.k\n"
        "    without x as no where no.k = two.k and no.ok = true\n"
        "    without d as nor where nor.j = two.j\n"
        "    then c as three within 10 minutes where three.k = two.k and three.actor != two.actor",
    ),
    (
        "",
        "forbid a or b as one then a or b as two within 10 minutes where two.k = one.k\n"
        "    then a or c as three within 10 minutes where three.k = two.k\n  unless one.ok = true",
    ),
    (MANY, "forbid b as one then many as two within 10 minutes where two.k = one.k"),
    (
        MANY,
        "forbid many as one then b as two within 10 minutes where two.k = one.k\n"
        '    without many as no where no.k = two.k\n  applies when one.k = "p"',
    ),
    (RATES_OF_RATES, "forbid greater as one then a as two within 10 minutes where two.k = one.k"),
    (
        PAIR,
        "forbid pair as one then pair as two within 10 minutes\n"
        "    where two.k = one.k and two.actor != one.actor",
    ),
    (LINK, "forbid a as one then c as two within 10 minutes where one.to in acts_for(two.actor)"),
    (
        LINK,
        "forbid a as one then c as two within 10 minutes where two.k = one.k\n"
        "    without x as no where two.to in acts_for(no.actor)",
    ),
    (
        LINK,
        "forbid a as one then c as two within 10 minutes\n"
        "    where one.to in acts_for(two.actor) and (two.k, two.j) != (one.k, one.j)",
    ),
]
STATUSES = [
    (STATUS, "forbid a where held(actor)\n  forbid a where not held(actor)"),
    (EXPIRING, "forbid a where held(actor)\n  forbid a where not held(actor)"),
    (EXPIRING_AT, "forbid a where held(actor)\n  forbid a where not held(actor)"),
    (
        EXPIRING,
        "forbid a where held(actor) held for at least 10 minutes\n"
        "  forbid a where not held(actor) held for at least 5 minutes",
    ),
    (
        EXPIRING_AT,
        "forbid a where held(actor) held for at least 10 minutes\n"
        "  forbid a where not held(actor) held for at least 10 minutes",
    ),
    (EXPIRING, 'forbid a where held(actor).k = "p"\n  forbid b where held(actor).k is missing'),
    (
        EXPIRING,
        "severity high when held(actor)\n  law law1 when held(actor)\n"
        "  forbid at least 2 a per k within 10 minutes\n  unless held(actor) but not if n = 1",
    ),
    (
        LINK + EXPIRING,
        "forbid a where held(any of acts_for(actor))\n"
        "  forbid a where not held(any of acts_for(actor))",
    ),
    (
        LINK + STATUS,
        "binds each of acts_for(actor)\n  forbid a\n"
        "  unless held(any of acts_for(actor)) held for at least 10 minutes",
    ),
    (LINK, "forbid a where to in acts_for(actor)\n  forbid c where to not in acts_for(actor)"),
    (
        MANY + "status busy { begins on many for k ends on d for k }\n",
        "forbid a where busy(k)\n  forbid b where not busy(k)",
    ),
    (KIT, "forbid at least 2 a per kit(device) within 10 minutes"),
    (KIT, "forbid at least 2 distinct k in a per kit(account) in total"),
    (
        PAIR + "status warned { begins on pair for actor expires after 10 minutes }\n",
        'forbid c where warned(actor) and warned(actor).k != "q"',
    ),
]
OBLIGATIONS = [
    ("", "after a as ask require b as done within 10 minutes where done.k = ask.k"),
    (
        "",
        "after a as ask where ask.n = 1 require b or c as done within 10 minutes\n"
        "    where done.k = ask.k and done.ok = true\n  unless n = 2",
    ),
    (
        "",
        "after a as ask require b as done within 10 minutes\n"
        "    where done.k = ask.k and done.actor != ask.actor",
    ),
    (
        "",
        "after a as ask require b as done within 10 minutes where done.ok = true\n"
        "    and (done.k, done.actor) != (ask.k, ask.actor)",
    ),
    (
        "",
        "after a as ask require b as done within 10 minutes where done.k = ask.k\n"
        "    and done.ok = true and (done.j, done.actor) != (ask.j, ask.actor)",
    ),
    ("", "after a or b as ask require b as done within 10 minutes where done.k = ask.k"),
    (
        "",
        "binds ask.to\n  after a as ask require b as done by later of (ask.due, ask.time + "
        "10 minutes) where done.k = ask.k",
    ),
    (
        LINK,
        "after a as ask require c as done within 10 minutes\n"
        "    where ask.to in acts_for(done.actor) and done.k = ask.k",
    ),
    (
        LINK,
        "after a as ask require c as done within 10 minutes\n"
        "    where ask.to in acts_for(done.actor) and done.ok = true and done.j != ask.j",
    ),
    (MANY, "after b as ask require many as done within 10 minutes where done.k = ask.k"),
    (MANY, "after many as ask require b or c as done within 10 minutes where done.k = ask.k"),
]
EVENTS = [
    ("", 'forbid a where k = "p" and (n = 1 or ok = true)'),
    ("", "forbid a where n / (n - 1) > 1 or (ok = true and j != k)"),
    (
        "",
        "together within 10 minutes\n  binds to\n  forbid a or b where not k = j\n"
        "  unless ok = true but not if n = 1",
    ),
    (MANY, "together within 10 minutes\n  forbid many\n  forbid a"),
    (PAIR, "together within 10 minutes\n  forbid pair or c where to is present"),
    ("", "effective from 2024-01-01\n  applies when ok = true\n  forbid a where n = 1"),
]
POOLS = {
    "rates": RATES,
    "quotas": QUOTAS,
    "sequences": SEQUENCES,
    "statuses": STATUSES,
    "obligations": OBLIGATIONS,
    "events": EVENTS,
}


def text_of(declarations: str, body: str) -> str:
    """A pack of one clause."""
    return f"""{PRELUDE}{declarations}
clause c "C" {{
  cite s
  severity medium
  {body}
}}
"""
