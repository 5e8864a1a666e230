"""The Supabase CLI takes the folder supabase/ as it is: its settings, its migrations, and the order of these."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.state import free_port
from testing import postgres
from tools.npm_install import NODE

ROOT = Path(__file__).parents[3]
CLI = Path(__file__).parent / "node_modules/.bin/supabase"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the folder, since the CLI keeps files of its own in it."""
    shutil.copytree(ROOT / "supabase", tmp_path / "supabase", ignore=shutil.ignore_patterns(".temp", ".branches"))
    return tmp_path


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    """A server with the roles and schemas of a Supabase project, and nothing else, in its database `postgres`."""
    with postgres.server(port=free_port()) as running:
        with running.connect() as connection:
            connection.execute(postgres.SUPABASE)
        yield running


def run_cli(project: Path, server: postgres.Server | None, *command: str) -> subprocess.CompletedProcess[str]:
    database = ["--db-url", f"{server.url()}?sslmode=disable"] if server else []
    environment = {"PATH": f"{NODE.parent}{os.pathsep}{os.defpath}", "HOME": str(project), "DO_NOT_TRACK": "1"}
    arguments = [str(CLI), *command, *database, "--workdir", str(project), "--yes"]
    return subprocess.run(  # noqa: S603 - the CLI, of this folder
        arguments, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_it_applies_every_migration_once(project: Path, server: postgres.Server) -> None:
    versions = sorted(path.name.partition("_")[0] for path in (ROOT / "supabase/migrations").glob("*.sql"))
    first = run_cli(project, server, "db", "push")
    assert first.returncode == 0, first.stderr
    with server.connect() as connection:
        applied = connection.execute("select version from supabase_migrations.schema_migrations order by 1").fetchall()
        assert [version for (version,) in applied] == versions
        assert connection.execute("select due_charts()->'charts'").fetchone() == ([],)
    again = run_cli(project, server, "db", "push")
    assert (again.returncode, again.stdout.strip()) == (0, "Remote database is up to date.")


def test_it_lists_what_is_applied_and_makes_a_new_file(project: Path, server: postgres.Server) -> None:
    listed = run_cli(project, server, "migration", "list")
    assert listed.returncode == 0, listed.stderr
    assert all(path.name.partition("_")[0] in listed.stdout for path in (ROOT / "supabase/migrations").glob("*.sql"))
    run_cli(project, None, "migration", "new", "all_others").check_returncode()
    (new,) = (project / "supabase/migrations").glob("*_all_others.sql")
    assert new.name == max(path.name for path in new.parent.iterdir())


def test_it_reads_the_settings(project: Path, server: postgres.Server) -> None:
    settings = project / "supabase/config.toml"
    settings.write_text(settings.read_text().replace("major_version = 17", "major_version = 'seventeen'"))
    refused = run_cli(project, server, "db", "push")
    assert refused.returncode != 0
    assert "major_version" in refused.stderr
