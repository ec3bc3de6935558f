"""``serve`` and the background part it starts."""

from __future__ import annotations

import click
from django.conf import settings
from django.utils.translation import gettext as _

from bihuan.config import home
from bihuan.config import serve as tree
from bihuan.config.models import Installation
from bihuan.config.start import code


@click.command(help=_("Serve the pages, do background work and keep the schedule, until stopped."))
@click.option("--bind", default=None, help=_("Address and port, such as 127.0.0.1:8000."))
@click.option("--workers", type=click.IntRange(1, 64), default=None, help=_("Number of web processes."))
def serve(bind: str | None, workers: int | None) -> None:
    """Prepare the home folder, then run the process tree."""
    home.prepare(static=True)
    setup_code = code.keep() if Installation.current() is None else ""
    address = bind or settings.BIHUAN_BIND

    def say(url: str) -> None:
        click.echo(_("Bihuan is at %(url)s. Stop it with Ctrl-C.") % {"url": url})
        if setup_code:
            text = _("Nothing is set up yet: open %(url)sstart/ and write the setup code %(code)s.")
            click.echo(text % {"url": url, "code": setup_code})

    raise click.exceptions.Exit(tree.serve(address, workers or settings.BIHUAN_WORKERS, say))


@click.command(hidden=True, help=_("The background part of serve."))
def work() -> None:
    """Run the job worker and the scheduler."""
    raise click.exceptions.Exit(tree.work())


COMMANDS = (serve, work)
