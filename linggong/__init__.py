"""Linggong: an open platform for public gig-labour markets (零工市场)."""
