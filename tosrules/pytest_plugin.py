"""pytest collects the `test` blocks of `.tos` files."""

from __future__ import annotations
