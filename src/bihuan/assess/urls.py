from django.urls import path

from bihuan.assess import views
from bihuan.assess.findings.urls import urlpatterns as findings

urlpatterns = [
    *findings,
    path("scorecard/", views.scorecard, name="scorecard"),
    path("indicators/<str:code>/", views.indicator, name="indicator"),
    path("indicators/<str:code>/records/", views.records, name="indicator_records"),
    path("places/<str:code>/", views.place, name="place_results"),
    path("evaluations/", views.runs, name="runs"),
    path("evaluations/start/", views.start, name="start_evaluation"),
    path("evaluations/<str:run_id>/", views.run, name="run"),
    path("evaluations/<str:run_id>/progress/", views.run_progress, name="run_progress"),
    path("evaluations/<str:run_id>/repeat/", views.repeat, name="repeat_run"),
    path("evaluations/<str:run_id>/issue/", views.issue_results, name="issue_run"),
    path("standards/cycles/", views.cycles, name="cycles"),
    path("standards/cycles/open/", views.open_, name="open_cycle"),
    path("standards/cycles/<str:code>/close/", views.close, name="close_cycle"),
    path("reports/", views.reports, name="reports"),
    path("reports/draft/", views.draft, name="draft_report"),
    path("reports/<str:number>/", views.report, name="report"),
    path("reports/<str:number>/issue/", views.issue, name="issue_report"),
    path("reports/<str:number>/pdf/", views.download, name="report_pdf"),
]
