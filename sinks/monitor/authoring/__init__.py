"""Rules and automations as people make them: saved on a version, refused in words, never over an edit."""
