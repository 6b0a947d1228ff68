"""The membership system: an SQL database of members, cards and a points ledger."""
