"""Content in and out: the shipped records merged into an edited database."""
