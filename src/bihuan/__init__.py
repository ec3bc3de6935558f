"""Bihuan 闭环: the service-quality loop for property-management companies."""

__version__ = "0.1.0"
