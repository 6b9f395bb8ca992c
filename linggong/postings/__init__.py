"""Work on offer: drafting, screening, review, places."""
