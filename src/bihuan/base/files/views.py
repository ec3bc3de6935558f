from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bihuan.base.files import store
from bihuan.base.files.models import Attachment


@require_safe
def show(request: HttpRequest, number: UUID) -> Any:
    """The file itself: photos to look at, everything else only to save."""
    attachment = _mine(request, number)
    path = store.path_of(attachment.sha256, store.ENDINGS[attachment.content_type])
    return _answer(request, path, attachment, attachment.content_type)


@require_safe
def thumbnail(request: HttpRequest, number: UUID) -> Any:
    """The small picture of a photo."""
    attachment = _mine(request, number)
    if not attachment.is_image:
        raise Http404
    return _answer(request, store.thumbnail_of(attachment.sha256), attachment, "image/jpeg")


def _mine(request: HttpRequest, number: UUID) -> Attachment:
    attachment = Attachment.objects.visible_to(request.user).filter(pk=number).first()
    if attachment is None:
        raise Http404
    return attachment


def _answer(request: HttpRequest, path: Any, attachment: Attachment, content_type: str) -> Any:
    tag = f'"{path.name}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponse | FileResponse = HttpResponse(status=304)
    else:
        try:
            file = path.open("rb")
        except FileNotFoundError as exc:
            raise Http404 from exc
        response = FileResponse(
            file, content_type=content_type, as_attachment=not attachment.is_image, filename=attachment.name
        )
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response
