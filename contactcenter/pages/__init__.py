"""Pages put together from panels that the slices offer."""
