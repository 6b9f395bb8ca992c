"""The whole house: journey, floors, doors, docs, races."""
