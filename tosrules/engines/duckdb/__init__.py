"""The columnar engine: the plan of the rules on DuckDB, embedded."""
