"""Below everything else: names to plugins, YAML into models, errors, what the allocator is told."""
