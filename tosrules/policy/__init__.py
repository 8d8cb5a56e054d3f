"""The checked, typed policy: the only thing engines and reports know of rule files."""
