"""The texts that Subrosa ships, read once."""

from pathlib import Path

from consent.document import Document
from consent.publication import Publication, render
from consent.source import parse
from consent.variables import read_catalogue

CONTENT = Path(__file__).parents[2] / "content" / "consent"
CATALOGUE = read_catalogue((CONTENT / "choices.toml").read_text())


def document(kind: str) -> Document:
    return parse((CONTENT / kind / "en-US.md").read_text())


def confidentiality(**use: str) -> Publication:
    return render(document("confidentiality"), CATALOGUE.choose(**use).values)
