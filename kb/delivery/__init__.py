"""How answers reach readers: the static files joined, hashed and compressed."""
