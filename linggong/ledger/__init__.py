"""The book: every fen twice, once per key, never erased."""
