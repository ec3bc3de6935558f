from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChainConfig(AppConfig):
    name = "bihuan.base.chain"
    label = "chain"

    def ready(self) -> None:
        from bihuan.base.trail import verbs  # apps are loaded now

        verbs.register(
            {
                "chain.linked": _("Records linked"),
                "proposal.made": _("Problem proposed"),
                "proposal.accepted": _("Proposal made a finding"),
                "proposal.dismissed": _("Proposal dismissed"),
            }
        )
