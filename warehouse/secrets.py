"""Secrets: what stands in no settings file, from the environment or from one file that its owner alone can read."""

from __future__ import annotations

import os
from pathlib import Path


def secret(name: str) -> str:
    """The secret of this name: as the environment has it, else as the file has it; empty where neither does."""
    return os.environ.get(name, "") or _written().get(name, "")


def names() -> frozenset[str]:
    """The names of everything that `secret` would find."""
    return frozenset(os.environ) | frozenset(_written())


def secrets_file() -> Path:
    """Where the file lies: heard/environment in the folder of the user's settings."""
    return config_folder() / "heard" / "environment"


def config_folder() -> Path:
    """$XDG_CONFIG_HOME, else ~/.config."""
    chosen = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(chosen) if chosen.startswith("/") else Path.home() / ".config"


def _written() -> dict[str, str]:
    """The lines KEY=value of the file; quotes around a value are none of it, and nothing in it is a command."""
    try:
        lines = secrets_file().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError, RuntimeError):  # the last: nobody's home is known
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip().removeprefix("export ").strip(): _bare(value.strip()) for name, value in pairs}


def _bare(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if is_quoted else value
