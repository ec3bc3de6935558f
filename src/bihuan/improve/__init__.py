"""Stage 4: plans, approvals, actions, checks, effect evaluations, lessons and management reports."""
