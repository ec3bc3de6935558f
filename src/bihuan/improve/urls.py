from django.urls import path

from bihuan.improve import views

urlpatterns = [
    path("plans/", views.plans, name="plans"),
    path("plans/new/", views.new_plan, name="new_plan"),
    path("plans/<str:code>/", views.plan, name="plan"),
    path("plans/<str:code>/edit/", views.edit_plan, name="edit_plan"),
    path("plans/<str:code>/check/", views.check, name="check_plan"),
    path("plans/<str:code>/lesson/", views.lesson, name="write_lesson"),
    path("plans/<str:code>/report/", views.draft_report, name="draft_management_report"),
    path("plans/<str:code>/versions/<int:number>/", views.version, name="plan_version"),
    path("plans/<str:code>/<str:act>/", views.act_on_plan, name="act_on_plan"),
    path("actions/<int:number>/", views.action, name="plan_action"),
    path("actions/<int:number>/<str:act>/", views.act_on_action, name="act_on_action"),
    path("effects/", views.effects, name="effects"),
    path("effects/<int:number>/", views.effect, name="effect"),
    path("effects/<int:number>/revision/", views.request_revision, name="request_revision_of"),
    path("management-reports/", views.reports, name="management_reports"),
    path("management-reports/<str:code>/", views.report, name="management_report"),
    path("management-reports/<str:code>/pdf/", views.report_pdf, name="management_report_pdf"),
    path("management-reports/<str:code>/<str:act>/", views.act_on_report, name="act_on_management_report"),
    path("lessons/", views.lessons, name="lessons"),
    path("lessons/<int:number>/<str:act>/", views.act_on_lesson, name="act_on_lesson"),
]
