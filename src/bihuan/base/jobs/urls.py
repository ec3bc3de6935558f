from django.urls import path

from bihuan.base.jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<uuid:number>/", views.job, name="job"),
    path("jobs/<uuid:number>/progress/", views.progress, name="job_progress"),
    path("jobs/<uuid:number>/cancel/", views.cancel, name="job_cancel"),
    path("jobs/<uuid:number>/retry/", views.retry, name="job_retry"),
]
