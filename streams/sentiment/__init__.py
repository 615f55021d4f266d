"""Sentiment of text, from words: Spanish, Portuguese and English. Pure, standard library only."""
