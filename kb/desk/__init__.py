"""Where our staff work: what waits for somebody, and what they do about it."""
