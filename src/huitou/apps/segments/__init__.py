"""Saved groups of customers: rules in the filter language, their versions, who was in when."""
