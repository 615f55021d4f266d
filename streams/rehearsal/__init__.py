"""A past lived through again by the pure cores: what another model, or another automation, would have done."""
