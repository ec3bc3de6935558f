from django.urls import path

from .views import households, imports, tree

urlpatterns = [
    path("places/tree/", tree.tree, name="places_tree"),
    path("places/tree/new/", tree.new, name="place_new"),
    path("places/tree/import/", imports.places, name="places_import"),
    path("places/tree/template.xlsx", imports.places_template, name="places_template"),
    path("places/tree/sheets/<int:number>/", imports.outcome, name="sheet_outcome"),
    path("places/tree/sheets/<int:number>/rows.xlsx", imports.rows, name="sheet_rows"),
    path("places/tree/residents/<int:number>/", households.resident, name="resident"),
    path("places/tree/households/import/", imports.households_anywhere, name="households_import_all"),
    path("places/tree/households.xlsx", imports.households_template, name="households_template"),
    path("places/tree/at/<str:code>/", tree.edit, name="place_edit"),
    path("places/tree/at/<str:code>/move/", tree.move, name="place_move"),
    path("places/tree/at/<str:code>/deactivate/", tree.deactivate, name="place_deactivate"),
    path("places/tree/at/<str:code>/reactivate/", tree.reactivate, name="place_reactivate"),
    path("places/tree/at/<str:code>/households/", households.households, name="households"),
    path("places/tree/at/<str:code>/households/import/", imports.households, name="households_import"),
]
