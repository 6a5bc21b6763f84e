"""System checks: the policy table covers every view, every sealed column is declared."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db.models import BinaryField
from django.urls import URLPattern, URLResolver, get_resolver

from keys.columns import REGISTER
from practice.policy import POLICY


def resolved_views() -> Iterator[tuple[str, str]]:
    """Walk the address tree: each view's name and the pattern of its address."""
    yield from _walk(get_resolver(), "", "")


def _walk(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, address)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", address


@register(Tags.security)
def check_policy(**_: Any) -> list[CheckMessage]:
    """Report views without a row, rows without a view, and records in an address that the row does not name."""
    views = dict(resolved_views())
    problems = [f"{name} has no row in practice/policy.py." for name in views.keys() - POLICY.keys()]
    problems += [f"practice/policy.py names {name}, which is no view." for name in POLICY.keys() - views.keys()]
    problems += [
        f"{name} has a record in its address, but its row names none."
        for name, address in views.items()
        if "<uuid:" in address and name in POLICY and POLICY[name].record is None and not POLICY[name].is_public
    ]
    return [Error(problem, id="practice.E001") for problem in sorted(problems)]


@register(Tags.models)
def check_sealed_columns(**_: Any) -> list[CheckMessage]:
    """Report sealed columns that no app declared, and declarations without a column."""
    columns = {
        (model._meta.label_lower, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and field.name.startswith("sealed_")
    }
    missing = [f"{model}.{column} is sealed but not declared." for model, column in columns - REGISTER.keys()]
    stray = [f"{model}.{column} is declared but does not exist." for model, column in REGISTER.keys() - columns]
    return [Error(problem, id="practice.E002") for problem in sorted(missing + stray)]
