"""The look: base templates, components, static files."""
