"""How a pane is looked at: filter and order."""

from __future__ import annotations

from queuectl.core.selector import All, Term
from queuectl.tui.lens import Lens, order_words
from queuectl.tui.panes import LISTS, Pane

DEAD = Term("state", ":", "dead")


def test_a_pane_without_a_filter_shows_its_states() -> None:
    lens = Lens(Pane.DLQ)
    assert (lens.where, lens.filtered) == (DEAD, False)


def test_a_filter_holds_besides_the_panes_states() -> None:
    lens = Lens(Pane.DLQ)
    assert lens.type("err:resolve")
    assert lens.where == All((DEAD, All((Term("err", ":", "resolve"),))))


def test_of_a_filter_that_says_nothing_the_last_good_one_stays() -> None:
    lens = Lens(Pane.DLQ)
    lens.type("err:resolve")
    where = lens.where
    assert not lens.type("eror:resolve")
    assert "unknown field 'eror'" in lens.problem
    assert (lens.where, lens.text) == (where, "err:resolve")
    assert lens.type("")
    assert (lens.problem, lens.where) == ("", DEAD)


def test_typing_what_means_the_same_picks_nothing_else() -> None:
    lens = Lens(Pane.DLQ)
    lens.type("err:resolve")
    assert not lens.type("err:resolve ")


def test_all_matching_is_the_pane_and_what_was_typed() -> None:
    lens = Lens(Pane.DLQ)
    lens.type(" err:resolve ")
    target = lens.all_matching()
    assert (target.pane, target.where, target.filter, target.ids) == (Pane.DLQ, lens.where, "err:resolve", ())


def test_orders_go_round_and_turn() -> None:
    lens = Lens(Pane.PENDING)
    seen = []
    for _ in range(3):
        seen.append(lens.order)
        lens.next_order()
    assert seen == ["priority", "state-age", "arrival"]
    lens.reverse()
    assert lens.order == "-priority"
    lens.reverse()
    assert lens.order == "priority"


def test_every_order_is_said_with_its_direction() -> None:
    assert order_words("priority") == "priority↓"
    assert order_words("-priority") == "priority↑"
    assert order_words("arrival") == "arrival↑"
    assert {order_words(listed.order) for listed in LISTS.values()} == {"priority↓", "age in state↓", "age in state↑"}
