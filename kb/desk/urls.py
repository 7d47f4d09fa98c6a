from django.urls import path

from kb.desk import views

urlpatterns = [
    path("", views.home, name="desk"),
    path("comments/", views.comments, name="desk_comments"),
    path("comments/undo/", views.comments_undo, name="desk_comments_undo"),
]
