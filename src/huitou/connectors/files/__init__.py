"""Files that people upload: members, orders, points, products, stores, tickets and follow-up sheets of any layout."""
