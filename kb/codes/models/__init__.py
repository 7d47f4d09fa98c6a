from kb.codes.models.advice import Advice
from kb.codes.models.causes import Cause
from kb.codes.models.codes import CODES, Code, CodeCause
from kb.codes.models.registries import CodeClass, Registry, Subject
from kb.codes.models.wordings import Provider, Wording, WordingCode

__all__ = [
    "CODES",
    "Advice",
    "Cause",
    "Code",
    "CodeCause",
    "CodeClass",
    "Provider",
    "Registry",
    "Subject",
    "Wording",
    "WordingCode",
]
