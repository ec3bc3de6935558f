from django.urls import path

from .views import account, imports, organisation, persons, signin

urlpatterns = [
    path("signin/", signin.sign_in, name="signin"),
    path("signout/", signin.sign_out, name="signout"),
    path("account/", account.account, name="account"),
    path("account/password/", signin.password, name="account_password"),
    path("account/tokens/<int:number>/revoke/", account.revoke_token, name="token_revoke"),
    path("people/", persons.people, name="people"),
    path("people/new/", persons.new, name="person_new"),
    path("people/import/", imports.people, name="people_import"),
    path("people/template.xlsx", imports.template, name="people_template"),
    path("people/sheets/<int:number>/", imports.outcome, name="people_outcome"),
    path("people/sheets/<int:number>/rows.xlsx", imports.rows, name="people_rows"),
    path("people/sheets/<int:number>/passwords.xlsx", imports.passwords, name="people_passwords"),
    path("people/<int:number>/", persons.person, name="person"),
    path("people/<int:number>/roles/", persons.grant, name="role_grant"),
    path("people/<int:number>/roles/<int:grant>/revoke/", persons.revoke, name="role_revoke"),
    path("people/<int:number>/deactivate/", persons.deactivate, name="person_deactivate"),
    path("people/<int:number>/reactivate/", persons.reactivate, name="person_reactivate"),
    path("people/<int:number>/password/", persons.one_time_password, name="person_password"),
    path("people/<int:number>/phone/", persons.phone, name="person_phone"),
    path("departments/", organisation.departments, name="departments"),
    path("departments/new/", organisation.department, name="department_new"),
    path("departments/<str:code>/", organisation.department, name="department"),
    path("contractors/", organisation.contractors, name="contractors"),
    path("contractors/new/", organisation.contractor, name="contractor_new"),
    path("contractors/<str:code>/", organisation.contractor, name="contractor"),
]
