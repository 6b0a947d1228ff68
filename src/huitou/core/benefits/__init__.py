"""What a house gives its customers, and by which rules."""
