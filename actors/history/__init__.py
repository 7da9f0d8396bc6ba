"""What has become of grids, for people: their trades and their journals, read from the database."""
