"""Any table or view of a PostgreSQL database, read in keyset pages."""
