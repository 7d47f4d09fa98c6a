"""What the reading of a text is made of: words, mails, reports, people. Plain Python; `parse.read` is its door."""
