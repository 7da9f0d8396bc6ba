"""What a log is made of: records without secrets, lines for people and programs, files that stay small."""
