"""The theme of our own, beside those that Textual brings: colours that the colour-blind can tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App

# The colours of Okabe and Ito, "Color Universal Design" (2008).
ORANGE, SKY_BLUE, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"

CVD = Theme(
    name="queuectl-cvd",
    primary=SKY_BLUE,
    secondary=BLUE,
    warning=YELLOW,
    error=VERMILLION,
    success=GREEN,
    accent=PURPLE,
    foreground="#F2F2F2",
    background="#101214",
    surface="#181B1E",
    panel="#24292E",
    dark=True,
    variables={"block-cursor-background": SKY_BLUE, "block-cursor-foreground": "#101214"},
)
OWN = frozenset({CVD.name})


def register(app: App[Any]) -> None:
    """Offer the theme. Call it once the app is mounted: `TEXTUAL_THEME` may name the theme before it is known."""
    app.register_theme(CVD)
    if app.current_theme is CVD:
        app.mutate_reactive(type(app).theme)
