"""The full-screen app; it comes with the next release."""
