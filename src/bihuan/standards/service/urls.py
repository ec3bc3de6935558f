from django.urls import path

from bihuan.standards.service import views

urlpatterns = [
    path("standards/service/", views.standards, name="service_standards"),
    path("standards/service/<str:code>/", views.standard, name="service_standard"),
    path("standards/service/<str:code>/publish/", views.publish, name="publish_standard"),
    path("standards/service/<str:code>/clauses/<str:number>/", views.clause, name="standard_clause"),
    path("standards/service/<str:code>/clauses/<str:number>/revise/", views.ask, name="ask_revision"),
    path("standards/revisions/", views.revisions, name="revisions"),
    path("standards/revisions/<int:number>/", views.revision, name="revision"),
    path("standards/revisions/<int:number>/take-up/", views.take_up, name="take_up_revision"),
    path("standards/revisions/<int:number>/adopt/", views.adopt, name="adopt_revision"),
    path("standards/revisions/<int:number>/decline/", views.decline, name="decline_revision"),
]
