from django.urls import converters, path, re_path, register_converter

from kb.portal import views


class Value(converters.StringConverter):
    regex = r"[^/\x00]+"  # a NUL would be an error to PostgreSQL


register_converter(Value, "value")

urlpatterns = [
    path("", views.home, name="home"),
    path("ask/", views.ask, name="ask"),
    path("contact/", views.contact, name="contact"),
    path("csp/", views.csp, name="csp"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest, name="suggest"),
    path("kb/", views.index, name="kb"),
    path("kb/topics/<slug:slug>/", views.topic, name="topic"),
    path("kb/<slug:slug>/", views.article, name="article"),
    path("kb/<slug:slug>/history/", views.article_history, name="article_history"),
    path("kb/<slug:slug>/comments/", views.article_comments, name="article_comments"),
    path("kb/<slug:slug>/vote/", views.article_vote, name="article_vote"),
    path("a/<int:number>/", views.article_number, name="article_number"),
    path("codes/", views.registries, name="registries"),
    path("codes/<slug:slug>/", views.registry, name="registry"),
    path("codes/<slug:slug>/card/", views.card, name="card"),
    path("codes/<slug:slug>/<value:value>/", views.codes_at, name="codes_at"),
    path("codes/<slug:slug>/<value:value>/comments/", views.code_comments, name="code_comments"),
    path("codes/<slug:slug>/<value:value>/vote/", views.code_vote, name="code_vote"),
    path("c/<int:number>/", views.comment, name="comment"),
    path("c/<int:number>/vote/", views.comment_vote, name="comment_vote"),
    path("c/<int:number>/report/", views.comment_report, name="comment_report"),
    path("c/<int:number>/edit/", views.comment_edit, name="comment_edit"),
    path("c/<int:number>/delete/", views.comment_delete, name="comment_delete"),
    path("pictures/<value:name>", views.picture, name="picture"),
    path("causes/<slug:slug>/", views.cause, name="cause"),
    path("providers/<slug:slug>/", views.provider, name="provider"),
    path("c/confirm/<str:token>/", views.replies_confirm, name="replies_confirm"),
    path("c/unsubscribe/<str:token>/", views.replies_unsubscribe, name="replies_unsubscribe"),
    re_path(
        r"^(?P<value>[2-5][0-5][0-9]|[2-5]xx|[245]\.[0-9]{1,3}\.[0-9]{1,3})/?$",
        views.code_shortcut,
        name="code_shortcut",
    ),
]
