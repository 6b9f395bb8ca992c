"""The employer's desk."""
