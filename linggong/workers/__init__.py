"""What a worker brings: skills, certificates, hours free and taken, score."""
