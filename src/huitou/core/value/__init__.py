"""What a customer is worth and where they stand in their life with the chain."""
