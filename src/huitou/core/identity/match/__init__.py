"""The matcher itself: byte-level parsers, keys, levels of pairs, weights, clusters. Everything here may import numba."""
