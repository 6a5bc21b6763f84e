"""System checks: the policy covers every view, every sealed column is declared, nothing travels in the clear."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
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
        if "<uuid:" in address and name in POLICY and POLICY[name].record is None
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


@register(Tags.security)
def check_transport(**_: Any) -> list[CheckMessage]:
    """Refuse a real practice whose pages would travel unencrypted: TLS is off, and the address is no loopback one."""
    if settings.TLS or settings.DEMO or is_loopback(settings.BASE_URL):
        return []
    hint = "Put a proxy with a certificate in front and set TLS=1 and BEHIND_PROXY=1 (docs/first-day.md)."
    return [Error(f"{settings.BASE_URL} would be served without encryption.", hint=hint, id="practice.E003")]


def is_loopback(url: str) -> bool:
    """Tell whether an address leads no further than this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
