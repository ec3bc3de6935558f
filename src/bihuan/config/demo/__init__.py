"""The simulated company: its places, people and three years of records, from one fixed seed.

Nothing here is real. The problems planted in it are told in ``planted`` and in ``docs/demo.md``.
"""
