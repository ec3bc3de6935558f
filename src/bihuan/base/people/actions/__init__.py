"""What is done to people, roles, accounts, departments and contractors; one module each for who and where."""

from .organisation import create_contractor, create_department, update_contractor, update_department
from .persons import (
    change_password,
    create_person,
    deactivate_person,
    grant_role,
    issue_first_passwords,
    issue_one_time_password,
    make_token,
    reactivate_person,
    record_blocked_sign_in,
    record_sign_in,
    reveal_phone,
    revoke_role,
    revoke_token,
    take_in_people,
    update_person,
)

__all__ = [
    "change_password",
    "create_contractor",
    "create_department",
    "create_person",
    "deactivate_person",
    "grant_role",
    "issue_first_passwords",
    "issue_one_time_password",
    "make_token",
    "reactivate_person",
    "record_blocked_sign_in",
    "record_sign_in",
    "reveal_phone",
    "revoke_role",
    "revoke_token",
    "take_in_people",
    "update_contractor",
    "update_department",
    "update_person",
]
