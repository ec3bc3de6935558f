"""The pages of signals and findings, one module each."""

from bihuan.assess.findings.views.findings import analyse, assign, cancel, close, finding, findings
from bihuan.assess.findings.views.signals import dismiss, open_, see, signals

__all__ = [
    "analyse",
    "assign",
    "cancel",
    "close",
    "dismiss",
    "finding",
    "findings",
    "open_",
    "see",
    "signals",
]
