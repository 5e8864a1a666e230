"""A frontend that is made of a page's code blocks, with what it needs installed."""

from collections.abc import Iterator
from pathlib import Path

from local.services.node import NODE
from local.state import ROOT
from tests.integration.docs.blocks import Block, blocks
from tests.integration.typescript.compiling import CLIENT, MODULES, STRICT, run

NEXTJS = ROOT / "tests" / "nextjs" / "node_modules"
LANGUAGES = ("ts", "tsx")


def pages_with_code() -> list[str]:
    """The names of the pages that hold TypeScript."""
    return list(dict.fromkeys(block.page.name for block in blocks(*LANGUAGES)))


def code_of(page: str) -> Iterator[Block]:
    """The page's TypeScript."""
    return (block for block in blocks(*LANGUAGES) if block.page.name == page)


def write_page(folder: Path, page: str) -> list[Path]:
    """The page's blocks as files, each under the name that it gives itself."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"type": "module"}')
    files = []
    for place, block in enumerate(code_of(page)):
        file = folder / (block.file or f"block{place}.{block.language}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)
        files.append(file)
    return files


def install(modules: Path) -> None:
    """Links to the packages of the client and of the Next.js frontend, and to the client itself."""
    if modules.exists():
        return
    modules.mkdir()
    packages = {package.name: package for folder in (MODULES, NEXTJS) for package in folder.iterdir()}
    for name, package in packages.items():
        (modules / name).symlink_to(package)
    client = modules / "petition-client"
    client.mkdir()
    (client / "package.json").write_bytes((CLIENT / "package.json").read_bytes())
    run("tsc", "-p", "tsconfig.build.json", "--outDir", client / "dist").check_returncode()


def compile_pages(folder: Path) -> str:
    """The compiler's errors for all pages' code. It runs once for all, because each run takes seconds."""
    install(folder / "node_modules")
    files = [file for page in pages_with_code() for file in write_page(folder / page, page)]
    bundler = ("--module", "esnext", "--moduleResolution", "bundler", "--moduleDetection", "force", "--jsx", "preserve")
    return run("tsc", *STRICT, *bundler, *files, cwd=folder).stdout


def bundle(entry: Path, target: Path) -> Path:
    """One script for Node of a file and all that it imports."""
    run(
        "esbuild", entry, "--bundle", "--platform=node", "--format=esm", f"--outfile={target}", cwd=entry.parent
    ).check_returncode()
    return target


def node_environment() -> dict[str, str]:
    """The environment that Node's programs run in."""
    return {"PATH": f"{NODE.parent}:/usr/bin:/bin"}
