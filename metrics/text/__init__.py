"""What every signal hears with: clean text, sentences, polarity, cues. `hear` puts them together.

VERSION stands in the fingerprint of what was scored: raise it when the same text would be heard differently.
"""

VERSION = 5
