"""The language of a text, or None where it is too short to tell."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Shorter texts, and those of which the identifier is less sure, are not judged.
_LEAST_LETTERS = 60
_LEAST_PROBABILITY = 0.9
_READ = 4000
# What communities with public lists write in; among all 97 languages, names and commands pull a text astray.
_LANGUAGES = [
    "ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "id", "it",
    "ja", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh",
]  # fmt: skip
_NOISE = re.compile(r"https?://\S+|\S+@\S+|[#@]\S+|\S*[/_\\=<>{}]\S*|\d+")


def language(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's language.

    None if there is too little running text to tell, or the identifier is not sure.

    References
    ----------
    Lui and Baldwin 2012, langid.py: An Off-the-shelf Language Identification Tool.
    """
    sample = _NOISE.sub(" ", text[:_READ])
    letters = sum(2 if ord(c) > 0x2E80 else 1 for c in sample if c.isalpha())
    if letters < _LEAST_LETTERS:
        return None
    found, probability = _identifier().classify(sample)
    return str(found) if probability >= _LEAST_PROBABILITY else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES)
    return identifier
