"""Automations: what happens to a contact becomes the right action, once. Standard library only.

How it flows. `streams/definitions` reads definitions.v1, checks bodies (schemas/automation*.py, rules.py)
and compiles them to the plans and conditions of this package. The agent (`streams/agents/automations.py`)
feeds the core from profiles, segment changes, milestones, deliveries and time, and writes what it decides.

* `facts` - what is known of a contact; `conditions` - tests over it and what can flip them.
* `plan` - an automation, compiled: trigger, audience, steps as instructions, limits; `visits` - where a
  contact stands in one.
* `index` - which plans a change of facts, a segment change, a milestone or a day can concern: nobody else
  is looked at.
* `guards` - holdout, arms of splits, consent, quiet hours, caps; `runner` - the steps of a visit.
* `core` - one contact's turn: (state, event, definitions, now) -> (new state, decisions). A trigger fires
  where it did not hold and now does, judged on the facts before and after under the same definition: so
  activating or editing fires nothing for the past. Timers are due instants in the state.
* `partition` - all contacts of one partition: whose turn it is, timers, days that pass, manual sends.

Time arrives as data. Every decision not to act has a reason.
"""
