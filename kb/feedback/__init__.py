"""What readers tell us: whether a page was useful, and what was wrong with it."""
