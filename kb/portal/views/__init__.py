from kb.portal.views.articles import article, article_history, article_number, index, topic
from kb.portal.views.ask import ask
from kb.portal.views.codes import card, cause, code_shortcut, codes_at, provider, registries, registry
from kb.portal.views.comment import comment, comment_delete, comment_edit, comment_report, comment_vote
from kb.portal.views.comments import article_comments, code_comments
from kb.portal.views.contact import contact
from kb.portal.views.feedback import article_vote, code_vote
from kb.portal.views.home import home
from kb.portal.views.pictures import picture
from kb.portal.views.policy import csp, security_txt
from kb.portal.views.replies import replies_confirm, replies_unsubscribe
from kb.portal.views.search import search, suggest

__all__ = [
    "article",
    "article_comments",
    "article_history",
    "article_number",
    "article_vote",
    "ask",
    "card",
    "cause",
    "code_comments",
    "code_shortcut",
    "code_vote",
    "codes_at",
    "comment",
    "comment_delete",
    "comment_edit",
    "comment_report",
    "comment_vote",
    "contact",
    "csp",
    "home",
    "index",
    "picture",
    "provider",
    "registries",
    "registry",
    "replies_confirm",
    "replies_unsubscribe",
    "search",
    "security_txt",
    "suggest",
    "topic",
]
