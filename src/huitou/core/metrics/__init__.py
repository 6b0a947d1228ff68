"""The metric registry and its formulas."""
