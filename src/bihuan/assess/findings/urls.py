from django.urls import path

from bihuan.assess.findings import views

urlpatterns = [
    path("signals/", views.signals, name="signals"),
    path("signals/<int:number>/see/", views.see, name="see_signal"),
    path("signals/<int:number>/dismiss/", views.dismiss, name="dismiss_signal"),
    path("signals/<int:number>/open/", views.open_, name="open_finding"),
    path("findings/", views.findings, name="findings"),
    path("findings/<str:code>/", views.finding, name="finding"),
    path("findings/<str:code>/analyse/", views.analyse, name="analyse_finding"),
    path("findings/<str:code>/assign/", views.assign, name="assign_finding"),
    path("findings/<str:code>/cancel/", views.cancel, name="cancel_finding"),
    path("findings/<str:code>/close/", views.close, name="close_finding"),
]
