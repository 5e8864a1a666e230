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

# Over two pauses between runs, each of a day at most: a run that fails is made up for by the next one.
LOOKS_BACK = timedelta(hours=49)


class KeysLogin(Settings):
    """A Directus user who may read the persons and write their derived columns, and nothing else."""

    directus_url_search: ServiceUrl
    directus_api_email_keys: str
    directus_api_password_keys: str


run_init_hooks(KeysLogin.load, persons_settings)


def handler(event: dict[str, JsonValue], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's signature
    """Fill the columns of whoever is new or changed; how many persons were read, and how many written."""
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
    """Fill what is missing, then what may be stale. What there is no time for is left to the next run.

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
    metrics.add_metric(name="SearchKeysWritten", unit="Count", value=progress.written)
    logger.info("derived columns refreshed", extra={"read": progress.read, "written": progress.written})
    return progress


def conditions(settings: PersonsSettings, moment: datetime) -> list[Filter | None]:
    """Who is to be looked at: the new ones first; all, where the collection does not tell who has changed."""
    new = select_unfilled(settings.fields)
    if settings.persons_updated_field is None:
        return [new, None]
    return [new, {settings.persons_updated_field: {"_gte": (moment - LOOKS_BACK).isoformat()}}]
