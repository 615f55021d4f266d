"""A past lived through again by the pure cores: what another model or automation would have done."""
