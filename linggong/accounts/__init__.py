"""Who signs in: real names, roles and their reach, consents, the inbox."""
