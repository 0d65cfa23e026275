"""Texts that want to drive the terminal, the markup or the layout of whoever looks at them."""

from __future__ import annotations

HOSTILE: dict[str, str] = {
    "colours": "\x1b[31mred\x1b[0m",
    "clear": "\x1b[2J\x1b[H\x1b[?1049l\x1b[?25l\x1bc",
    "title": "\x1b]0;pwned\x07",
    "link": "\x1b]8;;http://evil.example/\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "device": '\x1bP$q"p\x1b\\\x1b_app\x1b\\\x1b^pm\x1b\\',
    "report": "\x1b[6n\x1b[c\x1b[>c\x1b[?2004$p",
    "c1": "\x9b2J\x9d0;pwned\x9c\x90q\x9c",
    "controls": "a\x01\x08\x0b\x0c\x0e\x0f\x1a\x7fb",
    "return": "safe\rEVIL",
    "bidi": "\u202egpj.exe\u202c \u2066x\u2069 \u200ea\u200fb \u061c",
    "separators": "a\u0085b\u2028c\u2029d",
    "invisible": "a\u200bb\u2060c\ufeffd\ufff9e\U000e0041\U000e007f",
    "markup": "[/] [b]x[/b] [/b] [",
    "action": "[@click=app.quit]x[/]",
    "variable": "[$x] [$primary]y[/$primary] {z} %s",
    "rich": "[bold red]x[/bold red] :boom: [link=http://evil.example]y[/link]",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪",
    "combining": "e" + "\u0301" * 100,
    "wide": "木" * 200,
    "long": "x" * 100_000,
    "lines": "one\ntwo\n\tthree",
}
"""By a name that may be an id. Every text may be a command: no NUL, valid UTF-8, below 128 KiB."""

HOSTILE_OUTPUT: dict[str, bytes] = {
    **{name: text.encode() for name, text in HOSTILE.items()},
    "nul": b"a\x00b\x00",
    "broken": b"\xff\xfe\xc3\x28\xed\xa0\x80\x80",
    "mebibyte": b"y" * 2**20,
    "cut": b"\x1b[38;5;",
    "open": b"\x1b]0;never ends",
}
"""What only output can hold, too."""
