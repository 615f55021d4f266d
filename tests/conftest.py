"""What every test may ask for; the fixtures' docstrings say when to take which."""

# A plugin that imports another stands behind it.
pytest_plugins = [
    "tests.fixtures.clickhouse",
    "tests.fixtures.kafka",
    "tests.fixtures.monitor",
    "tests.fixtures.chromium",
    "tests.fixtures.shops",
    "tests.fixtures.stack",
    "tests.fixtures.chronicle",
]
