"""The plan: a checked policy as a small relational algebra, for engines that work on columns."""
