"""
Parsers over the bytes of Arrow text columns, one kernel per kind of column.

Each takes a chunk (validity bits, first bit, offsets, UTF-8 bytes) and writes into the rows `start...` of the feature matrix.
Bad input never raises: what cannot be read is unknown (0).
"""
