from django.urls import path

from bihuan.standards import views
from bihuan.standards.service.urls import urlpatterns as service

urlpatterns = [
    *service,
    path("standards/", views.indicators, name="standards"),
    path("standards/weights/", views.weights, name="weights"),
    path("standards/regulations/", views.regulations, name="regulations"),
    path("standards/indicators/<str:code>/", views.indicator, name="standard_indicator"),
]
