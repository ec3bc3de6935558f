"""What is done to people, roles, accounts, departments and contractors; one module each for who and where."""

from .handover import hand_over_department, hand_over_person
from .organisation import create_contractor, create_department, update_contractor, update_department
from .persons import (
    change_password,
    create_person,
    deactivate_person,
    grant_role,
    issue_first_passwords,
    issue_one_time_password,
    issue_passwords,
    make_token,
    reactivate_person,
    record_blocked_sign_in,
    record_sign_in,
    reveal_phone,
    revoke_role,
    revoke_token,
    take_in_people,
    take_in_structure,
    update_person,
)

__all__ = [
    "change_password",
    "create_contractor",
    "create_department",
    "create_person",
    "deactivate_person",
    "grant_role",
    "hand_over_department",
    "hand_over_person",
    "issue_first_passwords",
    "issue_one_time_password",
    "issue_passwords",
    "make_token",
    "reactivate_person",
    "record_blocked_sign_in",
    "record_sign_in",
    "reveal_phone",
    "revoke_role",
    "revoke_token",
    "take_in_people",
    "take_in_structure",
    "update_contractor",
    "update_department",
    "update_person",
]
