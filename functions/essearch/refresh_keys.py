"""The schedule that keeps the derived columns fresh: a stale key hides its voter from searches."""

from datetime import UTC, datetime, timedelta

from essearch.filling import Filler, Progress, select_unfilled
from essearch.matching import Filter
from essearch.settings import PersonsSettings, persons_settings
from petition.clients.directus import Collection
from petition.clients.directus_token import Credentials
from petition.config.init import run_init_hooks
from petition.config.rotating_setting import RotatingSetting
from petition.config.service_url import ServiceUrl
from petition.config.settings import Settings
from petition.deadline import Deadline, LambdaContext
from petition.errors import UpstreamTimeout
from petition.telemetry import flush_metrics, logger, metrics
from petition.validation import JsonValue

# Longer than two pauses between runs, each of a day at most, so that the next run makes up for one that fails.
LOOKS_BACK = timedelta(hours=49)


class KeysLogin(Settings):
    """A Directus user who may read the persons and write their derived columns, and nothing else."""

    directus_url_search: ServiceUrl
    directus_api_email_keys: str
    directus_api_password_keys: str


run_init_hooks(KeysLogin.load, persons_settings)


def handler(event: dict[str, JsonValue], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's signature
    """Fill the derived columns of new and changed persons.

    Returns: how many persons were read, and how many written.
    """
    try:
        credentials = RotatingSetting(load_credentials)
        progress = refresh_keys(credentials, persons_settings(), Deadline.of(context), datetime.now(UTC))
        return {"read": progress.read, "written": progress.written}
    finally:
        flush_metrics()


def load_credentials() -> Credentials:
    """Read the login of this schedule.

    Raises:
        SettingsError: it is missing, or its secret cannot be read.
    """
    login = KeysLogin.load()
    return Credentials(login.directus_url_search, login.directus_api_email_keys, login.directus_api_password_keys)


def refresh_keys(
    credentials: RotatingSetting[Credentials], settings: PersonsSettings, deadline: Deadline, moment: datetime
) -> Progress:
    """Fill what is missing, then what may be stale. The next run does what this one has no time for.

    Raises:
        LoginRefused, FieldRefused, UpstreamError, UpstreamBusy: Directus refuses or fails.
        UpstreamTimeout: it does not answer, although there was time.
    """
    items = Collection(settings.persons_collection, credentials, deadline)
    progress = Progress()
    filler = Filler(items, settings.fields, settings.persons_id_field)
    try:
        for condition in conditions(settings, moment):
            filler.fill(condition, progress)
    except UpstreamTimeout:
        if not deadline.is_over:
            raise
        logger.warning("derived columns are not all fresh yet", extra={"written": progress.written})
    finally:
        metrics.add_metric(name="SearchKeysWritten", unit="Count", value=progress.written)
    logger.info("derived columns refreshed", extra={"read": progress.read, "written": progress.written})
    return progress


def conditions(settings: PersonsSettings, moment: datetime) -> list[Filter | None]:
    """The filters of the persons to check: new ones, then changed ones.

    If the collection does not say who has changed, None selects all.
    """
    new = select_unfilled(settings.fields)
    if settings.persons_updated_field is None:
        return [new, None]
    return [new, {settings.persons_updated_field: {"_gte": (moment - LOOKS_BACK).isoformat()}}]
