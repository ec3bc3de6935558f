"""Photos and attachments."""
