-- Tags that were added one by one (contact_profile.added_tags); `tags` has them too.

ALTER TABLE contact_profiles ADD COLUMN added_tags Array(String);
