from django.urls import path, re_path

from kb.portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("ask/", views.ask, name="ask"),
    path("csp/", views.csp, name="csp"),
    path("search/", views.search, name="search"),
    path("kb/", views.index, name="kb"),
    path("kb/topics/<slug:slug>/", views.topic, name="topic"),
    path("kb/<slug:slug>/", views.article, name="article"),
    path("kb/<slug:slug>/history/", views.article_history, name="article_history"),
    path("kb/<slug:slug>/vote/", views.article_vote, name="article_vote"),
    path("a/<int:number>/", views.article_number, name="article_number"),
    path("codes/", views.registries, name="registries"),
    path("codes/<slug:slug>/", views.registry, name="registry"),
    path("codes/<slug:slug>/card/", views.card, name="card"),
    path("codes/<slug:slug>/<str:value>/", views.codes_at, name="codes_at"),
    path("codes/<slug:slug>/<str:value>/vote/", views.code_vote, name="code_vote"),
    path("causes/<slug:slug>/", views.cause, name="cause"),
    path("providers/<slug:slug>/", views.provider, name="provider"),
    re_path(
        r"^(?P<value>[2-5][0-5][0-9]|[2-5]xx|[245]\.[0-9]{1,3}\.[0-9]{1,3})/?$",
        views.code_shortcut,
        name="code_shortcut",
    ),
]
