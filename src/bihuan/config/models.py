from django.db import models
from django.utils.translation import gettext_lazy as _


class Installation(models.Model):
    """What this installation holds: one row, made when a company is set up."""

    class Kind(models.TextChoices):
        REAL = "real", _("a company")
        SIMULATED = "simulated", _("a simulated company")

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(name="installation_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return self.kind

    @classmethod
    def current(cls) -> "Installation | None":
        """The row, or None while no company has been set up."""
        return cls.objects.filter(pk=cls.ONLY).first()
