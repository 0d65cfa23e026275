"""The words of `enqueue` and `run`: where queuectl's options end and the command begins."""

from __future__ import annotations

import os
from typing import NamedTuple

import click

from queuectl.core.units import quoted
from queuectl.errors import BadValue

EXACT = "queuectl.exact"
_FILES = (".json", ".jsonl")


class Words(NamedTuple):
    """What stands there besides options; `exact`: it came after `--`, and each word is an argument as it is."""

    texts: tuple[str, ...]
    exact: bool = False

    @property
    def json(self) -> bool:
        return not self.exact and bool(self.texts) and self.texts[0].lstrip()[:1] in {"{", "["}

    @property
    def file(self) -> str | None:
        """The path of the file that the words name, `-` for standard input."""
        if self.exact or self.json or len(self.texts) != 1:
            return None
        text = self.texts[0]
        if text == "-" or (text.startswith("@") and len(text) > 1):
            return text.removeprefix("@")
        named = text.endswith(_FILES) and not any(character.isspace() for character in text)
        return text if named else None

    @property
    def forgotten_file(self) -> str | None:
        """The one word, if it is a file of the caller's that no shell could run: perhaps an `@` is missing."""
        if self.exact or self.json or len(self.texts) != 1 or self.file is not None:
            return None
        text = self.texts[0]
        if not os.path.isfile(text) or os.access(text, os.X_OK):
            return None
        folders = [] if "/" in text else os.environ.get("PATH", os.defpath).split(":")
        return None if any(os.access(os.path.join(folder, text), os.X_OK) for folder in folders) else text

    @property
    def command(self) -> str:
        """The shell command that the words are. Raises BadValue for a file with words behind it."""
        if not self.exact and len(self.texts) > 1 and self._replace(texts=self.texts[:1]).file is not None:
            raise BadValue(
                f"{quoted(self.texts[0])} is a file, and {quoted(self.texts[1])} stands behind it",
                "give one file at a time; if it is a command, put `--` before it",
            )
        if len(self.texts) == 1 or not self.exact:
            return " ".join(self.texts)
        import shlex  # only several words after `--` need quotes

        return shlex.join(self.texts)


class WordsCommand(click.Command):
    """Takes options before the words, and after a single one; never from among a command's words.

    `enqueue -p 5 ffmpeg -i x` and `enqueue 'echo hi' -p 5` are fine, `enqueue ffmpeg -i x -p 5`
    is refused: nobody can tell whose `-p` that is.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        leading, texts = self._split(ctx, args)
        exact = bool(leading) and leading[-1] == "--"
        ctx.meta[EXACT] = exact
        if exact or not texts:
            return super().parse_args(ctx, args)
        words = Words(tuple(texts))
        if not (words.json or Words(words.texts[:1]).file) and self._is_command(ctx, texts):
            self._refuse_own(ctx, texts)
            return super().parse_args(ctx, [*leading, "--", *texts])
        if not words.json and set(ctx.help_option_names).intersection(texts):
            self._refuse_own(ctx, texts)  # `df -h` must not answer with a help text and exit 0
        rest = super().parse_args(ctx, args)
        self._check_single(ctx, texts)
        return rest

    def _split(self, ctx: click.Context, args: list[str]) -> tuple[list[str], list[str]]:
        parser = self.make_parser(ctx)
        parser.allow_interspersed_args = False
        found, _, _ = parser.parse_args(list(args))
        words = found.get("words")
        texts = list(words) if isinstance(words, tuple) else []  # Click has a mark of its own for none
        return args[: len(args) - len(texts)], texts

    def _is_command(self, ctx: click.Context, texts: list[str]) -> bool:
        """Whether these are a program and its arguments, and not one SPEC with options behind it."""
        if len(texts) == 1:
            return True
        spaced = any(character.isspace() for character in texts[0])
        return not (self._is_own(ctx, texts[1]) or (spaced and texts[1].startswith("-")))

    def _check_single(self, ctx: click.Context, texts: list[str]) -> None:
        words = ctx.params["words"]
        if len(words) > 1 and not Words(words).json:
            self._refuse_own(ctx, texts)

    def _refuse_own(self, ctx: click.Context, texts: list[str]) -> None:
        own = next((text for text in texts[1:] if self._is_own(ctx, text)), None)
        if own is not None:
            raise BadValue(
                f"{own} stands among the words of the command, and is an option of queuectl too",
                f"put it before the command, or `--` if it is the command's: {ctx.command_path} -- {texts[0]} …",
            )

    def _is_own(self, ctx: click.Context, text: str) -> bool:
        names = {name for param in self.get_params(ctx) for name in (*param.opts, *param.secondary_opts)}
        return text.startswith("-") and text.partition("=")[0] in names
