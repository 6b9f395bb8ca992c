"""The deal: joining, attendance, completion, falling out, rating."""
