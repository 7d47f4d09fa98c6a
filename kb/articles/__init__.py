"""Prose: articles, their revisions, and the tree of topics they stand in."""
