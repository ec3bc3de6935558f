from django.urls import path

from bihuan.base.notices.views import announcements, inbox, outbox

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="inbox_read"),
    path("inbox/email/", inbox.email, name="inbox_email"),
    path("inbox/<uuid:number>/", inbox.notice, name="notice"),
    path("inbox/<uuid:number>/read/", inbox.read, name="notice_read"),
    path("inbox/<uuid:number>/confirm/", inbox.confirm, name="notice_confirm"),
    path("notices/outbox/", outbox.outbox, name="outbox"),
    path("notices/outbox/<uuid:number>/again/", outbox.send_again, name="outbox_again"),
    path("announcements/", announcements.announcements, name="announcements"),
    path("announcements/new/", announcements.new, name="announcement_new"),
    path("announcements/<int:number>/", announcements.announcement, name="announcement"),
    path("announcements/<int:number>/confirm/", announcements.confirm, name="announcement_confirm"),
    path("announcements/<int:number>/file/", announcements.attachment, name="announcement_file"),
    path("announcements/<int:number>/reach/", announcements.reach, name="announcement_reach"),
    path("announcements/<int:number>/remind/", announcements.remind, name="announcement_remind"),
]
