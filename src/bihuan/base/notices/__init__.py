"""Telling people: inbox, messages by e-mail, group robot and SMS, announcements with read receipts."""
