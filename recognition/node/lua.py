"""Reading the Lua scripts that stand beside a module."""

from pathlib import Path


def script_beside(module_file: str, name: str) -> str:
    """The text of NAME.lua in the folder of the module whose __file__ is given."""
    return (Path(module_file).parent / f"{name}.lua").read_text()
