"""The one filter language: typed tree, catalogue of fields, JSON and web-address forms, reading, plan for the engines."""
