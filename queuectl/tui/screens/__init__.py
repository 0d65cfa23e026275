"""Screens and dialogs: what fills the terminal, or lies above what does."""
