"""Who hires: firms, shops, households, farms; papers, members, score."""
