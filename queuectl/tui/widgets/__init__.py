"""What the screens are made of. Widgets take frozen values and answer with messages; none reads anything itself."""
