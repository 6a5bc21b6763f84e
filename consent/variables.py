"""The values that a practice chose for the variables of its texts, read from a TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consent.document import TextRefused


@dataclass(frozen=True)
class Choices:
    """A jurisdiction's code, such as "US", and what stands in each place of the text there."""

    jurisdiction: str
    values: Mapping[str, str]


def read_choices(toml: str, **use: str) -> Choices:
    """Collect the facts and the chosen sentences, of the shape of `content/consent/defaults.toml`.

    :param use: other choices than the file's own, such as ``supervision="trainee"``
    :raises TextRefused: not TOML, or a choice that the file has no sentence for
    """
    try:
        table: dict[str, Any] = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise TextRefused(f"The file of variables cannot be read: {error}.") from None
    values: dict[str, str] = dict(table["facts"])
    for topic, option in {**table["use"], **use}.items():
        if option not in table["sentences"].get(topic, {}):
            raise TextRefused(f"There is no sentence for {topic} = “{option}”.")
        values |= table["sentences"][topic][option]
    return Choices(table["jurisdiction"], values)
