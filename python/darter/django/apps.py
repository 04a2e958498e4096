"""The app of INSTALLED_APPS."""

from __future__ import annotations

from django.apps import AppConfig  # type: ignore[import-not-found,import-untyped,unused-ignore]
from django.core import checks  # type: ignore[import-not-found,import-untyped,unused-ignore]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List


class DarterConfig(AppConfig):  # type: ignore[misc,unused-ignore]
    """Brings the command; it has no models."""

    name = "darter.django"
    label = "darter"
    verbose_name = "Darter"

    def ready(self) -> None:
        checks.register(check_order)


def check_order(app_configs: Any, **options: Any) -> List[Any]:
    """Of two apps with a command of one name, that of the first counts."""
    from django.core.management import get_commands  # type: ignore[import-not-found,import-untyped,unused-ignore]

    owner = get_commands().get("runserver")
    owner = getattr(owner, "name", owner)
    if owner == DarterConfig.name:
        return []
    hint = "Put it before {!r} in INSTALLED_APPS, or remove it.".format(str(owner))
    return [checks.Warning("'darter.django' is installed, and 'manage.py runserver' is not Darter's.", hint=hint, id="darter.W001")]
