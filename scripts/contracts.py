"""The one layer rule that import-linter has no contract type for."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

#: Modules of an app that may know its own tables: the services, the tables themselves, and their history. Tables that
#: fill more than one file are a package of that name, so that each of them is held to this.
AT_HOME = ("services", "models", "migrations")


class OwnServicesOnly(Contract):
    """Only an app's own services import its models.

    One contract covers every app, also the next one, where import-linter's own "protected" type
    would want a copy per app.
    """

    type_name = "own_services_only"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        strays = sorted(
            (importer, table)
            for table in graph.modules
            if table.split(".")[1:2] == ["models"]
            for importer in graph.find_modules_that_directly_import(table)
            if not _is_at_home(importer, app=table.partition(".")[0])
        )
        return ContractCheck(kept=not strays, metadata={"strays": strays})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, table in check.metadata["strays"]:
            output.print_error(f"{importer} imports {table}: ask a service of that app instead", bold=False)


def _is_at_home(importer: str, *, app: str) -> bool:
    return any(f"{importer}.".startswith(f"{app}.{place}.") for place in AT_HOME)
