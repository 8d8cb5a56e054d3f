"""The public Python interface; its names are imported from `tosrules` itself."""
