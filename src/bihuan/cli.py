"""The ``bihuan`` command.

Exit status: 0 done, 1 refused or something found wrong, 2 called wrongly. A person never sees a traceback:
what was not foreseen is one sentence, and the details go to ``log/errors.log`` in the home folder.
"""

from __future__ import annotations

import os
import sys
import traceback
from datetime import UTC, datetime


def main() -> None:
    """Set Django up, choose the language, and hand over to the commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    import django  # settings decide what is imported, so nothing of it comes earlier
    from django.conf import settings
    from django.utils import translation

    django.setup()
    translation.activate(settings.LANGUAGE_CODE)
    # Help texts are translated when the commands are defined, which is now.
    from bihuan.config.commands import bihuan

    try:
        sys.exit(bihuan.main(prog_name="bihuan", standalone_mode=False))
    except Exception as exc:
        sys.exit(_explain(exc))


def _explain(exc: Exception) -> int:
    import click
    from django.conf import settings
    from django.core.exceptions import PermissionDenied, ValidationError
    from django.utils.translation import gettext as _

    if isinstance(exc, click.exceptions.Exit):
        return exc.exit_code
    if isinstance(exc, click.ClickException):
        exc.show()
        return exc.exit_code
    if isinstance(exc, click.Abort | KeyboardInterrupt):
        click.echo(_("Stopped."), err=True)
        return 1
    if isinstance(exc, ValidationError):
        click.echo("\n".join(exc.messages), err=True)
        return 1
    if isinstance(exc, PermissionDenied) or getattr(exc, "is_sentence", False):
        click.echo(str(exc), err=True)
        return 1
    log = settings.BIHUAN_HOME / "log" / "errors.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv)}\n{traceback.format_exc()}\n")
    click.echo(
        _("That did not work: %(what)s. Details are in %(log)s.") % {"what": exc, "log": log}, err=True
    )
    return 1


if __name__ == "__main__":
    main()
