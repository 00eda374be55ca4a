"""The `candidacy` command, and ``python -m analyzer``.

The program itself is `cli.py`: beside the package in a checkout, inside it once installed, so that
site-packages gains no module called ``cli``.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

from analyzer.resources import shipped

NAME = "analyzer.cli"


def program() -> ModuleType:
    """Return the module `cli.py`, wherever it lies."""
    if NAME not in sys.modules:
        spec = spec_from_file_location(NAME, shipped("cli.py"))
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[NAME] = module  # dataclasses and annotations look their module up while it is executed
        spec.loader.exec_module(module)
    return sys.modules[NAME]


def main() -> int:
    """Run the command line and return its exit code."""
    return int(program().main())


if __name__ == "__main__":
    sys.exit(main())
