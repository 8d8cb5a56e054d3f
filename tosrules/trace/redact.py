"""Secrets in addresses of the web: user information, and parameters whose names say so.

Works on any text that holds an address: a URL, the target of a request, a whole request line.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

PLACEHOLDER = "secret"

_USER = re.compile(r"(//)[^/?#\s]*@")
_PARAMETER = re.compile(r"([?&;#])([^=&;#?]*)=([^&;#]*)")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

# Found anywhere in a name, whatever separates or joins its words.
_PARTS = (
    "token",
    "passw",
    "passphrase",
    "secret",
    "signature",
    "session",
    "sessid",
    "credential",
    "apikey",
    "accesskey",
    "authoriz",
    "authoris",
    "authentic",
    "bearer",
    "cookie",
)
# Words of a name, since `author` and `keyword` are no secrets.
_WORDS = frozenset(
    (
        *("auth", "oauth", "key", "sig", "sid", "sess", "pwd", "pass", "pin", "otp", "jwt"),
        *("hmac", "nonce", "csrf", "xsrf", "sso", "saml"),
    )
)
# Only as the whole name, since `country_code` and `state_tax` are no secrets.
_WHOLE = frozenset({"code", "state", "ticket", "hash", "verifier", "codeverifier", "authcode"})


def is_secret_name(name: str) -> bool:
    """True if a parameter of that name holds a secret, by the words of the name."""
    plain = unquote(name)
    joined = "".join(char for char in plain.lower() if char.isalnum())
    if joined in _WHOLE or any(part in joined for part in _PARTS):
        return True
    return any(word.lower() in _WORDS for word in _WORD.findall(plain))


def redact(text: str) -> tuple[str, int]:
    """`text` with its secrets replaced by PLACEHOLDER, and how many there were."""
    count = 0

    def parameter(match: re.Match[str]) -> str:
        nonlocal count
        if not match[3] or not is_secret_name(match[2]):
            return match[0]
        count += 1
        return f"{match[1]}{match[2]}={PLACEHOLDER}"

    if "@" in text:
        text, count = _USER.subn(rf"\1{PLACEHOLDER}@", text)
    if "=" in text:
        text = _PARAMETER.sub(parameter, text)
    return text, count
