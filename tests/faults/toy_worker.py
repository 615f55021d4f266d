"""A worker process that runs the toy: `python -m tests.faults.toy_worker`, settings from the environment."""

from streams.app import run_worker
from streams.settings import Settings
from tests.faults.toy import toy_application

if __name__ == "__main__":
    run_worker(toy_application(), Settings())
