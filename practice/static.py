"""Static files with hashed names, imports between modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise publishes no types
    """Rewrites imports between ES modules too, so that each names the file that belongs to it."""

    support_js_module_import_aggregation = True
