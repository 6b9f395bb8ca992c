"""Where it happens: markets, stations, points; who works there and when they are on duty."""
