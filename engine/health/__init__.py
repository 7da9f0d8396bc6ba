"""The health of the process and of its grids: what is judged from what is seen, and when somebody is told."""
