"""A large history, and what the addon costs on it: ./run bench --help."""
