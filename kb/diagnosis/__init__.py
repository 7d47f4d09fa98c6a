"""From a pasted text to what happened: reading it, and the wordings it is matched with."""
