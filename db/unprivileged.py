"""The system user that runs the database server when we are root, which PostgreSQL refuses to run as."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import subprocess
from pathlib import Path
from typing import Any

from gis.errors import SetupFault

SYSTEM_USERS = ("postgres", "quanxiang")
"""System users that may own root's cluster, in order of preference; the last one is created when none exists."""


def cluster_owner() -> pwd.struct_passwd | None:
    """Choose the user that shall own a new cluster.

    Returns
    -------
    pwd.struct_passwd or None
        None = the one we are, because we are not root.

    Raises
    ------
    SetupFault
        We are root and no other user exists or can be made.
    """
    if os.geteuid() != 0:
        return None
    for name in SYSTEM_USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    useradd = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USERS[-1]]
    done = subprocess.run(useradd, capture_output=True, text=True)
    if done.returncode != 0:
        raise SetupFault(f"PostgreSQL does not run as root and no other user can be made: {done.stderr.strip()}")
    return pwd.getpwnam(SYSTEM_USERS[-1])


def as_user(owner: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments of `subprocess.run` that give up root for good."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}  # noqa: TID251
    environment |= {"LC_ALL": "C"}
    if owner is None:
        return {"cwd": "/", "env": environment}
    groups = [group.gr_gid for group in grp.getgrall() if owner.pw_name in group.gr_mem]
    environment |= {"HOME": owner.pw_dir, "USER": owner.pw_name}
    return {"cwd": "/", "env": environment, "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": groups}


def can_enter(owner: pwd.struct_passwd, folder: Path) -> bool:
    """Tell whether a user may open things under a folder; below `/root` for instance nobody else may."""
    done = subprocess.run(["test", "-x", folder], **as_user(owner))
    return done.returncode == 0
