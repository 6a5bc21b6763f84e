"""The layer contracts cover every package, and the one we wrote ourselves notices what it should."""

import subprocess
import tomllib
from pathlib import Path

import grimp
import pytest

from scripts.contracts import OwnServicesOnly

pytestmark = pytest.mark.once

PROJECT = Path(__file__).resolve().parents[2]
# No part of the running app: nothing imports them, and they may look everywhere.
OUTSIDE_THE_LAYERS = {"tests", "bench"}


def read_configuration():
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]


def check_imports(*imports: tuple[str, str]):
    graph = grimp.ImportGraph()
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    contract = OwnServicesOnly(name="models", session_options={}, contract_options={})
    return contract.check(graph, verbose=False)


class TestLayers:
    def test_every_package_has_its_layer(self):
        listing = subprocess.run(
            ["git", "ls-files", "*/__init__.py"], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        packages = {line.split("/")[0] for line in listing.stdout.splitlines()} - OUTSIDE_THE_LAYERS
        assert packages <= set(read_configuration()["root_packages"])

    def test_every_package_stands_in_the_list_of_layers(self):
        configuration = read_configuration()
        layers = next(contract["layers"] for contract in configuration["contracts"] if contract["id"] == "layers")
        assert set(configuration["root_packages"]) == {layer for layer in layers if not layer.startswith("(")}


class TestOwnServicesOnly:
    @pytest.mark.parametrize(
        "importer", ["notes.services", "notes.services.drafts", "notes.models.rows", "notes.migrations.0001_notes"]
    )
    def test_lets_an_app_reach_its_own_models(self, importer):
        assert check_imports((importer, "notes.models")).kept

    @pytest.mark.parametrize(
        "importer", ["notes.views", "notes.services_of_others", "disclosures.services", "practice.management"]
    )
    def test_names_everybody_else(self, importer):
        result = check_imports((importer, "notes.models"))
        assert not result.kept
        assert result.metadata == {"strays": [(importer, "notes.models")]}

    def test_looks_into_a_package_of_models(self):
        assert not check_imports(("notes.views", "notes.models.drafts")).kept
