"""Control charts, drift and the rules that read them."""

from bihuan.stats.control.charts import (
    PHASE_ONE,
    Chart,
    Pair,
    c,
    constant_c4,
    constant_d2,
    constant_d3,
    g,
    i_mr,
    laney_p,
    laney_u,
    p,
    u,
    xbar_r,
    xbar_s,
)
from bihuan.stats.control.drift import Average, Cusum, Prediction, cusum, ewma, prediction
from bihuan.stats.control.rules import (
    NELSON_DEFAULT,
    nelson_rules,
    rules_in,
    western_electric_rules,
)

__all__ = [
    "NELSON_DEFAULT",
    "PHASE_ONE",
    "Average",
    "Chart",
    "Cusum",
    "Pair",
    "Prediction",
    "c",
    "constant_c4",
    "constant_d2",
    "constant_d3",
    "cusum",
    "ewma",
    "g",
    "i_mr",
    "laney_p",
    "laney_u",
    "nelson_rules",
    "p",
    "prediction",
    "rules_in",
    "u",
    "western_electric_rules",
    "xbar_r",
    "xbar_s",
]
