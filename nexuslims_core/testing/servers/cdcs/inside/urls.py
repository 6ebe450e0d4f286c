"""Routes: Django's admin, CDCS's admin (its menus name routes of both), CDCS itself."""

from core_main_app.admin import core_admin_site
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("staff-admin/", admin.site.urls),
    path("staff-core-admin/", core_admin_site.urls),
    path("", include("core_main_app.urls")),
]
