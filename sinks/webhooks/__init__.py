"""Actions of automations, delivered as signed webhooks."""
