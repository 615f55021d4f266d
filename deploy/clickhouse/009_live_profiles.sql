-- Whether news made the profile (contact_profile.live): loaded history and replays are not.

ALTER TABLE contact_profiles ADD COLUMN live Bool DEFAULT 0;
