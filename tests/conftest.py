"""What every test may ask for; the fixtures' docstrings say when to take which."""

pytest_plugins = ["tests.fixtures.kafka", "tests.fixtures.monitor", "tests.fixtures.stack"]
