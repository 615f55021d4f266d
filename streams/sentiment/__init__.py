"""Sentiment of text, in Spanish, Portuguese and English: from words alone, or by a language model besides.

Everything but the model is pure, standard library only.
"""
