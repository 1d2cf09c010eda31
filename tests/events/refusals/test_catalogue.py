"""The catalogue has every sentence once, in English and Chinese, with the same parameters."""

import pkgutil
import re
import string
from importlib import import_module

import pytest

import events.refusals
from events.refusals.catalogue import CATALOGUE, PARTS
from events.refusals.sentence import Kind, Sentence

TYPES = {"catalogue", "errors", "sentence"}
NOUNS = sorted({module.name for module in pkgutil.iter_modules(events.refusals.__path__)} - TYPES)
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z_]+)?")


def parameters(sentence: str) -> set[str]:
    """Return the names of the parameters in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("noun", NOUNS)
def test_every_file_is_in_the_catalogue(noun: str) -> None:
    """A file of sentences has one table of its name, and the catalogue joins it."""
    table = getattr(import_module(f"events.refusals.{noun}"), noun.upper())
    assert any(table is part for part in PARTS)
    assert table.items() <= CATALOGUE.items()


def test_a_key_is_in_one_file_alone() -> None:
    """No file replaces the sentence of another."""
    assert len(PARTS) == len(NOUNS)
    assert sum(len(part) for part in PARTS) == len(CATALOGUE)


@pytest.mark.parametrize(("key", "sentence"), CATALOGUE.items(), ids=CATALOGUE)
def test_an_entry_is_complete(key: str, sentence: Sentence) -> None:
    """The key is a code, perhaps with a variant; both sentences exist and can be filled."""
    assert KEY.fullmatch(key)
    assert key.partition(".")[0] in CATALOGUE
    assert sentence.en.strip() == sentence.en != ""
    assert sentence.zh.strip() == sentence.zh != ""
    assert parameters(sentence.zh) <= parameters(sentence.en)
    assert isinstance(sentence.kind, Kind)


@pytest.mark.parametrize(("key", "sentence"), CATALOGUE.items(), ids=CATALOGUE)
def test_a_sentence_has_no_full_stop(key: str, sentence: Sentence) -> None:
    """A place or a field may come before a sentence, and another may follow it."""
    assert not sentence.en.endswith("."), key
    assert not sentence.zh.endswith("。"), key
