"""Who is what to a revision and to a version; which act needs which part stands in ``states.py``."""

from __future__ import annotations

from typing import Any

from bihuan.base.chain.moves import Family
from bihuan.base.people.roles import Role
from bihuan.standards.rules import may_read
from bihuan.standards.service.models import RevisionRequest, StandardVersion
from bihuan.standards.service.states import REVISION_MOVES, VERSION_MOVES, Part

# Whoever is answerable for how a service is given may ask that its wording be changed.
ASKING = (Role.QUALITY_MANAGER, Role.LEADER, Role.DEPARTMENT_HEAD, Role.INSPECTOR)


def may_ask(user: Any) -> bool:
    """Whether the person may ask for a revision."""
    return user is None or user.has_any_role(*ASKING)


def may_decide(user: Any) -> bool:
    """Leaders and quality managers of the whole company decide on its standards."""
    if user is None:
        return True
    # The company is the root of the tree: its path is a single id between slashes.
    return any(path.count("/") <= 2 for path in user.paths_as(Role.LEADER, Role.QUALITY_MANAGER))


def revision_parts(user: Any, request: RevisionRequest) -> frozenset[str]:
    """What the person is to a revision request. The system adopts nothing that it asked for itself."""
    found = set()
    if may_decide(user):
        found.add(Part.EDITOR)
        if (user.pk if user is not None else None) != request.asked_by_id:
            found.add(Part.JUDGE)
    return frozenset(found)


def publishing_parts(user: Any, request: RevisionRequest) -> frozenset[str]:
    """As above, while the version that holds it is being published."""
    return revision_parts(user, request) | {Part.PUBLISHER}


def version_parts(user: Any, version: StandardVersion) -> frozenset[str]:
    """What the person is to a version."""
    return frozenset({Part.EDITOR} if may_decide(user) else ())


def _sees(user: Any, record: Any) -> bool:
    return may_read(user)


REVISIONS = Family("revision", REVISION_MOVES, revision_parts, _sees, lambda part: Part(part).label)
IN_PUBLISHING = Family("revision", REVISION_MOVES, publishing_parts, _sees, lambda part: Part(part).label)
VERSIONS = Family("standard_version", VERSION_MOVES, version_parts, _sees, lambda part: Part(part).label)
