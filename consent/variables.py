"""What a practice can choose in its texts, read from a TOML file, and the values that its choices amount to."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consent.document import TextRefused


@dataclass(frozen=True)
class Choices:
    """A jurisdiction's code, such as "US-NY", and what stands in each place of the text there."""

    jurisdiction: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Option:
    """One answer: its words on the page, and the sentences that it puts into the text, by variable."""

    label: str
    sentences: Mapping[str, str]


@dataclass(frozen=True)
class Topic:
    """One thing to choose.

    :param law: in plain words, the question of law behind it
    :param options: by their codes, in the order of the page
    """

    question: str
    law: str
    options: Mapping[str, Option]


@dataclass(frozen=True)
class Catalogue:
    """Everything that can be chosen, of the shape of `content/consent/choices.toml`.

    :param jurisdictions: names by code, as they stand in a sentence
    :param use: the option that a new practice starts with, by topic
    """

    jurisdiction: str
    jurisdictions: Mapping[str, str]
    facts: Mapping[str, str]
    use: Mapping[str, str]
    topics: Mapping[str, Topic]

    def choose(self, *, jurisdiction: str | None = None, **use: str) -> Choices:
        """Collect the facts and the chosen sentences.

        :param use: other options than those a new practice starts with, such as ``supervision="trainee"``
        :raises TextRefused: an option or a jurisdiction that is not in the file
        """
        code = jurisdiction or self.jurisdiction
        if code not in self.jurisdictions:
            raise TextRefused(f"There is no jurisdiction “{code}”.")
        values = {**self.facts, "jurisdiction_name": self.jurisdictions[code]}
        for name, option in {**self.use, **use}.items():
            if name not in self.topics or option not in self.topics[name].options:
                raise TextRefused(f"There is no sentence for {name} = “{option}”.")
            values |= self.topics[name].options[option].sentences
        return Choices(code, values)

    def chosen(self, values: Mapping[str, str]) -> dict[str, str]:
        """Tell which options a text was published with; a topic whose sentences are no longer offered is left out."""
        return {
            name: code
            for name, topic in self.topics.items()
            for code, option in topic.options.items()
            if option.sentences.items() <= values.items()
        }


def read_catalogue(toml: str) -> Catalogue:
    """Read what can be chosen.

    :raises TextRefused: not TOML
    """
    try:
        table: dict[str, Any] = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise TextRefused(f"The file of choices cannot be read: {error}.") from None
    topics = {name: _topic(topic) for name, topic in table["topics"].items()}
    return Catalogue(table["jurisdiction"], table["jurisdictions"], table["facts"], table["use"], topics)


def _topic(table: dict[str, Any]) -> Topic:
    options = {
        code: Option(option["label"], {name: words for name, words in option.items() if name != "label"})
        for code, option in table["options"].items()
    }
    return Topic(table["question"], table["law"], options)
