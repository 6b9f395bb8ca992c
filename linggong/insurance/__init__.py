"""Cover: products, quotes, policies."""
