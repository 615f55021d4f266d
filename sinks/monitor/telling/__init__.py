"""Rules and automations in plain words, in the person's language, with the account's formats."""
