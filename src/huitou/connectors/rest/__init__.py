"""Any paged JSON interface, read with GET."""
