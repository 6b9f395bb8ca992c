"""The live index of a process: built from the database, kept in step with it, checked against it."""
