"""The Spark path, an optional extra: for chains whose records do not fit one computer."""
