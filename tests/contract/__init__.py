"""The contracts are files, and these tests walk the files."""
