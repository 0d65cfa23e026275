"""One Hypothesis profile for the core: no deadlines, since shared machines pause."""

from hypothesis import settings

settings.register_profile("core", deadline=None, max_examples=200)
settings.load_profile("core")
