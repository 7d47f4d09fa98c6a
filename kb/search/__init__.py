"""find(text) → Answer: codes exactly, words by full text."""
