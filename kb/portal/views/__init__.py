from kb.portal.views.articles import article, article_history, article_number, index, topic
from kb.portal.views.ask import ask, search
from kb.portal.views.codes import card, cause, code_shortcut, codes_at, provider, registries, registry
from kb.portal.views.feedback import article_vote, code_vote
from kb.portal.views.home import home
from kb.portal.views.policy import csp

__all__ = [
    "article",
    "article_history",
    "article_number",
    "article_vote",
    "ask",
    "card",
    "cause",
    "code_shortcut",
    "code_vote",
    "codes_at",
    "csp",
    "home",
    "index",
    "provider",
    "registries",
    "registry",
    "search",
    "topic",
]
