"""The worker's desk."""
