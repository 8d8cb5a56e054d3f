"""What authors of rules work with: tests, explanations."""
