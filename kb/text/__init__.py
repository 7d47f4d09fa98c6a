"""Words in, safe words out: Markdown, markers for codes, the sanitiser, plain text."""
