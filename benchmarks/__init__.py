"""Measurements beside a peer or a limit; run by `huitou bench NAME`, results in docs/benchmarks.md."""
