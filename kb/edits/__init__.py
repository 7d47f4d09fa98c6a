"""Edits of records: which version a form was opened on, and that each form is saved once."""
