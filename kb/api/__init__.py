"""The door for machines: health, readiness, metrics."""
