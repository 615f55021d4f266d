"""Sentiment of text, in Spanish, Portuguese and English: from words alone, or by a language model beside them.

Everything but the model is pure, standard library only.
"""
