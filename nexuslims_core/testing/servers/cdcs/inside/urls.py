"""Routes: Django's admin, CDCS's admin (its menus name routes of both), CDCS itself."""

from core_main_app.admin import core_admin_site
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("staff-admin/", admin.site.urls),
    path("staff-core-admin/", core_admin_site.urls),
    path("", include("core_main_app.urls")),
]
if settings.SEARCH_PAGES:
    urlpatterns += [
        path("explore/common/", include("core_explore_common_app.urls")),
        path("explore/keyword/", include("core_explore_keyword_app.urls")),
        path("dashboard/", include("core_dashboard_app.urls")),
    ]
