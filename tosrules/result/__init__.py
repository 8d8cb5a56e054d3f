"""The result of a check: what it is, how it is put together, how it is written down."""
