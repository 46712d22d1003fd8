"""From kept rows to the published dataset: stages, views, shards, card."""
