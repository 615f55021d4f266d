-- Which arm of which split a contact took (automation_action.split, split_arm); set where kind is assigned.

ALTER TABLE automation_actions
    ADD COLUMN IF NOT EXISTS split LowCardinality(Nullable(String)),
    ADD COLUMN IF NOT EXISTS split_arm LowCardinality(Nullable(String));
