from django.urls import path

from bihuan.base.files import views

urlpatterns = [
    path("files/<uuid:number>/", views.show, name="file"),
    path("files/<uuid:number>/small/", views.thumbnail, name="file-small"),
]
