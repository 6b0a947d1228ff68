"""
A chain of any size for load tests and benchmarks: synthetic people and baskets, written straight into the landing.

Nothing here is evidence about customers: baskets are drawn, not real. Who is who and the measured shares are written beside
the landing in `truth/`.
"""

from huitou.demo.generate.run import GenerateRefused, GenerateSummary, add_day, generate

__all__ = ["GenerateRefused", "GenerateSummary", "add_day", "generate"]
