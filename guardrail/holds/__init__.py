"""What is stopped and what lets it go on: holds, justifications, grants and duties."""
