"""What the archive says when it refuses something."""

from __future__ import annotations


class ArchiveError(Exception):
    """The archive refuses, or cannot be read; the message is a sentence that says what to mend.

    ``code`` is a stable word for it, so that pages can say it in the reader's language.
    """

    def __init__(self, sentence: str, *, code: str = "archive") -> None:
        super().__init__(sentence)
        self.code = code
