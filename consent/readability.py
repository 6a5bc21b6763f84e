"""How hard a text is to read, as the school grade that can follow it: SMOG and Flesch-Kincaid, for English."""

import math
import re
from dataclasses import dataclass

# A title or a list item has no full stop, so an empty line ends a sentence too; so do the halves around ; and :
_SENTENCE_END = re.compile(r"[.!?:;]+(?=\s|$)|\n\s*\n")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
# "notes", "agreed" and "here" end in a vowel that nobody says; "passes", "needed" and "table" do not.
_SILENT_END = re.compile(r"(?<=[^aeiouyl])e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouyscxzgh])es$")


@dataclass(frozen=True)
class Grade:
    """School years, of the United States, that a reader needs."""

    smog: float
    flesch_kincaid: float


def grade(text: str) -> Grade:
    """Measure an English text without markup.

    :raises ValueError: a text without words
    :source: SMOG: McLaughlin, Journal of Reading 12 (1969) 639; Flesch-Kincaid: Kincaid and others,
        Research Branch Report 8-75 (1975)
    """
    words = _WORD.findall(text)
    if not words:
        raise ValueError("There are no words to measure.")
    sentences = sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part))
    syllables = [count_syllables(word) for word in words]
    long_words = sum(1 for count in syllables if count >= 3)
    return Grade(
        smog=1.0430 * math.sqrt(long_words * 30 / sentences) + 3.1291,
        flesch_kincaid=0.39 * len(words) / sentences + 11.8 * sum(syllables) / len(words) - 15.59,
    )


def count_syllables(word: str) -> int:
    """Count the groups of vowels that are heard.

    Single words may be one off; over the shipped texts the grade is the one that the CMU Pronouncing
    Dictionary gives, which would be a dependency of 3 MB for this one sum.
    """
    return max(1, len(_VOWELS.findall(_SILENT_END.sub("", word.lower()))))
