"""Run as a process of its own: make the demo, and print its sheet with the seed of each person's app."""

import json
import sys
from io import StringIO

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (models exist only now)

from access.models.devices import TotpDevice  # noqa: E402

call_command("demo", "--json", stdout=(said := StringIO()))
seeds = {str(device.user_id): device.seed().hex() for device in TotpDevice.objects.all()}
json.dump([line | {"seed": seeds[line["user"]]} for line in json.loads(said.getvalue())], sys.stdout)
