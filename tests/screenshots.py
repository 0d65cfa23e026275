"""Pictures of the app for people: `python -m tests.screenshots [FOLDER]` draws SVG and PNG into screenshots/.

They are made of the real app over the store of `tests.tui.busyday`, and alike each time. PNG needs
the font DejaVu Sans Mono (Debian: fonts-dejavu-core).
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import resvg_py
from PIL import Image

from tests.tui.busyday import busy_day
from tests.tui.scene import Scene
from tests.tui.stage import Keys, app_over, at_home, play

FOLDER = Path(__file__).parent.parent / "screenshots"
WIDE, USUAL, SMALL = (120, 40), (80, 24), (40, 12)
BOTH = (WIDE, USUAL)
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
FONT_FOLDER = "/usr/share/fonts"
FILTER = ("slash", *"err:resolve", "enter")


class Shot(NamedTuple):
    """A picture: which keys lead to it, and what it shows then."""

    name: str
    sees: str
    steps: tuple[Keys, ...] = ()
    sizes: tuple[tuple[int, int], ...] = BOTH
    theme: str = ""


SHOTS = (
    Shot("main", "in/1008.mov", sizes=(*BOTH, SMALL)),
    Shot("main-light", "for a free worker", sizes=(WIDE,), theme="textual-light"),
    Shot("dlq-grouped", "38", ("3", "t")),
    Shot("dlq-filtered", "3 marked", ("3", FILTER, ["space"] * 3)),
    Shot("dlq", "exit 1", ("3",), (SMALL,)),
    Shot("confirm", "Retry 38 dead jobs?", ("3", FILTER, "A", "r")),
    Shot("job", "FOLLOW on", ("2", ["slash", *"1004", "enter"], ["enter"])),
    Shot("job-attempts", "timed out", ("3", ["slash", *"encode.sh", "enter"], ["enter"], ["tab"])),
    Shot("enqueue", "queuectl enqueue", ("n", "ffmpeg -i in/1010.mov out/1010.mp4")),
    Shot("metrics", "Waiting jobs", ("7",)),
    Shot("workers", "pool p1", ("4",)),
    Shot("help", "Help", ("3", "?")),
)


def main(folder: Path) -> None:
    """Draw all of them into the folder; what is there of that name is replaced."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, at_home(Path(home)) as location:
        scene = busy_day(str(location))
        for shot in SHOTS:
            for size in shot.sizes:
                drawn = standalone(asyncio.run(taken(scene, shot, size)))
                path = folder / f"{shot.name}-{size[0]}x{size[1]}.svg"
                path.write_text(drawn, encoding="utf-8", newline="\n")
                path.with_suffix(".png").write_bytes(png(drawn))
                sys.stdout.write(f"{path.name}\n")
        scene.close()


async def taken(scene: Scene, shot: Shot, size: tuple[int, int]) -> str:
    """The picture as Textual draws it."""
    app = app_over(scene)
    async with app.run_test(size=size) as pilot:
        if shot.theme:
            app.theme = shot.theme
        await play(pilot, shot.sees, *shot.steps)
        return app.export_screenshot(title="queuectl", simplify=True)


def standalone(svg: str) -> str:
    """The picture without fonts from the network, and with names that are the same each time.

    The letters are a little larger and lower: blocks and frames of one line then reach those of the next.
    """
    svg = re.sub(r"@font-face\s*{.*?}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\bterminal-\d+-", "terminal-", svg)
    svg = svg.replace("Fira Code, monospace", FONTS).replace("font-size: 20px", "font-size: 21.3px")
    svg = re.sub(
        r'(<text class="terminal-r[^>]* y=")([\d.]+)', lambda found: f"{found[1]}{float(found[2]) + 0.9:.1f}", svg
    )
    svg = re.sub(
        r'(-clip-terminal">\s*<rect [^>]*height=")([\d.]+)', lambda found: f"{found[1]}{float(found[2]) + 4:.1f}", svg
    )
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


def png(svg: str) -> bytes:
    """The picture in 256 colours, which is all that it has but for the edges of letters."""
    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, font_dirs=[FONT_FOLDER]))))
    packed = io.BytesIO()
    drawn.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def folder_of(arguments: Iterable[str]) -> Path:
    return next(map(Path, arguments), FOLDER)


if __name__ == "__main__":
    main(folder_of(sys.argv[1:]).absolute())
