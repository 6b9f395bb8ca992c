"""Pretend providers for demo and tests: small web services that know the platform only from outside."""
