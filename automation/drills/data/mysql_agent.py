"""The agent of the pods, with PyMySQL in place of MySQL Shell: `python -m automation.drills.data.mysql_agent`."""

from automation.drills.data.mysql_connect import connect
from components.data.mysql.runtime.agent import main

if __name__ == "__main__":
    main(connect)
