"""What readers say below a page: threads, votes on what was said, and reports of what should not have been."""
