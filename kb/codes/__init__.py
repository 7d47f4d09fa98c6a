"""The codes as records: registries, classes, subjects, codes, causes, providers, wordings and advice."""
